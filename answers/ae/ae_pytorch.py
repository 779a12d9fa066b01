"""Autoencoder in PyTorch.

    images (N, 3, 64, 64) --encoder--> codes (N, 64) --decoder--> images (N, 3, 64, 64)

Hinton & Salakhutdinov 2006, "Reducing the Dimensionality of Data with Neural Networks", with one layer a side.
"""

import torch
from torch import nn
from torch.nn import functional as F


def initialize(module):
    """Glorot uniform weights, zero biases. PyTorch's own default is uniform in 1 / sqrt(fan in), the bias too."""
    if isinstance(module, nn.Linear):
        nn.init.xavier_uniform_(module.weight)
        nn.init.zeros_(module.bias)


class Autoencoder(nn.Module):
    def __init__(self, height=64, width=64, channels=3, latent=64, learning_rate=1e-3):
        """The networks: encoder, decoder. The optimizer: optimizer."""
        super().__init__()
        ### BEGIN SOLUTION
        pixels = channels * height * width
        self.encoder = nn.Sequential(nn.Flatten(), nn.Linear(pixels, latent))
        self.decoder = nn.Sequential(nn.Linear(latent, pixels), nn.Unflatten(1, (channels, height, width)))
        self.apply(initialize)
        # fused: one pass over the weights instead of ten, with the same result.
        self.optimizer = torch.optim.Adam(self.parameters(), lr=learning_rate, eps=1e-8, fused=True)
        ### END SOLUTION

    def train_step(self, batch):
        """batch: images (N, C, H, W) in [-1, 1]."""
        ### BEGIN SOLUTION
        images = batch["images"]
        loss = F.mse_loss(self.reconstruct(images), images)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return {"mse": loss.detach()}
        ### END SOLUTION

    def encode(self, images):
        """(N, C, H, W) -> (N, latent)"""
        return self.encoder(images)

    def decode(self, codes):
        """(N, latent) -> (N, C, H, W)"""
        return self.decoder(codes)

    def reconstruct(self, images):
        """(N, C, H, W) -> (N, C, H, W)"""
        return self.decode(self.encode(images))


if __name__ == "__main__":
    from harness.standalone import run
    run(Autoencoder)
