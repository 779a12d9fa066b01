"""The images that a task trains on, and how they reach a worker."""

from pathlib import Path

import numpy as np

from harness import data
from harness.data import Dataset
from harness.tasks import Task

DATA_SEED = 0       # of drawn data sets: which newts there are does not change with the seed of a run


def load(task: Task, name: str | None = None, data_dir: Path | None = None, *, split: str = "train",
         number: int | None = None) -> Dataset:
    """The data set that a task trains on, or its "test" split: at the task's image size, augmented as the question asks.

    ``name``: by default the question's, which may have another one for its check. ``number``: of images; the question's by
    default. A task that needs masks gets the edges of the images where the data set has no masks. Raises DataError.
    """
    channels, height, width = task.image_shape
    name = name or task.data.get(task.size, task.data["default"])
    found = data.load(name, split, height=height, width=width, channels=channels, number=number or task.number,
                      seed=DATA_SEED, classes=task.data.get("classes", {}).get(name), data_dir=data_dir, root=task.root)
    if found.masks is None and "masks" in task.batch.values():
        found = data.with_edges(found)
    return data.augment(found, **task.data.get("augment", {}).get(found.name, {}))


def stage(dataset: Dataset, folder: Path) -> None:
    """Put the arrays of ``dataset`` into ``folder`` as single files, which the workers map into memory."""
    for name, array in dataset.arrays.items():
        if array is not None:
            np.save(folder / f"{name}.npy", array)
