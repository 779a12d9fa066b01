"""From what the process of a learner's code says to a verdict. It is played: by this process, in Chainer, or by a script."""

from pathlib import Path

import pytest

from harness import tasks
from harness.feedback import check, diagnosis
from harness.feedback.ladder import RUNGS
from harness.feedback.verdict import EXIT_CODES, OUT_OF_TIME, as_dict
from harness.processes import sandbox
from harness.runner.bench import NOT_ATTEMPTED, PASSED, RAISED, WRONG
from harness.runner.client import Here
from harness.tasks import mistakes
from harness.work import stub

TASK = tasks.load("ae")


class Played:
    """A process that says what it was told to, job by job; what it was told nothing of it does itself, in Chainer."""

    framework, timeout = "chainer", 60.0

    def __init__(self, **replies):
        self.here, self.replies, self.asked = Here("chainer"), replies, {}

    def run(self, job, on_event=None, **arguments):
        name = job.rpartition(":")[2]
        self.asked[name] = arguments
        reply = self.replies.get(name)
        return {"event": "done", "status": PASSED, **reply} if reply is not None else self.here.run(job, **arguments)

    def kill(self):
        self.killed = True


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "ae_chainer.py"
    path.write_text("import chainer\nx = 1\n")
    return path


def solved(folder, mistake=None):
    source = stub.solution(tasks.answer_path(TASK, "chainer").read_text(encoding="utf-8"))
    if mistake:
        source = mistakes.edited(source, mistakes.edits(TASK, "chainer")[mistake])
    path = folder / "ae_chainer.py"
    path.write_text(source, encoding="utf-8")
    return path


def test_all_rungs_passed(tmp_path):
    file, process = solved(tmp_path), Played(printed={"printed": "said"})
    verdict = check.check(process, TASK, file, gigabytes=2)
    assert verdict.state == PASSED and [r.name for r in verdict.rungs] == list(RUNGS) and verdict.printed == "said"
    asked = process.asked["load"]
    assert (asked["memory"], asked["folder"], asked["source"].tobytes()) == (2, str(tmp_path), file.read_bytes())
    assert EXIT_CODES[verdict.state] == 0 and as_dict(verdict)["sandbox"] in ("bubblewrap", f"none: {sandbox.why_not()}")


@pytest.mark.parametrize("status", [WRONG, NOT_ATTEMPTED, RAISED])
def test_the_first_rung_that_is_not_passed_decides(tmp_path, status):
    heard = []
    process = Played(networks={"status": status, "message": "so", "lines": [[1, "x"]]})
    verdict = check.check(process, TASK, solved(tmp_path), on_rung=heard.append)
    assert (verdict.state, verdict.message, verdict.failed.name, verdict.failed.lines) == (status, "so", "networks", [[1, "x"]])
    assert [r.name for r in heard] == ["loads", "networks"]


def test_a_mistake_that_is_known_is_named(tmp_path):
    name = next(iter(mistakes.edits(TASK, "chainer")))
    verdict = check.check(Played(), TASK, solved(tmp_path, name))
    assert name in [m.name for m in verdict.mistakes] and name in as_dict(verdict)["diagnosis"]["mistakes"]


@pytest.mark.parametrize("hung, state", [(True, OUT_OF_TIME), (False, RAISED)])
def test_a_worker_that_hangs_or_dies(file, hung, state):
    """The line of the file where it was is found in what the process left."""
    last = {"event": "failed", "message": "it was killed", "hung": hung, "traceback": f'  File "{file}", line 2 in <module>'}
    verdict = check.check(Played(load={}, networks=last), TASK, file)
    assert verdict.state == state and verdict.lines == [[2, "x = 1"]]


def test_no_notebook(tmp_path):
    path = tmp_path / "ae_chainer.ipynb"
    path.write_text("{")
    with pytest.raises(tasks.TaskError, match="is not a notebook"):
        check.check(Played(), TASK, Path(path))


@pytest.mark.parametrize("factor, said", [
    (-1, "mse is exactly -1 times what it should be: a sign is wrong"), (2, "mse is exactly 2 times what it should be"),
    (-0.5, "mse is exactly -1/2 of what it should be")])
def test_a_factor_of_a_loss_is_said(factor, said):
    reference = diagnosis.Reference.stored(TASK)
    curves = {name: [factor * value for value in values] for name, values in reference.right["curves"].items()}
    assert any(line.startswith(said) for line in diagnosis.facts({"curves": curves}, reference))
