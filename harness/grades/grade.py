"""From results to grades: which attempt counts, what it is worth, whom it is equal to."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from harness.grades.text import table
from harness.grading.assignment import Assignment
from harness.grading.judge import Result, points

NOT_HANDED_IN = "not handed in"
NOT_COUNTED = "is not among the tasks of this assignment, so it has no points"
Equal = Mapping[str, Iterable[str]]     # a submission's name -> the students who handed the same text in, or equal.OURS
COLUMNS = ("student", "task", "framework", "points", "possible", "state", "mistakes", "late", "attempt", "equal", "seconds")


@dataclass(frozen=True)
class Grade:
    """What one student has for one task.

    ``raw``: points before what was ``late`` (the share that is taken off); ``attempts``: that were handed in; ``seconds``: of
    all of them; ``equal``: to whom; ``result``: of the attempt that counts, None where there is none; ``others``: the results
    of the other attempts, the first first.
    """

    student: str
    task: str
    framework: str = ""
    points: float = 0.0
    raw: float = 0.0
    possible: float = 0.0
    state: str = NOT_HANDED_IN
    mistakes: tuple[str, ...] = ()
    late: float = 0.0
    attempt: int = 0
    attempts: int = 0
    submitted: str | None = None
    equal: tuple[str, ...] = ()
    seconds: float = 0.0
    result: Result | None = field(default=None, repr=False)
    others: tuple[Result, ...] = field(default=(), repr=False)

    @property
    def named(self) -> str:
        """The mistakes in one text: it is any one of them."""
        return " or ".join(self.mistakes)


def grades(results: Iterable[Result], assignment: Assignment, equal: Equal) -> list[Grade]:
    """A grade for each student and task, by student, then in the order of the assignment.

    Attempts at a task count together, in whatever framework; the first ``assignment.attempts`` of them by time. A file of
    which nobody can say what task it answers has a grade of its own, with no points, and none to be had.
    """
    found: dict[str, dict[tuple[str, str], list[Result]]] = defaultdict(lambda: defaultdict(list))
    for result in results:
        found[result["student"]][result["task"], "" if result["task"] else result["file"]].append(result)
    order = {task: i for i, task in enumerate(assignment.tasks)}
    made = []
    for student in sorted(found):
        keys = {(task, "") for task in assignment.tasks} | set(found[student])
        for key in sorted(keys, key=lambda key: (order.get(key[0], len(order)), key[0] == "", key)):
            attempts = found[student].get(key)
            made.append(_grade(attempts, assignment, equal) if attempts else
                        Grade(student, key[0], possible=sum(assignment.points.values())))
    return made


def by_student(made: Iterable[Grade]) -> dict[str, list[Grade]]:
    """The grades of each student, in their order."""
    found: dict[str, list[Grade]] = {}
    for grade in made:
        found.setdefault(grade.student, []).append(grade)
    return found


def _grade(attempts: list[Result], assignment: Assignment, equal: Equal) -> Grade:
    attempts = sorted(attempts, key=when)
    allowed = attempts[:assignment.attempts]
    # Of equal worth, the first; where nothing has points, the last: it is what the student knows by now.
    best = max(allowed, key=lambda result: _worth(result, assignment))
    chosen = best if assignment.counts == "best" and _worth(best, assignment) else allowed[-1]
    counted = bool(chosen["task"]) and (not assignment.tasks or chosen["task"] in assignment.tasks)
    student, possible = chosen["student"], sum(assignment.points.values())
    whom = {name for result in attempts for name in equal.get(result["name"], ())} - {student}
    return Grade(
        student, chosen["task"], chosen["framework"], points=round(_worth(chosen, assignment), 6) if counted else 0.0,
        raw=points(chosen, assignment.points)[0] if counted else 0.0, possible=possible if counted else 0.0, state=chosen["state"],
        mistakes=tuple(mistake["name"] for mistake in chosen["mistakes"]),
        late=round(1 - assignment.factor(chosen["submitted"]), 6), attempt=chosen["attempt"], attempts=len(attempts),
        submitted=chosen["submitted"], equal=tuple(sorted(whom)), seconds=round(sum(finite(r["seconds"]) for r in attempts), 3),
        result=chosen, others=tuple(result for result in attempts if result is not chosen))


def _worth(result: Result, assignment: Assignment) -> float:
    return points(result, assignment.points)[0] * assignment.factor(result["submitted"])


def when(result: Result) -> tuple[float, int, str]:
    """Sorts attempts by time; where nothing says when, by their number."""
    return (instant(result["submitted"]) if result["submitted"] else 0.0, result["attempt"], result["framework"])


def instant(submitted: str) -> float:
    """ISO 8601 as seconds."""
    return datetime.fromisoformat(submitted).timestamp()


def finite(value: Any) -> float:
    """A number from 0 on; 0 where it is none."""
    return float(value) if isinstance(value, int | float) and math.isfinite(value) and value > 0 else 0.0


def as_csv(made: list[Grade]) -> bytes:
    """A row a grade, COLUMNS; ``text.read_table`` reads it."""
    return table([COLUMNS, *([g.student, g.task, g.framework, g.points, g.possible, g.state, g.named, g.late, g.attempt,
                              "; ".join(g.equal), g.seconds] for g in made)], mark=True)
