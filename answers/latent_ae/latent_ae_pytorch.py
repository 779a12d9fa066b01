"""The latent space of an autoencoder, in PyTorch.

    images (N, 1, 28, 28) --encoder--> codes (N, 2) --decoder--> logits (N, 1, 28, 28) --sigmoid--> images

Hinton & Salakhutdinov 2006, "Reducing the Dimensionality of Data with Neural Networks", with convolutions.
"""

import torch
from torch import nn
from torch.nn import functional as F


def initialize(module):
    """Glorot uniform weights, zero biases. PyTorch's own default is uniform in 1 / sqrt(fan in), the bias too."""
    if isinstance(module, (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)):
        nn.init.xavier_uniform_(module.weight)
        nn.init.zeros_(module.bias)


class LatentAutoencoder(nn.Module):
    def __init__(self, height=28, width=28, channels=1, filters=32, latent=2, learning_rate=1e-3):
        """The networks: encoder, decoder. The optimizer: optimizer."""
        super().__init__()
        ### BEGIN SOLUTION
        smallest = (2 * filters, height // 4, width // 4)
        units = 2 * filters * (height // 4) * (width // 4)
        self.encoder = nn.Sequential(
            nn.Conv2d(channels, filters, kernel_size=3, stride=2, padding=1), nn.ReLU(),
            nn.Conv2d(filters, 2 * filters, kernel_size=3, stride=2, padding=1), nn.ReLU(),
            nn.Flatten(), nn.Linear(units, latent))
        self.decoder = nn.Sequential(
            nn.Linear(latent, units), nn.ReLU(), nn.Unflatten(1, smallest),
            nn.ConvTranspose2d(2 * filters, 2 * filters, kernel_size=3, stride=2, padding=1, output_padding=1),
            nn.ReLU(),
            nn.ConvTranspose2d(2 * filters, filters, kernel_size=3, stride=2, padding=1, output_padding=1),
            nn.ReLU(),
            nn.ConvTranspose2d(filters, channels, kernel_size=3, stride=1, padding=1))
        self.apply(initialize)
        self.optimizer = torch.optim.Adam(self.parameters(), lr=learning_rate, eps=1e-8, fused=True)
        ### END SOLUTION

    def train_step(self, batch):
        """batch: images (N, C, H, W) in [0, 1]."""
        ### BEGIN SOLUTION
        images = batch["images"]
        logits = self.decoder(self.encoder(images))
        loss = F.binary_cross_entropy_with_logits(logits, images, reduction="sum") / len(images)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return {"bce": loss.detach()}
        ### END SOLUTION

    def encode(self, images):
        """(N, C, H, W) -> (N, latent)"""
        return self.encoder(images)

    def decode(self, codes):
        """(N, latent) -> (N, C, H, W), probabilities"""
        return torch.sigmoid(self.decoder(codes))

    def reconstruct(self, images):
        """(N, C, H, W) -> (N, C, H, W)"""
        return self.decode(self.encode(images))


if __name__ == "__main__":
    from harness.standalone import run
    run(LatentAutoencoder)
