"""What wgan_gp's four answers share beyond lockstep: a penalty known in closed form, and one at gradient zero."""

import numpy as np
import pytest

from harness import frameworks, tasks
from harness.training import contract, task_data
from harness.training.trainer import Trainer


def trainer_of(framework):
    task = tasks.load("wgan_gp", critic_steps=2)
    data = task_data.load(task)
    return Trainer(task, framework, frameworks.load(framework), data.arrays)


def test_penalty_of_a_linear_critic(framework, adapter):
    """With slope 1 the critic is w.x + b, and w shows pixel by pixel: no derivative is needed to know its norm."""
    task = tasks.load("wgan_gp", height=8, width=16, features=3)
    answer = contract.load_class(task, framework)(**{**task.hyperparameters, "slope": 1.0})
    for variable in adapter.variables(answer.critic):
        adapter.write(variable, adapter.read(variable) * 10 + 0.01)     # ... biases too
    pixels = np.prod(task.image_shape)
    images = np.concatenate([np.eye(pixels), np.zeros((1, pixels))]).reshape(-1, *task.image_shape)
    images = images.transpose(0, 2, 3, 1) if adapter.layout == "NHWC" else images
    *scores, at_zero = adapter.array(answer.score(adapter.batch({"x": np.ascontiguousarray(images)})["x"]))
    norm = np.linalg.norm(np.array(scores) - at_zero)
    some = np.random.default_rng(0).uniform(-1, 1, (4, *images.shape[1:]))
    found = float(adapter.array(answer.penalty(adapter.batch({"x": some})["x"])))
    assert found == pytest.approx((norm - 1) ** 2, rel=1e-12) and abs(norm - 1) > 0.1


@pytest.mark.slow
@pytest.mark.sampled
def test_a_flat_critic_is_penalized_and_breaks_nothing(framework):
    """All weights are zero, so every gradient is; the root's slope there is infinite, and 0 times that is no number."""
    trainer = trainer_of(framework)
    trainer.set_parameters({name: value * 0 if name.startswith("critic") else value
                            for name, value in trainer.parameters().items()})
    losses = trainer.step(0)
    assert losses["penalty"] == pytest.approx((1e-6 - 1) ** 2, rel=1e-14, abs=0)
    assert all(np.isfinite(value).all() for value in trainer.parameters().values())
