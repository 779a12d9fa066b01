"""The data sets of the workbook: `load` one by its name, and get images, labels and, for newts, masks.

A data set is a module of this package, named in base.NAMES. Two are embedded, newts (drawn) and digits; the others
live in files, and files.py says where those are looked for. The heavy imports wait until they are needed.
"""

import difflib
from dataclasses import replace
from importlib import import_module

import numpy as np

from . import files
from .base import NAMES, SPLITS, DataError, Dataset, Info
from .pictures import augment, fit, fit_masks

__all__ = ["DataError", "Dataset", "Info", "augment", "describe", "fetch", "load", "names"]


def names():
    """Return the names of the data sets, the one that is always there first."""
    return NAMES


def load(name, split="train", *, height=None, width=None, channels=None, number=None, classes=None, seed=0,
         data_dir=None):
    """Load a split of a data set.

    height, width   pixels; None is the native size (newts and imori, which have none: 64)
    channels        1 (grey) or 3 (RGB); None is what the data set has
    number          the first so many images, or all if there are fewer; newts are drawn, any number of them
    classes         the names of the classes to keep; labels count from 0 in their order
    seed            chooses the drawn newts; the other data sets do not change with it
    data_dir        where to look for files first; the embedded data sets need none

    Returns a Dataset, whose notes say what is not as was asked for. Raises DataError.
    """
    source = _source(name)
    _choose("split", split, SPLITS)
    for setting, value in (("height", height), ("width", width), ("number", number)):
        if value is not None and value < 1:
            raise DataError(f"{setting} {value}: must be at least 1")
    if channels not in (None, 1, 3):
        raise DataError(f"channels {channels}: must be 1 (grey) or 3 (RGB)")
    for kept in classes or ():
        _choose("class", kept, source.CLASS_NAMES)

