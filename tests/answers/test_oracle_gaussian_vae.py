"""The Gaussian VAE's losses and gradients against SciPy's normal density, quadrature, and finite differences."""

import numpy as np
import pytest
from scipy import stats

from harness import frameworks, tasks
from harness.training import task_data
from harness.training.trainer import Trainer

CHANGE = 1e-6         # of a parameter, for the finite differences
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(20)    # of the integral over exp(-x^2 / 2)


@pytest.fixture
def trainer():
    """The PyTorch answer, with biases drawn as well: q(z|x) is then far from the prior, and no ReLU gets exactly 0."""
    task = tasks.load("gaussian_vae")
    data = task_data.load(task)
    trainer = Trainer(task, "pytorch", frameworks.load("pytorch"), {"images": data.images, "labels": data.labels})
    rng = np.random.default_rng(0)
    trainer.set_parameters({name: array if array.any() else rng.uniform(-0.5, 0.5, array.shape)
                            for name, array in trainer.parameters().items()})
    return trainer


def networks(trainer, step):
    """What the two networks make of a step's batch: images, mu, log var, and the decoder's means, as NumPy arrays."""
    import torch
    batch = trainer.batches(step)
    with torch.no_grad():
        mu, log_var = (part.numpy() for part in trainer.answer.encoder(torch.from_numpy(batch["images"])))
        z = mu + np.exp(log_var / 2) * batch["eps"]
        return batch["images"], mu, log_var, trainer.answer.decoder(torch.from_numpy(z)).numpy()


def losses(trainer, step):
    """The losses by definition: -log of SciPy's density, and E[log q(z|x) - log p(z)] by Gauss-Hermite quadrature."""
    images, mu, log_var, means = networks(trainer, step)
    deviation = np.sqrt(trainer.task.hyperparameters["variance"])
    reconstruction = -stats.norm.logpdf(images, means, deviation).sum() / len(images)
    z = mu[..., None] + np.exp(log_var / 2)[..., None] * NODES
    log_ratio = stats.norm.logpdf(z, mu[..., None], np.exp(log_var / 2)[..., None]) - stats.norm.logpdf(z)
    kl = (log_ratio @ WEIGHTS / WEIGHTS.sum()).sum() / len(images)
    return {"loss": reconstruction + kl, "reconstruction": reconstruction, "kl": kl}


def test_losses_are_the_negative_elbo(trainer):
    for step in range(4):
        expected = losses(trainer, step)
        found = trainer.step(step)
        assert expected["kl"] > 0.1
        for name, value in expected.items():
            assert found[name] == pytest.approx(value, rel=1e-12, abs=1e-14), name


def test_kl_is_what_sampling_estimates(trainer):
    """The mean of log q(z|x) - log p(z) over many draws, within five standard errors of it."""
    _, mu, log_var, _ = networks(trainer, 0)
    draws = np.random.default_rng(0).standard_normal((20_000, *mu.shape))
    z = mu + np.exp(log_var / 2) * draws
    samples = (stats.norm.logpdf(z, mu, np.exp(log_var / 2)) - stats.norm.logpdf(z)).sum(-1).mean(-1)
    found = trainer.step(0)["kl"]
    assert abs(samples.mean() - found) < 5 * samples.std() / np.sqrt(len(samples)) < 0.05 * found


def test_gradients_are_those_of_the_formula(trainer):
    """Central differences of the loss by definition, in the largest gradient and two others of every parameter."""
    before = trainer.parameters()
    trainer.step(0)
    gradients = {name: variable.grad.numpy().copy() for name, variable in trainer.variables.items()}
    rng = np.random.default_rng(1)
    for name, gradient in gradients.items():
        places = [np.abs(gradient).argmax(), *rng.integers(gradient.size, size=2)]
        for place in map(int, places):
            values = []
            for change in (CHANGE, -CHANGE):
                arrays = {key: array.copy() for key, array in before.items()}
                arrays[name].flat[place] += change
                trainer.set_parameters(arrays)
                values.append(losses(trainer, 0)["loss"])
            difference = (values[0] - values[1]) / (2 * CHANGE)
            assert gradient.flat[place] == pytest.approx(difference, rel=1e-5, abs=1e-5 * np.abs(gradient).max()), name
