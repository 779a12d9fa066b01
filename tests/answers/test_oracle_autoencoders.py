"""The convolutional autoencoders against formulas written here in NumPy and SciPy: networks, losses, gradients."""

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from scipy.special import expit, log_expit

from harness import frameworks, tasks
from harness.training import task_data
from harness.training.trainer import Trainer


def conv(x, weight, bias, stride=1):
    """3x3, a pixel of zeros all round: every window times the kernel."""
    windows = sliding_window_view(np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1))), (3, 3), (2, 3))
    return np.einsum("nchwij,ocij->nohw", windows[:, :, ::stride, ::stride], weight) + bias[:, None, None]


def conv_transpose(x, weight, bias, stride, padding, size):
    """Every pixel paints the kernel, ``stride`` apart. Before, ``padding`` is cut off; after, what exceeds ``size``."""
    n, _, h, w = x.shape
    _, channels, *kernel = weight.shape
    full = np.zeros((n, channels, (h - 1) * stride + kernel[0], (w - 1) * stride + kernel[1]))
    for i, j in np.ndindex(*kernel):
        painted = np.einsum("nchw,co->nohw", x, weight[:, :, i, j])
        full[:, :, i:i + stride * h:stride, j:j + stride * w:stride] += painted
    return full[:, :, padding:padding + size[0], padding:padding + size[1]] + bias[:, None, None]


def relu(x):
    return np.maximum(x, 0)


def max_pool(x):
    n, c, h, w = x.shape
    return x.reshape(n, c, h // 2, 2, w // 2, 2).max((3, 5))


def convae_codes(p, images):
    x = max_pool(relu(conv(images, p["encoder.conv1.weight"], p["encoder.conv1.bias"])))
    return max_pool(relu(conv(x, p["encoder.conv2.weight"], p["encoder.conv2.bias"])))


def convae_output(p, codes):
    h, w = codes.shape[2:]
    x = relu(conv_transpose(codes, p["decoder.conv_transpose1.weight"], p["decoder.conv_transpose1.bias"], 2, 0,
                            (2 * h, 2 * w)))
    return conv_transpose(x, p["decoder.conv_transpose2.weight"], p["decoder.conv_transpose2.bias"], 2, 0,
                          (4 * h, 4 * w))


def convae_loss(output, images):
    return np.sum((output - images) ** 2) / images.size


def latent_ae_codes(p, images):
    x = relu(conv(images, p["encoder.conv1.weight"], p["encoder.conv1.bias"], 2))
    x = relu(conv(x, p["encoder.conv2.weight"], p["encoder.conv2.bias"], 2))
    return x.reshape(len(x), -1) @ p["encoder.dense1.weight"].T + p["encoder.dense1.bias"]


def latent_ae_output(p, codes, height=8, width=12):
    """The logits."""
    x = relu(codes @ p["decoder.dense1.weight"].T + p["decoder.dense1.bias"])
    x = x.reshape(len(x), -1, height // 4, width // 4)
    for layer, stride, size in ((1, 2, (height // 2, width // 2)), (2, 2, (height, width)), (3, 1, (height, width))):
        weight, bias = (p[f"decoder.conv_transpose{layer}.{role}"] for role in ("weight", "bias"))
        x = conv_transpose(x, weight, bias, stride, 1, size)
        x = relu(x) if layer < 3 else x
    return x


def latent_ae_loss(logits, images):
    """Minus the log of the Bernoulli probability, with x between 0 and 1: sum over the pixels, mean over the batch."""
    return -np.sum(images * log_expit(logits) + (1 - images) * log_expit(-logits)) / len(images)


MODELS = {"convae": (convae_codes, convae_output, convae_loss),
          "latent_ae": (latent_ae_codes, latent_ae_output, latent_ae_loss)}


@pytest.fixture(params=MODELS)
def trained(request):
    """A PyTorch answer after three steps, so that biases are not zero: (trainer, formulas)."""
    task = tasks.load(request.param, "check")
    data = task_data.load(task)
    trainer = Trainer(task, "pytorch", frameworks.load("pytorch"), {"images": data.images, "labels": data.labels})
    for step in range(3):
        trainer.step(step)
    return trainer, MODELS[request.param]


def test_network_and_loss_are_the_formula(trained):
    trainer, (codes, output, loss) = trained
    parameters, images = trainer.parameters(), trainer.batches(3)["images"]
    (name,) = trainer.task.losses
    expected = loss(output(parameters, codes(parameters, images)), images)
    assert trainer.step(3)[name] == pytest.approx(expected, rel=1e-12)


def test_gradients_are_the_formula_s(trained):
    """Central differences of the NumPy loss, at the entry of largest gradient in each array, and at a random one."""
    trainer, (codes, output, loss) = trained
    parameters, images = trainer.parameters(), trainer.batches(3)["images"]
    trainer.step(3)
    rng, step = np.random.default_rng(0), 1e-6             # so small that no ReLU and no maximum changes sides
    for name, variable in trainer.variables.items():
        gradient = variable.grad.numpy()
        for entry in (int(np.abs(gradient).argmax()), int(rng.integers(gradient.size))):
            sides = []
            for sign in (-1, 1):
                moved = {n: a.copy() for n, a in parameters.items()}
                moved[name].flat[entry] += sign * step
                sides.append(loss(output(moved, codes(moved, images)), images))
            slope = (sides[1] - sides[0]) / (2 * step)
            assert gradient.flat[entry] == pytest.approx(slope, rel=1e-5, abs=1e-5 * np.abs(gradient).max()), name


def test_abilities_are_the_formula(trained):
    trainer, (codes, output, _) = trained
    parameters, made = trainer.parameters(), trainer.outputs(5)
    expected = codes(parameters, made["images"])
    np.testing.assert_allclose(made["encode"], expected, rtol=0, atol=1e-12 * np.abs(expected).max())
    decoded = output(parameters, expected)
    if trainer.task.name == "latent_ae":
        decoded = expit(decoded)                            # decode gives probabilities
    np.testing.assert_allclose(made["decode"], decoded, rtol=0, atol=1e-12)
    np.testing.assert_allclose(made["reconstruct"], decoded, rtol=0, atol=1e-12)
