"""Generative adversarial network in PyTorch.

    z (N, 100) --generator--> images (N, 1, 28, 28) --discriminator--> logits (N, 1)

Goodfellow et al. 2014, "Generative Adversarial Networks", arXiv 1406.2661, with the generator's loss that section 3
recommends: maximize log D(G(z)).
"""

import torch
from torch import nn
from torch.nn import functional as F


def initialize(module):
    """Weights from N(0, 0.02), zero biases."""
    if isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, std=0.02)
        nn.init.zeros_(module.bias)


def bce(logits, target):
    """Binary cross-entropy of logits against a target that all share, 1 for real or 0 for fake; mean over the batch."""
    ### BEGIN SOLUTION
    return F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, target))
    ### END SOLUTION


class GAN(nn.Module):
    def __init__(self, height=28, width=28, channels=1, latent=100, units=128,
                 slope=0.2, learning_rate=2e-4, beta1=0.5):
        """The networks: generator, discriminator. The optimizers: discriminator_optimizer, generator_optimizer."""
        super().__init__()
        ### BEGIN SOLUTION
        pixels = channels * height * width
        self.generator = nn.Sequential(
            nn.Linear(latent, units), nn.LeakyReLU(slope),
            nn.Linear(units, 2 * units), nn.LeakyReLU(slope),
            nn.Linear(2 * units, 4 * units), nn.LeakyReLU(slope),
            nn.Linear(4 * units, pixels), nn.Sigmoid(), nn.Unflatten(1, (channels, height, width)))
        self.discriminator = nn.Sequential(
            nn.Flatten(),
            nn.Linear(pixels, 4 * units), nn.LeakyReLU(slope),
            nn.Linear(4 * units, 2 * units), nn.LeakyReLU(slope),
            nn.Linear(2 * units, 1))
        self.apply(initialize)
        adam = dict(lr=learning_rate, betas=(beta1, 0.999), eps=1e-8, fused=True)
        self.discriminator_optimizer = torch.optim.Adam(self.discriminator.parameters(), **adam)
        self.generator_optimizer = torch.optim.Adam(self.generator.parameters(), **adam)
        ### END SOLUTION

    def train_step(self, batch):
        """batch: images (N, C, H, W) in [0, 1], z (N, latent) in [-1, 1]."""
        ### BEGIN SOLUTION
        images, z = batch["images"], batch["z"]
        fake = self.generator(z)

        # The discriminator: real 1, fake 0. Detached, the fakes are mere numbers: no gradient enters the generator.
        self.discriminator.requires_grad_(True)
        discriminator_loss = bce(self.discriminator(images), 1) + bce(self.discriminator(fake.detach()), 0)
        self.discriminator_optimizer.zero_grad()
        discriminator_loss.backward()
        self.discriminator_optimizer.step()

        # The generator: the discriminator as it is now should say 1. Frozen, it only passes the gradient on.
        self.discriminator.requires_grad_(False)
        generator_loss = bce(self.discriminator(fake), 1)
        self.generator_optimizer.zero_grad()
        generator_loss.backward()
        self.generator_optimizer.step()
        return {"discriminator": discriminator_loss.detach(), "generator": generator_loss.detach()}
        ### END SOLUTION

    def generate(self, z):
        """(N, latent) -> (N, C, H, W)"""
        return self.generator(z)

    def discriminate(self, images):
        """(N, C, H, W) -> logits (N, 1): above 0 is real"""
        return self.discriminator(images)


if __name__ == "__main__":
    from harness.standalone import run
    run(GAN)
