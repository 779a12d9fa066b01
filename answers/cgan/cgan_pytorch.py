"""Conditional GAN in PyTorch.

    z (N, 100), labels (N) --generator--> images (N, 1, 28, 28), labels (N) --discriminator--> logits (N, 1)

Mirza & Osindero 2014, "Conditional Generative Adversarial Nets", arXiv 1411.1784, with the convolutions of DCGAN
(Radford et al. 2015, arXiv 1511.06434): batch norm comes after ReLU, and the discriminator has none.
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


class ConditionalGAN(nn.Module):
    def __init__(self, height=28, width=28, channels=1, classes=10, latent=100, features=64,
                 slope=0.2, epsilon=1e-5, learning_rate=2e-4, beta1=0.5):
        """The networks: generator, discriminator. The optimizers: discriminator_optimizer, generator_optimizer."""
        super().__init__()
        ### BEGIN SOLUTION
        self.classes = classes
        h, w, f = height // 4, width // 4, features         # two stages, each doubles the size

        def norm(inputs):
            return nn.BatchNorm2d(inputs, eps=epsilon, momentum=0.1)    # of the new value: 0.9 of the old one is kept

        self.generator = nn.Sequential(
            nn.Linear(latent + classes, 4 * f * h * w), nn.Unflatten(1, (4 * f, h, w)), nn.ReLU(), norm(4 * f),
            up(4 * f, 2 * f), nn.ReLU(), norm(2 * f),
            up(2 * f, channels), nn.Tanh())
        self.discriminator = nn.Sequential(
            down(channels + classes, f), nn.LeakyReLU(slope),
            down(f, 2 * f), nn.LeakyReLU(slope),
            nn.Flatten(), nn.Linear(2 * f * h * w, 1))
        self.apply(initialize)
        adam = dict(lr=learning_rate, betas=(beta1, 0.999), eps=1e-8, fused=True)
        self.discriminator_optimizer = torch.optim.Adam(self.discriminator.parameters(), **adam)
        self.generator_optimizer = torch.optim.Adam(self.generator.parameters(), **adam)
        ### END SOLUTION

    def train_step(self, batch):
        """batch: images (N, C, H, W) in [-1, 1], labels (N) of real and fake, z (N, latent) in [-1, 1]."""
        ### BEGIN SOLUTION
        images, labels, z = batch["images"], batch["labels"], batch["z"]
        fake = self.generate(z, labels)         # once: batch norm counts this batch once in its running averages

        # The discriminator: real 1, fake 0. Detached, the fakes are mere numbers: no gradient enters the generator.
        self.discriminator.requires_grad_(True)
        discriminator_loss = (bce(self.discriminate(images, labels), 1)
                              + bce(self.discriminate(fake.detach(), labels), 0))
        self.discriminator_optimizer.zero_grad()
        discriminator_loss.backward()
        self.discriminator_optimizer.step()

        # The generator: the discriminator as it is now should say 1. Frozen, it only passes the gradient on.
        self.discriminator.requires_grad_(False)
        generator_loss = bce(self.discriminate(fake, labels), 1)
        self.generator_optimizer.zero_grad()
        generator_loss.backward()
        self.generator_optimizer.step()
        return {"discriminator": discriminator_loss.detach(), "generator": generator_loss.detach()}
        ### END SOLUTION

    def generate(self, z, labels):
        """(N, latent), (N) -> (N, C, H, W); batch norm uses its running averages after eval()"""
        return self.generator(torch.cat([z, self.one_hot(labels, z)], dim=1))

    def discriminate(self, images, labels):
        """(N, C, H, W), (N) -> logits (N, 1): above 0 is real, and of its class"""
        ### BEGIN SOLUTION
        planes = self.one_hot(labels, images)[:, :, None, None].expand(-1, -1, *images.shape[2:])
        return self.discriminator(torch.cat([images, planes], dim=1))
        ### END SOLUTION

    def one_hot(self, labels, like):
        """(N) -> (N, classes), of the floating point type that ``like`` has"""
        return F.one_hot(labels, self.classes).to(like.dtype)


if __name__ == "__main__":
    from harness.standalone import run
    run(ConditionalGAN)
