"""What students and instructors read: a page for each student, and one of the class. No page needs anything but itself.

A student's page says nothing of other students. All that a student wrote goes through ``page.visible`` and is escaped.
"""

import contextlib
import functools
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from harness import tasks
from harness.feedback.ladder import RUNGS
from harness.feedback.shown.said import MARKS, RIGHT, SAYS
from harness.feedback.verdict import OUT_OF_TIME
from harness.frameworks import FRAMEWORKS
from harness.grades import overview
from harness.grades.grade import NOT_COUNTED, NOT_HANDED_IN, Equal, Grade, by_student
from harness.grades.text import number
from harness.grading.assignment import Assignment
from harness.grading.equal import OURS
from harness.grading.judge import BROKE, Result, earned, points
from harness.pictures.chart import chart
from harness.pictures.page import looks, value, visible
from harness.runner.bench import NOT_ATTEMPTED, PASSED, RAISED, WRONG

SIGNS = {**{state: mark for state, (mark, _) in MARKS.items()}, OUT_OF_TIME: "…", BROKE: "?", NOT_HANDED_IN: "\u2013"}
KINDS = {PASSED: "good", WRONG: "bad", NOT_ATTEMPTED: "open", RAISED: "bad", OUT_OF_TIME: "bad", BROKE: "none", NOT_HANDED_IN: "none"}
TOLD = {
    PASSED: RIGHT,
    BROKE: "This could not be graded. It says nothing about your code; ask your instructor.",
    NOT_HANDED_IN: "Nothing was handed in.",
}


@functools.cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).with_name("templates")), autoescape=True, trim_blocks=True, lstrip_blocks=True,
        undefined=jinja2.StrictUndefined, finalize=_seen)
    environment.filters |= {"points": points, "number": number, "value": _value, "duration": _duration}
    environment.globals |= {
        "signs": SIGNS, "kinds": KINDS, "frameworks": FRAMEWORKS, "passed": PASSED, "told_of": TOLD, "says": SAYS,
        "title": _title, "chart": lambda *of: Markup(chart(*of)), "looks": lambda: Markup(looks())}
    return environment


def _seen(value: object) -> object:
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def student_page(made: list[Grade], assignment: Assignment) -> str:
    """The page of the one student that all these grades are of."""
    return _environment().get_template("student.html.jinja").render(
        assignment=assignment, student=made[0].student, grades=made, points=sum(g.points for g in made),
        possible=sum(g.possible for g in made), tasks=[_told(grade, assignment) for grade in made])


def _told(grade: Grade, assignment: Assignment) -> dict[str, Any]:
    """What a student is told of one task."""
    result = grade.result
    if result is None:
        return {"grade": grade, "result": None, "notes": [], "ladder": [], "failed": None, "losses": []}
    there, counts = {rung["name"]: rung for rung in result["rungs"]}, earned(result)
    ladder = [{**there.get(name, {"name": name, "status": "", "message": "", "facts": [], "lines": []}),
               "possible": assignment.points.get(name, 0.0), "earned": name in counts} for name in RUNGS]
    failed = overview.failed_rung(result)
    losses = [{"name": name, "right": result["right_curves"][name], "yours": result["curves"].get(name, [])}
              for name in result["right_curves"]] if result["curves"] else []
    return {"grade": grade, "result": result, "notes": list(_notes(grade, assignment)), "ladder": ladder if there else [],
            "failed": there.get(failed), "losses": losses}


def _notes(grade: Grade, assignment: Assignment) -> Iterable[str]:
    if grade.late:
        yield f"Handed in after the deadline: {grade.late:.0%} of {number(grade.raw)} points are taken off."
    if grade.attempts > 1:
        which = "the best" if assignment.counts == "best" else "the last"
        first = f" of the first {assignment.attempts}" if assignment.attempts and grade.attempts > assignment.attempts else ""
        yield f"Attempt {grade.attempt} of {grade.attempts} counts: {which}{first}."
    if grade.equal:
        yield f"The same text as {OURS if set(grade.equal) == {OURS} else 'another submission'}."
    if grade.task and not grade.possible:
        yield f"{grade.task} {NOT_COUNTED}."


@dataclass(frozen=True)
class Row:
    """A student on the class page. ``unknown``: files of which nobody can say what task they answer."""

    student: str
    points: float
    possible: float
    cells: dict[str, Grade]
    unknown: list[Grade]

    @classmethod
    def of(cls, student: str, grades: list[Grade]) -> "Row":
        """``grades``: all of that student's."""
        return cls(student, sum(g.points for g in grades), sum(g.possible for g in grades), {g.task: g for g in grades if g.task},
                   [g for g in grades if not g.task])


def class_page(made: list[Grade], results: list[Result], assignment: Assignment, equal: Equal, files: Mapping[str, str]) -> str:
    """The page of all. ``files``: of each student's page, as a link finds it."""
    rows = [Row.of(student, own) for student, own in by_student(made).items()]
    found = overview.findings(results)
    return _environment().get_template("class.html.jinja").render(
        assignment=assignment, rows=rows, columns=dict.fromkeys([*assignment.tasks, *sorted({grade.task for grade in made if grade.task})]),
        files=files, results=results,
        mean=sum(row.points for row in rows) / max(1, len(rows)), possible=max((row.possible for row in rows), default=0.0),
        findings=found, most=max((finding.students for finding in found), default=1), states=overview.states(made),
        groups=overview.groups(results, equal), time=overview.Time.of(results),
        boxes=Counter(result["sandbox"] for result in results if result["rungs"]),
        broken=[result for result in results if result["state"] == BROKE],
        used=[name for name in FRAMEWORKS if any(result["framework"] == name for result in results)])


@functools.cache
def _title(task: str) -> str:
    with contextlib.suppress(tasks.TaskError, OSError):
        return tasks.load(task, "check").title
    return ""


def _value(number: float | None) -> str:
    """A loss, where there is one."""
    return "" if number is None else value(number)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{seconds:.1f} s" if seconds < 60 else f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min {rest} s"
