"""What is to be handed in, what it is worth, until when: a small TOML file of the instructor's.

    name = "Generative models, sheet 3"
    tasks = ["vae", "gan"]
    frameworks = ["pytorch", "keras"]           # all four by default
    deadline = 2026-12-01T23:59:00+09:00        # none by default
    penalty = { per_day = 0.1, at_most = 0.5 }  # of the points, for each day begun after the deadline; 0 by default
    attempts = 3                                # that count, by time; all by default
    counts = "best"                             # of a student's attempts at a task; or "last"
    seed = "each"                               # a fresh seed for each submission; or "one" for all, where conditions are to be equal
    secret = "keep it to yourself"              # what seeds are made from, to grade the same way again; drawn by default

    [points]                                    # of each rung that is passed
    forward = 4
"""

import math
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from harness import tasks
from harness.frameworks import FRAMEWORKS
from harness.grading.judge import POINTS
from harness.messages import WorkbookError, did_you_mean
from harness.tasks import ROOT
from harness.tasks.task import read

DAY = 86_400            # seconds


class AssignmentError(WorkbookError):
    """An assignment's TOML is not as it should be; one line that names file, key and what is allowed."""


@dataclass(frozen=True)
class Assignment:
    """``penalty``: share of the points lost a day begun, and at most; ``attempts``: None for any number; ``secret``: None to draw one."""

    name: str = ""
    tasks: tuple[str, ...] = ()
    frameworks: tuple[str, ...] = tuple(FRAMEWORKS)
    deadline: datetime | None = None
    penalty: tuple[float, float] = (0.0, 1.0)
    attempts: int | None = None
    counts: str = "best"
    seed: str = "each"
    secret: str | None = field(default=None, repr=False)
    points: dict[str, float] = field(default_factory=lambda: dict(POINTS))

    def factor(self, submitted: str | None) -> float:
        """What is left of the points of a submission of that time: 1 where it is not late, or nothing says when it came."""
        if self.deadline is None or submitted is None:
            return 1.0
        late = (datetime.fromisoformat(submitted) - self.deadline).total_seconds()
        per_day, at_most = self.penalty
        return 1.0 - min(at_most, per_day * math.ceil(late / DAY)) if late > 0 else 1.0


def load(path: Path, root: Path = ROOT) -> Assignment:
    """The assignment in a TOML file. Raises AssignmentError, or TaskError where it is no TOML."""
    try:
        toml = read(path)
    except OSError as error:
        raise AssignmentError(f"{path}: cannot be read: {error.strerror}") from None
    try:
        return _checked(toml, root)
    except AssignmentError as error:
        raise AssignmentError(f"{path}: {error}") from None


def _checked(toml: dict[str, Any], root: Path) -> Assignment:
    fields = list(Assignment.__dataclass_fields__)
    for key in toml:
        if key not in fields:
            raise AssignmentError(f"there is no '{key}': {did_you_mean(key, fields)}")
    found: dict[str, Any] = {}
    if "name" in toml:
        found["name"] = _is(toml["name"], str, "name", "a text in quotes")
    if "secret" in toml:
        found["secret"] = _is(toml["secret"], str, "secret", "a text in quotes")
    if "tasks" in toml:
        found["tasks"] = _names(toml["tasks"], tasks.names(root), "tasks")
    if "frameworks" in toml:
        found["frameworks"] = _names(toml["frameworks"], list(FRAMEWORKS), "frameworks")
    if "deadline" in toml:
        deadline = _is(toml["deadline"], datetime, "deadline", "a date and time such as 2026-12-01T23:59:00+09:00")
        found["deadline"] = deadline if deadline.tzinfo else deadline.astimezone()
    if "penalty" in toml:
        penalty = _is(toml["penalty"], dict, "penalty", "a table such as { per_day = 0.1, at_most = 0.5 }")
        if not set(penalty) <= {"per_day", "at_most"}:
            raise AssignmentError("penalty has per_day and at_most alone")
        found["penalty"] = tuple(_number(penalty.get(key, default), f"penalty.{key}", 1)
                                 for key, default in (("per_day", 0.0), ("at_most", 1.0)))
    if "attempts" in toml:
        if type(toml["attempts"]) is not int or toml["attempts"] < 1:
            raise AssignmentError("attempts is a whole number from 1 on")
        found["attempts"] = toml["attempts"]
    for key, allowed in (("counts", ("best", "last")), ("seed", ("each", "one"))):
        if key in toml:
            if toml[key] not in allowed:
                raise AssignmentError(f"{key} is one of {', '.join(map(repr, allowed))}, not {toml[key]!r}")
            found[key] = toml[key]
    if "points" in toml:
        points = _is(toml["points"], dict, "points", "a table of numbers")
        for rung, value in points.items():
            if rung not in POINTS:
                raise AssignmentError(f"points: there is no rung '{rung}': {did_you_mean(rung, POINTS)}")
            _number(value, f"points.{rung}", 1e6)
        found["points"] = {rung: float(points.get(rung, 0.0)) for rung in POINTS}
        if not sum(found["points"].values()):
            raise AssignmentError("points: no rung has any")
    return Assignment(**found)


def _is(value: Any, kind: type, key: str, what: str) -> Any:
    if not isinstance(value, kind):
        raise AssignmentError(f"{key} is {what}, not {value!r}")
    return value


def _number(value: Any, key: str, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        raise AssignmentError(f"{key} is a number from 0 to {most:g}, not {value!r}")
    return float(value)


def _names(value: Any, known: list[str], key: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or not all(isinstance(name, str) for name in value):
        raise AssignmentError(f"{key} is a list of names in quotes, not {value!r}")
    for name in value:
        if name not in known:
            raise AssignmentError(f"{key}: unknown '{name}': {did_you_mean(name, known)}")
    return tuple(dict.fromkeys(value))
