"""From what a worker says to a verdict. The worker is played: no process, no framework."""

import json
from pathlib import Path

import pytest

from harness import tasks
from harness.feedback import check, diagnosis
from harness.feedback.ladder import NOT_ATTEMPTED, PASSED, RAISED, RUNGS, WRONG
from harness.feedback.verdict import EXIT_CODES, OUT_OF_TIME, as_dict

TASK = tasks.load("ae")


class Played:
    """A worker that says ``events``."""

    framework, timeout = "chainer", 60.0

    def __init__(self, *events):
        *self.events, self.last = events

    def run(self, job, on_event, **request):
        self.asked = job, request
        for event in self.events:
            on_event(event)
        return self.last


def rung(name, status=PASSED, **more):
    return {"event": "rung", "name": name, "status": status, "message": "", "facts": [], "lines": [], **more}


def done(**found):
    return {"event": "done", "fingerprint": found, "printed": "said"}


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "ae_chainer.py"
    path.write_text("import chainer\nx = 1\n")
    return path


def test_all_rungs_passed(file):
    worker = Played(*map(rung, RUNGS), done())
    verdict = check.check(worker, TASK, file, gigabytes=2)
    assert verdict.state == PASSED and [r.name for r in verdict.rungs] == list(RUNGS) and verdict.printed == "said"
    assert worker.asked == ("harness.feedback.ladder:job", {"task": "ae", "root": str(tasks.ROOT), "file": str(file),
                                                              "folder": str(file.parent), "memory": 2})
    assert EXIT_CODES[verdict.state] == 0


@pytest.mark.parametrize("status", [WRONG, NOT_ATTEMPTED, RAISED])
def test_the_first_rung_that_is_not_passed_decides(file, status):
    known = json.loads(diagnosis.path_of(TASK).read_text())
    heard = []
    verdict = check.check(Played(rung("loads"), rung("networks", status, message="so"), done(**known["right"])), TASK, file, on_rung=heard.append)
    assert (verdict.state, verdict.message, verdict.failed.name) == (status, "so", "networks")
    assert [r.name for r in heard] == ["loads", "networks"]
    assert bool(verdict.diagnosis.facts or verdict.mistakes) == (status == WRONG)


def test_a_mistake_that_is_known_is_named(file):
    known = json.loads(diagnosis.path_of(TASK).read_text())
    name, found = next(iter(known["mistakes"].items()))
    verdict = check.check(Played(rung("curve", WRONG), done(**{"shapes": known["right"]["shapes"], **found})), TASK, file)
    assert name in [m.name for m in verdict.mistakes] and name in as_dict(verdict)["diagnosis"]["mistakes"]


@pytest.mark.parametrize("hung, state", [(True, OUT_OF_TIME), (False, RAISED)])
def test_a_worker_that_hangs_or_dies(file, hung, state):
    """The line of the file where it was is found in what the process left."""
    last = {"event": "failed", "message": "it was killed", "hung": hung, "traceback": f'  File "{file}", line 2 in <module>'}
    verdict = check.check(Played(rung("loads"), last), TASK, file)
    assert verdict.state == state and verdict.lines == [[2, "x = 1"]]


def test_no_notebook(tmp_path):
    path = tmp_path / "ae_chainer.ipynb"
    path.write_text("{")
    with pytest.raises(tasks.TaskError, match="is not a notebook"):
        check.check(Played(done()), TASK, Path(path))


@pytest.mark.parametrize("factor, said", [
    (-1, "mse is exactly -1 times what it should be: a sign is wrong"), (2, "mse is exactly 2 times what it should be"),
    (-0.5, "mse is exactly -1/2 of what it should be")])
def test_a_factor_of_a_loss_is_said(factor, said):
    reference = diagnosis.Reference(TASK)
    curves = {name: [factor * value for value in values] for name, values in reference.right["curves"].items()}
    assert any(line.startswith(said) for line in diagnosis.facts({"curves": curves}, reference))
