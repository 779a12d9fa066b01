"""One submission judged: fresh numbers decide, names stand up to them, and whatever it does there is a result."""

import json

import pytest

from harness import tasks
from harness.feedback.diagnosis import Reference
from harness.feedback.verdict import OUT_OF_TIME
from harness.grading.judge import POINTS, Piece, blank, judged, points
from harness.grading.oracle import Oracle
from harness.grading.submission import Submission
from harness.processes import sandbox
from harness.runner.bench import PASSED, RAISED, WRONG
from harness.tasks import mistakes
from harness.work import stub

TASK = tasks.load("vae")
ANSWER = tasks.answer_path(TASK, "chainer").read_text(encoding="utf-8")
RIGHT = stub.solution(ANSWER)
SEED = 20_261_126


@pytest.fixture(scope="module")
def oracle():
    with Oracle("chainer") as there:
        yield there


def result(oracle, source, seed=SEED, beside=(), file="vae_chainer.py", **more):
    content = source if isinstance(source, bytes) else source.encode()
    return judged(Piece(Submission("s", "vae", "chainer", file, content, dict(beside)), seed, **more), oracle)


def test_a_right_answer_passes_at_any_seed(oracle):
    for seed in (0, 1, SEED):
        found = result(oracle, RIGHT, seed)
        assert (found["state"], points(found, POINTS)) == (PASSED, (10.0, 10.0)), found
        assert found["curves"].keys() == found["right_curves"].keys() and found["sandbox"] == sandbox.name()
        json.dumps(found, allow_nan=False)


def test_each_seed_has_numbers_of_its_own(oracle):
    one, other = (result(oracle, RIGHT, seed)["right_curves"]["loss"] for seed in (1, 2))
    assert all(a != b for a, b in zip(one, other))


def test_the_oracle_may_be_of_another_framework(oracle):
    with Oracle("pytorch") as other:
        ours, theirs = (o.right(TASK, SEED).fingerprint["curves"]["loss"] for o in (oracle, other))
        assert ours == pytest.approx(theirs, rel=1e-11) and result(other, RIGHT)["state"] == PASSED


def test_what_is_stored_does_not_help(oracle):
    """The numbers that ``check`` compares with, handed back in their order."""
    stored = Reference.stored(TASK).right["curves"]
    replay = RIGHT.replace("def train_step(self, batch):", f"def train_step(self, batch, stored={stored!r}, at=[-1]):\n        at[0] += 1\n"
                           "        self._real(batch)\n        return {name: values[at[0]] for name, values in stored.items()}\n\n"
                           "    def _real(self, batch):")
    assert "_real" in replay
    found = result(oracle, replay)
    assert (found["state"], next(r["name"] for r in found["rungs"] if r["status"] != PASSED)) == (WRONG, "first losses")
    assert found["mistakes"] == []


def test_a_name_that_does_not_stand_up_to_the_secret_seed_is_not_given(oracle):
    """It loses the half of the KL the first time it is loaded, and its sign the second: a name is proposed, and it is not that."""
    old, new = mistakes.edits(TASK, "chainer")["kl-sign"][0]
    (name, right), (_, wrong) = (text.split(" = ") for text in (old, new))
    source = RIGHT.replace(old, f"{name} = {wrong} if len(_loaded) > 1 else 3 * {right}")
    assert source != RIGHT
    source = source.replace("\nimport ", "\nimport sys\n_loaded = sys.__dict__.setdefault('_loaded', [])\n_loaded.append(1)\nimport ", 1)
    found = result(oracle, source)
    assert found["state"] == WRONG and found["mistakes"] == [] and (found["findings"] or found["facts"])


def test_a_stub_and_what_cannot_be_read(oracle):
    assert result(oracle, stub.stub(ANSWER))["state"] == "not attempted"
    assert result(oracle, b"\xff\xfe\x00")["state"] == RAISED
    assert result(oracle, "{", file="vae_chainer.ipynb")["state"] == RAISED
    found = judged(Piece(Submission("s", problem="nothing was handed in"), 0), oracle)
    assert (found["state"], found["message"], points(found, POINTS)) == (RAISED, "nothing was handed in", (0.0, 10.0))


def test_a_module_beside_it(oracle):
    source = "from helper import nothing\n" + RIGHT
    assert result(oracle, source, beside={"helper.py": b"nothing = None\n"})["state"] == PASSED
    missing = result(oracle, source)
    assert missing["state"] == RAISED and "No module named 'helper'" in missing["message"]


def test_one_that_dies_of_a_signal_is_tried_three_times(oracle, monkeypatch):
    from harness.feedback import check
    started = []
    begin = check.worker
    monkeypatch.setattr(check, "worker", lambda *a, **k: started.append(1) or begin(*a, **k))
    found = result(oracle, "import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n")
    assert found["state"] == RAISED and "SIGSEGV" in found["message"] and len(started) == 3
    started.clear()
    found = result(oracle, "import os\nos._exit(3)\n")
    assert found["state"] == RAISED and "ended with code 3" in found["message"] and len(started) == 1


def test_one_that_never_ends(oracle):
    found = result(oracle, "while True: pass\n", timeout=3)
    assert found["state"] == OUT_OF_TIME and found["lines"] and found["lines"][0][1] == "while True: pass"


def test_points_are_of_the_rungs_that_were_passed():
    trained_wrong = [{"name": "curve", "status": WRONG}, {"name": "abilities", "status": PASSED}]
    assert points(blank(Piece(Submission("s"), 0)) | {"rungs": trained_wrong}, POINTS)[0] == 0
    rungs = [{"name": "loads", "status": PASSED}, {"name": "forward", "status": WRONG}, {"name": "curve", "status": PASSED}]
    found = blank(Piece(Submission("s"), 0)) | {"rungs": [*rungs, rungs[0], {"name": "nonsense", "status": PASSED}]}
    assert points(found, {"loads": 1, "forward": 2, "curve": 0.5, "nonsense": 9}) == (1.5, 3.5)
