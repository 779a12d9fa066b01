"""conv_vae, vae_gan, unet_vae_gan: losses and gradients of a training step against NumPy and SciPy."""

import copy

import numpy as np
import pytest
import torch
from scipy import special, stats

from harness import frameworks, tasks
from harness.training import task_data
from harness.training.trainer import Trainer

LAMBDA_VAE, LAMBDA_GAN = 0.5, 200.0         # so that the gradients of both parts count
ALPHA = tasks.load("unet_vae_gan").hyperparameters["alpha"]


def trainer(name, framework="pytorch", **hyperparameters):
    task = tasks.load(name)
    task.hyperparameters.update(hyperparameters)
    data = task_data.load(task)
    return Trainer(task, framework, frameworks.load(framework), {"images": data.images, "labels": data.labels})


def first_step(name, **hyperparameters):
    """The networks as they were before the first training step, its batch, its losses, and the answer after it."""
    new = trainer(name, **hyperparameters)
    before = copy.deepcopy({network: getattr(new.answer, network) for network in new.task.networks})
    return before, new.adapter.batch(new.batches(0)), new.step(0), new.answer


def arrays(*tensors):
    return [t.detach().numpy() for t in tensors]


def kl_by_quadrature(mu, log_var):
    """E_q[log q - log p], by the densities. The integrand is a square polynomial: three nodes are exact."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(3)
    deviation = np.sqrt(np.exp(log_var))
    x = mu[..., None] + deviation[..., None] * nodes
    integrand = stats.norm.logpdf(x, mu[..., None], deviation[..., None]) - stats.norm.logpdf(x)
    return np.sum(integrand @ weights, axis=1).mean() / np.sqrt(2 * np.pi)


def squared_error(a, b):
    return np.mean([np.linalg.norm(x - y) ** 2 for x, y in zip(a, b)])


def check_gradients(network, trained, loss, entries=1):
    """The gradients that ``trained`` still holds are central differences of ``loss()``, a function of ``network``."""
    rng = np.random.default_rng(0)
    for (name, parameter), after in zip(network.named_parameters(), trained.parameters(), strict=True):
        gradient = after.grad.numpy().ravel()
        flat = parameter.data.view(-1)
        for i in {int(np.abs(gradient).argmax()), *rng.integers(gradient.size, size=entries).tolist()}:
            value, h = flat[i].item(), 1e-5
            flat[i] = value + h
            above = loss()
            flat[i] = value - h
            below = loss()
            flat[i] = value
            expected = pytest.approx((above - below) / (2 * h), rel=1e-5, abs=1e-6 * np.abs(gradient).max())
            assert gradient[i] == expected, f"{name}[{i}]"


def conv_vae_losses(networks, batch):
    mu, log_var = networks["encoder"](batch["images"])
    made = networks["decoder"](mu + torch.exp(log_var / 2) * batch["eps"])
    images, made, mu, log_var = arrays(batch["images"], made, mu, log_var)
    error, kl = squared_error(made, images), kl_by_quadrature(mu, log_var)
    return {"squared_error": error, "kl": kl, "loss": error + kl}


def test_conv_vae():
    before, batch, losses, after = first_step("conv_vae")
    assert losses == pytest.approx(conv_vae_losses(before, batch), rel=1e-12)
    for name, network in before.items():
        check_gradients(network, getattr(after, name), lambda: conv_vae_losses(before, batch)["loss"])


def vae_gan_losses(networks, batch, discriminator):
    """``discriminator``: as it is after its step, for the decoder's part."""
    parts = conv_vae_losses(networks, batch)
    fakes = networks["decoder"](batch["z"])
    return adversarial_losses(networks, batch, discriminator, fakes, parts)


def adversarial_losses(networks, batch, discriminator, fakes, parts):
    """Of a discriminator D(x) = expit(logit), a probability."""
    real, fake = (special.expit(networks["discriminator"](x).detach().numpy()) for x in (batch["images"], fakes))
    generator = -np.log(special.expit(discriminator(fakes).detach().numpy())).mean()
    return {"squared_error": parts["squared_error"], "kl": parts["kl"], "generator": generator,
            "discriminator": -np.log(real).mean() - np.log(1 - fake).mean(),
            "vae": LAMBDA_VAE * parts["loss"] + LAMBDA_GAN * generator}


def check_vae_gan(name, losses_of):
    before, batch, losses, after = first_step(name, lambda_vae=LAMBDA_VAE, lambda_gan=LAMBDA_GAN)
    assert losses == pytest.approx(losses_of(before, batch, after.discriminator), rel=1e-12)
    for network, loss in (("encoder", "vae"), ("decoder", "vae"), ("discriminator", "discriminator")):
        check_gradients(before[network], getattr(after, network),
                        lambda: losses_of(before, batch, after.discriminator)[loss])


def test_vae_gan():
    check_vae_gan("vae_gan", vae_gan_losses)


def unet_vae_gan_losses(networks, batch, discriminator):
    mu, log_var, skips = networks["encoder"](batch["images"])
    fakes = networks["decoder"](batch["z"], [
        skip + ALPHA * skip * batch[f"skip{i}"] for i, skip in enumerate(skips, start=1)])
    made = networks["decoder"](mu + torch.exp(log_var / 2) * batch["eps"], skips)
    images, made, mu, log_var = arrays(batch["images"], made, mu, log_var)
    error, kl = squared_error(made, images), kl_by_quadrature(mu, log_var)
    return adversarial_losses(networks, batch, discriminator, fakes, {
        "squared_error": error, "kl": kl, "loss": error + kl})


def test_unet_vae_gan():
    check_vae_gan("unet_vae_gan", unet_vae_gan_losses)


def generate(new, alpha):
    """(generated, decoded) of the same z and images: the first with noise on the skips, the second without."""
    new.answer.alpha = alpha
    batch = new.adapter.batch(new.batches(0))
    networks = [getattr(new.answer, name) for name in new.task.networks]
    noises = [batch[f"skip{i}"] for i in (1, 2, 3, 4)]
    with new.adapter.evaluation(networks):
        return [new.adapter.array(made) for made in (
            new.answer.generate(batch["z"], batch["images"], *noises), new.answer.decode(batch["z"], batch["images"]))]


def test_alpha_zero_is_exactly_the_clean_skips(framework):
    new = trainer("unet_vae_gan", framework)
    np.testing.assert_array_equal(*generate(new, 0.0))
    generated, decoded = generate(new, 0.1)
    assert 1e-3 < np.abs(generated - decoded).max() < 1


@pytest.mark.parametrize("name", ["vae_gan", "unet_vae_gan"])
def test_running_averages_see_z_first_and_then_the_codes(name):
    before, batch, _, after = first_step(name)
    mu, log_var = before["encoder"](batch["images"])[:2]
    dense, _ = linear_and_norm(before["decoder"])
    _, norm = linear_and_norm(after.decoder)
    mean, variance = np.zeros(norm.num_features), np.ones(norm.num_features)
    for code in arrays(batch["z"], mu + torch.exp(log_var / 2) * batch["eps"]):
        maps = (code @ dense.weight.detach().numpy().T).reshape(len(code), norm.num_features, -1)
        mean = 0.9 * mean + 0.1 * maps.mean((0, 2))
        variance = 0.9 * variance + 0.1 * maps.var((0, 2), ddof=1)
    np.testing.assert_allclose(norm.running_mean, mean, rtol=0, atol=1e-14)
    np.testing.assert_allclose(norm.running_var, variance, rtol=1e-12)


def linear_and_norm(network):
    """The first of each."""
    kinds = torch.nn.Linear, torch.nn.BatchNorm2d
    return [next(m for m in network.modules() if isinstance(m, kind)) for kind in kinds]
