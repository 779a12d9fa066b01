"""The data sets that are there: each a file in datasets/, loaded by its path, and asked by its name.

Such a file has an INFO and CLASS_NAMES, and it is of one of three kinds:

    embedded   load(split) -> images, labels
    drawn      DEFAULT_NUMBER of images per split; load(split, height, width, number, seed) -> images, labels[, masks];
               IN_A_ROW, where so many images in a row are of one class
    files      files(directory) -> {split: [paths]}; BASE and SHA256 where they can be downloaded, see files.py;
               load(directory, split) -> images, labels[, masks]; ANY_SIZE where load takes height and width too

STANDS_IN_FOR names a drawn set in whose place the files are seen, where the user has some: then the file is no data set
of its own. Heavy imports wait until they are needed.
"""

import importlib.util
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import ModuleType

import numpy as np

from harness.data import drawn, files
from harness.data.dataset import SPLITS, DataError, Dataset, Info, Labels
from harness.data.images import fit, fit_masks
from harness.messages import did_you_mean
from harness.tasks import ROOT

NATIVE = 64     # pixels, of sets that come in any size


def names(root: Path = ROOT) -> tuple[str, ...]:
    """The data sets under ``root``/datasets: first those that are embedded, then those that live in files."""
    found = [(not _is_embedded(source), name) for name, source in _sources(root).items() if not hasattr(source, "STANDS_IN_FOR")]
    return tuple(name for _, name in sorted(found))


def module(name: str, root: Path = ROOT) -> ModuleType:
    """The file datasets/``name``.py as a module; loaded once. Raises DataError if there is none."""
    path = _folder(root) / f"{name}.py"
    if not path.is_file():
        raise DataError(f"unknown data set '{name}': {did_you_mean(name, names(root))}")
    return _load(path)


@cache
def _load(path: Path) -> ModuleType:
    name = "workbook_datasets_" + re.sub(r"\W", "_", str(path.with_suffix("")))
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec and spec.loader
    found = importlib.util.module_from_spec(spec)
    sys.modules[name] = found               # dataclasses look their module up
    spec.loader.exec_module(found)
    return found


def _folder(root: Path) -> Path:
    """A workbook may have questions and answers of its own without data sets of its own."""
    own = Path(os.path.realpath(root)) / "datasets"        # resolve() raises where links go round in a circle
    return own if own.is_dir() else ROOT / "datasets"


def _sources(root: Path) -> dict[str, ModuleType]:
    return {path.stem: _load(path) for path in sorted(_folder(root).glob("[a-z]*.py"))}


def load(name: str, split: str = "train", *, height: int | None = None, width: int | None = None, channels: int | None = None,
         number: int | None = None, classes: Sequence[str] | None = None, seed: int = 0, data_dir: Path | None = None,
         root: Path = ROOT) -> Dataset:
    """Load a split, "train" or "test", of a data set.

    height, width   pixels; None is the native size (64 for newts, imori and depth, which have none of their own)
    channels        1 (grey) or 3 (RGB); None is what the data set has
    number          the first so many images, or all if there are fewer; drawn sets have any number of them
    classes         the names of the classes to keep; labels count from 0 in their order
    seed            chooses what is drawn; the other data sets do not depend on it
    data_dir        the directory to look in first (files.py has the others); the embedded data sets need none
    root            the folder that holds datasets/

    Returns a Dataset; its notes say what is not as it was asked for. Raises DataError.
    """
    source = _source(name, root, data_dir)
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
        raise DataError(f"classes {', '.join(classes)}: name each class only once")

    size, held = (height or NATIVE, width or NATIVE), split
    notes: list[str] = []
    if _is_drawn(source):
        number = number or source.DEFAULT_NUMBER[split]
        arrays, notes = drawn.load(source, name, split, *size, _enough(source, number, len(classes)), seed)
    elif _is_embedded(source):
        arrays = source.load(split)
    else:
        directory = files.obtain(source, _others(name, root), data_dir)
        if split not in source.files(directory):
            held, = source.files(directory)
            notes.append(f"{name}: {directory} holds only the {held} split, which is used in place of {split}")
        arrays = source.load(directory, held, *(size if hasattr(source, "ANY_SIZE") else ()))
        notes += _absent(source, arrays[1], classes, directory)

    images, labels, *masks = arrays
    chosen, labels = _keep(labels, [source.CLASS_NAMES.index(wanted) for wanted in classes])
    if number and number > len(chosen):
        notes.append(f"{name}: the {held} split has only {len(chosen)} such images, not {number}")
    chosen = chosen[:number]
    return Dataset(name, held, fit(images[chosen], height, width, channels), labels[:number], classes,
                   fit_masks(masks[0][chosen], height, width) if masks else None, tuple(notes))


def fetch(name: str, data_dir: Path | None = None, root: Path = ROOT) -> list[Path]:
    """Make sure that the files of a data set are there, by a download if need be; return their paths.

    Embedded data sets have none. Raises DataError.
    """
    source = _source(name, root, data_dir)
    if _is_embedded(source):
        return []
    found = source.files(files.obtain(source, _others(name, root), data_dir))
    return list(dict.fromkeys(path for paths in found.values() for path in paths))


def describe(name: str, data_dir: Path | None = None, root: Path = ROOT) -> Info:
    """Return the Info of a data set, and look where its files are; downloads nothing. Raises DataError."""
    source = _source(name, root, data_dir)
    info: Info = source.INFO
    if _is_embedded(source):
        return info
    directory = files.find(source, _others(name, root), data_dir)
    if directory is None and files.is_cached(source):
        directory = files.cache(name)
    return replace(info, where=str(directory)) if directory else info


def _source(name: str, root: Path, data_dir: Path | None) -> ModuleType:
    """The module of a data set; of the files that stand in for a drawn one, where there are any."""
    _choose("data set", name, names(root))
    for other in _sources(root).values():
        if getattr(other, "STANDS_IN_FOR", None) == name and files.find(other, _others(name, root), data_dir):
            return other
    return module(name, root)


def _others(name: str, root: Path) -> set[str]:
    """The folders of the other data sets, which may hold files of the same names."""
    return {folder for other in names(root) if other != name for folder in files.folders(other)}


def _is_embedded(source: ModuleType) -> bool:
    return not hasattr(source, "files")


def _is_drawn(source: ModuleType) -> bool:
    return hasattr(source, "DEFAULT_NUMBER")  # of images, which a split that is drawn does not have by itself


def _enough(source: ModuleType, number: int, wanted: int) -> int:
    """How many images of a drawn set hold `number` of so many `wanted` classes; classes take turns, some in runs."""
    turns, run = len(source.CLASS_NAMES), getattr(source, "IN_A_ROW", 1)
    return -(-number // (wanted * run)) * turns * run


def _choose(kind: str, value: str, allowed: Sequence[str]) -> None:
    """Raise DataError, with the nearest match, unless the value is among those allowed."""
    if value not in allowed:
        raise DataError(f"unknown {kind} '{value}': {did_you_mean(value, allowed)}")


def _absent(source: ModuleType, labels: Labels, classes: tuple[str, ...], directory: Path) -> list[str]:
    """Return a note if files hold only some of the classes; raise DataError if one of those wanted is not there."""
    present = [source.CLASS_NAMES[label] for label in np.unique(labels)]
    if len(present) == len(source.CLASS_NAMES):
        return []
    said = f"{source.INFO.name}: {directory} holds only the classes {', '.join(present)}"
    missing = [name for name in classes if name not in present]
    if missing and classes != source.CLASS_NAMES:
        raise DataError(f"{said}, not {', '.join(missing)}; choose other classes, or add their files")
    return [said] if missing else []


def _keep(labels: Labels, wanted: list[int]) -> tuple[np.ndarray, Labels]:
    """Return the indices of the images of the wanted classes, and their new labels int64: places in `wanted`."""
    place = {label: i for i, label in enumerate(wanted)}
    chosen = np.flatnonzero(np.isin(labels, wanted))
    return chosen, np.array([place[int(label)] for label in labels[chosen]], np.int64)
