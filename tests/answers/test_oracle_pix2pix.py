"""pix2pix against NumPy: networks read off the question's table, losses in closed form, gradients by differences.

The forward pass here shares nothing with the answers but the table in task.toml and the initial weights.
"""

from types import SimpleNamespace

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

from harness import frameworks, tasks
from harness.training import task_data
from harness.training.trainer import Trainer

TOLERANCE = 1e-12


def correlate(x, weight, stride, padding):
    """A convolution as networks mean it; weight (out, in, kh, kw)."""
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = sliding_window_view(x, weight.shape[2:], (2, 3))[:, :, ::stride, ::stride]
    return np.tensordot(windows, weight, ([1, 4, 5], [1, 2, 3])).transpose(0, 3, 1, 2)


def transposed(x, weight, stride, padding):
    """Zeros between the pixels, then a convolution with the kernel turned round; weight (in, out, kh, kw)."""
    number, channels, height, width = x.shape
    spread = np.zeros((number, channels, (height - 1) * stride + 1, (width - 1) * stride + 1))
    spread[:, :, ::stride, ::stride] = x
    return correlate(spread, weight[:, :, ::-1, ::-1].transpose(1, 0, 2, 3), 1, weight.shape[2] - 1 - padding)


def forward(task, network, parameters, inputs, keep=(), training=True):
    """(output, {batch norm: (mean, unbiased variance) of what it was given}); ``keep``: of each dropout, in order."""
    made, moments, keep, inputs = {}, {}, list(keep), list(inputs)
    options = task.hyperparameters
    for layer in task.networks[network].layers:
        p = {role: parameters[f"{network}.{layer.name}.{role}"] for role in layer.roles}
        column = {role: value[:, None, None] for role, value in p.items() if value.ndim == 1}
        x = [made[source.name] for source in layer.sources]
        match layer.kind:
            case "input":
                y = inputs.pop(0)
            case "conv" | "conv_transpose":
                function = correlate if layer.kind == "conv" else transposed
                y = function(x[0], p["weight"], layer.options["stride"], layer.options["padding"])
                y = y + column.get("bias", 0)
            case "batch_norm":
                mean, variance = column["mean"], column["variance"]
                if training:
                    mean, variance = (x[0].mean((0, 2, 3), keepdims=True), x[0].var((0, 2, 3), keepdims=True))
                    moments[layer.name] = x[0].mean((0, 2, 3)), x[0].var((0, 2, 3), ddof=1)
                y = (x[0] - mean) / np.sqrt(variance + options["epsilon"]) * column["gamma"] + column["beta"]
            case "leaky_relu":
                y = np.where(x[0] > 0, x[0], options["slope"] * x[0])
            case "relu":
                y = np.maximum(x[0], 0)
            case "dropout":
                y = x[0] * keep.pop(0) / (1 - options["dropout"]) if training else x[0]
            case "concat":
                y = np.concatenate(x, 1)
            case "tanh":
                y = np.tanh(x[0])
        made[layer.name] = y
    return y, moments


def bce(logits, target):
    probability = 1 / (1 + np.exp(-logits))
    return -np.mean(np.log(probability if target else 1 - probability))


@pytest.fixture(scope="module")
def first_step():
    """One training step of the PyTorch answer, and all that there was before it and after."""
    task = tasks.load("pix2pix", "check")
    data = task_data.load(task)
    trainer = Trainer(task, "pytorch", frameworks.load("pytorch"), data.arrays)
    before, batch = trainer.parameters(), trainer.batches(0)
    losses = trainer.step(0)
    gradients = {name: None if v.grad is None else v.grad.numpy() for name, v in trainer.variables.items()}
    return SimpleNamespace(task=task, trainer=trainer, before=before, after=trainer.parameters(), losses=losses,
                           gradients=gradients, batch=batch, keep=[batch["keep1"], batch["keep2"]],
                           masks=batch["masks"], images=batch["images"])


def fakes_of(s, generator):
    return forward(s.task, "generator", generator, [s.masks], s.keep)[0]


def discriminator_loss(s, discriminator, fakes):
    """Half of: how surprised it is by real pairs, and by made ones. A batch for each."""
    real, fake = (forward(s.task, "discriminator", discriminator, [s.masks, x])[0] for x in (s.images, fakes))
    return (bce(real, 1) + bce(fake, 0)) / 2


def generator_losses(s, generator, discriminator):
    fakes = fakes_of(s, generator)
    adversarial = bce(forward(s.task, "discriminator", discriminator, [s.masks, fakes])[0], 1)
    l1 = np.sum(np.abs(fakes - s.images)) / s.images.size
    return {"adversarial": adversarial, "l1": l1, "generator": adversarial + 100 * l1}


def test_losses_are_the_formulas(first_step):
    s = first_step
    expected = {"discriminator": discriminator_loss(s, s.before, fakes_of(s, s.before)),
                # the discriminator has made its step by then, the generator has not
                **generator_losses(s, s.before, s.after)}
    assert s.losses == pytest.approx(expected, rel=TOLERANCE, abs=0)
    stale = generator_losses(s, s.before, s.before)["adversarial"]
    assert abs(stale / expected["adversarial"] - 1) > 1e-6, "the discriminator's step must show"


def test_dropout_drops_its_share_and_scales_the_rest(first_step):
    """The masks are 0 and 1, as many of each as ``dropout`` says, and what they do shows: the same of everything is no dropout."""
    s = first_step
    kept = 1 - s.task.hyperparameters["dropout"]
    for keep in s.keep:
        assert set(np.unique(keep)) == {0, 1} and abs(keep.mean() - kept) < 0.15
    without = forward(s.task, "generator", s.before, [s.masks], [np.full_like(k, kept) for k in s.keep])[0]
    assert np.max(np.abs(without - fakes_of(s, s.before))) > 1e-3


def difference(loss, parameters, name, at, step=1e-7):
    values = []
    for sign in (1, -1):
        changed = parameters[name].copy()
        changed[at] += sign * step
        values.append(loss({**parameters, name: changed}))
    return (values[0] - values[1]) / (2 * step)


@pytest.mark.parametrize("network", ["discriminator", "generator"])
def test_gradients_are_the_slopes(first_step, network):
    """In every array of the network the steepest entry, against a central difference of the loss in NumPy."""
    s = first_step
    if network == "discriminator":
        fakes = fakes_of(s, s.before)

        def loss(parameters):
            return discriminator_loss(s, parameters, fakes)
    else:
        def loss(parameters):
            return generator_losses(s, parameters, s.after)["generator"]
    names = [n for n, gradient in s.gradients.items() if n.startswith(network) and gradient is not None]
    assert len(names) == sum(p.trainable for p in s.task.networks[network].parameters())
    for name in names:
        gradient = s.gradients[name]
        at = np.unravel_index(np.argmax(np.abs(gradient)), gradient.shape)
        assert gradient[at] == pytest.approx(difference(loss, s.before, name, at), rel=1e-5), name


def test_running_averages_move_once_a_pass(first_step):
    """The discriminator's three times a step: real, made, and made again with the new weights."""
    s = first_step
    fakes = fakes_of(s, s.before)
    passes = {"generator": [forward(s.task, "generator", s.before, [s.masks], s.keep)],
              "discriminator": [forward(s.task, "discriminator", p, [s.masks, x])
                                for p, x in ((s.before, s.images), (s.before, fakes), (s.after, fakes))]}
    for network, results in passes.items():
        for layer in results[0][1]:
            mean, variance = 0.0, 1.0
            for _, moments in results:
                mean, variance = (0.9 * old + 0.1 * new for old, new in zip((mean, variance), moments[layer]))
            np.testing.assert_allclose(s.after[f"{network}.{layer}.mean"], mean, rtol=0, atol=TOLERANCE)
            np.testing.assert_allclose(s.after[f"{network}.{layer}.variance"], variance, rtol=TOLERANCE)


def test_translate_uses_the_averages_and_drops_nothing(first_step):
    s = first_step
    outputs = s.trainer.outputs(3)
    expected = forward(s.task, "generator", s.after, [outputs["masks"]], training=False)[0]
    np.testing.assert_allclose(outputs["translate"], expected, rtol=0, atol=TOLERANCE)
