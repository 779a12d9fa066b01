"""From an answer to what a learner begins with: the parts between two markers are taken out.

    ### BEGIN SOLUTION
    ### END SOLUTION

are nbgrader's markers. What stands between them goes, and a line that raises NotImplementedError comes in its place; so
stub and solution have one source, and a gap's docstring, which stands before its markers, is in both.
"""

import re

from harness.frameworks import FRAMEWORKS
from harness.messages import WorkbookError
from harness.tasks import Task, answer_path, require_answers, stub_path

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
GAP = 'raise NotImplementedError("{}")'


class StubError(WorkbookError):
    """Markers that do not pair; says in which line."""


def stub(source: str) -> str:
    """``source`` with a NotImplementedError in place of each solution. Raises StubError where markers do not pair."""
    lines, begun, around, where = [], None, "", ""
    for number, line in enumerate(source.splitlines(), 1):
        text = line.strip()
        if definition := re.match(r"( *)(class|def) (\w+)", line):
            indented, what, where = definition.groups()
            if what == "class":
                around = where
            elif indented:
                where = f"{around}.{where}"
        if text == BEGIN:
            if begun:
                raise StubError(f"line {number}: {BEGIN} inside another one, which starts in line {begun}")
            begun = number
            lines.append(line[:len(line) - len(line.lstrip())] + GAP.format(f"{where} is yours to write"))
        elif text == END:
            if not begun:
                raise StubError(f"line {number}: {END} without {BEGIN}")
            begun = None
        elif not begun:
            lines.append(line)
    if begun:
        raise StubError(f"line {begun}: {BEGIN} has no {END}")
    return "\n".join(lines) + "\n"


def solution(source: str) -> str:
    """``source`` without the markers."""
    return "\n".join(line for line in source.splitlines() if line.strip() not in (BEGIN, END)) + "\n"


def of(task: Task, framework: str) -> str:
    """The stub of a task's answer; in a student edition, the one that came with it. Raises WorkbookError where there is none."""
    given = stub_path(task, framework)
    if given.is_file() and not answer_path(task, framework).is_file():
        return given.read_text(encoding="utf-8")
    if not (task.root / "answers").is_dir():
        raise WorkbookError(f"'{task.name}' cannot be begun in {FRAMEWORKS[framework]} here: there is no {given}")
    return stub(answer(task, framework))


def answer(task: Task, framework: str) -> str:
    """The reference answer, with its markers. Raises WorkbookError where there is none."""
    require_answers(task.root)
    path = answer_path(task, framework)
    if not path.is_file():
        raise WorkbookError(f"there is no answer to '{task.name}' in {FRAMEWORKS[framework]}: no {path}")
    return path.read_text(encoding="utf-8")
