"""What the cache keeps, with a checksum in front: one byte of it changed, and it is not believed."""

import hashlib
import os
from pathlib import Path

from harness.data import files

DIGEST = hashlib.sha256().digest_size      # bytes


class Damaged(Exception):
    """The file is there, and is not what was written, or cannot be read. Its message says so in a line."""


def write(path: Path, content: bytes) -> None:
    """Make the file, or replace it. Raises OSError where nothing can be written."""
    with files.whole(path, f".{os.getpid()}.part") as file:     # others may be making the same
        file.write(hashlib.sha256(content).digest())
        file.write(content)


def read(path: Path) -> bytes | None:
    """What was written, or None if there is no such file. Raises Damaged."""
    try:
        kept = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise Damaged(f"{path} cannot be read ({error.strerror})") from error
    if hashlib.sha256(kept[DIGEST:]).digest() != kept[:DIGEST]:
        raise Damaged(f"{path} is damaged")
    return kept[DIGEST:]
