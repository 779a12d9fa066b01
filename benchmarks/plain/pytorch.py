"""PyTorch's plain loops.

Autoencoders and VAEs: pytorch/examples, vae. GANs: the DCGAN tutorial, whose generator's step also computes gradients
for the discriminator's weights. pix2pix: pytorch-CycleGAN-and-pix2pix. WGAN, with clipping and with the penalty:
PyTorch-GAN. VAE-GANs: the VAE's and the DCGAN's step in one.
"""

import math
from collections.abc import Callable

import torch
from torch import nn
from torch.nn import functional as F

from harness.frameworks.pytorch import lay_out
from harness.tasks import Task

from . import Batch, Losses, Net, Optimizer, Step, Tensor, by_points, kind, likelihood, optimizers
from .pytorch_layers import build_network, build_optimizer


def build(task: Task) -> Step:
    networks = {name: build_network(task, name) for name in task.networks}
    if task.batch_size > 1:             # as the harness does for the answers
        for network in networks.values():
            lay_out(network)
    built = {name: build_optimizer(networks, options) for name, options in optimizers(task).items()}
    step = STEPS[kind(task)](task, **networks, **built)
    return step


def reconstruction_loss(task: Task) -> Callable[[Tensor, Tensor], Tensor]:
    match likelihood(task):
        case "mse":
            return F.mse_loss
        case "bce":
            return lambda y, x: F.binary_cross_entropy_with_logits(y, x, reduction="sum") / len(x)
        case "squared_error":
            return lambda y, x: F.mse_loss(y, x, reduction="sum") / len(x)
    variance = task.hyperparameters["variance"]
    constant = math.prod(task.image_shape) * math.log(2 * math.pi * variance) / 2
    return lambda y, x: F.mse_loss(y, x, reduction="sum") / (2 * variance * len(x)) + constant


def reparameterize(mu: Tensor, log_var: Tensor) -> Tensor:
    std = torch.exp(0.5 * log_var)
    return mu + torch.randn_like(std) * std


def kl_divergence(mu: Tensor, log_var: Tensor) -> Tensor:
    return -0.5 * torch.sum(1 + log_var - mu.pow(2) - log_var.exp()) / len(mu)


def autoencoder(task: Task, encoder: Net, decoder: Net, optimizer: Optimizer) -> Step:
    loss_function = reconstruction_loss(task)

    def step(batch: Batch) -> Losses:
        images = batch["images"]
        optimizer.zero_grad()
        loss = loss_function(decoder(encoder(images)), images)
        loss.backward()
        optimizer.step()
        return {likelihood(task): loss.detach()}

    return step


def vae(task: Task, encoder: Net, decoder: Net, optimizer: Optimizer) -> Step:
    loss_function = reconstruction_loss(task)
    decode = point_decoder(task, decoder) if by_points(task) else decoder

    def step(batch: Batch) -> Losses:
        images = batch["images"]
        optimizer.zero_grad()
        mu, log_var = encoder(images)
        reconstruction = loss_function(decode(reparameterize(mu, log_var)), images)
        kl = kl_divergence(mu, log_var)
        loss = reconstruction + kl
        loss.backward()
        optimizer.step()
        return {"loss": loss.detach(), likelihood(task): reconstruction.detach(), "kl": kl.detach()}

    return step


def point_decoder(task: Task, decoder: Net) -> Callable[[Tensor], Tensor]:
    """Codes to images by a decoder of one point: every point of every image is a row."""
    channels, height, width = task.image_shape
    points = torch.cartesian_prod(torch.linspace(-1, 1, height), torch.linspace(-1, 1, width))

    def decode(z: Tensor) -> Tensor:
        rows = torch.cat([points.repeat(len(z), 1), z.repeat_interleave(len(points), 0)], 1)
        return decoder(rows).view(len(z), height, width, channels).permute(0, 3, 1, 2)

    return decode


def gan(task: Task, generator: Net, discriminator: Net, generator_optimizer: Optimizer, discriminator_optimizer: Optimizer) -> Step:
    criterion = nn.BCEWithLogitsLoss()
    conditional = "labels" in task.batch
    _, height, width = task.image_shape

    def step(batch: Batch) -> Losses:
        images = batch["images"]
        to_generator: tuple[Tensor, ...] = ()
        to_discriminator: tuple[Tensor, ...] = ()
        if conditional:
            one_hot = F.one_hot(batch["labels"], task.hyperparameters["classes"]).to(images.dtype)
            to_generator = one_hot,
            to_discriminator = one_hot[:, :, None, None].expand(-1, -1, height, width),

        discriminator.zero_grad()
        output = discriminator(images, *to_discriminator)
        label = torch.ones_like(output)
        real_loss = criterion(output, label)
        real_loss.backward()
        fake = generator(torch.randn(len(images), task.hyperparameters["latent"]), *to_generator)
        label.fill_(0)
        fake_loss = criterion(discriminator(fake.detach(), *to_discriminator), label)
        fake_loss.backward()
        discriminator_optimizer.step()

        generator.zero_grad()
        label.fill_(1)
        generator_loss = criterion(discriminator(fake, *to_discriminator), label)
        generator_loss.backward()
        generator_optimizer.step()
        return {"discriminator": (real_loss + fake_loss).detach(), "generator": generator_loss.detach()}

    return step


def pix2pix(task: Task, generator: Net, discriminator: Net, generator_optimizer: Optimizer, discriminator_optimizer: Optimizer) -> Step:
    criterion, criterion_l1 = nn.BCEWithLogitsLoss(), nn.L1Loss()

    def step(batch: Batch) -> Losses:
        masks, images = batch["masks"], batch["images"]
        fake = generator(masks)

        discriminator.requires_grad_(True)
        discriminator_optimizer.zero_grad()
        output = discriminator(masks, fake.detach())
        ones, zeros = torch.ones_like(output), torch.zeros_like(output)
        discriminator_loss = (criterion(output, zeros) + criterion(discriminator(masks, images), ones)) * 0.5
        discriminator_loss.backward()
        discriminator_optimizer.step()

        discriminator.requires_grad_(False)
        generator_optimizer.zero_grad()
        adversarial = criterion(discriminator(masks, fake), ones)
        l1 = criterion_l1(fake, images)
        generator_loss = adversarial + task.hyperparameters["l1_weight"] * l1
        generator_loss.backward()
        generator_optimizer.step()
        return {"discriminator": discriminator_loss.detach(), "generator": generator_loss.detach(),
                "adversarial": adversarial.detach(), "l1": l1.detach()}

    return step


def vae_gan(task: Task, encoder: Net, decoder: Net, discriminator: Net, vae_optimizer: Optimizer,
            discriminator_optimizer: Optimizer) -> Step:
    criterion, loss_function, h = nn.BCEWithLogitsLoss(), reconstruction_loss(task), task.hyperparameters

    def step(batch: Batch) -> Losses:
        images = batch["images"]
        mu, log_var, *across = encoder(images)
        noisy = [skip * (1 + h["alpha"] * torch.randn_like(skip)) for skip in across]
        fake = decoder(*noisy, torch.randn_like(mu))

        discriminator.zero_grad()
        output = discriminator(images)
        label = torch.ones_like(output)
        real_loss = criterion(output, label)
        real_loss.backward()
        label.fill_(0)
        fake_loss = criterion(discriminator(fake.detach()), label)
        fake_loss.backward()
        discriminator_optimizer.step()

        vae_optimizer.zero_grad()
        squared_error = loss_function(decoder(*across, reparameterize(mu, log_var)), images)
        kl = kl_divergence(mu, log_var)
        label.fill_(1)
        generator_loss = criterion(discriminator(fake), label)
        loss = h["lambda_vae"] * (squared_error + kl) + h["lambda_gan"] * generator_loss
        loss.backward()
        vae_optimizer.step()
        losses = {"discriminator": real_loss + fake_loss, "vae": loss, "squared_error": squared_error, "kl": kl,
                  "generator": generator_loss}
        return {name: value.detach() for name, value in losses.items()}

    return step


def wgan(task: Task, generator: Net, critic: Net, generator_optimizer: Optimizer, critic_optimizer: Optimizer) -> Step:
    clip = task.hyperparameters["clip"]

    def step(batch: Batch) -> Losses:
        for images in batch["images"]:
            critic_optimizer.zero_grad()
            z = torch.randn(len(images), task.hyperparameters["latent"])
            fakes = generator(z).detach()
            critic_loss = -torch.mean(critic(images)) + torch.mean(critic(fakes))
            critic_loss.backward()
            critic_optimizer.step()
            for p in critic.parameters():
                p.data.clamp_(-clip, clip)

        generator_optimizer.zero_grad()
        generator_loss = -torch.mean(critic(generator(z)))
        generator_loss.backward()
        generator_optimizer.step()
        return {"critic": critic_loss.detach(), "generator": generator_loss.detach(),
                "wasserstein": -critic_loss.detach()}

    return step


def wgan_gp(task: Task, generator: Net, critic: Net, generator_optimizer: Optimizer, critic_optimizer: Optimizer) -> Step:
    def gradient_penalty(images: Tensor, fakes: Tensor) -> Tensor:
        alpha = torch.rand(len(images), 1, 1, 1)
        interpolates = (alpha * images + (1 - alpha) * fakes).requires_grad_(True)
        scores = critic(interpolates)
        gradients = torch.autograd.grad(scores, interpolates, torch.ones_like(scores), create_graph=True)[0]
        return ((gradients.flatten(1).norm(2, dim=1) - 1) ** 2).mean()

    def step(batch: Batch) -> Losses:
        for images in batch["images"]:
            critic_optimizer.zero_grad()
            z = torch.randn(len(images), task.hyperparameters["latent"])
            fakes = generator(z).detach()
            wasserstein = torch.mean(critic(images)) - torch.mean(critic(fakes))
            penalty = gradient_penalty(images, fakes)
            critic_loss = -wasserstein + task.hyperparameters["lambda_penalty"] * penalty
            critic_loss.backward()
            critic_optimizer.step()

        generator_optimizer.zero_grad()
        generator_loss = -torch.mean(critic(generator(z)))
        generator_loss.backward()
        generator_optimizer.step()
        return {"critic": critic_loss.detach(), "penalty": penalty.detach(), "generator": generator_loss.detach(),
                "wasserstein": wasserstein.detach()}

    return step


STEPS: dict[str, Callable[..., Step]] = {
    "autoencoder": autoencoder, "vae": vae, "gan": gan, "pix2pix": pix2pix, "vae_gan": vae_gan, "wgan": wgan, "wgan_gp": wgan_gp}
