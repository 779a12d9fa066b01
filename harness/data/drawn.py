"""Drawn images, kept: drawing a thousand takes seconds, reading them again milliseconds.

Image i of a drawn set depends on seed, split and i alone, so a file of more images serves whoever asks for fewer. It is in
the cache, under a name that changes with whatever could change a pixel. One that is damaged is drawn anew; where nothing can
be written, nothing is kept.
"""

import hashlib
import os
import zipfile
from pathlib import Path
from types import ModuleType

import numpy as np

from harness.data import files

LEAST = 32      # images; fewer are drawn faster than a cache is worth


def load(source: ModuleType, name: str, split: str, height: int, width: int, number: int, seed: int) -> tuple[np.ndarray, ...]:
    """What the module `source` of the data set `name` draws, a tuple of arrays; from the cache, if it is there."""
    if number < LEAST:
        return tuple(source.load(split, height, width, number, seed))
    path = files.cache(name) / f"{split}-{height}x{width}-{seed}-{_version(source)}.npz"
    kept = _read(path)
    if kept is None or len(kept[0]) < number:
        kept = source.load(split, height, width, number, seed)
        try:
            with files.whole(path, f".{os.getpid()}.part") as file:     # others may be drawing the same
                np.savez(file, *kept)
        except OSError:
            pass
    return tuple(array[:number] for array in kept)


def _version(source: ModuleType) -> str:
    return hashlib.sha256(Path(str(source.__file__)).read_bytes() + np.__version__.encode()).hexdigest()[:8]


def _read(path: Path) -> list[np.ndarray] | None:
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return [arrays[name] for name in arrays.files]
    except (OSError, ValueError, zipfile.BadZipFile, KeyError, EOFError):
        return None
