"""Drawn images, kept: drawing a thousand takes seconds, reading them again milliseconds.

Image i of a drawn set depends on seed, split and i alone, so a file of more images serves whoever asks for fewer. It is in
the cache, under a name that changes with whatever could change a pixel. One that is damaged is drawn anew; where nothing can
be written, nothing is kept.
"""

import contextlib
import hashlib
import io
from pathlib import Path
from types import ModuleType

import numpy as np

from harness.data import files, sealed

LEAST = 32      # images; fewer are drawn faster than a cache is worth


def load(source: ModuleType, name: str, split: str, height: int, width: int, number: int,
         seed: int) -> tuple[tuple[np.ndarray, ...], list[str]]:
    """What the module `source` of the data set `name` draws, a tuple of arrays; from the cache, if it is there. And notes."""
    if number < LEAST:
        return tuple(source.load(split, height, width, number, seed)), []
    path = files.cache(name) / f"{split}-{height}x{width}-{seed}-{_version(source)}.drawn"
    kept, notes = None, []
    try:
        kept = _read(path)
    except sealed.Damaged as error:
        notes.append(f"{name}: {error}; its images are drawn again")
    if kept is None or len(kept[0]) < number:
        kept = source.load(split, height, width, number, seed)
        with contextlib.suppress(OSError):
            _write(path, kept)
    return tuple(array[:number] for array in kept), notes


def _version(source: ModuleType) -> str:
    return hashlib.sha256(Path(str(source.__file__)).read_bytes() + np.__version__.encode()).hexdigest()[:8]


def _write(path: Path, arrays: tuple[np.ndarray, ...]) -> None:
    content = io.BytesIO()
    np.savez(content, *arrays)
    sealed.write(path, content.getvalue())


def _read(path: Path) -> list[np.ndarray] | None:
    content = sealed.read(path)
    if content is None:
        return None
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        return [arrays[name] for name in arrays.files]
