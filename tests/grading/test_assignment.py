"""An assignment's file: read whole or refused in one line; lateness; points."""

from datetime import UTC, datetime, timedelta

import pytest

from harness.grading import assignment
from harness.grading.assignment import Assignment, AssignmentError
from harness.grading.judge import POINTS
from harness.messages import WorkbookError

WHOLE = """
name = "Sheet 3"
tasks = ["vae", "gan"]
frameworks = ["pytorch", "keras"]
deadline = 2026-12-01T23:59:00+09:00
penalty = { per_day = 0.1, at_most = 0.5 }
attempts = 3
counts = "last"
seed = "one"
secret = "s"
[points]
forward = 4
"first losses" = 1.5
"""


def load(tmp_path, text):
    path = tmp_path / "sheet.toml"
    path.write_text(text, encoding="utf-8")
    return assignment.load(path)


def test_all_of_it(tmp_path):
    found = load(tmp_path, WHOLE)
    assert (found.name, found.tasks, found.frameworks, found.attempts) == ("Sheet 3", ("vae", "gan"), ("pytorch", "keras"), 3)
    assert (found.penalty, found.counts, found.seed, found.secret) == ((0.1, 0.5), "last", "one", "s")
    assert found.deadline.isoformat() == "2026-12-01T23:59:00+09:00"
    assert {rung: value for rung, value in found.points.items() if value} == {"forward": 4, "first losses": 1.5}


def test_nothing_of_it(tmp_path):
    assert load(tmp_path, "") == Assignment() and sum(Assignment().points.values()) == sum(POINTS.values()) == 10


def test_a_deadline_without_an_offset_is_of_this_machine(tmp_path):
    assert load(tmp_path, "deadline = 2026-12-01T23:59:00").deadline.tzinfo is not None


@pytest.mark.parametrize("text, message", [
    ("nmae = 'x'", "there is no 'nmae': did you mean 'name'"), ("name = 3", "name is a text"), ("tasks = 'vae'", "tasks is a list"),
    ("tasks = []", "tasks is a list"), ("tasks = [3]", "tasks is a list"), ("tasks = ['vea']", "unknown 'vea': did you mean 'vae'"),
    ("frameworks = ['torch']", "frameworks: unknown 'torch'"), ("deadline = 3", "deadline is a date and time"),
    ("deadline = 2026-12-01", "deadline is a date and time"), ("penalty = 0.1", "penalty is a table"),
    ("penalty = {per_week = 1}", "per_day and at_most alone"), ("penalty = {per_day = -1}", "penalty.per_day is a number from 0 to 1"),
    ("penalty = {per_day = nan}", "penalty.per_day is a number from 0 to 1"), ("penalty = {per_day = true}", "penalty.per_day is a number"),
    ("attempts = 0", "attempts is a whole number"), ("attempts = true", "attempts is a whole number"), ("counts = 'first'", "counts is one of"),
    ("seed = 3", "seed is one of"), ("secret = 3", "secret is a text"), ("counts = ['best']", "counts is one of"), ("points = 3", "points is a table"),
    ("[points]\nlosses = 1", "there is no rung 'losses'"), ("[points]\nforward = inf", "points.forward is a number"),
    ("[points]\nforward = 'x'", "points.forward is a number"), ("[points]\nforward = 0", "no rung has any"), ("[[", "not valid TOML"),
])
def test_nonsense_is_one_line_that_says_where(tmp_path, text, message):
    with pytest.raises(WorkbookError, match="sheet.toml") as error:
        load(tmp_path, text)
    assert message in str(error.value) and "\n" not in str(error.value)


def test_no_file(tmp_path):
    with pytest.raises(AssignmentError, match="cannot be read"):
        assignment.load(tmp_path / "none.toml")


def test_days_that_have_begun_cost():
    deadline = datetime(2026, 12, 1, 12, tzinfo=UTC)
    sheet = Assignment(deadline=deadline, penalty=(0.1, 0.25))

    def factor(**late):
        return sheet.factor((deadline + timedelta(**late)).isoformat())

    assert factor(hours=-1) == factor() == 1.0
    assert factor(seconds=1) == factor(hours=24) == pytest.approx(0.9)
    assert factor(hours=25) == pytest.approx(0.8) and factor(days=9) == 0.75
    assert sheet.factor(None) == Assignment().factor("2030-01-01T00:00:00+00:00") == 1.0
