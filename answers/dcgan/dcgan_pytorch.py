"""Deep convolutional GAN in PyTorch.

    z (N, 100) --generator--> images (N, 1, 32, 32) --discriminator--> logits (N, 1)

Radford, Metz & Chintala 2015, "Unsupervised Representation Learning with Deep Convolutional Generative Adversarial
Networks", arXiv 1511.06434. Here batch norm comes after ReLU, and the discriminator has none.
"""

import torch
from torch import nn
from torch.nn import functional as F


def initialize(module):
    """Weights from N(0, 0.02), zero biases. Batch norm begins as PyTorch begins it: gamma 1, beta 0."""
    if isinstance(module, (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)):
        nn.init.normal_(module.weight, std=0.02)
        nn.init.zeros_(module.bias)


def down(inputs, outputs):
    """Half the height and width."""
    ### BEGIN SOLUTION
    return nn.Conv2d(inputs, outputs, kernel_size=5, stride=2, padding=2)
    ### END SOLUTION


def up(inputs, outputs):
    """Twice the height and width."""
    ### BEGIN SOLUTION
    return nn.ConvTranspose2d(inputs, outputs, kernel_size=5, stride=2, padding=2, output_padding=1)
    ### END SOLUTION


def bce(logits, target):
    """Binary cross-entropy of logits against a target that all share, 1 for real or 0 for fake; mean over the batch."""
    ### BEGIN SOLUTION
    return F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, target))
    ### END SOLUTION


class DCGAN(nn.Module):
    def __init__(self, height=32, width=32, channels=1, latent=100, features=32,
                 slope=0.2, epsilon=1e-5, learning_rate=2e-4, beta1=0.5):
        """The networks: generator, discriminator. The optimizers: discriminator_optimizer, generator_optimizer."""
        super().__init__()
        ### BEGIN SOLUTION
        h, w, f = height // 16, width // 16, features       # four stages, each doubles the size

        def norm(inputs):
            return nn.BatchNorm2d(inputs, eps=epsilon, momentum=0.1)    # of the new value: 0.9 of the old one is kept

        self.generator = nn.Sequential(
            nn.Linear(latent, 8 * f * h * w), nn.Unflatten(1, (8 * f, h, w)), nn.ReLU(), norm(8 * f),
            up(8 * f, 16 * f), nn.ReLU(), norm(16 * f),
            up(16 * f, 8 * f), nn.ReLU(), norm(8 * f),
            up(8 * f, 4 * f), nn.ReLU(), norm(4 * f),
            up(4 * f, channels), nn.Tanh())
        self.discriminator = nn.Sequential(
            down(channels, f), nn.LeakyReLU(slope),
            down(f, 2 * f), nn.LeakyReLU(slope),
            down(2 * f, 4 * f), nn.LeakyReLU(slope),
            down(4 * f, 8 * f), nn.LeakyReLU(slope),
            nn.Flatten(), nn.Linear(8 * f * h * w, 1))
        self.apply(initialize)
        adam = dict(lr=learning_rate, betas=(beta1, 0.999), eps=1e-8, fused=True)
        self.discriminator_optimizer = torch.optim.Adam(self.discriminator.parameters(), **adam)
        self.generator_optimizer = torch.optim.Adam(self.generator.parameters(), **adam)
        ### END SOLUTION

    def train_step(self, batch):
        """batch: images (N, C, H, W) in [-1, 1], z (N, latent) in [-1, 1]."""
        ### BEGIN SOLUTION
        images, z = batch["images"], batch["z"]
        fake = self.generator(z)                # once: batch norm counts this batch once in its running averages

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
        """(N, latent) -> (N, C, H, W); batch norm uses its running averages after eval()"""
        return self.generator(z)

    def discriminate(self, images):
        """(N, C, H, W) -> logits (N, 1): above 0 is real"""
        return self.discriminator(images)


if __name__ == "__main__":
    from harness.standalone import run
    run(DCGAN)
