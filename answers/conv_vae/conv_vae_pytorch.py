"""Convolutional variational autoencoder in PyTorch.

    images (N, 3, 32, 32) --encoder--> mu, log var (N, 128);  z = mu + exp(log var / 2) * eps
    z (N, 128) --decoder--> images (N, 3, 32, 32)

Kingma & Welling 2013, "Auto-Encoding Variational Bayes", with the networks of Radford et al. 2015.
"""

import torch
from torch import nn


def initialize(module):
    """Glorot uniform weights, zero biases; PyTorch's own default is uniform in 1 / sqrt(fan in), the bias too."""
    if isinstance(module, (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)):
        nn.init.xavier_uniform_(module.weight)
        if module.bias is not None:
            nn.init.zeros_(module.bias)


def down(inputs, outputs, epsilon):
    """Half the size. No bias: the batch norm would take it away again."""
    ### BEGIN SOLUTION
    return (nn.Conv2d(inputs, outputs, 4, 2, 1, bias=False),
            nn.BatchNorm2d(outputs, epsilon, momentum=0.1), nn.ReLU())         # 0.1 is the weight of the new value
    ### END SOLUTION


def up(inputs, outputs, epsilon):
    """Twice the size."""
    ### BEGIN SOLUTION
    return (nn.ConvTranspose2d(inputs, outputs, 4, 2, 1, bias=False),
            nn.BatchNorm2d(outputs, epsilon, momentum=0.1), nn.ReLU())
    ### END SOLUTION


class Encoder(nn.Module):
    """(N, C, H, W) -> mu and log var, each (N, latent)"""

    def __init__(self, height, width, channels, latent, filters, epsilon):
        super().__init__()
        ### BEGIN SOLUTION
        self.features = nn.Sequential(
            nn.Conv2d(channels, filters, 4, 2, 1), nn.ReLU(), *down(filters, 2 * filters, epsilon),
            *down(2 * filters, 4 * filters, epsilon), *down(4 * filters, 8 * filters, epsilon), nn.Flatten())
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
    """(N, latent) -> (N, C, H, W)"""

    def __init__(self, height, width, channels, latent, filters, epsilon):
        ### BEGIN SOLUTION
        maps = (8 * filters, height // 16, width // 16)
        super().__init__(
            nn.Linear(latent, maps[0] * maps[1] * maps[2], bias=False), nn.Unflatten(1, maps),
            nn.BatchNorm2d(8 * filters, epsilon, momentum=0.1), nn.ReLU(),
            *up(8 * filters, 4 * filters, epsilon), *up(4 * filters, 2 * filters, epsilon),
            *up(2 * filters, filters, epsilon), nn.ConvTranspose2d(filters, channels, 4, 2, 1), nn.Tanh())
        ### END SOLUTION


class ConvVAE(nn.Module):
    def __init__(self, height=32, width=32, channels=3, latent=128, filters=64, epsilon=1e-5, learning_rate=1e-3):
        """The networks: encoder, decoder. The optimizer: optimizer."""
        super().__init__()
        ### BEGIN SOLUTION
        self.encoder = Encoder(height, width, channels, latent, filters, epsilon)
        self.decoder = Decoder(height, width, channels, latent, filters, epsilon)
        self.apply(initialize)
        self.optimizer = torch.optim.Adam(self.parameters(), lr=learning_rate, betas=(0.9, 0.999), eps=1e-8, fused=True)
        ### END SOLUTION

    def train_step(self, batch):
        """batch: images (N, C, H, W) in [-1, 1]; eps (N, latent), normal."""
        ### BEGIN SOLUTION
        images = batch["images"]
        mu, log_var = self.encoder(images)
        reconstructions = self.decoder(mu + torch.exp(log_var / 2) * batch["eps"])
        squared_error = (reconstructions - images).square().sum((1, 2, 3)).mean()
        kl = -0.5 * (1 + log_var - mu.square() - log_var.exp()).sum(1).mean()
        loss = squared_error + kl
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return {"loss": loss.detach(), "squared_error": squared_error.detach(), "kl": kl.detach()}
        ### END SOLUTION

    def encode(self, images):
        """(N, C, H, W) -> (N, latent), the means"""
        return self.encoder(images)[0]

    def decode(self, codes):
        """(N, latent) -> (N, C, H, W)"""
        return self.decoder(codes)

    def reconstruct(self, images):
        """(N, C, H, W) -> (N, C, H, W), without noise"""
        return self.decode(self.encode(images))

    def generate(self, z):
        """(N, latent), normal -> (N, C, H, W)"""
        return self.decode(z)


if __name__ == "__main__":
    from harness.standalone import run
    run(ConvVAE)
