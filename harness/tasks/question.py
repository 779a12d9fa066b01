"""The words of a question: its text in two languages, a section of it, its hints."""

import re
from pathlib import Path

from harness.messages import WorkbookError
from harness.tasks.task import Task

LANGUAGES = {"en": "README.md", "ja": "README.ja.md"}


def path_of(task: Task, language: str = "en") -> Path:
    """Raises WorkbookError if the question is not there in that language."""
    path = task.folder / LANGUAGES[language]
    if not path.is_file():
        raise WorkbookError(f"'{task.name}' has no question in this language ({path} is missing)")
    return path


def text(task: Task, language: str = "en") -> str:
    """The question, as Markdown."""
    return path_of(task, language).read_text(encoding="utf-8")


def section(task: Task, heading: str) -> str:
    """A section of the question, as Markdown without its heading; empty if there is none."""
    match = re.search(rf"(?ms)^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", text(task))
    return match[1].strip() if match else ""


def hints(task: Task) -> list[str]:
    """The numbered hints of a task, in order, as Markdown."""
    numbered = (task.folder / "hints.md").read_text(encoding="utf-8")
    return [part.strip() for part in re.split(r"(?m)^(?=\d+\. )", numbered)[1:]]
