"""The form that every data set has, the one error, and the order of small collections."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harness.messages import WorkbookError

SPLITS = ("train", "test")
Images = NDArray[np.uint8]
Labels = NDArray[np.integer]


class DataError(WorkbookError):
    """One clear line: which file, what is wrong, what to do."""


@dataclass(frozen=True)
class Dataset:
    """Images with their labels, and for some sets a mask an image."""
    name: str
    split: str                       # "train" or "test": what it really holds
    images: Images                   # uint8 (N, height, width, channels), channels 1 (grey) or 3 (RGB)
    labels: Labels                   # int64 (N,), indices into class_names
    class_names: tuple[str, ...]
    masks: Images | None = None      # uint8 (N, height, width), 0 is background, or None
    notes: tuple[str, ...] = ()      # one-line remarks for the user

    @property
    def arrays(self) -> dict[str, np.ndarray | None]:
        """What a training reads: images, labels, and masks or None."""
        return {"images": self.images, "labels": self.labels, "masks": self.masks}


@dataclass(frozen=True)
class Info:
    """A data set in a few words."""
    name: str
    summary: str                # one line
    size: str                   # native size of an image, as text
    images: Mapping[str, int]   # images per split of the complete set; a directory of the user's may hold fewer
    where: str = "not fetched"  # "embedded", or the directory that holds the files, or "not fetched"


def check_labels(path: Path, labels: Labels, count: int, class_names: Sequence[str]) -> None:
    """Raise DataError, naming the file `path`, unless there are `count` labels (at least 1), all of a known class."""
    if len(labels) != count or count == 0:
        raise DataError(f"{path}: {len(labels)} labels for {count} images; get both files again, from the same split")
    if labels.min() < 0 or labels.max() >= len(class_names):
        raise DataError(f"{path}: labels from {labels.min()} to {labels.max()}, expected 0 to {len(class_names) - 1}; "
                        "this may be another data set")


def in_turn(labels: Labels) -> NDArray[np.intp]:
    """Return the order (N,) that takes the first of each class, then the second of each, and so on.

    Files sorted by class would otherwise give a single class to everyone who asks for the first few images.
    """
    rank = np.empty(len(labels), np.int64)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        rank[members] = np.arange(len(members))
    return np.lexsort((labels, rank))
