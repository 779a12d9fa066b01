"""Chainer's plain loops.

Autoencoders and VAEs: chainer/examples, vae, its loss function of the releases before distributions. GANs:
chainer/examples, dcgan, but the fakes are shown to the discriminator once more after its step, as the questions ask; the
example shows them once, for both losses. The gradient of the discriminator's loss goes on through the generator, and the
generator's through the discriminator's weights. pix2pix: pfnet-research/chainer-pix2pix, the discriminator's step first.
WGANs: pfnet-research/chainer-gan-lib, wgan_gp, with chainer.grad for its own backward pass; the generator's step has fakes
of its own. VAE-GANs: the VAE's and the DCGAN's step in one.
"""

import math
from collections.abc import Callable

import numpy as np

from harness.chainer_numpy2 import chainer  # Chainer 7.8.1 on NumPy 2: before what is chainer's

# isort: split
import chainer.functions as F
from chainer import Variable

from harness.tasks import Task

from . import Batch, Losses, Net, Optimizer, Step, Tensor, by_points, kind, likelihood, optimizers
from .chainer_layers import build_network, build_optimizer


def build(task: Task) -> Step:
    networks = {name: build_network(task, name) for name in task.networks}
    built = {name: build_optimizer(networks, options) for name, options in optimizers(task).items()}
    step = STEPS[kind(task)](task, **networks, **built)
    return step


def normal(*shape: int) -> Tensor:
    return np.random.normal(size=shape).astype(chainer.config.dtype)


def make_hidden(task: Task, batchsize: int) -> Tensor:
    return Variable(np.random.uniform(-1, 1, (batchsize, task.hyperparameters["latent"])).astype(chainer.config.dtype))


def reconstruction_loss(task: Task, x: Tensor, y: Tensor) -> Tensor:
    match likelihood(task):
        case "mse":
            return F.mean_squared_error(y, x)
        case "bce":
            return F.bernoulli_nll(x, y) / len(x)
        case "squared_error":
            return F.sum(F.squared_error(y, x)) / len(x)
    log_variance = np.full(x.shape, math.log(task.hyperparameters["variance"]), x.dtype)
    return F.gaussian_nll(x, y, log_variance) / len(x)


def loss_dis(y_real: Tensor, y_fake: Tensor) -> Tensor:
    return F.sum(F.softplus(-y_real)) / y_real.size + F.sum(F.softplus(y_fake)) / y_fake.size


def loss_gen(y_fake: Tensor) -> Tensor:
    return F.sum(F.softplus(-y_fake)) / y_fake.size


def autoencoder(task: Task, encoder: Net, decoder: Net, optimizer: Optimizer) -> Step:
    def step(batch: Batch) -> Losses:
        loss = reconstruction_loss(task, batch["images"], decoder(encoder(batch["images"])))
        optimizer.target.cleargrads()
        loss.backward()
        optimizer.update()
        return {likelihood(task): loss}

    return step


def vae(task: Task, encoder: Net, decoder: Net, optimizer: Optimizer) -> Step:
    decode = point_decoder(task, decoder) if by_points(task) else decoder

    def step(batch: Batch) -> Losses:
        x = batch["images"]
        mu, ln_var = encoder(x)
        rec_loss = reconstruction_loss(task, x, decode(F.gaussian(mu, ln_var)))
        kl = F.gaussian_kl_divergence(mu, ln_var) / len(x)
        loss = rec_loss + kl
        optimizer.target.cleargrads()
        loss.backward()
        optimizer.update()
        return {"loss": loss, likelihood(task): rec_loss, "kl": kl}

    return step


def point_decoder(task: Task, decoder: Net) -> Callable[[Tensor], Tensor]:
    """Codes to images by a decoder of one point: every point of every image is a row."""
    channels, height, width = task.image_shape
    grid = np.meshgrid(np.linspace(-1, 1, height), np.linspace(-1, 1, width), indexing="ij")
    points = np.stack(grid, axis=-1).reshape(-1, 2).astype(chainer.config.dtype)

    def decode(z: Tensor) -> Tensor:
        n, p = len(z), len(points)
        codes = F.reshape(F.broadcast_to(z[:, None, :], (n, p, z.shape[1])), (n * p, -1))
        logits = decoder(F.concat([np.tile(points, (n, 1)), codes], axis=1))
        return F.transpose(F.reshape(logits, (n, height, width, channels)), (0, 3, 1, 2))

    return decode


def gan(task: Task, generator: Net, discriminator: Net, generator_optimizer: Optimizer, discriminator_optimizer: Optimizer) -> Step:
    _, height, width = task.image_shape

    def step(batch: Batch) -> Losses:
        x_real = Variable(batch["images"])
        to_generator: tuple[Tensor, ...] = ()
        to_discriminator: tuple[Tensor, ...] = ()
        batchsize = len(x_real)
        if "labels" in task.batch:
            classes = task.hyperparameters["classes"]
            one_hot = np.eye(classes, dtype=x_real.dtype)[batch["labels"]]
            to_generator = one_hot,
            to_discriminator = np.broadcast_to(one_hot[:, :, None, None], (batchsize, classes, height, width)),

        y_real = discriminator(x_real, *to_discriminator)
        x_fake = generator(make_hidden(task, batchsize), *to_generator)
        y_fake = discriminator(x_fake, *to_discriminator)
        losses = {}

        def report(name: str, loss: Tensor) -> Tensor:
            losses[name] = loss
            return loss

        discriminator_optimizer.update(lambda: report("discriminator", loss_dis(y_real, y_fake)))
        generator_optimizer.update(lambda: report("generator", loss_gen(discriminator(x_fake, *to_discriminator))))
        return losses

    return step


def pix2pix(task: Task, generator: Net, discriminator: Net, generator_optimizer: Optimizer, discriminator_optimizer: Optimizer) -> Step:
    def step(batch: Batch) -> Losses:
        x_in, t_out = Variable(batch["masks"]), batch["images"]
        x_out = generator(x_in)
        y_fake = discriminator(x_in, x_out.array)
        y_real = discriminator(x_in, t_out)

        discriminator_loss = loss_dis(y_real, y_fake)
        discriminator_optimizer.update(lambda: discriminator_loss)
        l1, adversarial = F.mean_absolute_error(x_out, t_out), loss_gen(discriminator(x_in, x_out))
        generator_loss = task.hyperparameters["l1_weight"] * l1 + adversarial
        generator_optimizer.update(lambda: generator_loss)
        return {"discriminator": discriminator_loss, "generator": generator_loss, "adversarial": adversarial, "l1": l1}

    return step


def vae_gan(task: Task, encoder: Net, decoder: Net, discriminator: Net, vae_optimizer: Optimizer,
            discriminator_optimizer: Optimizer) -> Step:
    h = task.hyperparameters

    def step(batch: Batch) -> Losses:
        x_real = Variable(batch["images"])
        mu, ln_var, *skips = encoder(x_real)
        reconstructions = decoder(*skips, F.gaussian(mu, ln_var))
        noisy = [skip * (1 + h["alpha"] * normal(*skip.shape)) for skip in skips]
        x_fake = decoder(*noisy, make_hidden(task, len(x_real)))
        y_real, y_fake = discriminator(x_real), discriminator(x_fake)

        discriminator_loss = loss_dis(y_real, y_fake)
        discriminator_optimizer.update(lambda: discriminator_loss)
        squared_error = reconstruction_loss(task, batch["images"], reconstructions)
        kl = F.gaussian_kl_divergence(mu, ln_var) / len(x_real)
        generator_loss = loss_gen(discriminator(x_fake))
        vae_loss = h["lambda_vae"] * (squared_error + kl) + h["lambda_gan"] * generator_loss
        vae_optimizer.update(lambda: vae_loss)
        return {"discriminator": discriminator_loss, "vae": vae_loss, "squared_error": squared_error, "kl": kl,
                "generator": generator_loss}

    return step


def wgan(task: Task, generator: Net, critic: Net, generator_optimizer: Optimizer, critic_optimizer: Optimizer) -> Step:
    """With clipping or with the gradient penalty, whichever the task has."""
    h = task.hyperparameters

    def gradient_penalty(x_real: Tensor, x_fake: Tensor) -> Tensor:
        eps = np.random.uniform(0, 1, (len(x_real), 1, 1, 1)).astype(x_real.dtype)
        x_mid = Variable(eps * x_real.array + (1 - eps) * x_fake.array)
        grad, = chainer.grad([critic(x_mid)], [x_mid], enable_double_backprop=True)
        norm = F.sqrt(F.batch_l2_norm_squared(grad))
        return F.mean_squared_error(norm, np.ones_like(norm.array))

    def step(batch: Batch) -> Losses:
        losses = {}
        for images in batch["images"]:
            x_real = Variable(images)
            y_real = critic(x_real)
            x_fake = generator(make_hidden(task, len(images)))
            y_fake = critic(x_fake)
            x_fake.unchain_backward()

            wasserstein = F.sum(y_real) / len(images) - F.sum(y_fake) / len(images)
            loss = -wasserstein
            if "clip" not in h:
                losses["penalty"] = gradient_penalty(x_real, x_fake)
                loss += h["lambda_penalty"] * losses["penalty"]
            critic.cleargrads()
            loss.backward()
            critic_optimizer.update()
            if "clip" in h:
                for param in critic.params():
                    param.array = np.clip(param.array, -h["clip"], h["clip"])

        losses["generator"] = F.sum(-critic(generator(make_hidden(task, len(images))))) / len(images)
        generator.cleargrads()
        losses["generator"].backward()
        generator_optimizer.update()
        return {"critic": loss, "wasserstein": wasserstein, **losses}

    return step


STEPS: dict[str, Callable[..., Step]] = {
    "autoencoder": autoencoder, "vae": vae, "gan": gan, "pix2pix": pix2pix, "vae_gan": vae_gan, "wgan": wgan, "wgan_gp": wgan}
