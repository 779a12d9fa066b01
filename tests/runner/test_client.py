"""Whatever the process of a learner's code says in reply, it is an answer to what was asked, or the end of that process."""

from pathlib import Path

import numpy as np
import pytest

from harness import tasks
from harness.runner.bench import PASSED, RAISED, WRONG
from harness.runner.client import Ended, Runner, Stopped
from harness.training.contract import Asked

ASKED = Asked.by(tasks.load("ae"))
LOSS = ASKED.losses[0]
ARRAY = np.zeros((2, 3))


class Says:
    """A process that says one thing."""

    framework, timeout, killed = "chainer", 60.0, False

    def __init__(self, **reply):
        self.reply = {"event": "done", **reply}

    def run(self, job, on_event=None, **arguments):
        assert on_event is None, "a runner has nothing to say besides"
        return self.reply

    def kill(self):
        self.killed = True


def asked(process, what):
    runner = Runner(process, ASKED)
    runner.shapes = {name: [(2, 3)] for name in ASKED.networks}
    return {"load": lambda: runner.load(Path("x"), b"", Path(), 1, False), "networks": runner.networks, "parameters": runner.parameters,
            "begin": lambda: runner.begin({}), "step": lambda: runner.step({}), "ask": lambda: runner.ask("encode", []),
            "printed": runner.printed}[what]()


def of_networks(value):
    return dict.fromkeys(ASKED.networks, value)


@pytest.mark.parametrize("what, reply", [
    ("load", {}), ("load", {"status": "right"}), ("load", {"status": None}), ("load", {"status": [PASSED]}), ("load", {"status": ARRAY}),
    ("load", {"status": WRONG}), ("load", {"status": WRONG, "message": 3, "lines": []}),
    ("load", {"status": RAISED, "message": "x", "lines": None}), ("load", {"status": RAISED, "message": "x", "lines": [3]}),
    ("load", {"status": RAISED, "message": "x", "lines": [["1", "x"]]}), ("load", {"status": RAISED, "message": "x", "lines": [[1, 2]]}),
    ("load", {"status": RAISED, "message": "x", "lines": [[1, "x"]] * 1000}), ("load", {"status": RAISED, "message": "x", "lines": [[True, "x"]]}),
    *[("load", {"status": RAISED, "message": "x", "lines": [[number, "x"]]}) for number in (None, 0, -5, 10**30)],
    *[("networks", {"status": PASSED, "shapes": shapes}) for shapes in (
        None, 3, {}, {**of_networks([[2]]), "more": []}, of_networks(3), of_networks([3]), of_networks([[-1]]), of_networks([[2.0]]),
        of_networks([[True]]), of_networks([[2**40]]), of_networks([[1] * 99]))],
    ("networks", {"status": PASSED}),
    *[("parameters", {"status": PASSED, "parameters": arrays}) for arrays in (
        None, [], {}, of_networks(ARRAY), of_networks([3.0]), of_networks([]), of_networks([ARRAY, ARRAY]), of_networks([ARRAY.T]))],
    *[("step", {"status": PASSED, "losses": losses}) for losses in (
        None, 3.0, {}, {LOSS: "0.1"}, {LOSS: True}, {LOSS: 1}, {LOSS: [0.1]}, {LOSS: np.array(0.1)}, {LOSS: 0.1, "x": 0.1})],
    *[("ask", {"status": PASSED, "output": output}) for output in (None, 3.0, [[1.0]], "x", {})],
    *[("printed", {"status": PASSED, "printed": text}) for text in (None, 3, ["x"])],
])
def test_what_is_no_answer_ends_the_process(what, reply):
    process = Says(**reply)
    with pytest.raises(Ended, match="the process was ended: it gave .* of another form than was asked for"):
        asked(process, what)
    assert process.killed


def test_what_is_one_is_taken():
    assert asked(Says(status=PASSED, shapes=of_networks([[2, 3]])), "networks") == of_networks([(2, 3)])
    assert asked(Says(status=PASSED, losses={LOSS: float("nan")}), "step").keys() == {LOSS}
    assert asked(Says(status=PASSED, output=ARRAY), "ask") is ARRAY
    found = asked(Says(status=PASSED, parameters=of_networks([ARRAY.astype(np.float32)])), "parameters")
    assert all(array.dtype == np.float64 for of in found.values() for array in of)


def test_what_the_code_did_and_what_became_of_the_process():
    with pytest.raises(Stopped, match="no") as stopped:
        asked(Says(status=WRONG, message="no", lines=[[3, "x"], [4, ""]]), "load")
    assert (stopped.value.status, stopped.value.lines) == (WRONG, [[3, "x"], [4, ""]])
    with pytest.raises(Ended, match="it died"):
        asked(Says(event="failed", message="it died"), "load")
