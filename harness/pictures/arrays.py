"""Images from arrays, uint8 (N, H, W, C) or (H, W, C) throughout: rows, sheets, mosaics, animations."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from harness.tasks import Task

COLUMNS = 8                 # images in a row of a sheet
WIDTH = 512                 # pixels that a sheet should have, at least; small images are enlarged by a whole number
Outputs = Mapping[str, np.ndarray]      # what ``Trainer.outputs`` gave


def sample_rows(task: Task, outputs: Mapping[str, Outputs]) -> list[tuple[str, np.ndarray]]:
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


def sheet(task: Task, outputs: Outputs) -> np.ndarray:
    """Samples as one picture, uint8 (height, width) or (height, width, 3): rows of images; where the ability that makes
    them is given images, each row of them stands above what was made of it."""
    rows = [images for _, images in sample_rows(task, {"": outputs})]
    number = len(rows[-1])
    rows = [np.broadcast_to(images, (*images.shape[:3], max(r.shape[3] for r in rows))) for images in rows]
    lines = []
    for first in range(0, number, COLUMNS):
        for images in rows:
            line = images[first:first + COLUMNS]
            blank = np.full((COLUMNS - len(line), *line.shape[1:]), 255, np.uint8)
            lines.append(np.concatenate([*line, *blank], axis=1))
    picture = np.concatenate(lines).squeeze()
    scale = max(1, -(-WIDTH // picture.shape[1]))
    return picture.repeat(scale, axis=0).repeat(scale, axis=1)


def mosaic(images: np.ndarray, columns: int) -> np.ndarray:
    """uint8 (N, H, W, C) -> one picture of so many columns; N is a multiple of them."""
    lines = images.reshape(-1, columns, *images.shape[1:])
    return np.concatenate([np.concatenate(list(line), axis=1) for line in lines])


def animate(frames: list[np.ndarray], path: Path, milliseconds: int, least: int = 128) -> Path:
    """A GIF of uint8 (H, W, C) pictures, enlarged by a whole number to ``least`` pixels or more."""
    from PIL import Image  # only who trains has it

    scale = max(1, -(-least // frames[0].shape[0]))
    images = [Image.fromarray(f.repeat(scale, axis=0).repeat(scale, axis=1).squeeze()) for f in frames]
    images[0].save(path, save_all=True, append_images=images[1:], duration=milliseconds, loop=0)
    return path
