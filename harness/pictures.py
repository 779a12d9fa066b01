"""Pictures: curves and their differences, samples of each framework, contact sheets. Matplotlib, without a screen."""

from pathlib import Path

import matplotlib
import numpy as np

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

from harness.compare import Comparison  # noqa: E402
from harness.frameworks import FRAMEWORKS  # noqa: E402
from harness.lockstep import curve_difference  # noqa: E402

COLOURS = {"pytorch": "#e4572e", "tensorflow": "#f2a541", "keras": "#c1121f", "chainer": "#2a7f9e"}
# Curves that agree lie on one another: the first is drawn widest, so that each can be seen below the next.
WIDTHS = {True: (9, 6.5, 4, 1.5), False: (1.6,) * 4}
INK, GRID = "#2b2b2b", "#dddddd"
STYLE = {"font.family": "sans-serif", "font.size": 10, "axes.edgecolor": INK, "axes.labelcolor": INK,
         "axes.spines.top": False, "axes.spines.right": False, "axes.grid": True, "grid.color": GRID,
         "xtick.color": INK, "ytick.color": INK, "text.color": INK, "savefig.dpi": 130, "figure.facecolor": "white"}
SMALLEST = 1e-17        # where a difference of exactly zero is drawn on the logarithmic axis


def curves(comparison: Comparison, path: Path) -> None:
    """Every loss of every framework above, the relative differences of all pairs below, on a logarithmic axis."""
    runs = [run for run in comparison.runs if run.status == "ok"]
    losses, tolerance = comparison.task.losses, comparison.settings.tolerance
    with plt.rc_context(STYLE):
        lines, columns = _lines(len(losses))
        figure, axes = plt.subplots(2 * lines, columns, figsize=(max(7.5, 5 * columns), 0.6 + 5.8 * lines), sharex=True,
                                    squeeze=False, layout="constrained", height_ratios=(3, 2) * lines)
        places = [(axes[2 * line, column], axes[2 * line + 1, column]) for line in range(lines) for column in range(columns)]
        for above, below in places[len(losses):]:
            above.set_axis_off(), below.set_axis_off()
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
                names = " - ".join(FRAMEWORKS[name] for name in pair.frameworks)
                below.semilogy(np.arange(1, len(a) + 1), np.maximum(curve_difference(a, b), SMALLEST), linewidth=1,
                               alpha=0.8, label=names)
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
        handles, labels = axes[1, 0].get_legend_handles_labels()
        figure.legend(handles, labels, frameon=False, fontsize=8, ncols=3, loc="outside lower center")
        _save(figure, path)


def _lines(number: int) -> tuple[int, int]:
    """(lines, columns) for so many panels: three in a line are still wide enough to be read."""
    columns = number if number <= 3 else 2 if number == 4 else 3
    return -(-number // columns), columns


def _highest(comparison):
    finite = [p.curve for p in comparison.pairs if np.isfinite(p.curve)]
    return 10 * max(finite, default=0)


def losses(task, curves: dict[str, np.ndarray], path: Path) -> None:
    """The losses of one training, each on an axis of its own: every step in a light line, their running mean above it."""
    with plt.rc_context(STYLE):
        lines, columns = _lines(len(task.losses))
        figure, axes = plt.subplots(lines, columns, figsize=(max(6.5, 4.5 * columns), 0.5 + 3.1 * lines), squeeze=False,
                                    layout="constrained")
        for axis in axes.flat[len(task.losses):]:
            axis.set_axis_off()
        for axis, name in zip(axes.flat, task.losses):
            values = curves[name]
            window = max(1, len(values) // 50)
            sums = np.cumsum(np.concatenate([[0.0], values]))
            axis.plot(curves["step"], values, color=GRID, linewidth=1)
            axis.plot(curves["step"][window - 1:], (sums[window:] - sums[:-window]) / window, color=COLOURS["chainer"])
            axis.set(title=name, xlabel="step")
        figure.suptitle(task.title, fontweight="bold")
        _save(figure, path)


def samples(comparison: Comparison, path: Path) -> None:
    """A row of images a framework: what the task's ability for pictures made of the same inputs, and those above."""
    task = comparison.task
    outputs = {FRAMEWORKS[run.framework]: run.outputs for run in comparison.runs if run.status == "ok"}
    title = f"{task.title}: {task.samples['ability']}, after {comparison.settings.steps} steps"
    grid(sample_rows(task, outputs), path, title=title)


def sample_rows(task, outputs: dict[str, dict[str, np.ndarray]]) -> list[tuple[str, np.ndarray]]:
    """The rows of a grid: the inputs of the task's ability for pictures that are images, then what each made of them.

    ``outputs``: for each name, what ``Trainer.outputs`` gave.
    """
    ability = task.abilities[task.samples["ability"]]
    given = next(iter(outputs.values()))
    rows = [(name, given[name], (0.0, 1.0) if task.batch.get(name) == "masks" else task.pixels)
            for name in ability.inputs if given[name].ndim == 4 and given[name].shape[1] in (1, 3)]
    rows += [(name, made[ability.name], task.pixels) for name, made in outputs.items()]
    return [(name, to_uint8(images, pixels)) for name, images, pixels in rows]


def to_uint8(images: np.ndarray, pixels: tuple[float, float]) -> np.ndarray:
    """(N, C, H, W) in the range ``pixels`` -> uint8 (N, H, W, C); what lies outside the range is clipped."""
    low, high = pixels
    levels = np.nan_to_num((images - low) / (high - low) * 255)
    return np.clip(np.rint(levels), 0, 255).astype(np.uint8).transpose(0, 2, 3, 1)


def grid(rows: list[tuple[str, np.ndarray]], path: Path, title: str = "", captions: list[str] | None = None) -> None:
    """Rows of images, uint8 (N, H, W, C), each with its name on the left; ``captions`` below the images of each row."""
    columns = max(len(images) for _, images in rows)
    height, width = rows[0][1].shape[1:3]
    cell = 1.0
    with plt.rc_context({**STYLE, "axes.grid": False}):
        figure, axes = plt.subplots(len(rows), columns, squeeze=False, layout="constrained",
                                    figsize=(1.1 + cell * columns * width / max(height, width),
                                             0.45 + cell * len(rows) * height / max(height, width)))
        figure.get_layout_engine().set(w_pad=0.02, h_pad=0.02, wspace=0, hspace=0)
        for axis in axes.flat:
            axis.set_axis_off()
        for row, (name, images) in zip(axes, rows):
            for axis, image in zip(row, images):
                axis.imshow(image.squeeze(), cmap="gray", vmin=0, vmax=255, interpolation="nearest")
            row[0].text(-0.12, 0.5, name, transform=row[0].transAxes, ha="right", va="center")
        for axis, caption in zip(axes[-1] if captions else (), captions or ()):
            axis.set_title(caption, y=-0.28, fontsize=8)
        if title:
            figure.suptitle(title, fontweight="bold")
        _save(figure, path)


def scatter(codes: np.ndarray, labels: np.ndarray, names, path: Path, axes=("z1", "z2"), title: str = "") -> None:
    """Points (N, 2), coloured by their class."""
    with plt.rc_context(STYLE):
        figure, axis = plt.subplots(figsize=(6.4, 5.6), layout="constrained")
        for label, name in enumerate(names):
            chosen = codes[labels == label]
            axis.scatter(chosen[:, 0], chosen[:, 1], s=9, linewidths=0, alpha=0.8, color=plt.get_cmap("tab10")(label % 10), label=name)
        axis.set(xlabel=axes[0], ylabel=axes[1], title=title)
        axis.legend(frameon=False, fontsize=8, markerscale=2, loc="center left", bbox_to_anchor=(1, 0.5))
        _save(figure, path)


def plane(image: np.ndarray, extent: tuple[float, float, float, float], path: Path, title: str = "") -> None:
    """A mosaic, uint8 (H, W, C), with the latent coordinates (left, right, bottom, top) on its axes."""
    with plt.rc_context({**STYLE, "axes.grid": False}):
        figure, axis = plt.subplots(figsize=(8, 8), layout="constrained")
        axis.imshow(image.squeeze(), cmap="gray", vmin=0, vmax=255, extent=extent, aspect="auto", interpolation="nearest")
        axis.set(xlabel="z1", ylabel="z2", title=title)
        _save(figure, path)


def parts(losses: dict[str, np.ndarray], path: Path, title: str = "") -> None:
    """A bar a loss: the mean over batches, and their standard deviation."""
    with plt.rc_context(STYLE):
        figure, axis = plt.subplots(figsize=(6.4, 0.7 + 0.5 * len(losses)), layout="constrained")
        axis.set_axisbelow(True)
        means, spreads = ([float(f(values)) for values in losses.values()] for f in (np.mean, np.std))
        names = [f"{name}   {mean:.4g}" for name, mean in zip(losses, means)]
        axis.barh(names, means, xerr=spreads, color=COLOURS["chainer"], ecolor=INK, capsize=3)
        axis.invert_yaxis()
        axis.tick_params(axis="y", length=0)
        axis.set_title(title)
        _save(figure, path)


def contact_sheet(data, path: Path, columns: int = 8, number: int = 32) -> None:
    """The first images of a data set with their classes, and their masks below where it has some."""
    images, labels = data.images[:number], data.labels[:number]
    with plt.rc_context({**STYLE, "axes.grid": False}):
        masked = data.masks is not None
        lines = -(-len(images) // columns)
        columns = min(columns, len(images))
        ratio = images.shape[1] / images.shape[2]
        figure, axes = plt.subplots(lines * (1 + masked), columns, squeeze=False, layout="constrained",
                                    figsize=(1.15 * columns, lines * (1.15 * ratio * (1 + masked) + 0.2) + 0.4))
        figure.get_layout_engine().set(w_pad=0.02, h_pad=0.02, wspace=0, hspace=0)
        for axis in axes.flat:
            axis.set_axis_off()
        for i, (image, label) in enumerate(zip(images, labels)):
            line, column = divmod(i, columns)
            axis = axes[line * (1 + masked), column]
            axis.imshow(image.squeeze(), cmap="gray", vmin=0, vmax=255)
            axis.set_title(data.class_names[label], fontsize=8, pad=2)
            if masked:
                axes[line * 2 + 1, column].imshow(data.masks[i], cmap="magma", vmin=0,
                                                  vmax=max(1, len(data.class_names)), interpolation="nearest")
        figure.suptitle(f"{data.name}, {data.split}: {len(data.images):,} images of "
                        f"{images.shape[1]} x {images.shape[2]} x {images.shape[3]}", fontweight="bold")
        _save(figure, path)


def _save(figure, path: Path) -> None:
    figure.savefig(path, metadata={"Software": None})
    plt.close(figure)
