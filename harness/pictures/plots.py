"""Pictures with axes or words, by Matplotlib, without a screen."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from harness.data import Dataset
from harness.tasks import Task

INK, GRID, ACCENT = "#2b2b2b", "#dddddd", "#2a7f9e"
STYLE: dict[Any, Any] = {     # Matplotlib has a type of each key
         "font.family": "sans-serif", "font.size": 10, "axes.edgecolor": INK, "axes.labelcolor": INK,
         "axes.spines.top": False, "axes.spines.right": False, "axes.grid": True, "grid.color": GRID,
         "xtick.color": INK, "ytick.color": INK, "text.color": INK, "savefig.dpi": 130, "figure.facecolor": "white"}


def panels(number: int) -> tuple[int, int]:
    """(lines, columns) for so many panels: three in a line are still wide enough to be read."""
    columns = number if number <= 3 else 2 if number == 4 else 3
    return -(-number // columns), columns


def losses(task: Task, curves: dict[str, np.ndarray], path: Path) -> None:
    """The losses of one training, each on an axis of its own: every step in a light line, their running mean above it."""
    with plt.rc_context(STYLE):
        lines, columns = panels(len(task.losses))
        figure, axes = plt.subplots(lines, columns, figsize=(max(6.5, 4.5 * columns), 0.5 + 3.1 * lines), squeeze=False,
                                    layout="constrained")
        for axis in axes.flat[len(task.losses):]:
            axis.set_axis_off()
        for axis, name in zip(axes.flat, task.losses):
            values = curves[name]
            window = max(1, len(values) // 50)
            sums = np.cumsum(np.concatenate([[0.0], values]))
            axis.plot(curves["step"], values, color=GRID, linewidth=1)
            axis.plot(curves["step"][window - 1:], (sums[window:] - sums[:-window]) / window, color=ACCENT)
            axis.set(title=name, xlabel="step")
        figure.suptitle(task.title, fontweight="bold")
        save(figure, path)


def grid(rows: list[tuple[str, np.ndarray]], path: Path, title: str = "", captions: list[str] | None = None) -> None:
    """Rows of images, uint8 (N, H, W, C), each with its name on the left; ``captions`` below the images of each row."""
    columns = max(len(images) for _, images in rows)
    height, width = rows[0][1].shape[1:3]
    cell = 1.0
    with plt.rc_context({**STYLE, "axes.grid": False}):
        figure, axes = plt.subplots(len(rows), columns, squeeze=False, layout=_close(),
                                    figsize=(1.1 + cell * columns * width / max(height, width),
                                             0.45 + cell * len(rows) * height / max(height, width)))
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
        save(figure, path)


def scatter(codes: np.ndarray, labels: np.ndarray, names: Sequence[str], path: Path,
            axes: tuple[str, str] = ("z1", "z2"), title: str = "") -> None:
    """Points (N, 2), coloured by their class."""
    with plt.rc_context(STYLE):
        figure, axis = plt.subplots(figsize=(6.4, 5.6), layout="constrained")
        for label, name in enumerate(names):
            chosen = codes[labels == label]
            axis.scatter(chosen[:, 0], chosen[:, 1], s=9, linewidths=0, alpha=0.8, color=plt.get_cmap("tab10")(label % 10), label=name)
        axis.set(xlabel=axes[0], ylabel=axes[1], title=title)
        axis.legend(frameon=False, fontsize=8, markerscale=2, loc="center left", bbox_to_anchor=(1, 0.5))
        save(figure, path)


def plane(image: np.ndarray, extent: tuple[float, float, float, float], path: Path, title: str = "") -> None:
    """A mosaic, uint8 (H, W, C), with the latent coordinates (left, right, bottom, top) on its axes."""
    with plt.rc_context({**STYLE, "axes.grid": False}):
        figure, axis = plt.subplots(figsize=(8, 8), layout="constrained")
        axis.imshow(image.squeeze(), cmap="gray", vmin=0, vmax=255, extent=extent, aspect="auto", interpolation="nearest")
        axis.set(xlabel="z1", ylabel="z2", title=title)
        save(figure, path)


def parts(losses: dict[str, np.ndarray], path: Path, title: str = "") -> None:
    """A bar a loss: the mean over batches, and their standard deviation."""
    with plt.rc_context(STYLE):
        figure, axis = plt.subplots(figsize=(6.4, 0.7 + 0.5 * len(losses)), layout="constrained")
        axis.set_axisbelow(True)
        means, spreads = ([float(f(values)) for values in losses.values()] for f in (np.mean, np.std))
        names = [f"{name}   {mean:.4g}" for name, mean in zip(losses, means)]
        axis.barh(names, means, xerr=spreads, color=ACCENT, ecolor=INK, capsize=3)
        axis.invert_yaxis()
        axis.tick_params(axis="y", length=0)
        axis.set_title(title)
        save(figure, path)


def contact_sheet(data: Dataset, path: Path, columns: int = 8, number: int = 32) -> None:
    """The first images of a data set with their classes, and their masks below where it has some."""
    images, labels = data.images[:number], data.labels[:number]
    with plt.rc_context({**STYLE, "axes.grid": False}):
        masked = data.masks is not None
        lines = -(-len(images) // columns)
        columns = min(columns, len(images))
        ratio = images.shape[1] / images.shape[2]
        figure, axes = plt.subplots(lines * (1 + masked), columns, squeeze=False, layout=_close(),
                                    figsize=(1.15 * columns, lines * (1.15 * ratio * (1 + masked) + 0.2) + 0.4))
        for axis in axes.flat:
            axis.set_axis_off()
        for i, (image, label) in enumerate(zip(images, labels)):
            line, column = divmod(i, columns)
            axis = axes[line * (1 + masked), column]
            axis.imshow(image.squeeze(), cmap="gray", vmin=0, vmax=255)
            axis.set_title(data.class_names[label], fontsize=8, pad=2)
            if data.masks is not None:
                axes[line * 2 + 1, column].imshow(data.masks[i], cmap="magma", vmin=0,
                                                  vmax=max(1, len(data.class_names)), interpolation="nearest")
        figure.suptitle(f"{data.name}, {data.split}: {len(data.images):,} images of "
                        f"{images.shape[1]} x {images.shape[2]} x {images.shape[3]}", fontweight="bold")
        save(figure, path)


def _close() -> ConstrainedLayoutEngine:
    """A layout of images side by side."""
    return ConstrainedLayoutEngine(w_pad=0.02, h_pad=0.02, wspace=0, hspace=0)


def save(figure: Figure, path: Path) -> None:
    """Write a PNG that is the same bytes whenever it shows the same, and close the figure."""
    figure.savefig(path, metadata={"Software": None})
    plt.close(figure)
