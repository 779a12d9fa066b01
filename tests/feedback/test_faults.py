"""What learners do that is no mistake of the task: each is said in a sentence, at the rung where it is."""

import sys
import time

import pytest
from test_ladder import climb, reference

from harness import tasks
from harness.runner.bench import PASSED, RAISED, WRONG
from harness.tasks import mistakes
from harness.work import stub

pytestmark = pytest.mark.timeout(300)


def failing(name, framework, edits, folder):
    """The first rung that is not passed, for the reference answer with ``edits``."""
    task = tasks.load(name)
    source = mistakes.edited(stub.solution(reference(task, framework)), edits)
    _, rungs = climb(task, framework, source, folder)
    return next((rung for rung in rungs if rung.status != PASSED), None)


AE_LOSS = {
    "pytorch": ['return {"mse": loss.detach()}', 'return {"mse": %s}', "loss.detach().reshape(1)"],
    "tensorflow": ['return {"mse": loss}', 'return {"mse": %s}', "tf.reshape(loss, [1])"],
    "keras": ['return {"mse": loss}', 'return {"mse": %s}', "ops.reshape(loss, [1])"],
    "chainer": ['return {"mse": loss}', 'return {"mse": %s}', "F.reshape(loss, (1,))"],
}


def test_a_loss_of_one_element_is_no_number(framework, adapter, tmp_path):
    old, new, value = AE_LOSS[framework]
    rung = failing("ae", framework, [[old, new % value]], tmp_path)
    assert (rung.name, rung.status) == ("first losses", WRONG)
    assert "has shape (1,), but must be one number" in rung.message


def test_a_loss_that_is_nothing(tmp_path):
    rung = failing("ae", "pytorch", [[AE_LOSS["pytorch"][0], 'return {"mse": None}']], tmp_path)
    assert rung.status == WRONG and "is a NoneType, but must be a number" in rung.message


@pytest.mark.parametrize("framework, edit, message", [
    ("chainer", ["L.Linear(pixels, latent,", "L.Linear(None, latent,"], "Linear has no shape before its first call: set its input size"),
    ("keras", ["keras.Input(shape), ", ""], "has no shape before its first call: start the network with a keras.Input"),
    ("pytorch", ["nn.Linear(pixels, latent)", "nn.LazyLinear(latent)"], "LazyLinear has no shape before its first call"),
])
def test_layers_without_a_shape(framework, edit, message, tmp_path):
    if framework == "pytorch":
        edits = [edit, ["        self.apply(initialize)\n", ""]]
    else:
        edits = [edit]
    rung = failing("ae", framework, edits, tmp_path)
    assert (rung.name, rung.status) == ("networks", WRONG) and message in rung.message


def test_keras_as_somebody_configured_it(tmp_path):
    """~/.keras/keras.json may say channels_first, and another epsilon."""
    import keras

    keras.config.set_image_data_format("channels_first")
    keras.config.set_epsilon(1e-3)
    try:
        assert failing("convae", "keras", [], tmp_path) is None
        assert keras.config.image_data_format() == "channels_last" and keras.config.epsilon() == 1e-7
    finally:
        keras.config.set_image_data_format("channels_last")
        keras.config.set_epsilon(1e-7)


ASKS = ["input('what? ')", "breakpoint()", "import sys; sys.stdin.read()", "import sys; next(sys.stdin)"]


@pytest.mark.parametrize("line", ASKS)
def test_there_is_no_terminal(line, tmp_path):
    started, before = time.monotonic(), (sys.stdin, sys.breakpointhook)
    rung = failing("ae", "chainer", [['        images = batch["images"]\n', f'        {line}\n        images = batch["images"]\n']], tmp_path)
    assert (rung.name, rung.status) == ("first losses", RAISED) and time.monotonic() - started < 30
    assert rung.message.startswith("your code asks for input") and "--debug" in rung.message
    assert rung.lines and (sys.stdin, sys.breakpointhook) == before


def test_modules_beside_an_answer(tmp_path, monkeypatch):
    """Found from any folder, as they are now; and what is called as a library shadows nothing."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    edits = [["import chainer\n", "import chainer\nfrom parts_of_a_test import size\nimport wave\nassert hasattr(wave, 'open')\n"],
             ["        images = batch[\"images\"]\n", "        images = batch[\"images\"] * size\n"]]
    (tmp_path / "wave.py").write_text("raise ValueError")
    for size, status in ((2, WRONG), (1, None)):
        (tmp_path / "parts_of_a_test.py").write_text(f"size = {size}\n")
        rung = failing("ae", "chainer", edits, tmp_path)
        assert (rung and rung.status) == status, rung
