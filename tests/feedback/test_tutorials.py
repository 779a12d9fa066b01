"""TensorFlow as its own tutorials have it, with Keras's layers in whatever holds them, is right where it is right."""

from pathlib import Path

import numpy as np
import pytest
from test_ladder import climb

from harness import frameworks, tasks
from harness.feedback.ladder import RUNGS
from harness.runner.bench import PASSED

HERE = Path(__file__).parent


def source(name):
    return (HERE / f"tutorial_{name}_tensorflow.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["gan", "dcgan"])
def test_a_right_answer_passes(name, tmp_path):
    _, rungs = climb(tasks.load(name), "tensorflow", source(name), tmp_path)
    assert [(r.name, r.message, r.facts) for r in rungs if r.status != PASSED] == [] and len(rungs) == len(RUNGS)


def test_each_layer_is_seen_as_it_is_called(tmp_path):
    adapter, task = frameworks.load("tensorflow"), tasks.load("gan")
    ladder, _ = climb(task, "tensorflow", source("gan"), tmp_path)
    seen = []
    answer = ladder.runner.process.session.kept["bench"].answer
    with adapter.watching(answer, lambda own, output: seen.append((len(own), tuple(output.shape)))):
        answer.discriminate(answer.generate(np.zeros((3, task.hyperparameters["latent"]))))
    units, (c, h, w) = task.hyperparameters["units"], task.image_shape
    assert seen == [(2, (3, n)) for n in (units, 2 * units, 4 * units, h * w * c, 4 * units, 2 * units, 1)]
