"""Files that are compressed, or damaged: no more bytes of them than their format promises, and one error for all that ails them.

A file of a few kilobytes may unpack to gigabytes; what is read from it stops where it must be wrong.
"""

import gzip
import io
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import numpy as np

from harness.data.dataset import DataError

LARGEST = 1 << 30       # bytes that any file may promise: five times as many as the largest data set has
MOST_LETTERS = 160      # of what another library says


@contextmanager
def reading(path: Path, advice: str = "get the file again") -> Iterator[None]:
    """In it, what the file `path` makes its reader raise becomes a DataError that names it. Damaged, a file makes gzip, tarfile,
    zipfile and NumPy raise nearly anything.
    """
    try:
        yield
    except DataError:
        raise
    except Exception as error:
        raise DataError(f"{path}: cannot be read ({in_short(error)}); {advice}") from error


def in_short(error: Exception) -> str:
    """What it says, in one short line; some libraries quote the file."""
    said = " ".join(str(error).split()) or type(error).__name__
    return said if len(said) <= MOST_LETTERS else said[:MOST_LETTERS] + " ..."


class Bounded:
    """A stream of bytes to be read once, from the beginning. Raises OSError when more than `limit` bytes come out of it."""

    def __init__(self, stream: IO[bytes] | gzip.GzipFile, limit: int) -> None:
        self.stream, self.limit, self.left = stream, limit, limit

    def read(self, size: int = -1) -> bytes:
        """As of any stream."""
        data = self.stream.read(self.left + 1 if size < 0 else min(size, self.left + 1))
        self.left -= len(data)
        if self.left < 0:
            raise OSError(f"unpacks to more than {self.limit:,} bytes")
        return data


def npz(path: Path, names: Sequence[str]) -> list[np.ndarray]:
    """Return the arrays of these names in an npz file. Raises whatever a damaged one makes NumPy raise; see `reading`."""
    with zipfile.ZipFile(path) as archive:
        entries = []
        for name in names:
            if f"{name}.npy" not in archive.namelist():
                raise KeyError(f"{name} is not a file in the archive")
            entries.append(archive.getinfo(f"{name}.npy"))
        if sum(entry.file_size for entry in entries) > LARGEST:     # zipfile reads no more than it says here
            raise OSError(f"unpacks to more than {LARGEST:,} bytes")
        # A pickle could run anything.
        return [np.asarray(np.load(io.BytesIO(archive.read(entry)), allow_pickle=False)) for entry in entries]
