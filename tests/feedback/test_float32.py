"""What passes must train, and training is in float32."""

import time

import pytest
from test_ladder import climb, reference

from harness import tasks
from harness.feedback.ladder import RUNGS
from harness.runner.bench import PASSED, RAISED, WRONG
from harness.tasks import mistakes
from harness.work import stub

pytestmark = pytest.mark.timeout(300)


def climbed(name, framework, edits, folder):
    """(rungs, the ladder)"""
    task = tasks.load(name)
    ladder, rungs = climb(task, framework, mistakes.edited(stub.solution(reference(task, framework)), edits), folder)
    return rungs, ladder


IMAGES = '        images = batch["images"]\n'
FLOAT64 = {         # right in float64, and it stays float64
    "pytorch": [[IMAGES, '        images = batch["images"].double()\n']],
    "tensorflow": [[IMAGES, '        images = tf.cast(batch["images"], tf.float64)\n']],
    "keras": [['return {"mse": loss}', 'return {"mse": ops.cast(loss, "float64")}']],
    "chainer": [[IMAGES, '        images = batch["images"].astype("float64")\n']],
}
SAYS = {"pytorch": (RAISED, "must have the same dtype"), "tensorflow": (RAISED, "expected to be a double tensor but is a float tensor"),
        "keras": (WRONG, "loss 'mse' is float64 in a float32 run"), "chainer": (RAISED, "float64")}


def test_an_answer_in_float64_alone(framework, adapter, tmp_path):
    rungs, ladder = climbed("ae", framework, FLOAT64[framework], tmp_path)
    assert [r.name for r in rungs] == list(RUNGS) and {r.status for r in rungs[:-1]} == {PASSED}
    status, said = SAYS[framework]
    assert (rungs[-1].name, rungs[-1].status) == ("float32", status)
    assert rungs[-1].message.startswith("in float32, in which training computes: ") and said in rungs[-1].message
    assert ladder.runner.step(ladder.batches(0)), "the answer on the bench is in float64 still"


CONSTANTS = {       # of the type that floats have as the file is loaded
    "pytorch": [["class Autoencoder", "ONE = torch.tensor(1.0)\nASSERTED = ONE.expand(3)\n\n\nclass Autoencoder"],
                ["        loss = F.mse_loss(", "        assert ASSERTED.dtype == images.dtype\n        loss = ONE * F.mse_loss("]],
    "keras": [["class Autoencoder", "ONE = ops.convert_to_tensor(1.0, keras.config.floatx())\n\n\nclass Autoencoder"],
              ["            loss = ops.mean(", "            loss = ONE * ops.mean("]],
}


@pytest.mark.parametrize("framework", CONSTANTS)
def test_what_is_made_as_the_file_is_loaded(framework, tmp_path):
    rungs, _ = climbed("ae", framework, CONSTANTS[framework], tmp_path)
    assert [(r.name, r.message) for r in rungs if r.status != PASSED] == [] and len(rungs) == len(RUNGS)


def test_other_losses_in_float32(tmp_path):
    """A number that float32 does not hold: too small to be added to one."""
    edits = [["        loss = F.mse_loss(self.reconstruct(images), images)\n",
              "        loss = F.mse_loss(self.reconstruct(images), images)\n"
              "        loss = loss * (((loss.detach() * 0 + 1) + 1e-9) - 1) / ((1 + 1e-9) - 1)\n"]]
    (*rungs, last), ladder = climbed("ae", "pytorch", edits, tmp_path)
    assert {r.status for r in rungs} == {PASSED} and (last.name, last.status) == ("float32", WRONG)
    assert "the losses of the first step are others" in last.message and "in float64, 0 in float32" in last.facts[0]


FLOAT32 = {
    "pytorch": [IMAGES, '        images = batch["images"].float()\n'],
    "tensorflow": [IMAGES, '        images = tf.cast(batch["images"], tf.float32)\n'],
    "chainer": [IMAGES, '        images = batch["images"].astype("float32")\n'],
}


@pytest.mark.parametrize("framework", FLOAT32)
def test_a_message_about_two_types_says_that_a_check_is_in_float64(framework, tmp_path):
    rungs, _ = climbed("ae", framework, [FLOAT32[framework]], tmp_path)
    rung = next(r for r in rungs if r.status != PASSED)
    assert (rung.name, rung.status) == ("first losses", RAISED)
    assert rung.message.endswith("let a constant have the type of what it meets, or be a plain number")


def test_a_wrong_answer_is_not_taken_to_float32(tmp_path):
    rungs, ladder = climbed("vae", "pytorch", mistakes.edits(tasks.load("vae"), "pytorch")["kl-sign"], tmp_path)
    assert rungs[-1].name == "abilities"


def test_it_costs_little(tmp_path):
    _, ladder = climbed("vae", "pytorch", [], tmp_path)
    started = time.perf_counter()
    ladder._float32(ladder.rungs[-1])
    assert time.perf_counter() - started < 2        # 0.02 s on a quiet machine
