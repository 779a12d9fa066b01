"""The words of a question: its text in two languages, a section of it, its hints; and which questions it needs."""

import re
from dataclasses import dataclass
from pathlib import Path

from harness.messages import WorkbookError
from harness.tasks.task import Task

LANGUAGES = {"en": "README.md", "ja": "README.ja.md"}
COMMENT = re.compile(r"\s*<!--(.*?)-->", re.DOTALL)
STATION = re.compile(r"(?m)^\| *(\d+) *\| *\[[^]]*\]\((\w+)/README\.md\)[^|]*\|([^|]*)\|")       # number, task, what it needs


@dataclass(frozen=True)
class Hint:
    """``text``: Markdown, with its number; ``about``: the rungs of a check that it helps with, as a comment in hints.md has them."""

    text: str
    about: tuple[str, ...]


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


def hints(task: Task) -> list[Hint]:
    """The numbered hints of a task, in order."""
    numbered = (task.folder / "hints.md").read_text(encoding="utf-8")
    return [Hint(COMMENT.sub("", part).strip(), tuple(rung.strip() for said in COMMENT.findall(part) for rung in said.split(",")))
            for part in re.split(r"(?m)^(?=\d+\. )", numbered)[1:]]


def needs(root: Path) -> dict[str, set[str]]:
    """For each question the questions to do first, as the path in questions/README.md says; empty where there is no such file."""
    path = root / "questions" / "README.md"
    if not path.is_file():
        return {}
    rows = STATION.findall(path.read_text(encoding="utf-8"))
    numbered = {number: name for number, name, _ in rows}
    return {name: {numbered[number] for number in re.findall(r"\d+", before) if number in numbered} for _, name, before in rows}
