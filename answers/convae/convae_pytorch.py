"""Convolutional autoencoder in PyTorch.

    images (N, 3, 64, 64) --encoder--> codes (N, 16, 16, 16) --decoder--> images (N, 3, 64, 64)

Masci et al. 2011, "Stacked Convolutional Auto-Encoders for Hierarchical Feature Extraction".
"""

import torch
from torch import nn
from torch.nn import functional as F


def initialize(module):
    """Glorot uniform weights, zero biases. PyTorch's own default is uniform in 1 / sqrt(fan in), the bias too."""
    if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
        nn.init.xavier_uniform_(module.weight)
        nn.init.zeros_(module.bias)


class ConvolutionalAutoencoder(nn.Module):
    def __init__(self, height=64, width=64, channels=3, filters=32, latent=16, learning_rate=1e-3):
        """The networks: encoder, decoder. The optimizer: optimizer."""
        super().__init__()          # height and width are not needed: a convolution fits any image
        ### BEGIN SOLUTION
        self.encoder = nn.Sequential(
            nn.Conv2d(channels, filters, kernel_size=3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(filters, latent, kernel_size=3, padding=1), nn.ReLU(), nn.MaxPool2d(2))
        self.decoder = nn.Sequential(
            nn.ConvTranspose2d(latent, filters, kernel_size=2, stride=2), nn.ReLU(),
            nn.ConvTranspose2d(filters, channels, kernel_size=2, stride=2))
        self.apply(initialize)
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
        """(N, C, H, W) -> (N, latent, H/4, W/4)"""
        return self.encoder(images)

    def decode(self, codes):
        """(N, latent, H/4, W/4) -> (N, C, H, W)"""
        return self.decoder(codes)

    def reconstruct(self, images):
        """(N, C, H, W) -> (N, C, H, W)"""
        return self.decode(self.encode(images))


if __name__ == "__main__":
    from harness.standalone import run
    run(ConvolutionalAutoencoder)
