"""wgan against NumPy alone: both networks, the critic's gradients, RMSprop and clipping written out here, so that a
whole training step, three critic steps and one of the generator, is computed a second time without a framework.

The generator's gradients are held to finite differences.
"""

import functools
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from test_oracle_gan import conv, conv_transpose

from harness import frameworks, tasks
from harness.tasks import float32
from harness.training import task_data
from harness.training.trainer import Trainer

STAGES = (1, 2, 3, 4)
DOWN = {"kernel": 5, "stride": 2, "padding": 2}
UP = DOWN | {"output_padding": 1}
SLOPE, EPSILON, CLIP, RATE = float32(0.2), float32(1e-5), float32(0.01), float32(5e-5)
DECAY, RMSPROP_EPSILON = float32(0.99), float32(1e-16)


def of(parameters, layer):
    """{role: array} of one layer, e.g. critic.conv1."""
    return {name.rpartition(".")[2]: v for name, v in parameters.items() if name.startswith(f"{layer}.")}


def generate(parameters, z, training=True):
    """(images, {name: running average after this pass})"""
    p, averages = of(parameters, "generator.dense1"), {}
    x = z @ p["weight"].T + p["bias"]
    x = x.reshape(len(z), -1, 1, 2)                                 # the check's images are 16 x 32
    for i in STAGES:
        x, p = np.maximum(x, 0), of(parameters, f"generator.batch_norm{i}")
        mean, variance = (x.mean((0, 2, 3)), x.var((0, 2, 3))) if training else (p["mean"], p["variance"])
        averages[f"generator.batch_norm{i}.mean"] = 0.9 * p["mean"] + 0.1 * x.mean((0, 2, 3))
        averages[f"generator.batch_norm{i}.variance"] = 0.9 * p["variance"] + 0.1 * x.var((0, 2, 3), ddof=1)
        mean, scale, beta = (v[:, None, None] for v in (mean, p["gamma"] / np.sqrt(variance + EPSILON), p["beta"]))
        x = conv_transpose((x - mean) * scale + beta, of(parameters, f"generator.conv_transpose{i}"), UP)
    return np.tanh(x), averages


def score(parameters, images):
    """(scores (N,), each stage's input and what comes before its LeakyReLU)"""
    x, stages = images, []
    for i in STAGES:
        before = conv(x, of(parameters, f"critic.conv{i}"), DOWN)
        stages.append((x, before))
        x = np.where(before > 0, before, SLOPE * before)
    return x.reshape(len(x), -1) @ parameters["critic.dense1.weight"][0], stages


def gradients_of_mean_score(parameters, images):
    _, stages = score(parameters, images)
    last = stages[-1][1]
    features = np.where(last > 0, last, SLOPE * last).reshape(len(images), -1)
    found = {"critic.dense1.weight": features.mean(0)[None]}
    upstream = np.broadcast_to(parameters["critic.dense1.weight"] / len(images), features.shape).reshape(last.shape)
    for i, (x, before) in reversed(list(zip(STAGES, stages))):
        upstream = np.where(before > 0, upstream, SLOPE * upstream)
        windows = sliding_window_view(np.pad(x, [(0, 0), (0, 0), (2, 2), (2, 2)]), (5, 5), (2, 3))[:, :, ::2, ::2]
        found[f"critic.conv{i}.weight"] = np.einsum("nohw,nchwij->ocij", upstream, windows, optimize=True)
        found[f"critic.conv{i}.bias"] = upstream.sum((0, 2, 3))
        weight = parameters[f"critic.conv{i}.weight"]               # (out, in) of the one is (in, out) of the other
        upstream = conv_transpose(upstream, {"weight": weight, "bias": np.zeros(weight.shape[1])}, UP)
    return found


def critic_loss(parameters, images, fakes):
    return score(parameters, fakes)[0].mean() - score(parameters, images)[0].mean()


def critic_gradients(parameters, images, fakes):
    of_fakes, of_images = gradients_of_mean_score(parameters, fakes), gradients_of_mean_score(parameters, images)
    return {name: of_fakes[name] - of_images[name] for name in of_fakes}


def generator_loss(parameters, z):
    return -score(parameters, generate(parameters, z)[0])[0].mean()


def rmsprop(value, gradient, square):
    """(the new value, the new running mean of squares); no correction of the beginning, epsilon inside the root."""
    square = DECAY * square + (1 - DECAY) * gradient ** 2
    return value - RATE * gradient / np.sqrt(square + RMSPROP_EPSILON), square


def train_critic(parameters, batch):
    """All critic steps of one train_step: (the losses, the gradients of the last, parameters as they are then)."""
    parameters, losses, squares = dict(parameters), [], {}
    for images, z in zip(batch["images"], batch["z"]):
        fakes, averages = generate(parameters, z)
        losses.append(critic_loss(parameters, images, fakes))
        gradients = critic_gradients(parameters, images, fakes)
        for name, gradient in gradients.items():
            value, squares[name] = rmsprop(parameters[name], gradient, squares.get(name, 0))
            parameters[name] = np.clip(value, -CLIP, CLIP)
        parameters |= averages
    return losses, gradients, parameters


@functools.cache
def arrays():
    return task_data.load(tasks.load("wgan")).arrays


def new_trainer():
    """Weights ten times as large as the question's: the first scores and the first cut are far from rounding."""
    trainer = Trainer(tasks.load("wgan"), "pytorch", frameworks.load("pytorch"), arrays(), precision="float64")
    initial = trainer.parameters()
    trainer.set_parameters({k: v * 10 if trainer.specs[k].role == "weight" else v for k, v in initial.items()})
    return trainer


@pytest.fixture(scope="module")
def first():
    """The first training step, by PyTorch and by NumPy. ``between``: after the critic's steps, before the generator's."""
    trainer = new_trainer()
    before, batch = trainer.parameters(), trainer.batches(0)
    losses = trainer.step(0)
    critic_losses, critic_gradients, between = train_critic(before, batch)
    gradients = {name: v.grad.numpy().copy() for name, v in trainer.variables.items() if v.grad is not None}
    return SimpleNamespace(trainer=trainer, before=before, batch=batch, losses=losses, after=trainer.parameters(),
                           gradients=gradients, between=between, critic_losses=critic_losses,
                           critic_gradients=critic_gradients)


def slope(loss, parameters, name, index, h=1e-6):
    values = []
    for sign in (1, -1):
        moved = parameters[name].copy()
        moved[index] += sign * h
        values.append(loss(parameters | {name: moved}))
    return (values[0] - values[1]) / (2 * h)


def test_losses_are_the_closed_form(first):
    """The critic's is that of its last step, on the last images and z, by the critic that the steps before it made."""
    critic = first.critic_losses[-1]
    expected = {"critic": critic, "generator": generator_loss(first.between, first.batch["z_generator"]),
                "wasserstein": -critic}
    assert first.losses == pytest.approx(expected, rel=1e-12)
    assert len(set(np.round(first.critic_losses, 12))) == first.trainer.task.repeat == 3


def test_the_oracles_gradients_are_slopes(first):
    """NumPy's own, by finite differences where the weights are large, before anything was cut."""
    images, fakes = first.batch["images"][0], generate(first.before, first.batch["z"][0])[0]
    for name, gradient in critic_gradients(first.before, images, fakes).items():
        index = np.unravel_index(np.abs(gradient).argmax(), gradient.shape)
        loss = lambda p: critic_loss(p, images, fakes)      # noqa: E731
        assert slope(loss, first.before, name, index) == pytest.approx(gradient[index], rel=1e-6), name


def test_critic_gradients(first):
    """Those of the last critic step are still there after the generator's: nothing was added to them."""
    for name, expected in first.critic_gradients.items():
        scale = max(np.abs(expected).max(), 1e-12)
        np.testing.assert_allclose(first.gradients[name], expected, rtol=0, atol=1e-11 * scale, err_msg=name)


def test_critic_steps_are_rmsprop_and_a_cut(first):
    for name in first.critic_gradients:
        np.testing.assert_allclose(first.after[name], first.between[name], rtol=0, atol=1e-12 * CLIP, err_msg=name)
        assert np.abs(first.after[name]).max() <= CLIP
    cut = np.concatenate([np.abs(v).ravel() == CLIP for name, v in first.after.items() if name in first.critic_gradients])
    assert 0.1 < cut.mean() < 0.99


def test_generator_gradients_are_slopes(first):
    """At the critic of after its steps; and every trained parameter gets a gradient."""
    assert first.gradients.keys() == {name for name, spec in first.trainer.specs.items() if spec.trainable}
    for name, gradient in first.gradients.items():
        if name.startswith("generator"):
            index = np.unravel_index(np.abs(gradient).argmax(), gradient.shape)
            # The loss is tiny, and a kink is never far: a relative step keeps both apart.
            found = slope(lambda p: generator_loss(p, first.batch["z_generator"]), first.between, name, index, 1e-5)
            assert found == pytest.approx(gradient[index], rel=1e-4), name


def test_generator_step_is_rmsprop_without_a_cut(first):
    for name, gradient in first.gradients.items():
        if name.startswith("generator"):
            expected, _ = rmsprop(first.before[name], gradient, 0)
            np.testing.assert_allclose(first.after[name], expected, rtol=1e-13, atol=1e-17, err_msg=name)
    assert max(np.abs(first.after[name]).max() for name in first.after if name.startswith("generator")) > 10 * CLIP


def test_a_first_step_of_rmsprop_is_ten_learning_rates():
    """Whatever the gradient, as long as a tenth of it is far above the root of epsilon."""
    for gradient in (1e-3, 1.0, -1e3):
        assert rmsprop(0.0, gradient, 0)[0] == pytest.approx(-10 * RATE * np.sign(gradient), rel=1e-6)
    assert abs(rmsprop(0.0, 1e-12, 0)[0]) < 1e-3 * RATE


def test_generator_meets_the_updated_critic(first):
    with_old = generator_loss(first.before, first.batch["z_generator"])
    assert abs(first.losses["generator"] - with_old) > 1e-4


def test_batch_norm_sees_every_batch_once(first):
    """The critic's three batches of noise, then the generator's, all in training mode."""
    _, expected = generate(first.between, first.batch["z_generator"])
    assert len(expected) == 8
    for name, value in expected.items():
        np.testing.assert_allclose(first.after[name], value, rtol=1e-12, atol=1e-18, err_msg=name)


@pytest.mark.parametrize("still", ["generator", "critic"])
def test_without_a_learning_rate_only_the_cut_is_left(still):
    trainer = new_trainer()
    before = trainer.parameters()
    getattr(trainer.answer, f"{still}_optimizer").param_groups[0]["lr"] = 0.0
    trainer.step(0)
    after = trainer.parameters()
    for name, spec in trainer.specs.items():
        if spec.trainable:
            unmoved = np.clip(before[name], -CLIP, CLIP) if name.startswith("critic") else before[name]
            assert np.array_equal(after[name], unmoved) == name.startswith(still), name


def test_abilities_evaluate(first):
    made = first.trainer.outputs(6)
    images, scores = generate(first.after, made["z"], training=False)[0], score(first.after, made["images"])[0]
    np.testing.assert_allclose(made["generate"], images, rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(made["score"], scores, rtol=1e-11, atol=1e-13 * np.abs(scores).max())
    assert scores.shape == (6,)
    in_training = generate(first.after, made["z"])[0]
    assert np.abs(made["generate"] - in_training).max() > 1e-2
