"""What a learner has done: one file, work/progress.json, written whole or not at all, by one process at a time."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from harness.data.files import whole
from harness.frameworks import FRAMEWORKS
from harness.messages import WorkbookError

FILE = "progress.json"
LOCK = ".progress.lock"         # stays: were it removed, another process might hold the one that is gone
VERSION = 1
WHY = 200       # characters of what is wrong with a file


class ProgressError(WorkbookError):
    """The file cannot be read; one line that says which and what to do."""


@dataclass
class Entry:
    """One task in one framework. ``seen``: the numbers of the hints that were shown; ``solved``: when it first passed, ISO 8601, or
    None; ``rung``: where the last check failed, "" where it passed or came to no rung."""

    state: str = "started"
    tries: int = 0
    seen: list[int] = field(default_factory=list)
    solved: str | None = None
    checked: str | None = None
    rung: str = ""


@dataclass
class Progress:
    """What was done in a folder, task by task."""

    folder: Path
    entries: dict[str, dict[str, Entry]] = field(default_factory=dict)      # task -> framework -> entry
    last: list[str] | None = None                                           # the task and framework of late

    def entry(self, task: str, framework: str) -> Entry:
        """The entry of one task in one framework; a new one if there is none."""
        return self.entries.setdefault(task, {}).setdefault(framework, Entry())

    def forget(self, task: str, framework: str) -> None:
        """Have a new entry, whatever was known."""
        self.entries.setdefault(task, {})[framework] = Entry()

    def checked(self, task: str, framework: str, state: str, rung: str = "") -> None:
        """Note a check: its state, one try more, the rung that failed, and when it first passed."""
        entry, now = self.entry(task, framework), datetime.now(UTC).isoformat(timespec="seconds")
        entry.state, entry.rung, entry.checked, entry.tries = state, rung, now, entry.tries + 1
        if state == "passed":
            entry.solved = entry.solved or now
        self.last = [task, framework]

    def hinted(self, task: str, framework: str, number: int) -> None:
        """Note that hint ``number`` was seen."""
        entry = self.entry(task, framework)
        entry.seen = sorted({*entry.seen, number})

    def save(self) -> None:
        """An interruption leaves the old file."""
        content = {"version": VERSION, "last": self.last,
                   "tasks": {task: {f: vars(entry) for f, entry in of.items()} for task, of in self.entries.items()}}
        with whole(self.folder / FILE, f".{uuid4().hex}.part") as file:
            file.write(json.dumps(content, indent=1).encode() + b"\n")


def load(folder: Path) -> Progress:
    """The progress in ``folder``; an empty one if there is none. Raises ProgressError if the file is not what it should be."""
    path = folder / FILE
    if not path.exists():
        return Progress(folder)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        entries = {task: {f: _entry(entry) for f, entry in of.items()} for task, of in content["tasks"].items()}
        return Progress(folder, entries, _last(content["last"]))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        why = " ".join(f"{type(error).__name__}: {error}".split())[:WHY]
        raise ProgressError(f"{path} cannot be read ({why}); move it away, then a new one is started") from None


def _entry(stored: dict[str, Any]) -> Entry:
    if "hints" in stored:           # of an earlier version: the first so many were seen
        stored = {"seen": list(range(1, stored["hints"] + 1)), **{name: value for name, value in stored.items() if name != "hints"}}
    entry = Entry(**stored)
    for name, kinds in {"state": str, "tries": int, "seen": list, "solved": str | None, "checked": str | None, "rung": str}.items():
        if not isinstance(getattr(entry, name), kinds):
            raise TypeError(f"'{name}' is {getattr(entry, name)!r}")
    if not (entry.state + entry.rung).isprintable() or not all(type(number) is int for number in entry.seen):
        raise ValueError(f"'state', 'rung' or 'seen' is {entry.state!r}, {entry.rung!r}, {entry.seen!r}")
    return entry


def _last(stored: Any) -> list[str] | None:
    match stored:
        case None:
            return None
        case [str(task), str(framework)] if task.isprintable() and framework in FRAMEWORKS:
            return [task, framework]
    raise TypeError(f"'last' is {stored!r}")


def mend(folder: Path) -> str | None:
    """Move a file that cannot be read aside, to a name that is free: a line that says so, or None where there is nothing to move,
    or where it cannot be moved (what needs the file then says that it cannot be read).
    """
    path = folder / FILE
    try:
        if _readable(folder):
            return None
        with _alone(folder):
            if _readable(folder):       # another process moved it
                return None
            kept = path.rename(path.with_name(f"{FILE}.{datetime.now():%Y%m%d-%H%M%S}-{uuid4().hex[:4]}.bak"))
    except OSError:
        return None
    return f"{path} was damaged; it is kept as {kept}, and a new one is started"


def _readable(folder: Path) -> bool:
    try:
        load(folder)
        return True
    except ProgressError:
        return False


@contextmanager
def changing(folder: Path) -> Iterator[Progress]:
    """The progress in ``folder``, saved when the block ends; no other process changes it meanwhile.

    Raises ProgressError, OSError, before the block is begun where the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder):
        done = load(folder)
        yield done
        done.save()


def note(folder: Path, change: Callable[[Progress], None]) -> str | None:
    """Have ``change`` made, where no more than that is lost if it cannot be: a line that says why not, or None."""
    try:
        with changing(folder) as done:
            change(done)
        return None
    except (OSError, ProgressError) as error:
        return f"your progress was not saved: {error}"


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Wait until no other process is in here; where the system has such locks."""
    with open(folder / LOCK, "ab") as lock:
        if os.name == "posix":
            import fcntl
            with suppress(OSError):             # some network folders have no locks
                fcntl.flock(lock, fcntl.LOCK_EX)        # let go when it is closed
        yield
