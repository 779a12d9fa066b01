"""From an answer to what a learner begins with: the parts between two markers are taken out.

    ### BEGIN SOLUTION
    ### END SOLUTION

are nbgrader's markers. What stands between them goes, and a line that raises NotImplementedError comes in its place; so
stub and solution have one source, and a gap's docstring, which stands before its markers, is in both.
"""

import re

from harness.messages import WorkbookError
from harness.tasks import Task, answer_path

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
    """The stub of a task's answer."""
    return stub(answer_path(task, framework).read_text(encoding="utf-8"))
