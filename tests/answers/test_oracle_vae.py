"""The losses of vae and sampling_decoder against their formulas in NumPy, gradients against finite differences."""

import numpy as np
import pytest
from scipy.special import log_expit
from scipy.stats import norm

from harness import frameworks, tasks
from harness.training import task_data
from harness.training.trainer import Trainer

TASKS = ("vae", "sampling_decoder")


def trainer_of(name, framework="pytorch"):
    task = tasks.load(name, "check")
    data = task_data.load(task)
    return Trainer(task, framework, frameworks.load(framework), {"images": data.images, "labels": data.labels})


def numpy_copy(batch):
    return {name: np.array(values) for name, values in batch.items()}


def encode(p, images):
    """mu, log var of q(z|x)"""
    h = np.maximum(images.reshape(len(images), -1) @ p["encoder.dense1.weight"].T + p["encoder.dense1.bias"], 0)
    return [h @ p[f"encoder.{head}.weight"].T + p[f"encoder.{head}.bias"] for head in ("mu", "log_var")]


def dense_layers(p, x, number):
    for i in range(1, number + 1):
        x = x @ p[f"decoder.dense{i}.weight"].T + p[f"decoder.dense{i}.bias"]
        x = np.maximum(x, 0) if i < number else x
    return x


def decode_all_pixels(p, z, height, width):
    return dense_layers(p, z, 2).reshape(len(z), 1, height, width)


def decode_each_pixel(p, z, height, width):
    """u runs over the rows and v over the columns, both from -1 to 1; one pixel after the other, with all images."""
    logits = np.empty((len(z), 1, height, width))
    for row in range(height):
        for column in range(width):
            u, v = 2 * row / (height - 1) - 1, 2 * column / (width - 1) - 1
            logits[:, :, row, column] = dense_layers(p, np.array([[u, v, *code] for code in z]), 4)
    return logits


DECODE = {"vae": decode_all_pixels, "sampling_decoder": decode_each_pixel}


def kl_by_quadrature(mu, log_var):
    """E_q[log q(z) - log p(z)] from its definition; Gauss-Hermite nodes are exact for the polynomial that it is."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(5)
    deviation = np.exp(log_var / 2)[..., None]
    z = mu[..., None] + deviation * nodes
    log_ratio = norm.logpdf(z, mu[..., None], deviation) - norm.logpdf(z)
    return log_ratio @ weights / np.sqrt(2 * np.pi)


def losses(name, p, batch):
    """The question's losses, and nothing of the answer's code."""
    images = batch["images"]
    mu, log_var = encode(p, images)
    logits = DECODE[name](p, mu + np.sqrt(np.exp(log_var)) * batch["eps"], *images.shape[2:])
    log_likelihood = images * log_expit(logits) + (1 - images) * log_expit(-logits)
    bce = -log_likelihood.sum((1, 2, 3)).mean()
    kl = kl_by_quadrature(mu, log_var).sum(1).mean()
    return {"loss": bce + kl, "bce": bce, "kl": kl}


@pytest.mark.parametrize("name", TASKS)
def test_losses_are_the_formulas(name):
    """At the first step and after three, where biases are not zero any more."""
    trainer = trainer_of(name)
    for step in range(4):
        batch, p = numpy_copy(trainer.batches(step)), trainer.parameters()
        assert trainer.step(step) == pytest.approx(losses(name, p, batch), rel=1e-12)


@pytest.mark.parametrize("name", TASKS)
def test_gradients_are_those_of_the_formula(name):
    """The three largest entries of each array, so that none is a dead unit's zero; by so little that no ReLU turns over."""
    trainer = trainer_of(name)
    for step in range(3):
        trainer.step(step)
    batch, p = numpy_copy(trainer.batches(3)), trainer.parameters()
    trainer.step(3)
    for parameter, variable in trainer.variables.items():
        gradient = variable.grad.numpy()
        for flat in np.argsort(-np.abs(gradient), axis=None)[:3]:
            entry, h = np.unravel_index(flat, gradient.shape), 1e-6
            original = p[parameter][entry]
            values = []
            for shifted in (original + h, original - h):
                p[parameter][entry] = shifted
                values.append(losses(name, p, batch)["loss"])
            p[parameter][entry] = original
            assert gradient[entry] == pytest.approx((values[0] - values[1]) / (2 * h), rel=1e-5), (parameter, entry)


@pytest.mark.parametrize("name", TASKS)
def test_decode_gives_probabilities_of_the_logits(name):
    trainer = trainer_of(name)
    outputs, p = trainer.outputs(3), trainer.parameters()
    mu, _ = encode(p, outputs["images"])
    np.testing.assert_allclose(outputs["encode"], mu, rtol=0, atol=1e-14)
    for ability, z in (("decode", mu), ("reconstruct", mu), ("generate", outputs["z"])):
        expected = np.exp(log_expit(DECODE[name](p, z, 6, 8)))
        np.testing.assert_allclose(outputs[ability], expected, rtol=1e-12)


@pytest.fixture
def rendering(framework):
    """An answer in each framework, codes, and what render makes of them as NumPy (N, H, W)."""
    trainer = trainer_of("sampling_decoder", framework)
    adapter, answer = trainer.adapter, trainer.answer
    z = adapter.batch({"z": np.random.default_rng(0).standard_normal((3, 3))})["z"]

    def render(z, *size, **options):
        images = adapter.array(answer.render(z, *size, **options))
        assert images.shape == ((len(z), 1, *size) if adapter.layout == "NCHW" else (len(z), *size, 1))
        return images.reshape(len(z), *size)

    return trainer, z, render


def test_render_in_chunks_is_render_at_once(rendering):
    """Chunks that end in the middle of a row, one pixel at a time, and fewer points than images."""
    trainer, z, render = rendering
    whole = render(z, 5, 9, chunk=10**6)
    expected = decode_each_pixel(trainer.parameters(), np.array(z), 5, 9)[:, 0]
    np.testing.assert_allclose(whole, np.exp(log_expit(expected)), rtol=1e-12)
    for chunk in (42, 3, 1):
        np.testing.assert_allclose(render(z, 5, 9, chunk=chunk), whole, rtol=1e-13)


def test_render_at_the_size_of_training_is_decode(rendering):
    trainer, z, render = rendering
    decoded = trainer.adapter.array(trainer.answer.decode(z)).reshape(3, 6, 8)
    np.testing.assert_allclose(render(z, 6, 8, chunk=30), decoded, rtol=1e-13)


def test_a_large_picture_is_rendered_in_small_parts(rendering):
    """512 x 512 for two images: each point is decoded once, and the decoder never sees more than 8,192 at one time."""
    trainer, z, render = rendering
    z, logits, seen = z[:2], trainer.answer.logits, []

    def counting(z, points):
        seen.append(len(z) * len(points))
        return logits(z, points)

    trainer.answer.logits = counting
    large = render(z, 512, 512)
    assert sum(seen) == 2 * 512 * 512 and max(seen) <= 8192
    expected = decode_each_pixel(trainer.parameters(), np.array(z), 2, 2)[:, 0]
    np.testing.assert_allclose(large[:, ::511, ::511], np.exp(log_expit(expected)), rtol=1e-12)     # the corners
