"""Pictures of a comparison: its curves with their differences, and samples of each framework."""

from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.legend_handler import HandlerTuple

from harness.frameworks import FRAMEWORKS
from harness.lockstep.compare import Comparison
from harness.lockstep.difference import curve_difference
from harness.pictures.arrays import sample_rows
from harness.pictures.page import COLOURS
from harness.pictures.plots import INK, STYLE, grid, panels, save

# Curves that agree lie on one another: the first is drawn widest, so that each can be seen below the next.
WIDTHS = {True: (9, 6.5, 4, 1.5), False: (1.6,) * 4}
SMALLEST = 1e-17        # where a difference of exactly zero is drawn on the logarithmic axis


def curves(comparison: Comparison, path: Path) -> None:
    """Every loss of every framework above, the relative differences of all pairs below, on a logarithmic axis."""
    runs = [run for run in comparison.runs if run.status == "ok"]
    losses, tolerance = comparison.task.losses, comparison.settings.allowed
    with plt.rc_context(STYLE):
        lines, columns = panels(len(losses))
        figure, axes = plt.subplots(2 * lines, columns, figsize=(max(7.5, 5 * columns), 0.6 + 5.8 * lines), sharex=True,
                                    squeeze=False, layout="constrained", height_ratios=(3, 2) * lines)
        places = [(axes[2 * line, column], axes[2 * line + 1, column]) for line in range(lines) for column in range(columns)]
        for above, below in places[len(losses):]:
            above.set_axis_off(), below.set_axis_off()
        pairs = {}              # a pair's line is of two colours, those of its frameworks
        for (above, below), loss in zip(places, losses):
            for run, width in zip(runs, WIDTHS[comparison.agree and not comparison.bands]):
                steps = np.arange(1, len(run.curves[loss]) + 1)
                if comparison.bands:
                    band = comparison.bands[run.framework][loss]
                    above.fill_between(steps, band.min(axis=0), band.max(axis=0), alpha=0.2, linewidth=0,
                                       color=COLOURS[run.framework])
                    above.plot(steps, band.mean(axis=0), color=COLOURS[run.framework], linewidth=width,
                               label=f"{FRAMEWORKS[run.framework]}, {len(band)} seeds")
                    continue
                above.plot(steps, run.curves[loss], color=COLOURS[run.framework], linewidth=width,
                           solid_capstyle="round", label=FRAMEWORKS[run.framework])
            above.set_title(loss, loc="left", fontweight="bold")
            by_name = {run.framework: run for run in runs}
            for pair in comparison.pairs:
                a, b = (by_name[name].curves[loss] for name in pair.frameworks)
                line, dashes = (below.semilogy(np.arange(1, len(a) + 1), np.maximum(curve_difference(a, b), SMALLEST),
                                               linewidth=1.4, color=COLOURS[name], linestyle=style)[0]
                                for name, style in zip(pair.frameworks, ("-", (0, (4, 4)))))
                pairs[" - ".join(FRAMEWORKS[name] for name in pair.frameworks)] = line, dashes
            below.axhline(tolerance, color=INK, linewidth=1, linestyle=(0, (4, 3)))
            below.annotate(f"tolerance {tolerance:g}", (1, tolerance), xytext=(4, 4), textcoords="offset points",
                           xycoords=("axes fraction", "data"), ha="right", fontsize=8)
            below.set_ylim(SMALLEST / 2, max(1e-7, tolerance * 100, _highest(comparison)))
            below.set_xlabel("step")
            below.tick_params(labelbottom=True)
        for above, below in axes[:, 0].reshape(lines, 2):
            above.set_ylabel("loss")
            below.set_ylabel("relative difference")
        settings = comparison.settings
        title = (f"{comparison.task.title}: {settings.steps} steps in {settings.precision} on {comparison.data.name}"
                 f"{', native' if settings.native else ''}")
        figure.legend(*axes[0, 0].get_legend_handles_labels(), frameon=False, ncols=len(FRAMEWORKS), loc="outside upper center",
                      title=title, title_fontproperties={"weight": "bold", "size": 12})
        both: list[Any] = list(pairs.values())
        figure.legend(both, list(pairs), handler_map={tuple: HandlerTuple()},
                      frameon=False, fontsize=8, ncols=3, loc="outside lower center")
        save(figure, path)


def _highest(comparison: Comparison) -> float:
    finite = [p.curve for p in comparison.pairs if np.isfinite(p.curve)]
    return 10 * max(finite, default=0)


def samples(comparison: Comparison, path: Path) -> None:
    """A row of images a framework: what the task's ability for pictures made of the same inputs, and those above."""
    task = comparison.task
    outputs = {FRAMEWORKS[run.framework]: run.outputs for run in comparison.runs if run.status == "ok"}
    title = f"{task.title}: {task.samples['ability']}, after {comparison.settings.steps} steps"
    grid(sample_rows(task, outputs), path, title=title)
