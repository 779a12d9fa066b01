"""Wasserstein GAN in PyTorch.

    z (N, 100) --generator--> images (N, 3, 32, 32) --critic--> scores (N,)

Arjovsky, Chintala & Bottou 2017, "Wasserstein GAN" (arXiv 1701.07875), with the networks of the DCGAN task.
"""

import torch
from torch import nn


def initialize(module):
    """Weights from N(0, 0.02), zero biases (Radford et al. 2015)."""
    if isinstance(module, (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)):
        nn.init.normal_(module.weight, std=0.02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)


def up(inputs, filters):
    """Twice the height and width: kernel 5, stride 2."""
    return nn.ConvTranspose2d(inputs, filters, 5, stride=2, padding=2, output_padding=1)


def down(inputs, filters):
    """Half the height and width: kernel 5, stride 2."""
    return nn.Conv2d(inputs, filters, 5, stride=2, padding=2)


class WGAN(nn.Module):
    def __init__(self, height, width, channels, latent, generator_filters, critic_filters, critic_steps,
                 learning_rate, clip, slope, epsilon):
        super().__init__()
        self.critic_steps, self.clip = critic_steps, clip
        rows, columns, g, c = height // 16, width // 16, generator_filters, critic_filters

        def norm(filters):
            return nn.BatchNorm2d(filters, eps=epsilon, momentum=0.1)

        self.generator = nn.Sequential(
            nn.Linear(latent, g * rows * columns), nn.Unflatten(1, (g, rows, columns)), nn.ReLU(), norm(g),
            up(g, 2 * g), nn.ReLU(), norm(2 * g),
            up(2 * g, g), nn.ReLU(), norm(g),
            up(g, g // 2), nn.ReLU(), norm(g // 2),
            up(g // 2, channels), nn.Tanh())
        self.critic = nn.Sequential(
            down(channels, c), nn.LeakyReLU(slope),
            down(c, 2 * c), nn.LeakyReLU(slope),
            down(2 * c, 4 * c), nn.LeakyReLU(slope),
            down(4 * c, 8 * c), nn.LeakyReLU(slope),
            nn.Flatten(), nn.Linear(8 * c * rows * columns, 1, bias=False))
        self.apply(initialize)
        self.critic_optimizer = torch.optim.RMSprop(self.critic.parameters(), lr=learning_rate, alpha=0.99, eps=1e-16)
        self.generator_optimizer = torch.optim.RMSprop(
            self.generator.parameters(), lr=learning_rate, alpha=0.99, eps=1e-16)

    def train_step(self, batch):
        """batch: images (critic steps, N, C, H, W) in [-1, 1], z (critic steps, N, latent), z_generator (N, latent)."""
        for step in range(self.critic_steps):
            critic_loss = self.train_critic(batch["images"][step], batch["z"][step])
        generator_loss = self.train_generator(batch["z_generator"])
        return {"critic": critic_loss, "generator": generator_loss, "wasserstein": -critic_loss}

    def train_critic(self, images, z):
        with torch.no_grad():
            fakes = self.generator(z)
        loss = self.score(fakes).mean() - self.score(images).mean()
        self.critic_optimizer.zero_grad()
        loss.backward()
        self.critic_optimizer.step()
        with torch.no_grad():
            for parameter in self.critic.parameters():
                parameter.clamp_(-self.clip, self.clip)
        return loss.detach()

    def train_generator(self, z):
        self.critic.requires_grad_(False)               # its weights need no gradients now
        loss = -self.score(self.generate(z)).mean()
        self.generator_optimizer.zero_grad()
        loss.backward()
        self.generator_optimizer.step()
        self.critic.requires_grad_(True)
        return loss.detach()

    def generate(self, z):
        """(N, latent) -> (N, C, H, W)"""
        return self.generator(z)

    def score(self, images):
        """(N, C, H, W) -> (N,)"""
        return self.critic(images).squeeze(1)


if __name__ == "__main__":
    from harness.standalone import run
    run(WGAN)
