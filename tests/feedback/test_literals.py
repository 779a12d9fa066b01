"""An answer that has a constant's value in its code, in place of its constructor's argument, is as right: that one is rounded."""

import numpy as np
import pytest
from test_ladder import climb

from harness import tasks
from harness.exact import literals
from harness.feedback import fingerprint
from harness.feedback.diagnosis import Reference
from harness.feedback.ladder import RUNGS
from harness.runner.bench import PASSED
from harness.work import stub

pytestmark = pytest.mark.timeout(300)
SLOPES = {
    "chainer": ("F.leaky_relu(x, slope)", "F.leaky_relu(x, {})"),
    "pytorch": ("nn.LeakyReLU(slope)", "nn.LeakyReLU({})"),
    "tensorflow": ("tf.nn.leaky_relu(down(x), self.slope)", "tf.maximum(x := down(x), {} * x)"),
    "keras": ("layers.LeakyReLU(slope)", "layers.Lambda(lambda x: ops.maximum(x, {} * x))"),
}


def failing(framework, slope, folder):
    """The rungs that a DCGAN with this number in its code does not pass, and what the check takes for right in the end."""
    task, (old, new) = tasks.load("dcgan"), SLOPES[framework]
    source = stub.solution(tasks.answer_path(task, framework).read_text(encoding="utf-8"))
    assert old in source
    ladder, rungs = climb(task, framework, source.replace(old, new.format(slope)), folder)
    return [rung.name for rung in rungs if rung.status != PASSED], rungs, ladder


@pytest.mark.parametrize("framework", SLOPES)
@pytest.mark.sampled(2)
def test_a_number_in_place_of_its_argument_passes_and_one_beside_it_does_not(framework, tmp_path):
    wrong, rungs, _ = failing(framework, 0.2, tmp_path)
    assert not wrong and [rung.name for rung in rungs] == list(RUNGS)
    assert failing(framework, 0.20001, tmp_path)[0]


def test_it_is_no_tolerance(tmp_path):
    """Adam makes 4e-6 of the rounding of a slope in Chainer's DCGAN. What is as near to 0.2, and is neither, is wrong."""
    right = Reference.stored(tasks.load("dcgan")).right
    wrong, _, ladder = failing("chainer", 0.2, tmp_path)
    stored = fingerprint.differences(ladder.found, right)
    assert not wrong and max(stored["parameters"].values()) > fingerprint.TOLERANCE
    wrong, _, ladder = failing("chainer", 0.2000001, tmp_path)
    assert wrong == ["curve"] and fingerprint.near(ladder.found, right)


def test_only_what_an_answer_computes_with_is_taken_as_it_is_written():
    task = tasks.load("unet_vae_gan")
    assert literals.written(task) == {"epsilon": 1e-5, "slope": 0.2, "lambda_vae": 0.8, "lambda_gan": 0.1, "alpha": 0.15}
    assert next(iter(literals.models(task))).h["slope"] == 0.2 != task.hyperparameters["slope"] == np.float32(0.2)
    assert not list(literals.models(tasks.load("ae")))      # its learning rate is its optimizer's
