"""What an ability gave as a strip of small pictures: yours, what is expected, and where the two differ. uint8 (H, W, 4) throughout:
between pictures one sees what is behind."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from harness.feedback.shown.beside import Beside
from harness.pictures.arrays import to_uint8
from harness.pictures.page import COLOURS
from harness.tasks import Task

MOST = 8                # images, or vectors, of a strip
LONGEST = 16            # numbers of a vector that is drawn
LITTLE = 0.5            # of the range of pixels is little contrast
CELL = 8                # pixels of a number
GAP, BAR = 1, 3         # pixels between images, and of the colour at the left of a strip
RED, BLUE, WHITE = (np.array(colour, float) for colour in ((178, 24, 43), (33, 102, 172), (255, 255, 255)))
HEAT = np.array([[0, 0, 0], [87, 16, 110], [188, 55, 84], [249, 142, 9], [252, 255, 164]], float)      # from no difference to the largest
EXPECTED, DIFFERENCE = (150, 154, 162), (188, 55, 84)       # colours of these strips, as on a page


@dataclass(frozen=True)
class Strips:
    """Of one ability. ``images``: how many, 0 of vectors; ``stretched``: their contrast is; ``expected`` and ``difference`` are None where
    yours is right; ``largest``: difference of two numbers."""

    ability: str
    images: int
    stretched: bool
    yours: np.ndarray
    expected: np.ndarray | None = None
    difference: np.ndarray | None = None
    largest: float = 0.0


def strips(task: Task, beside: Beside) -> list[Strips]:
    """Of each ability whose outputs can be drawn."""
    return [made for name in task.abilities if (made := _strips(task, name, beside))]


def _strips(task: Task, name: str, beside: Beside) -> Strips | None:
    yours, expected = beside.yours[name][:MOST], beside.expected.get(name)
    if yours.shape[1:] != task.abilities[name].output or not _drawn(yours):
        return None
    arrays = [yours] if expected is None else [yours, expected[:MOST]]
    low, high = _range(task, arrays)
    images = len(yours) if yours.ndim == 4 else 0
    stretched = bool(images) and (low, high) != task.pixels
    if expected is None:
        return Strips(name, images, stretched, _strip(yours, low, high))
    right = arrays[1]
    with np.errstate(all="ignore"):
        apart = np.abs(yours - right)
    largest = float(np.max(apart))
    apart = np.where(np.isfinite(apart), apart, np.inf)
    reach = float(np.max(apart, where=np.isfinite(apart), initial=0.0)) or 1.0
    return Strips(name, images, stretched, _strip(yours, low, high), _strip(right, low, high),
                  _side_by_side(_heat(np.minimum(apart / reach, 1.0))), largest)


def _drawn(outputs: np.ndarray) -> bool:
    """Images of one colour or three, or vectors that are short enough."""
    return outputs.shape[1] in (1, 3) if outputs.ndim == 4 else outputs.ndim == 2 and outputs.shape[1] <= LONGEST


def _range(task: Task, arrays: list[np.ndarray]) -> tuple[float, float]:
    """What is drawn as the least and the largest: of vectors of all numbers; of images that of pixels, or if they have little contrast,
    their own."""
    numbers = np.concatenate([array[np.isfinite(array)] for array in arrays])
    if arrays[0].ndim != 4:
        largest = float(np.max(np.abs(numbers), initial=0.0)) or 1.0
        return -largest, largest
    inside = np.clip(numbers, *task.pixels)
    low, high = (float(inside.min()), float(inside.max())) if len(inside) else task.pixels
    return (low, high) if 0 < high - low < LITTLE * (task.pixels[1] - task.pixels[0]) else task.pixels


def _strip(outputs: np.ndarray, low: float, high: float) -> np.ndarray:
    if outputs.ndim == 4:
        with np.errstate(all="ignore"):         # whatever a learner's code computes
            images = to_uint8(outputs, (low, high))
        return _side_by_side(np.broadcast_to(images, (*images.shape[:3], 3)))
    share = np.clip(np.nan_to_num(outputs / high), -1, 1)[..., None]
    return _side_by_side(np.rint(WHITE + np.abs(share) * (np.where(share > 0, RED, BLUE) - WHITE)).astype(np.uint8))


def _heat(share: np.ndarray) -> np.ndarray:
    """Colours of shares from 0 to 1: of images the largest of their channels."""
    share = share.max(axis=1) if share.ndim == 4 else share
    at = share * (len(HEAT) - 1)
    colours = np.stack([np.interp(at, range(len(HEAT)), HEAT[:, i]) for i in range(3)], axis=-1)
    return np.asarray(np.rint(colours), np.uint8)


def _side_by_side(images: np.ndarray) -> np.ndarray:
    """(N, H, W, 3), or (N, numbers, 3): a vector is a column of squares."""
    if images.ndim == 3:
        images = images[:, :, None].repeat(CELL, axis=1).repeat(CELL, axis=2)
    images = np.concatenate([images, np.full((*images.shape[:3], 1), 255, np.uint8)], axis=3)
    gap = np.zeros((images.shape[1], GAP, 4), np.uint8)
    return np.concatenate([part for image in images for part in (image, gap)][:-1], axis=1)


def picture(all_of: list[Strips], framework: str) -> np.ndarray:
    """All strips below one another; the colour at the left says whose each is."""
    colour = COLOURS[framework]
    yours = tuple(int(colour[i:i + 2], 16) for i in (1, 3, 5))
    lines = [line for of in all_of for line in _lines(of, yours)]
    width = max(line.shape[1] for line in lines)
    rows = []
    for line in lines:
        rest = np.zeros((line.shape[0], width - line.shape[1], 4), np.uint8)
        rows += [np.concatenate([line, rest], axis=1), np.zeros((GAP, width, 4), np.uint8)]
    return np.concatenate(rows[:-1])


def _lines(of: Strips, yours: tuple[int, ...]) -> Iterator[np.ndarray]:
    for strip, colour in ((of.yours, yours), (of.expected, EXPECTED), (of.difference, DIFFERENCE)):
        if strip is not None:
            bar = np.broadcast_to(np.array((*colour, 255), np.uint8), (strip.shape[0], BAR, 4))
            yield np.concatenate([bar, np.zeros((strip.shape[0], GAP, 4), np.uint8), strip], axis=1)
