"""wgan_gp against NumPy alone: losses, the gradient inside the penalty by hand, its own gradient by finite differences.

The networks are read off task.toml. The critic's gradient with respect to an image is a second function here, which
walks the table backwards; no automatic differentiation has a part in it.
"""

from types import SimpleNamespace

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

from harness import frameworks, tasks
from harness.tasks import float32
from harness.training import task_data
from harness.training.trainer import Trainer

SLOPE, LAMBDA = float32(0.2), 10.0


def conv(x, weight):
    """Kernel 1 or 3, stride 1, padded so that the size stays; weight (out, in, k, k)."""
    k = weight.shape[-1]
    padded = np.pad(x, [(0, 0), (0, 0), (k // 2, k // 2), (k // 2, k // 2)])
    return np.einsum("nchwij,ocij->nohw", sliding_window_view(padded, (k, k), (2, 3)), weight, optimize=True)


def conv_back(g, weight):
    """The gradient with respect to a convolution's input: the same with the kernel turned round, from out to in."""
    return conv(g, weight[:, :, ::-1, ::-1].transpose(1, 0, 2, 3))


def parameters_of(parameters, network, layer):
    return {role: parameters[f"{network}.{layer.name}.{role}"] for role in layer.roles}


def forward(task, network, parameters, x, training=True):
    """(values of all layers by name, {batch norm: (mean, unbiased variance) of what it was given})"""
    values, moments = {}, {}
    for layer in task.networks[network].layers:
        p = parameters_of(parameters, network, layer)
        xs = [values[source.name] for source in layer.sources] or [x]
        match layer.kind:
            case "input":
                y = x
            case "dense":
                y = xs[0] @ p["weight"].T
            case "reshape":
                y = xs[0].reshape(-1, *layer.output_shape)
            case "conv":
                y = conv(xs[0], p["weight"]) + p.get("bias", np.zeros(1))[:, None, None]
            case "batch_norm":
                mean, variance = xs[0].mean((0, 2, 3)), xs[0].var((0, 2, 3))
                moments[layer.name] = mean, xs[0].var((0, 2, 3), ddof=1)
                if not training:
                    mean, variance = p["mean"], p["variance"]
                scale = p["gamma"] / np.sqrt(variance + float32(1e-5))
                y = (xs[0] - mean[:, None, None]) * scale[:, None, None] + p["beta"][:, None, None]
            case "relu":
                y = np.maximum(xs[0], 0)
            case "leaky_relu":
                y = np.where(xs[0] > 0, xs[0], SLOPE * xs[0])
            case "add":
                y = xs[0] + xs[1]
            case "upsample":
                y = np.kron(xs[0], np.ones((2, 2)))
            case "average_pool":
                y = sum(xs[0][:, :, i::2, j::2] for i in (0, 1) for j in (0, 1)) / 4
            case "global_average_pool":
                y = xs[0].mean((2, 3))
            case "tanh":
                y = np.tanh(xs[0])
        values[layer.name] = y
    return values, moments


def score(task, parameters, images):
    values, _ = forward(task, "critic", parameters, images)
    return list(values.values())[-1][:, 0]


def generate(task, parameters, z, training=True):
    return list(forward(task, "generator", parameters, z, training)[0].values())[-1]


def score_gradient(task, parameters, images):
    """Of each image's score with respect to that image: the table walked backwards."""
    values, _ = forward(task, "critic", parameters, images)
    layers = task.networks["critic"].layers
    gradients = {layers[-1].name: np.ones((len(images), 1))}
    for layer in reversed(layers):
        g = gradients.pop(layer.name)
        if layer.kind == "input":
            return g
        p = parameters_of(parameters, "critic", layer)
        x = values[layer.sources[0].name]
        match layer.kind:
            case "dense":
                g = g @ p["weight"]
            case "conv":
                g = conv_back(g, p["weight"])
            case "leaky_relu":
                g = np.where(x > 0, g, SLOPE * g)
            case "average_pool":
                g = np.kron(g, np.ones((2, 2))) / 4
            case "global_average_pool":
                g = np.broadcast_to(g[:, :, None, None], x.shape) / x[0, 0].size
        for source in layer.sources:
            gradients[source.name] = gradients.get(source.name, 0) + g


def penalty(task, parameters, mixed):
    norms = np.linalg.norm(score_gradient(task, parameters, mixed).reshape(len(mixed), -1), axis=1)
    return np.mean((norms - 1) ** 2)


def critic_losses(s, parameters, step, fakes):
    images, alpha = s.batch["images"][step], s.batch["alpha"][step]
    wasserstein = score(s.task, parameters, images).mean() - score(s.task, parameters, fakes).mean()
    squares = penalty(s.task, parameters, alpha * images + (1 - alpha) * fakes)
    return {"critic": -wasserstein + LAMBDA * squares, "penalty": squares, "wasserstein": wasserstein}


def arrays():
    return task_data.load(tasks.load("wgan_gp")).arrays


def trainer_of():
    """Weights ten times the question's: gradients have norms near 1 then, and not near 0."""
    trainer = Trainer(tasks.load("wgan_gp"), "pytorch", frameworks.load("pytorch"), arrays())
    trainer.set_parameters({name: value * 10 if trainer.specs[name].role == "weight" else value
                            for name, value in trainer.parameters().items()})
    return trainer


@pytest.fixture(scope="module")
def first():
    """The first train_step, by PyTorch, and what there was whenever an optimizer was about to step."""
    trainer = trainer_of()
    moments = []

    def note(optimizer, args, kwargs):
        gradients = {name: v.grad.numpy().copy() for name, v in trainer.variables.items() if v.grad is not None}
        moments.append(SimpleNamespace(parameters=trainer.parameters(), gradients=gradients))

    trainer.answer.critic_optimizer.register_step_pre_hook(note)
    trainer.answer.generator_optimizer.register_step_pre_hook(note)
    before, losses = trainer.parameters(), trainer.step(0)
    *critic, generator = moments
    return SimpleNamespace(trainer=trainer, task=trainer.task, batch=trainer.batches(0), losses=losses, before=before,
                           critic=critic, generator=generator, after=trainer.parameters())


def fakes_of(s, step):
    return generate(s.task, s.before, s.batch["z"][step])


def test_losses_are_the_formulas(first):
    s = first
    assert len(s.critic) == 3
    last = critic_losses(s, s.critic[-1].parameters, 2, fakes_of(s, 2))
    fakes = generate(s.task, s.before, s.batch["z_generator"])
    expected = {**last, "generator": -score(s.task, s.after, fakes).mean()}
    assert s.losses == pytest.approx(expected, rel=1e-12, abs=1e-14)
    assert 0.05 < s.losses["penalty"] and abs(s.losses["wasserstein"]) > 0.01, "the test must have something to see"
    with_old = -score(s.task, s.critic[-1].parameters, fakes).mean()
    assert abs(with_old - s.losses["generator"]) > 1e-4, "the critic's last step must show"


def test_the_gradient_in_the_penalty_is_a_slope(first):
    """The table walked backwards against the table walked forwards, so the oracle is not wrong twice."""
    s, h = first, 1e-6
    images = s.batch["images"][0]
    gradient, direction = score_gradient(s.task, s.before, images), np.random.default_rng(0).normal(size=images.shape)
    up, down = (score(s.task, s.before, images + sign * h * direction) for sign in (1, -1))
    slopes = (up - down) / (2 * h)
    np.testing.assert_allclose((gradient * direction).sum((1, 2, 3)), slopes, rtol=1e-5, atol=1e-7)


def slope(loss, parameters, name, index, h=1e-8):
    """h is small, for the penalty jumps where a LeakyReLU of any of the images turns its corner."""
    values = []
    for sign in (1, -1):
        moved = parameters[name].copy()
        moved[index] += sign * h
        values.append(loss({**parameters, name: moved}))
    return (values[0] - values[1]) / (2 * h)


def steepest(gradient):
    return np.unravel_index(np.abs(gradient).argmax(), gradient.shape)


@pytest.mark.parametrize("step", range(3))
def test_gradients_of_each_critic_step(first, step):
    """Of the whole loss, at the weights as they were then, and nothing of the steps before."""
    s = first
    at, fakes = s.critic[step], fakes_of(s, step)
    names = [name for name, spec in s.trainer.specs.items() if name.startswith("critic") and spec.trainable]
    assert set(names) <= set(at.gradients)
    for name in names:
        index = steepest(at.gradients[name])
        found = slope(lambda p: critic_losses(s, p, step, fakes)["critic"], at.parameters, name, index)
        assert at.gradients[name][index] == pytest.approx(found, rel=1e-5, abs=1e-6), name


def test_generator_gets_its_own_gradient_alone(first):
    s = first
    names = [name for name, spec in s.trainer.specs.items() if name.startswith("generator") and spec.trainable]
    assert not any(name.startswith("generator") for step in s.critic for name in step.gradients)

    def loss(parameters):
        return -score(s.task, parameters, generate(s.task, parameters, s.batch["z_generator"])).mean()

    for name in names:
        gradient = s.generator.gradients[name]
        index = steepest(gradient)
        assert gradient[index] == pytest.approx(slope(loss, s.generator.parameters, name, index, 1e-7), rel=1e-5), name
    last = s.critic[-1].gradients
    assert all(np.array_equal(s.generator.gradients[name], last[name]) for name in last), "the critic got more gradient"


def test_the_second_derivative(first):
    """d penalty / d weights alone: of every weight array the steepest entry. Biases move the penalty nowhere."""
    s = first
    trainer = trainer_of()
    mixed = s.batch["alpha"][0] * s.batch["images"][0] + (1 - s.batch["alpha"][0]) * fakes_of(s, 0)
    value = trainer.answer.penalty(trainer.adapter.batch({"mixed": mixed.copy()})["mixed"])
    value.backward()
    assert value.item() == pytest.approx(penalty(s.task, s.before, mixed), rel=1e-12)
    for name, variable in trainer.variables.items():
        if name.startswith("critic") and name.endswith("weight"):
            gradient = variable.grad.numpy()
            index = steepest(gradient)
            found = slope(lambda p: penalty(s.task, p, mixed), s.before, name, index)
            assert abs(found) > 1e-3 and gradient[index] == pytest.approx(found, rel=1e-4), name
        elif name.startswith("critic"):
            assert variable.grad is None or not variable.grad.any(), name


def test_adam_without_a_first_moment(first):
    """Three critic steps: beta1 0, so each moves along its own gradient; beta2 0.9 of the squares is kept."""
    s, beta2, rate = first, float32(0.9), float32(1e-4)
    for name in s.critic[0].gradients:
        v = 0
        for t, (now, then) in enumerate(zip(s.critic, [*s.critic[1:], s.generator]), 1):
            g = now.gradients[name]
            v = beta2 * v + (1 - beta2) * g ** 2
            moved = -rate * np.sqrt(1 - beta2 ** t) * g / (np.sqrt(v) + float32(1e-8))
            np.testing.assert_allclose(then.parameters[name] - now.parameters[name], moved, rtol=1e-8, atol=1e-16)


def test_running_averages_move_four_times(first):
    s = first
    zs = [*s.batch["z"], s.batch["z_generator"]]
    passes = [forward(s.task, "generator", s.before, z)[1] for z in zs]
    assert len(passes[0]) == 7
    for layer in passes[0]:
        mean, variance = 0.0, 1.0
        for moments in passes:
            mean, variance = (0.9 * old + 0.1 * new for old, new in zip((mean, variance), moments[layer]))
        np.testing.assert_allclose(s.after[f"generator.{layer}.mean"], mean, rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(s.after[f"generator.{layer}.variance"], variance, rtol=1e-12)


def test_abilities_evaluate(first):
    made = first.trainer.outputs(5)
    images = generate(first.task, first.after, made["z"], training=False)
    np.testing.assert_allclose(made["generate"], images, rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(made["score"], score(first.task, first.after, made["images"]), rtol=1e-11, atol=1e-13)
