"""gan, dcgan, cgan against NumPy and SciPy alone: the networks as task.toml's tables read, the losses as the papers
have them, gradients by finite differences, and the order of one training step.

The GAN's loss in closed form: log sigmoid(x) is scipy.special.log_expit(x), log(1 - sigmoid(x)) is log_expit(-x).
"""

import functools
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from scipy.special import expit, log_expit

from harness import frameworks, tasks
from harness.training import task_data
from harness.training.trainer import Trainer

NAMES = ("gan", "dcgan", "cgan")


def conv(x, p, o):
    k, s, pad = o["kernel"], o["stride"], o["padding"]
    windows = sliding_window_view(np.pad(x, [(0, 0), (0, 0), (pad, pad), (pad, pad)]), (k, k), (2, 3))[:, :, ::s, ::s]
    return np.einsum("nchwij,ocij->nohw", windows, p["weight"], optimize=True) + p["bias"][:, None, None]


def conv_transpose(x, p, o):
    """Each pixel adds its kernel to a larger map, stride pixels apart; then the margin is cut off."""
    k, s, pad = o["kernel"], o["stride"], o["padding"]
    n, _, h, w = x.shape
    full = np.zeros((n, p["weight"].shape[1], s * h + k, s * w + k))
    for i in range(k):
        for j in range(k):
            full[:, :, i:i + s * h:s, j:j + s * w:s] += np.einsum("nchw,co->nohw", x, p["weight"][:, :, i, j])
    height, width = ((m - 1) * s - 2 * pad + k + o["output_padding"] for m in (h, w))
    return full[:, :, pad:pad + height, pad:pad + width] + p["bias"][:, None, None]


def forward(task, network, parameters, *inputs, training=True):
    """(output, {batch norm's parameter name: running average after this pass})"""
    values, averages, inputs, h = {}, {}, iter(inputs), task.hyperparameters
    for layer in task.networks[network].layers:
        xs = [values[source.name] for source in layer.sources]
        x = xs[0] if xs else None
        prefix = f"{network}.{layer.name}."
        p = {role: parameters[prefix + role] for role in layer.roles}
        match layer.kind:
            case "input":
                y = next(inputs)
            case "concat":
                y = np.concatenate(xs, axis=1)
            case "flatten" | "reshape":
                y = x.reshape(len(x), *layer.output_shape)
            case "dense":
                y = x @ p["weight"].T + p["bias"]
            case "conv":
                y = conv(x, p, layer.options)
            case "conv_transpose":
                y = conv_transpose(x, p, layer.options)
            case "batch_norm":
                mean, variance = x.mean((0, 2, 3)), x.var((0, 2, 3))
                averages[prefix + "mean"] = 0.9 * p["mean"] + 0.1 * mean
                averages[prefix + "variance"] = 0.9 * p["variance"] + 0.1 * x.var((0, 2, 3), ddof=1)
                if not training:
                    mean, variance = p["mean"], p["variance"]
                mean, scale = mean[:, None, None], (p["gamma"] / np.sqrt(variance + h["epsilon"]))[:, None, None]
                y = (x - mean) * scale + p["beta"][:, None, None]
            case kind:
                y = {"relu": lambda: np.maximum(x, 0), "leaky_relu": lambda: np.where(x > 0, x, h["slope"] * x),
                     "tanh": lambda: np.tanh(x), "sigmoid": lambda: expit(x)}[kind]()
        values[layer.name] = y
    return y, averages


class Oracle:
    """The task in NumPy, on one batch."""

    def __init__(self, task, batch):
        self.task, self.batch = task, batch
        self.hot = np.eye(task.hyperparameters["classes"])[batch["labels"]] if "labels" in batch else None

    def generate(self, parameters, training=True):
        return forward(self.task, "generator", parameters, self.batch["z"], *([] if self.hot is None else [self.hot]),
                       training=training)

    def logits(self, parameters, images):
        _, height, width = self.task.image_shape
        if self.hot is None:
            return forward(self.task, "discriminator", parameters, images)[0]
        planes = np.broadcast_to(self.hot[:, :, None, None], (*self.hot.shape, height, width))
        return forward(self.task, "discriminator", parameters, images, planes)[0]

    def discriminator_loss(self, parameters, fake):
        real = -log_expit(self.logits(parameters, self.batch["images"])).mean()
        return real - log_expit(-self.logits(parameters, fake)).mean()

    def generator_loss(self, parameters, fake=None):
        return -log_expit(self.logits(parameters, self.generate(parameters)[0] if fake is None else fake)).mean()


@functools.cache
def arrays_of(name):
    return task_data.load(tasks.load(name)).arrays


def trainer_of(name):
    """Weights ten times as large as the question's, so that logits are far from 0 and gradients far from rounding."""
    task = tasks.load(name)
    trainer = Trainer(task, "pytorch", frameworks.load("pytorch"), arrays_of(name), precision="float64")
    initial = trainer.parameters()
    trainer.set_parameters({k: v * 10 if trainer.specs[k].role == "weight" else v for k, v in initial.items()})
    return trainer


@pytest.fixture(params=NAMES, scope="module")
def first(request):
    """The first step of training, by PyTorch, and what there was before and after it."""
    trainer = trainer_of(request.param)
    before = trainer.parameters()
    losses = trainer.step(0)
    gradients = {name: v.grad.numpy().copy() for name, v in trainer.variables.items() if v.grad is not None}
    after = trainer.parameters()
    oracle = Oracle(trainer.task, trainer.batches(0))
    # What the generator's step saw: its own weights of before, the discriminator's of after.
    between = {name: (after if name.startswith("discriminator") else before)[name] for name in before}
    return SimpleNamespace(trainer=trainer, before=before, between=between, after=after, losses=losses,
                           gradients=gradients, oracle=oracle, fake=oracle.generate(before)[0])


def test_losses_are_the_closed_form(first):
    expected = {"discriminator": first.oracle.discriminator_loss(first.before, first.fake),
                "generator": first.oracle.generator_loss(first.between)}
    assert first.losses == pytest.approx(expected, rel=1e-12)


def test_generator_meets_the_updated_discriminator(first):
    with_old = first.oracle.generator_loss(first.before)
    assert abs(first.losses["generator"] - with_old) > 1e-4


def slope(loss, parameters, name, index, h=1e-6):
    values = []
    for sign in (1, -1):
        moved = parameters[name].copy()
        moved[index] += sign * h
        values.append(loss(parameters | {name: moved}))
    return (values[0] - values[1]) / (2 * h)


def test_gradients_are_those_of_the_two_losses(first):
    """The discriminator's of its loss alone, the generator's of its loss alone: nothing leaks from one to the other."""
    specs = first.trainer.specs
    assert first.gradients.keys() == {name for name in specs if specs[name].trainable}
    for name, gradient in first.gradients.items():
        if name.startswith("discriminator"):
            loss, at = lambda p: first.oracle.discriminator_loss(p, first.fake), first.before
        else:
            loss, at = first.oracle.generator_loss, first.between
        index = np.unravel_index(np.abs(gradient).argmax(), gradient.shape)
        assert slope(loss, at, name, index) == pytest.approx(gradient[index], rel=1e-5), name


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("still, moving", [("generator", "discriminator"), ("discriminator", "generator")])
def test_an_optimizer_moves_its_own_network_alone(name, still, moving):
    trainer = trainer_of(name)
    before = trainer.parameters()
    getattr(trainer.answer, f"{still}_optimizer").param_groups[0]["lr"] = 0.0
    trainer.step(0)
    after = trainer.parameters()
    for key, spec in trainer.specs.items():
        if spec.trainable:
            assert np.array_equal(before[key], after[key]) == key.startswith(still), key


def test_batch_norm_sees_the_batch_once(first):
    _, averages = first.oracle.generate(first.before)
    assert len(averages) == {"gan": 0, "dcgan": 8, "cgan": 4}[first.trainer.task.name]
    for name, expected in averages.items():
        np.testing.assert_allclose(first.after[name], expected, rtol=1e-12, atol=1e-18, err_msg=name)


def test_abilities_evaluate(first):
    """With running averages, and with each image's own label: the samples' labels are not all the same."""
    made = first.trainer.outputs(6)
    oracle = Oracle(first.trainer.task, made)
    images, logits = oracle.generate(first.after, training=False)[0], oracle.logits(first.after, made["images"])
    np.testing.assert_allclose(made["generate"], images, rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(made["discriminate"], logits, rtol=1e-11, atol=1e-13)
    if oracle.hot is not None:
        other = Oracle(first.trainer.task, made | {"labels": np.roll(made["labels"], 1)})
        assert np.abs(other.generate(first.after, training=False)[0] - made["generate"]).max() > 1e-2
        assert np.abs(other.logits(first.after, made["images"]) - made["discriminate"]).max() > 1e-2
