"""Wasserstein GAN with gradient penalty in PyTorch.

    z (N, 100) --generator--> images (N, 1, 32, 32) --critic--> scores (N,)

Gulrajani et al. 2017, "Improved Training of Wasserstein GANs" (arXiv 1704.00028).
"""

import torch
from torch import nn
from torch.nn import functional as F


def initialize(module):
    """Weights from N(0, 0.02), zero biases. Batch norm begins as PyTorch begins it: gamma 1, beta 0."""
    if isinstance(module, (nn.Linear, nn.Conv2d)):
        nn.init.normal_(module.weight, std=0.02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)


def conv(inputs, outputs, bias=True):
    """Kernel 3, padding 1: the size stays."""
    ### BEGIN SOLUTION
    return nn.Conv2d(inputs, outputs, 3, padding=1, bias=bias)
    ### END SOLUTION


def norm(features, epsilon):
    """Batch norm that keeps 0.9 of the old averages."""
    ### BEGIN SOLUTION
    return nn.BatchNorm2d(features, eps=epsilon, momentum=0.1)      # of the new value: 0.9 of the old one is kept
    ### END SOLUTION


class GeneratorBlock(nn.Module):
    """(N, features, H, W) -> (N, features, H, W)"""

    def __init__(self, features, epsilon):
        super().__init__()
        ### BEGIN SOLUTION
        self.conv1, self.norm1 = conv(features, features, bias=False), norm(features, epsilon)
        self.conv2, self.norm2 = conv(features, features, bias=False), norm(features, epsilon)
        ### END SOLUTION

    def forward(self, x):
        ### BEGIN SOLUTION
        f = F.relu(self.norm1(self.conv1(x)))
        return F.relu(x + self.norm2(self.conv2(f)))
        ### END SOLUTION


class CriticBlock(nn.Module):
    """(N, inputs, H, W) -> (N, features, H, W); no norm. The first one needs a 1x1 convolution as shortcut."""

    def __init__(self, inputs, features, slope, shortcut=False):
        super().__init__()
        ### BEGIN SOLUTION
        self.slope = slope
        self.conv1, self.conv2 = conv(inputs, features), conv(features, features)
        self.shortcut = nn.Conv2d(inputs, features, 1, bias=False) if shortcut else nn.Identity()
        ### END SOLUTION

    def forward(self, x):
        ### BEGIN SOLUTION
        f = F.leaky_relu(self.conv1(x), self.slope)
        return F.leaky_relu(self.shortcut(x) + self.conv2(f), self.slope)
        ### END SOLUTION


class WGANGP(nn.Module):
    def __init__(self, height=32, width=32, channels=1, latent=100, features=32, critic_steps=5,
                 slope=0.2, epsilon=1e-5, lambda_penalty=10.0, learning_rate=1e-4, beta1=0.0, beta2=0.9):
        """The networks: generator, critic. The optimizers: critic_optimizer, generator_optimizer."""
        super().__init__()
        ### BEGIN SOLUTION
        self.critic_steps, self.lambda_penalty = critic_steps, lambda_penalty
        h, w = height // 8, width // 8                      # three blocks, each followed by twice the size
        self.generator = nn.Sequential(
            nn.Linear(latent, features * h * w, bias=False), nn.Unflatten(1, (features, h, w)),
            norm(features, epsilon), nn.ReLU(),
            GeneratorBlock(features, epsilon), nn.Upsample(scale_factor=2, mode="nearest"),
            GeneratorBlock(features, epsilon), nn.Upsample(scale_factor=2, mode="nearest"),
            GeneratorBlock(features, epsilon), nn.Upsample(scale_factor=2, mode="nearest"),
            conv(features, channels), nn.Tanh())
        self.critic = nn.Sequential(
            CriticBlock(channels, features, slope, shortcut=True), nn.AvgPool2d(2),
            CriticBlock(features, features, slope), nn.AvgPool2d(2),
            CriticBlock(features, features, slope),
            CriticBlock(features, features, slope),
            nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(features, 1, bias=False))
        self.apply(initialize)
        adam = dict(lr=learning_rate, betas=(beta1, beta2), eps=1e-8, fused=True)
        self.critic_optimizer = torch.optim.Adam(self.critic.parameters(), **adam)
        self.generator_optimizer = torch.optim.Adam(self.generator.parameters(), **adam)
        ### END SOLUTION

    def train_step(self, batch):
        """batch: images (critic steps, N, C, H, W) in [-1, 1], z (critic steps, N, latent) in [-1, 1],
        alpha (critic steps, N, 1, 1, 1) in [0, 1], z_generator (N, latent)."""
        ### BEGIN SOLUTION
        for step in range(self.critic_steps):
            losses = self.train_critic(batch["images"][step], batch["z"][step], batch["alpha"][step])
        return {**losses, "generator": self.train_generator(batch["z_generator"])}
        ### END SOLUTION

    def train_critic(self, images, z, alpha):
        """One step of the critic on images, z (N, latent) and the mixing weights alpha: returns its losses."""
        ### BEGIN SOLUTION
        with torch.no_grad():
            fakes = self.generator(z)
        wasserstein = self.score(images).mean() - self.score(fakes).mean()
        penalty = self.penalty(alpha * images + (1 - alpha) * fakes)
        loss = -wasserstein + self.lambda_penalty * penalty
        self.critic_optimizer.zero_grad()
        loss.backward(inputs=list(self.critic.parameters()))        # and not the mixed images
        self.critic_optimizer.step()
        return {"critic": loss.detach(), "penalty": penalty.detach(), "wasserstein": wasserstein.detach()}
        ### END SOLUTION

    def penalty(self, mixed):
        """How far the norm of each image's gradient is from 1, squared: mean over the batch."""
        ### BEGIN SOLUTION
        mixed.requires_grad_()
        # Of the sum: an image has a share in its own score alone. create_graph: this gradient will be differentiated.
        gradients, = torch.autograd.grad(self.score(mixed).sum(), mixed, create_graph=True)
        squares = gradients.square().sum((1, 2, 3))
        norms = squares.clamp(min=1e-12).sqrt()             # the root's slope at 0 is infinite
        return (norms - 1).square().mean()
        ### END SOLUTION

    def train_generator(self, z):
        """One step of the generator on z (N, latent): returns its loss."""
        ### BEGIN SOLUTION
        self.critic.requires_grad_(False)                   # its weights need no gradients now
        loss = -self.score(self.generate(z)).mean()
        self.generator_optimizer.zero_grad()
        loss.backward()
        self.generator_optimizer.step()
        self.critic.requires_grad_(True)
        return loss.detach()
        ### END SOLUTION

    def generate(self, z):
        """(N, latent) -> (N, C, H, W)"""
        return self.generator(z)

    def score(self, images):
        """(N, C, H, W) -> (N,)"""
        return self.critic(images).squeeze(1)


if __name__ == "__main__":
    from harness.standalone import run
    run(WGANGP)
