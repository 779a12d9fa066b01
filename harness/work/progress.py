"""What a learner has done: one file, work/progress.json, written whole or not at all."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from harness.data.files import whole
from harness.messages import WorkbookError

FILE = "progress.json"
VERSION = 1


class ProgressError(WorkbookError):
    """The file cannot be read; one line that says which and what to do."""


@dataclass
class Entry:
    """One task in one framework. ``solved``: when it first passed, ISO 8601, or None."""

    state: str = "started"
    tries: int = 0
    hints: int = 0
    solved: str | None = None
    checked: str | None = None


@dataclass
class Progress:
    """What was done in a folder, task by task."""

    folder: Path
    entries: dict[str, dict[str, Entry]] = field(default_factory=dict)      # task -> framework -> entry
    last: list[str] | None = None                                           # the task and framework of late

    def entry(self, task: str, framework: str) -> Entry:
        """The entry of one task in one framework; a new one if there is none."""
        return self.entries.setdefault(task, {}).setdefault(framework, Entry())

    def checked(self, task: str, framework: str, state: str) -> None:
        """Note a check: its state, one try more, and when it first passed."""
        entry, now = self.entry(task, framework), datetime.now(UTC).isoformat(timespec="seconds")
        entry.state, entry.checked, entry.tries = state, now, entry.tries + 1
        if state == "passed":
            entry.solved = entry.solved or now
        self.last = [task, framework]

    def save(self) -> None:
        """An interruption leaves the old file."""
        content = {"version": VERSION, "last": self.last,
                   "tasks": {task: {f: vars(entry) for f, entry in of.items()} for task, of in self.entries.items()}}
        with whole(self.folder / FILE) as file:
            file.write(json.dumps(content, indent=1).encode() + b"\n")


def load(folder: Path) -> Progress:
    """The progress in ``folder``; an empty one if there is none. Raises ProgressError if the file is not what it should be."""
    path = folder / FILE
    if not path.is_file():
        return Progress(folder)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        entries = {task: {f: Entry(**entry) for f, entry in of.items()} for task, of in content["tasks"].items()}
        return Progress(folder, entries, content["last"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ProgressError(f"{path} cannot be read ({error}); move it away, and a new one is begun") from None
