"""Folders and zips that cannot be trusted, listed and read.

Links are not followed, nothing but plain files is opened, sizes and depth are bounded, and no archive is written to the disk.
"""

import io
import os
import stat
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePath

LARGEST = 4 << 20           # bytes of a file
LARGEST_ZIP = 8 << 20       # bytes of a zip that a student handed in
LONGEST = 1_000             # letters of a path in a zip
DEEPEST = 20                # folders within each other
IGNORED = ("__pycache__", "__MACOSX", "node_modules", "site-packages", "venv")
LINK, NO_FILE = "is a link, and links are not followed", "is no plain file"


class Unread(Exception):
    """Why a file is not read: what a sentence says of it that begins with its name."""


@dataclass(frozen=True)
class Item:
    """What a folder or an archive lists. ``read``: at most so many bytes, or Unread is raised."""

    parts: tuple[str, ...]
    folder: bool
    read: Callable[[int], bytes] = lambda most: b""


def read(path: Path, most: int = LARGEST) -> bytes:
    """What a plain file holds, at most ``most`` bytes. Raises Unread."""
    try:
        mode = os.lstat(path).st_mode
        if stat.S_ISLNK(mode):
            raise Unread(LINK)
        if stat.S_ISREG(mode):
            handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
            with open(handle, "rb") as file:
                mode = os.fstat(handle).st_mode
                content = file.read(most + 1) if stat.S_ISREG(mode) else b""
        if not stat.S_ISREG(mode):
            raise Unread(NO_FILE)
    except OSError as error:
        raise Unread(f"cannot be read ({error.strerror})") from None
    except ValueError:          # a 0 in its name
        raise Unread("has a name that no file can have") from None
    if len(content) > most:
        raise Unread(f"has more than {most >> 20} MiB")
    return content


def _ignored(name: str) -> bool:
    return name.startswith(".") or name in IGNORED


def _refused(parts: tuple[str, ...], why: str, folder: bool = False) -> Item:
    def read(most: int) -> bytes:
        raise Unread(why)
    return Item(parts, folder, read)


def listed(folder: Path, parts: tuple[str, ...] = ()) -> Iterator[Item]:
    """A folder before what is in it. No deeper than DEEPEST, so that it can call itself."""
    try:
        with os.scandir(folder) as scan:
            entries = sorted((entry for entry in scan if not _ignored(entry.name)), key=lambda entry: entry.name)
    except OSError as error:
        yield _refused(parts, f"cannot be opened ({error.strerror})", folder=True)
        return
    yield Item(parts, True)
    for entry in entries:
        below, path = (*parts, entry.name), folder / entry.name
        if not entry.is_dir(follow_symlinks=False):
            # A link without a suffix stands where a folder may be meant.
            yield Item(below, entry.is_symlink() and not path.suffix, partial(read, path))
        elif len(below) > DEEPEST:
            yield _refused(below, f"lies deeper than {DEEPEST} folders", folder=True)
        else:
            yield from listed(path, below)


def members(archive: zipfile.ZipFile, into: tuple[str, ...] = ()) -> Iterator[Item]:
    """What a zip has, as if it were the folder ``into``."""
    yield Item(into, True)
    for info in archive.infolist():
        names = [name for name in info.filename.replace("\\", "/").split("/") if name not in ("", ".")]
        parts = (*into, *(name for name in names if name != ".."))
        kind = stat.S_IFMT(info.external_attr >> 16)
        if not names or any(_ignored(name) for name in names if name != ".."):
            continue
        if len(info.filename) > LONGEST:
            yield _refused(tuple(part[:20] for part in parts[:DEEPEST]), "has too long a name")
        elif ".." in names:
            yield _refused(parts, "has a name that leads out of the archive")
        elif len(parts) > DEEPEST:
            yield _refused((*parts[:DEEPEST], parts[-1]), f"lies deeper than {DEEPEST} folders")
        elif info.filename.endswith(("/", "\\")):
            yield Item(parts, True)
        elif kind not in (0, stat.S_IFREG):
            yield _refused(parts, LINK if stat.S_ISLNK(kind) else NO_FILE, folder=not PurePath(parts[-1]).suffix)
        elif info.flag_bits & 1:
            yield _refused(parts, "is encrypted")
        else:
            yield Item(parts, False, partial(_inflated, archive, info))


def zipped(content: bytes, into: tuple[str, ...]) -> list[Item]:
    """What a zip has that a student handed in. Raises Unread."""
    try:
        return list(members(zipfile.ZipFile(io.BytesIO(content)), into))
    except Exception as error:                  # damaged, it makes zipfile raise nearly anything
        raise Unread(f"cannot be unpacked ({type(error).__name__})") from None


def _inflated(archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int) -> bytes:
    try:
        with archive.open(info) as file:
            content = file.read(most + 1)       # no more, whatever it says of its size
    except Exception as error:                  # as above
        raise Unread(f"cannot be unpacked ({type(error).__name__})") from None
    if len(content) > most:
        raise Unread(f"has more than {most >> 20} MiB")
    return content
