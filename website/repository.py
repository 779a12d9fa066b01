"""What the pages are made of: where each file of the repository has its page, and what the path says of each task."""

import functools
import re
from dataclasses import dataclass

from harness import tasks
from harness.tasks import ROOT, Task

STATION = re.compile(r"(?m)^\| (\d+) \| \[(.*?)\]\((\w+)/README\.md\) .*?\| ([^|]*) \| ([^|]*) \| (\d) \| ([^|]*) \| ([^|]*) \|$")
LINE = re.compile(r"(?m)^## (.*)$")


@dataclass(frozen=True)
class Station:
    """A task on the path, as the table in questions/README.md has it; ``line`` is the heading of its table."""

    number: int
    task: str
    title: str
    needs: tuple[int, ...]
    learn: str
    hard: int
    write: str
    train: str
    line: str


def read(path: str) -> str:
    """A text file of the repository, by its path in it."""
    return (ROOT / path).read_text(encoding="utf-8")


@functools.cache
def stations() -> tuple[Station, ...]:
    """All of them, in the order of their numbers. Raises ValueError if a task has none."""
    text = read("questions/README.md")
    lines = [(match.start(), match[1]) for match in LINE.finditer(text)]
    found = tuple(Station(int(m[1]), m[3], m[2], tuple(map(int, re.findall(r"\d+", m[4]))), m[5], int(m[6]), m[7], m[8],
                          [name for at, name in lines if at < m.start()][-1]) for m in STATION.finditer(text))
    if tuple(s.task for s in found) != names():
        raise ValueError(f"questions/README.md has other tasks than questions/: {[s.task for s in found]}")
    return found


@functools.cache
def names() -> tuple[str, ...]:
    """The tasks, in the order of their numbers."""
    return tuple(tasks.names())


@functools.cache
def task(name: str) -> Task:
    """The task at full size."""
    return tasks.load(name, "full")


def answer(name: str, framework: str) -> str:
    """The answer's file."""
    return tasks.answer_path(task(name), framework).read_text(encoding="utf-8")


def docs() -> list[str]:
    """The names of the pages in docs/, without ending."""
    return sorted(path.stem for path in (ROOT / "docs").glob("*.md"))


def page_of(path: str) -> str | None:
    """Where a file or folder of the repository is on the site, as a path from the folder of all sources; None: nowhere."""
    if path.startswith("docs/images/"):
        return "/images/" + path.removeprefix("docs/images/")
    folder, _, rest = path.partition("/")
    name, _, file = rest.partition("/")
    if path in ("README.md", "."):
        return "/index.md"
    if path in ("questions/README.md", "questions", "notebooks"):
        return {"notebooks": "/notebooks/index.md"}.get(path, "/path.md")
    if folder == "questions" and name in names():
        return {"README.md": f"/tasks/{name}.md", "": f"/tasks/{name}.md", "README.ja.md": f"/ja/{name}.md",
                "hints.md": f"/tasks/{name}.md#hints", "mistakes.toml": f"/mistakes/{name}.md"}.get(file)
    if folder == "answers" and name in names():
        return f"/tasks/{name}.md#answers"
    if path in ("docs", "answers"):
        return {"docs": "/docs/index.md", "answers": "/side/index.md"}[path]
    if folder == "docs" and rest.removesuffix(".md") in docs():
        return f"/docs/{rest}"
    if folder == "notebooks" and rest.removesuffix(".ipynb") in names():
        return f"/notebooks/{rest}"
    return None
