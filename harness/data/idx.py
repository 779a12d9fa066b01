"""The IDX files of MNIST and of its relatives.

The format: big-endian header, then the numbers, the last index running fastest.

    2 bytes 0, 1 byte type (8: unsigned byte), 1 byte number of dimensions n, n times 4 bytes size, then the data

Source: http://yann.lecun.com/exdb/mnist/
"""

import gzip
import math
import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from harness.data import unpack
from harness.data.dataset import DataError, Images, Labels, check_labels

STEMS = {
    "train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    "test": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
}
UNSIGNED_BYTE = 8
GZIP_MAGIC = b"\x1f\x8b"


def read(path: Path, dimensions: int) -> Images:
    """Read an IDX file of unsigned bytes, gzipped or plain, with that many dimensions: a uint8 array, read-only.

    Raises DataError if the file cannot be read, is damaged, or is not what was asked for.
    """
    expected, start = bytes((0, 0, UNSIGNED_BYTE, dimensions)), 4 + 4 * dimensions
    with unpack.reading(path), path.open("rb") as file:
        gzipped = file.read(len(GZIP_MAGIC)) == GZIP_MAGIC
        file.seek(0)
        stream = gzip.GzipFile(fileobj=file) if gzipped else file
        header = stream.read(start)
        if header[:4] != expected or len(header) < start:
            raise DataError(f"{path}: begins with {header[:4].hex() or 'nothing'}, expected {expected.hex()} (IDX with "
                            f"{dimensions} dimensions) and its sizes; this may be another file")
        shape = struct.unpack_from(f">{dimensions}I", header, 4)
        promised = math.prod(shape)
        said = f"{path}: the header says {' x '.join(map(str, shape))} = {promised} bytes"
        if promised > unpack.LARGEST:
            raise DataError(f"{said}, more than {unpack.LARGEST} are not allowed; get the file again")
        data = stream.read(promised + 1)        # one more: gzip's checksum is behind the last
    if len(data) != promised:
        follow = f"{len(data)} follow" if len(data) < promised else "more follow"
        raise DataError(f"{said}, {follow}; get the file again")
    return np.frombuffer(data, np.uint8).reshape(shape)


def files(directory: Path) -> dict[str, list[Path]]:
    """Return {split: [its files in the directory]}, gzipped or plain, without the splits that have none."""
    found = {split: [path for stem in stems if (path := _file(directory, stem)).is_file()]
             for split, stems in STEMS.items()}
    return {split: paths for split, paths in found.items() if paths}


def _file(directory: Path, stem: str) -> Path:
    """The plain file if it is there, else the gzipped one, there or not."""
    plain = directory / stem
    return plain if plain.is_file() else directory / f"{stem}.gz"


def load(directory: Path, split: str, classes: Sequence[str]) -> tuple[Images, Labels]:
    """Return images uint8 (N, 28, 28, 1) and labels uint8 (N,). Raises DataError on a missing or damaged file."""
    paths = [_file(directory, stem) for stem in STEMS[split]]
    for path in paths:
        if not path.is_file():
            raise DataError(f"{path}: missing; put it there, compressed by gzip or not, beside the other {split} files")
    images, labels = read(paths[0], dimensions=3), read(paths[1], dimensions=1)
    if images.shape[1:] != (28, 28):
        raise DataError(f"{paths[0]}: images of {images.shape[1]}x{images.shape[2]} pixels, expected 28x28")
    check_labels(paths[1], labels, len(images), classes)
    return images[..., None], labels
