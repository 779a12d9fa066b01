"""Variational autoencoder in PyTorch.

    images (N, 1, 28, 28) --encoder--> mu, log var (N, 2) --eps--> z (N, 2) --decoder--> logits (N, 1, 28, 28)

Kingma & Welling 2013, "Auto-Encoding Variational Bayes", arXiv 1312.6114, with a Bernoulli likelihood.
"""

import torch
from torch import nn
from torch.nn import functional as F


def initialize(module):
    """Glorot uniform weights, zero biases. PyTorch's own default is uniform in 1 / sqrt(fan in), the bias too."""
    if isinstance(module, nn.Linear):
        nn.init.xavier_uniform_(module.weight)
        nn.init.zeros_(module.bias)


class Encoder(nn.Module):
    """(N, C, H, W) -> mu, log var of q(z|x), each (N, latent)"""

    def __init__(self, pixels, hidden, latent):
        super().__init__()
        ### BEGIN SOLUTION
        self.hidden = nn.Linear(pixels, hidden)
        self.mu = nn.Linear(hidden, latent)
        self.log_var = nn.Linear(hidden, latent)
        ### END SOLUTION

    def forward(self, images):
        ### BEGIN SOLUTION
        h = F.relu(self.hidden(images.flatten(1)))
        return self.mu(h), self.log_var(h)
        ### END SOLUTION


class VariationalAutoencoder(nn.Module):
    def __init__(self, height=28, width=28, channels=1, hidden=256, latent=2, learning_rate=1e-3):
        """The networks: encoder, decoder. The optimizer: optimizer."""
        super().__init__()
        ### BEGIN SOLUTION
        pixels = channels * height * width
        self.encoder = Encoder(pixels, hidden, latent)
        self.decoder = nn.Sequential(
            nn.Linear(latent, hidden), nn.ReLU(),
            nn.Linear(hidden, pixels), nn.Unflatten(1, (channels, height, width)))
        self.apply(initialize)
        self.optimizer = torch.optim.Adam(self.parameters(), lr=learning_rate, eps=1e-8, fused=True)
        ### END SOLUTION

    def train_step(self, batch):
        """batch: images (N, C, H, W) in [0, 1]; eps (N, latent) from N(0, I)."""
        ### BEGIN SOLUTION
        images = batch["images"]
        mu, log_var = self.encoder(images)
        z = mu + torch.exp(log_var / 2) * batch["eps"]
        bce = F.binary_cross_entropy_with_logits(self.decoder(z), images, reduction="none").sum((1, 2, 3)).mean()
        kl = -0.5 * (1 + log_var - mu ** 2 - log_var.exp()).sum(1).mean()
        loss = bce + kl
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return {"loss": loss.detach(), "bce": bce.detach(), "kl": kl.detach()}
        ### END SOLUTION

    def encode(self, images):
        """(N, C, H, W) -> (N, latent): mu, without noise"""
        ### BEGIN SOLUTION
        mu, _ = self.encoder(images)
        return mu
        ### END SOLUTION

    def decode(self, z):
        """(N, latent) -> (N, C, H, W): the probability of each pixel to be white"""
        return torch.sigmoid(self.decoder(z))

    def reconstruct(self, images):
        """(N, C, H, W) -> (N, C, H, W)"""
        return self.decode(self.encode(images))

    def generate(self, z):
        """z from N(0, I), (N, latent) -> (N, C, H, W)"""
        return self.decode(z)


if __name__ == "__main__":
    from harness.standalone import run
    run(VariationalAutoencoder)
