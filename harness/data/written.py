"""What is written and must not be lost: moved aside where it is in the way, and a folder that one process has to itself."""

import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import IO

from harness.messages import WorkbookError

LOCK = ".lock"
TRIES = 100             # a lock can vanish, with its folder, between two looks at it; so often in a row it does not


def aside(path: Path) -> Path:
    """Move a file or a folder to a name that is free, beside it; returns the name. Raises WorkbookError for a root."""
    path = Path(os.path.abspath(path))  # "." has no name
    if not path.name:
        raise WorkbookError(f"{path} cannot be moved aside; name another folder")
    stamp = f"{datetime.now():%Y%m%d-%H%M%S}"
    kept = path.with_name(f"{path.name}.{stamp}" if path.is_dir() else f"{path.stem}.{stamp}{path.suffix}.bak")
    name, number = kept.name, 1
    while os.path.lexists(kept):
        number += 1
        kept = kept.with_name(f"{name}{number}")
    return path.rename(kept)


def things(folder: Path) -> list[Path]:
    """What is in a folder, beside its lock."""
    return [path for path in folder.glob("*") if path.name != LOCK]


def prepare(folder: Path) -> None:
    """Make a folder, and try that something can be written into it, before the work whose fruits go there. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    tempfile.TemporaryFile(dir=folder).close()


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Have ``folder`` for this process alone. It is made if it is not there, and then goes again if nothing came into it.

    The kernel gives the lock back when the process ends, however it ends. Raises WorkbookError, which says who has it.
    """
    held, made = _locked(folder)
    with held as file:
        try:
            yield
        finally:
            if _is(file, folder / LOCK):        # still ours, and not moved aside
                (folder / LOCK).unlink()
                if made:
                    with suppress(OSError):
                        folder.rmdir()          # only where it is empty


def _locked(folder: Path) -> tuple[IO[str], bool]:
    """The lock of a folder, and whether the folder was made for it."""
    for _ in range(TRIES):
        made = not folder.is_dir()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            raise WorkbookError(f"{folder} is not a folder; name another one") from None
        try:
            file = open(folder / LOCK, "a+", encoding="utf-8", errors="replace")
        except FileNotFoundError:
            continue                            # who had it has just taken its empty folder away
        try:
            _lock(file)
        except BlockingIOError:
            file.seek(0)
            holder = file.read(200).strip() or "another process"
            file.close()
            raise WorkbookError(f"{holder} is at work in {folder}; wait until it ends, or name another folder with --out") from None
        if _is(file, folder / LOCK):
            file.truncate(0)
            file.write(f"process {os.getpid()} on {socket.gethostname()}")
            file.flush()
            return file, made
        file.close()
    raise WorkbookError(f"{folder} is created and deleted again and again by another program; name another folder")


def _lock(file: IO[str]) -> None:
    """Raises BlockingIOError where another process has it. Some systems and file systems have no locks; then there is none."""
    try:
        import fcntl  # not on every system
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise
    except (ImportError, OSError):
        pass


def _is(file: IO[str], path: Path) -> bool:
    """Whether an open file is the one that has this name now."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False
