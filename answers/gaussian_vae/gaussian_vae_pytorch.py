"""Variational autoencoder with a normal likelihood, in PyTorch.

    images (N, 1, 64, 64) --encoder--> mu, log var (N, 64);  z = mu + exp(log var / 2) * eps
    z (N, 64) --decoder--> means (N, 1, 64, 64);  p(x|z) = N(means, variance)

Kingma & Welling 2013, "Auto-Encoding Variational Bayes", arXiv 1312.6114, section 3 and appendix C.2.
"""

import math

import torch
from torch import nn


def initialize(module):
    """Glorot uniform weights, zero biases. PyTorch's own default is uniform in 1 / sqrt(fan in), the bias too."""
    if isinstance(module, (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)):
        nn.init.xavier_uniform_(module.weight)
        nn.init.zeros_(module.bias)


def down(inputs, outputs):
    """Half the size."""
    ### BEGIN SOLUTION
    return nn.Conv2d(inputs, outputs, 4, stride=2, padding=1)
    ### END SOLUTION


def up(inputs, outputs):
    """Twice the size."""
    ### BEGIN SOLUTION
    return nn.ConvTranspose2d(inputs, outputs, 4, stride=2, padding=1)
    ### END SOLUTION


class Encoder(nn.Module):
    """(N, C, H, W) -> mu, log var of q(z|x), each (N, latent)"""

    def __init__(self, height, width, channels, latent, filters):
        super().__init__()
        ### BEGIN SOLUTION
        self.features = nn.Sequential(
            down(channels, filters), nn.ReLU(), down(filters, 2 * filters), nn.ReLU(),
            down(2 * filters, 4 * filters), nn.ReLU(), down(4 * filters, 8 * filters), nn.ReLU(), nn.Flatten())
        number = 8 * filters * (height // 16) * (width // 16)
        self.mu = nn.Linear(number, latent)
        self.log_var = nn.Linear(number, latent)
        ### END SOLUTION

    def forward(self, images):
        ### BEGIN SOLUTION
        features = self.features(images)
        return self.mu(features), self.log_var(features)
        ### END SOLUTION


class Decoder(nn.Sequential):
    """(N, latent) -> means of p(x|z), (N, C, H, W)"""

    def __init__(self, height, width, channels, latent, filters):
        ### BEGIN SOLUTION
        maps = (8 * filters, height // 16, width // 16)
        super().__init__(
            nn.Linear(latent, math.prod(maps)), nn.ReLU(), nn.Unflatten(1, maps),
            up(8 * filters, 4 * filters), nn.ReLU(), up(4 * filters, 2 * filters), nn.ReLU(),
            up(2 * filters, filters), nn.ReLU(), up(filters, channels))
        ### END SOLUTION


class GaussianVAE(nn.Module):
    def __init__(self, height=64, width=64, channels=1, latent=64, filters=32, variance=0.01, learning_rate=1e-3):
        """The networks: encoder, decoder. The optimizer: optimizer."""
        super().__init__()
        ### BEGIN SOLUTION
        self.variance = variance
        self.encoder = Encoder(height, width, channels, latent, filters)
        self.decoder = Decoder(height, width, channels, latent, filters)
        self.apply(initialize)
        self.optimizer = torch.optim.Adam(self.parameters(), lr=learning_rate, betas=(0.9, 0.999), eps=1e-8, fused=True)
        ### END SOLUTION

    def train_step(self, batch):
        """batch: images (N, C, H, W) in [0, 1]; eps (N, latent) from N(0, I)."""
        ### BEGIN SOLUTION
        images = batch["images"]
        mu, log_var = self.encoder(images)
        z = mu + torch.exp(log_var / 2) * batch["eps"]
        reconstruction = self.negative_log_likelihood(images, self.decoder(z)).mean()
        kl = -0.5 * (1 + log_var - mu ** 2 - log_var.exp()).sum(1).mean()
        loss = reconstruction + kl                          # the negative ELBO
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return {"loss": loss.detach(), "reconstruction": reconstruction.detach(), "kl": kl.detach()}
        ### END SOLUTION

    def negative_log_likelihood(self, images, means):
        """-log N(images; means, variance), a density, summed over the pixels: (N,)"""
        ### BEGIN SOLUTION
        per_pixel = (images - means) ** 2 / (2 * self.variance) + math.log(2 * math.pi * self.variance) / 2
        return per_pixel.sum((1, 2, 3))
        ### END SOLUTION

    def encode(self, images):
        """(N, C, H, W) -> (N, latent): mu, without noise"""
        ### BEGIN SOLUTION
        mu, _ = self.encoder(images)
        return mu
        ### END SOLUTION

    def decode(self, z):
        """(N, latent) -> (N, C, H, W): the mean of each pixel, not a sample"""
        return self.decoder(z)

    def reconstruct(self, images):
        """(N, C, H, W) -> (N, C, H, W)"""
        return self.decode(self.encode(images))

    def generate(self, z):
        """z from N(0, I), (N, latent) -> (N, C, H, W)"""
        return self.decode(z)


if __name__ == "__main__":
    from harness.standalone import run
    run(GaussianVAE)
