"""Sampling decoder in PyTorch: a variational autoencoder whose decoder is a function of one point of the image.

    images (N, 1, 28, 28) --encoder--> mu, log var (N, 8) --eps--> z (N, 8)
    u, v, z (N * points, 2 + 8) --decoder--> logits (N * points, 1)

Kingma & Welling 2013, arXiv 1312.6114; the decoder is the network of Stanley 2007, "Compositional Pattern Producing
Networks", given z and trained.
"""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F


def initialize(module):
    """He normal weights, N(0, 2 / fan in), zero biases. PyTorch's own default is uniform in 1 / sqrt(fan in)."""
    if isinstance(module, nn.Linear):
        nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
        nn.init.zeros_(module.bias)


def grid(height, width):
    """(height * width, 2): u, v of each pixel, row by row; u is -1 in the first row and 1 in the last, v by columns.

    NumPy's linspace, since PyTorch's rounds the last bit another way.
    """
    ### BEGIN SOLUTION
    u, v = (torch.tensor(np.linspace(-1, 1, n), dtype=torch.get_default_dtype()) for n in (height, width))
    return torch.cartesian_prod(u, v)
    ### END SOLUTION


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


class SamplingDecoder(nn.Module):
    def __init__(self, height=28, width=28, channels=1, hidden=256, latent=8, learning_rate=1e-3):
        """The networks: encoder, decoder. The optimizer: optimizer."""
        super().__init__()
        ### BEGIN SOLUTION
        self.channels, self.height, self.width = channels, height, width
        self.register_buffer("points", grid(height, width))
        self.encoder = Encoder(channels * height * width, hidden, latent)
        self.decoder = nn.Sequential(
            nn.Linear(2 + latent, hidden), nn.ReLU(),
            nn.Linear(hidden, hidden), nn.ReLU(),
            nn.Linear(hidden, hidden), nn.ReLU(),
            nn.Linear(hidden, channels))
        self.apply(initialize)
        self.optimizer = torch.optim.Adam(self.parameters(), lr=learning_rate, eps=1e-8, fused=True)
        ### END SOLUTION

    def logits(self, z, points):
        """(N, latent), (P, 2) -> (N, P, C): every image at every point"""
        ### BEGIN SOLUTION
        n, p = len(z), len(points)
        pairs = torch.cat([points.expand(n, -1, -1), z.unsqueeze(1).expand(-1, p, -1)], dim=2)
        return self.decoder(pairs.flatten(0, 1)).unflatten(0, (n, p))
        ### END SOLUTION

    def train_step(self, batch):
        """batch: images (N, C, H, W) in [0, 1]; eps (N, latent) from N(0, I)."""
        ### BEGIN SOLUTION
        images = batch["images"]
        mu, log_var = self.encoder(images)
        z = mu + torch.exp(log_var / 2) * batch["eps"]
        logits = as_images(self.logits(z, self.points), self.height, self.width)
        bce = F.binary_cross_entropy_with_logits(logits, images, reduction="none").sum((1, 2, 3)).mean()
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
        """(N, latent) -> (N, C, H, W) at the size of training: the probability of each pixel to be white"""
        return as_images(torch.sigmoid(self.logits(z, self.points)), self.height, self.width)

    @torch.no_grad()
    def render(self, z, height, width, chunk=2 ** 13):
        """(N, latent) -> (N, C, height, width) at any size. The decoder sees at most ``chunk`` points at one time."""
        ### BEGIN SOLUTION
        points = grid(height, width).to(z)
        values = z.new_empty(len(z), len(points), self.channels)    # kept parts would fragment the memory
        size = max(1, chunk // len(z))
        for part, some in zip(values.split(size, dim=1), points.split(size)):
            part.copy_(torch.sigmoid(self.logits(z, some)))
        return as_images(values, height, width)
        ### END SOLUTION

    def reconstruct(self, images):
        """(N, C, H, W) -> (N, C, H, W)"""
        return self.decode(self.encode(images))

    def generate(self, z):
        """z from N(0, I), (N, latent) -> (N, C, H, W)"""
        return self.decode(z)


def as_images(values, height, width):
    """(N, height * width, C) -> (N, C, height, width)"""
    return values.transpose(1, 2).unflatten(2, (height, width))


if __name__ == "__main__":
    from harness.standalone import run
    run(SamplingDecoder)
