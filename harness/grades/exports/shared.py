"""What several exports say: students with their sums, the rungs of a grade as tests, a grade in words."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from harness.feedback.ladder import RUNGS
from harness.feedback.shown.said import SAYS
from harness.grades.grade import Grade, by_student, instant
from harness.grades.pages import TOLD
from harness.grades.text import number
from harness.grading.assignment import Assignment
from harness.grading.judge import earned
from harness.pictures.page import visible

EMAIL = re.compile(r"[^@\s<>,;\"]+@[^@\s<>,;\"]+\.[^@\s<>,;\".]+")
NUMBERED = re.compile(r"(?:(?P<name>.+)_)?(?P<id>\d+)")     # what intake calls a student of Moodle's or Canvas's download


@dataclass(frozen=True)
class Student:
    """All that one student has. ``late``: points that were taken off."""

    name: str
    grades: list[Grade]

    @property
    def points(self) -> float:
        """Of all tasks."""
        return round(sum(grade.points for grade in self.grades), 6)

    @property
    def possible(self) -> float:
        """Of all tasks."""
        return round(sum(grade.possible for grade in self.grades), 6)

    @property
    def late(self) -> float:
        """Points that were taken off, as they came too late."""
        return round(sum(grade.raw - grade.points for grade in self.grades), 6)

    @property
    def submitted(self) -> str | None:
        """When the last of them came, as far as it is known."""
        return max((grade.submitted for grade in self.grades if grade.submitted), key=instant, default=None)

    @property
    def handed_in(self) -> bool:
        """Whether anything was."""
        return any(grade.result for grade in self.grades)

    @property
    def number(self) -> str:
        """What Moodle or Canvas calls the student, where the name ends with it."""
        match = NUMBERED.fullmatch(self.name)
        return match["id"] if match else ""

    @property
    def own_name(self) -> str:
        """The name without that number."""
        match = NUMBERED.fullmatch(self.name)
        return match["name"] or "" if match else self.name

    @property
    def email(self) -> str:
        """The student's name, where it is an address."""
        return self.name if EMAIL.fullmatch(self.name) else ""


def students(grades: list[Grade]) -> list[Student]:
    """In the order of the grades."""
    return [Student(name, own) for name, own in by_student(grades).items()]


@dataclass(frozen=True)
class Test:
    """One rung of one task. ``status``: as of the rung; empty where it was not reached. ``points``: before what was late."""

    task: str
    name: str
    says: str
    status: str
    points: float
    possible: float
    output: str


def tests(grade: Grade, assignment: Assignment) -> Iterator[Test]:
    """The rungs of a grade that counts; none where nothing was handed in."""
    if not grade.result or not grade.possible or not grade.result["rungs"]:
        return
    there, counts = {rung["name"]: rung for rung in grade.result["rungs"]}, earned(grade.result)
    for name in RUNGS:
        rung = there.get(name)
        possible = assignment.points.get(name, 0.0)
        if rung is None:
            yield Test(grade.task, name, SAYS[name], "", 0.0, possible, "not reached")
        else:
            lines = [rung["message"], *rung["facts"], *(f"{place}: {line}" for place, line in rung["lines"])]
            yield Test(grade.task, name, SAYS[name], rung["status"], possible if name in counts else 0.0, possible,
                       visible("\n".join(filter(None, lines))))


def words(grade: Grade) -> str:
    """A grade in a few lines of plain text."""
    result = grade.result
    head = f"{grade.task or (result or {}).get('file', '')}: {grade.state}, {number(grade.points)} of {number(grade.possible)} points"
    lines = [head]
    if grade.late:
        lines.append(f"late: {grade.late:.0%} of the points are taken off")
    if grade.state in TOLD:
        lines.append(TOLD[grade.state])
    elif result:
        lines.append(result["message"])
        if result["mistakes"]:
            lines.append("\nor: ".join(f"{m['title']}. {m['explanation']}" for m in result["mistakes"]))
        for finding in result["findings"]:
            lines.append(f"{finding['place']}: {finding['words']}")
        lines += result["facts"]
    return visible("\n".join(filter(None, lines)))


def dumped(value: Any) -> bytes:
    """JSON; raises ValueError if a number in it is not finite."""
    return (json.dumps(value, indent=1, allow_nan=False) + "\n").encode()

