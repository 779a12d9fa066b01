"""CIFAR-10: 60,000 small photographs in ten classes, by A. Krizhevsky, V. Nair and G. Hinton.

Source: https://www.cs.toronto.edu/~kriz/cifar.html, the binary version. Read as one of three, in this order:

    cifar-10-binary.tar.gz       the archive as it is downloaded, never unpacked to disk
    cifar-10-batches-bin/*.bin   the same, unpacked
    *_train.npz, *_test.npz      arrays `images` uint8 (N, 32, 32, 3) and `labels`, integers (N,), numbered as here
"""

import gzip
import tarfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO, cast

import numpy as np

from harness.data import unpack
from harness.data.dataset import DataError, Images, Info, Labels, check_labels, in_turn

INFO = Info("cifar10", "small photographs of animals and vehicles", "32x32, 3 channels",
            {"train": 50_000, "test": 10_000})
CLASS_NAMES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
ARCHIVE = "cifar-10-binary.tar.gz"
FOLDER = "cifar-10-batches-bin"
BATCHES = {"train": [f"data_batch_{i}.bin" for i in range(1, 6)], "test": ["test_batch.bin"]}
BASE = "https://www.cs.toronto.edu/~kriz/"
SHA256 = {ARCHIVE: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"}
RECORD = 1 + 3 * 32 * 32  # bytes: the label, then the red, the green and the blue plane, row by row
LARGEST_BATCH = 10_000 * RECORD
LARGEST_ARCHIVE = 1 << 28  # bytes of the tar file: the true one has 184 million


def files(directory: Path) -> dict[str, list[Path]]:
    """Return {split: [its files in the directory]}, of the first of the three forms that is there."""
    if (archive := directory / ARCHIVE).is_file():
        return {split: [archive] for split in BATCHES}
    folder = directory / FOLDER if (directory / FOLDER).is_dir() else directory
    batches = {split: [folder / name for name in names if (folder / name).is_file()]
               for split, names in BATCHES.items()}
    arrays = {split: sorted(directory.glob(f"*_{split}.npz")) for split in BATCHES}
    found = batches if any(batches.values()) else arrays
    return {split: paths for split, paths in found.items() if paths}


def load(directory: Path, split: str) -> tuple[Images, Labels]:
    """Return images uint8 (N, 32, 32, 3) and labels, integers (N,). Raises DataError on a missing or damaged file."""
    path, *more = files(directory)[split]
    if path.suffix == ".npz":
        if more:
            raise DataError(f"{directory}: holds both {path.name} and {more[0].name}; keep one of them")
        return read_npz(path)
    if path.name == ARCHIVE:
        batches = read_archive(path, BATCHES[split])
    else:
        batches = read_folder(path.parent, BATCHES[split])
    images, labels = zip(*(decode(path, batch) for path, batch in batches.items()))
    return np.concatenate(images), np.concatenate(labels)


def read_folder(folder: Path, names: Sequence[str]) -> dict[Path, bytes]:
    """Return {path: bytes} of the named batches in a folder."""
    try:
        return {folder / name: (folder / name).read_bytes() for name in names}
    except OSError as error:
        raise DataError(f"{error.filename}: cannot be read ({error.strerror}); unpack {ARCHIVE} again") from error


def read_archive(path: Path, names: Sequence[str]) -> dict[Path, bytes]:
    """Return {path: bytes} of the named batches in the archive."""
    batches = {}
    with unpack.reading(path), gzip.open(path) as unpacked:
        stream = cast(IO[bytes], unpack.Bounded(unpacked, LARGEST_ARCHIVE))
        with tarfile.open(fileobj=stream, mode="r|") as archive:
            for member in archive:
                name = member.name.rpartition("/")[2]
                if not member.isfile() or name not in names:
                    continue
                if member.size > LARGEST_BATCH:  # also of a file with holes, which has no bytes of its own
                    raise DataError(f"{path / name}: {member.size} bytes, a batch has {LARGEST_BATCH} at most; get the file again")
                if file := archive.extractfile(member):
                    batches[path / name] = file.read()
        while stream.read(1 << 20):  # gzip's checksum is behind the last byte
            pass
    for name in names:
        if path / name not in batches:
            raise DataError(f"{path}: has no {name}; get the file again")
    return {path / name: batches[path / name] for name in names}


def decode(path: Path, batch: bytes) -> tuple[Images, Labels]:
    """Return images uint8 (N, 32, 32, 3) and labels uint8 (N,) of a batch in CIFAR's binary form."""
    if not batch or len(batch) % RECORD:
        raise DataError(f"{path}: {len(batch)} bytes, expected a multiple of {RECORD}; get the file again")
    records = np.frombuffer(batch, np.uint8).reshape(-1, RECORD)
    labels = records[:, 0]
    check_labels(path, labels, len(records), CLASS_NAMES)
    return records[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1), labels


def read_npz(path: Path) -> tuple[Images, Labels]:
    """Return images and labels of an npz file, the classes in turn (such files are often sorted by class)."""
    with unpack.reading(path, "expected an npz file with the arrays images and labels"):
        images, labels = unpack.npz(path, ("images", "labels"))
    if images.dtype != np.uint8 or images.ndim != 4 or images.shape[1:] != (32, 32, 3):
        raise DataError(f"{path}: images are {images.dtype} {images.shape}, expected uint8 (N, 32, 32, 3)")
    if labels.dtype.kind not in "iu" or labels.ndim != 1:
        raise DataError(f"{path}: labels are {labels.dtype} {labels.shape}, expected integers (N,)")
    check_labels(path, labels, len(images), CLASS_NAMES)
    order = in_turn(labels)
    return images[order], labels[order]
