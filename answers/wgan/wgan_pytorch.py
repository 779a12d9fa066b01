"""Wasserstein GAN in PyTorch.

    z (N, 100) --generator--> images (N, 1, 32, 32) --critic--> scores (N,)

Arjovsky, Chintala & Bottou 2017, "Wasserstein GAN" (arXiv 1701.07875), with the DCGAN task's networks at half the
image size, and no bias at the critic's end.
"""

import torch
from torch import nn


def initialize(module):
    """Weights from N(0, 0.02), zero biases. Batch norm begins as PyTorch begins it: gamma 1, beta 0."""
    if isinstance(module, (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)):
        nn.init.normal_(module.weight, std=0.02)
        if module.bias is not None:
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


class WGAN(nn.Module):
    def __init__(self, height=32, width=32, channels=1, latent=100, features=16, critic_steps=5,
                 slope=0.2, epsilon=1e-5, clip=0.01, learning_rate=5e-5):
        """The networks: generator, critic. The optimizers: critic_optimizer, generator_optimizer."""
        super().__init__()
        ### BEGIN SOLUTION
        self.critic_steps, self.clip = critic_steps, clip
        h, w, f = height // 16, width // 16, features       # four stages, each doubles the size

        def norm(inputs):
            return nn.BatchNorm2d(inputs, eps=epsilon, momentum=0.1)    # of the new value: 0.9 of the old one is kept

        self.generator = nn.Sequential(
            nn.Linear(latent, 8 * f * h * w), nn.Unflatten(1, (8 * f, h, w)), nn.ReLU(), norm(8 * f),
            up(8 * f, 16 * f), nn.ReLU(), norm(16 * f),
            up(16 * f, 8 * f), nn.ReLU(), norm(8 * f),
            up(8 * f, 4 * f), nn.ReLU(), norm(4 * f),
            up(4 * f, channels), nn.Tanh())
        self.critic = nn.Sequential(
            down(channels, f), nn.LeakyReLU(slope),
            down(f, 2 * f), nn.LeakyReLU(slope),
            down(2 * f, 4 * f), nn.LeakyReLU(slope),
            down(4 * f, 8 * f), nn.LeakyReLU(slope),
            nn.Flatten(), nn.Linear(8 * f * h * w, 1, bias=False))
        self.apply(initialize)
        rmsprop = dict(lr=learning_rate, alpha=0.99, eps=1e-16)        # the harness puts epsilon into the root
        self.critic_optimizer = torch.optim.RMSprop(self.critic.parameters(), **rmsprop)
        self.generator_optimizer = torch.optim.RMSprop(self.generator.parameters(), **rmsprop)
        ### END SOLUTION

    def train_step(self, batch):
        """batch: images (critic steps, N, C, H, W) in [-1, 1], z (critic steps, N, latent), z_generator (N, latent)."""
        ### BEGIN SOLUTION
        for step in range(self.critic_steps):
            critic_loss = self.train_critic(batch["images"][step], batch["z"][step])
        generator_loss = self.train_generator(batch["z_generator"])
        return {"critic": critic_loss, "generator": generator_loss, "wasserstein": -critic_loss}
        ### END SOLUTION

    def train_critic(self, images, z):
        """One step of the critic on images (N, C, H, W) and z (N, latent): returns its loss."""
        ### BEGIN SOLUTION
        with torch.no_grad():                           # no gradient into the generator
            fakes = self.generator(z)                   # in training mode: it moves the running averages
        loss = self.score(fakes).mean() - self.score(images).mean()
        self.critic_optimizer.zero_grad()
        loss.backward()
        self.critic_optimizer.step()
        with torch.no_grad():                           # after the step, and the biases too
            for parameter in self.critic.parameters():
                parameter.clamp_(-self.clip, self.clip)
        return loss.detach()
        ### END SOLUTION

    def train_generator(self, z):
        """One step of the generator on z (N, latent): returns its loss."""
        ### BEGIN SOLUTION
        self.critic.requires_grad_(False)               # it only passes the gradient on
        loss = -self.score(self.generator(z)).mean()
        self.generator_optimizer.zero_grad()
        loss.backward()
        self.generator_optimizer.step()
        self.critic.requires_grad_(True)
        return loss.detach()
        ### END SOLUTION

    def generate(self, z):
        """(N, latent) -> (N, C, H, W); batch norm uses its running averages after eval()"""
        return self.generator(z)

    def score(self, images):
        """(N, C, H, W) -> (N,): no probability and no logit, any number"""
        return self.critic(images).squeeze(1)


if __name__ == "__main__":
    from harness.standalone import run
    run(WGAN)
