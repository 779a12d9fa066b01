"""The data sets of the workbook: `load` one by its name, and get images, labels and, for newts, masks.

A data set is a module of this package, named in base.NAMES. Three are embedded, newts and depth (drawn) and digits;
the others live in files, and files.py says where those are looked for. Files of the user's may stand in for a drawn
set, as ModelNet40's do for depth. Heavy imports wait until they are needed.
"""

import difflib
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import numpy as np

from . import drawn, files, newts
from .base import NAMES, SPLITS, DataError, Dataset, Info
from .pictures import augment, fit, fit_masks, with_edges

__all__ = ["DataError", "Dataset", "Info", "augment", "describe", "fetch", "load", "names",
           "with_edges"]

NEWTS = Info("newts", "drawn newts of two species, with masks", "64x64 or any other, 3 channels",
             newts.DEFAULT_NUMBER, "embedded")


def names() -> tuple[str, ...]:
    """Return the names of the data sets."""
    return NAMES


def load(name, split="train", *, height=None, width=None, channels=None, number=None, classes=None, seed=0,
         data_dir=None) -> Dataset:
    """Load a split, "train" or "test", of a data set.

    height, width   pixels; None is the native size (64 for newts, imori and depth, which have none of their own)
    channels        1 (grey) or 3 (RGB); None is what the data set has
    number          the first so many images, or all if there are fewer; drawn sets have any number of them
    classes         the names of the classes to keep; labels count from 0 in their order
    seed            chooses what is drawn; the other data sets do not depend on it
    data_dir        the directory to look in first (files.py has the others); the embedded data sets need none

    Returns a Dataset; its notes say what is not as it was asked for. Raises DataError.
    """
    source = _source(name, data_dir)
    _choose("split", split, SPLITS)
    for setting, value, least in (("height", height, 1), ("width", width, 1), ("number", number, 1), ("seed", seed, 0)):
        if value is not None and value < least:
            raise DataError(f"{setting} {value}: must be at least {least}")
    if channels not in (None, 1, 3):
        raise DataError(f"channels {channels}: must be 1 (grey) or 3 (RGB)")
    classes = tuple(classes or source.CLASS_NAMES)
    for wanted in classes:
        _choose("class", wanted, source.CLASS_NAMES)
    if len(set(classes)) < len(classes):
        raise DataError(f"classes {', '.join(classes)}: name each of them once")

    size, held, notes = (height or 64, width or 64), split, []
    if _is_drawn(source):
        number = number or source.DEFAULT_NUMBER[split]
        arrays = drawn.load(source, name, split, *size, _enough(source, number, len(classes)), seed)
    elif _is_embedded(source):
        arrays = source.load(split)
    else:
        directory = files.obtain(source, data_dir)
        if split not in source.files(directory):
            held, = source.files(directory)
            notes.append(f"{name}: {directory} holds only the {held} split; using it in place of {split}")
        arrays = source.load(directory, held, *(size if name in ("imori", "depth") else ()))
        notes += _absent(source, arrays[1], classes, directory)

    images, labels, *masks = arrays
    chosen, labels = _keep(labels, [source.CLASS_NAMES.index(wanted) for wanted in classes])
    if number and number > len(chosen):
        notes.append(f"{name}: the {held} split has {len(chosen)} such images, fewer than the {number} asked for")
    chosen = chosen[:number]
    return Dataset(name, held, fit(images[chosen], height, width, channels), labels[:number], classes,
                   fit_masks(masks[0][chosen], height, width) if masks else None, tuple(notes))


def fetch(name, data_dir=None) -> list[Path]:
    """Make sure that the files of a data set are there, by a download if need be; return their paths.

    Embedded data sets have none. Raises DataError.
    """
    source = _source(name, data_dir)
    if _is_embedded(source):
        return []
    found = source.files(files.obtain(source, data_dir))
    return list(dict.fromkeys(path for paths in found.values() for path in paths))


def describe(name, data_dir=None) -> Info:
    """Return the Info of a data set, and look where its files are; downloads nothing. Raises DataError."""
    source = _source(name, data_dir)
    if name == "newts":
        return NEWTS
    if _is_embedded(source):
        return source.INFO
    directory = files.find(source, data_dir)
    if directory is None and files.is_cached(source):
        directory = files.cache(name)
    return replace(source.INFO, where=str(directory)) if directory else source.INFO


def _source(name, data_dir=None):
    """The module of a data set; of the files that stand in for a drawn one, where there are any."""
    _choose("data set", name, NAMES)
    source = import_module(f".{name}", __name__)
    if hasattr(source, "STAND_IN"):
        files_source = import_module(f".{source.STAND_IN}", __name__)
        source = files_source if files.find(files_source, data_dir) else source
    return source


def _is_embedded(source):
    return not hasattr(source, "files")


def _is_drawn(source):
    return hasattr(source, "DEFAULT_NUMBER")  # of images, which a split that is drawn does not have by itself


def _enough(source, number, wanted):
    """How many images of a drawn set hold `number` of so many `wanted` classes; classes take turns, some in runs."""
    turns, run = len(source.CLASS_NAMES), getattr(source, "IN_A_ROW", 1)
    return -(-number // (wanted * run)) * turns * run


def _choose(kind, value, allowed):
    """Raise DataError, with the nearest match, unless the value is among those allowed."""
    if value not in allowed:
        near = difflib.get_close_matches(str(value).lower(), allowed, n=1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise DataError(f"unknown {kind} {value!r}: {hint}choose from {', '.join(allowed)}")


def _absent(source, labels, classes, directory):
    """Return a note if files hold only some of the classes; raise DataError if one of those wanted is not there."""
    present = [source.CLASS_NAMES[label] for label in np.unique(labels)]
    if len(present) == len(source.CLASS_NAMES):
        return []
    said = f"{source.INFO.name}: {directory} holds only the classes {', '.join(present)}"
    missing = [name for name in classes if name not in present]
    if missing and classes != source.CLASS_NAMES:
        raise DataError(f"{said}, not {', '.join(missing)}; ask for others, or add the files that hold them")
    return [said] if missing else []


def _keep(labels, wanted):
    """Return the indices of the images of the wanted classes, and their new labels int64: places in `wanted`."""
    place = {label: i for i, label in enumerate(wanted)}
    chosen = np.flatnonzero(np.isin(labels, wanted))
    return chosen, np.array([place[int(label)] for label in labels[chosen]], np.int64)
