"""VAE-GAN in PyTorch: a convolutional VAE whose decoder is also the generator of a GAN.

    images (N, 3, 32, 32) --encoder--> mu, log var (N, 128);  z = mu + exp(log var / 2) * eps
    z (N, 128) --decoder--> images (N, 3, 32, 32) --discriminator--> logits (N, 1)

Larsen et al. 2015, "Autoencoding beyond pixels using a learned similarity metric", in a simpler form.
"""

import torch
from torch import nn
from torch.nn import functional as F


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


class Discriminator(nn.Sequential):
    """(N, C, H, W) -> logits (N, 1)"""

    def __init__(self, height, width, channels, filters, slope):
        super().__init__(
            nn.Conv2d(channels, filters, 4, 2, 1), nn.LeakyReLU(slope),
            nn.Conv2d(filters, 2 * filters, 4, 2, 1), nn.LeakyReLU(slope),
            nn.Conv2d(2 * filters, 4 * filters, 4, 2, 1), nn.LeakyReLU(slope),
            nn.Flatten(), nn.Linear(4 * filters * (height // 8) * (width // 8), 1))


def cross_entropy(logits, target):
    """Binary cross-entropy of logits against a target that all share, 1 for real or 0 for fake; mean over the batch."""
    ### BEGIN SOLUTION
    return F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, target))
    ### END SOLUTION


class VAEGAN(nn.Module):
    def __init__(self, height=32, width=32, channels=3, latent=128, filters=64,
                 epsilon=1e-5, slope=0.2, lambda_vae=1.0, lambda_gan=0.1, learning_rate=2e-4, beta1=0.5):
        """The networks: encoder, decoder, discriminator. The optimizers: vae_optimizer, discriminator_optimizer."""
        super().__init__()
        ### BEGIN SOLUTION
        self.lambda_vae, self.lambda_gan = lambda_vae, lambda_gan
        self.encoder = Encoder(height, width, channels, latent, filters, epsilon)
        self.decoder = Decoder(height, width, channels, latent, filters, epsilon)
        self.discriminator = Discriminator(height, width, channels, filters, slope)
        self.apply(initialize)
        adam = {"lr": learning_rate, "betas": (beta1, 0.999), "eps": 1e-8, "fused": True}
        self.vae_optimizer = torch.optim.Adam([*self.encoder.parameters(), *self.decoder.parameters()], **adam)
        self.discriminator_optimizer = torch.optim.Adam(self.discriminator.parameters(), **adam)
        ### END SOLUTION

    def train_step(self, batch):
        """batch: images (N, C, H, W) in [-1, 1]; eps and z (N, latent), normal."""
        ### BEGIN SOLUTION
        images = batch["images"]
        fakes = self.decoder(batch["z"])                # once: for the discriminator now, for the decoder below

        discriminator = (cross_entropy(self.discriminator(images), 1.0)
                         + cross_entropy(self.discriminator(fakes.detach()), 0.0))
        self.discriminator_optimizer.zero_grad()
        discriminator.backward()
        self.discriminator_optimizer.step()

        mu, log_var = self.encoder(images)
        reconstructions = self.decoder(mu + torch.exp(log_var / 2) * batch["eps"])
        squared_error = (reconstructions - images).square().sum((1, 2, 3)).mean()
        kl = -0.5 * (1 + log_var - mu.square() - log_var.exp()).sum(1).mean()
        self.discriminator.requires_grad_(False)        # gradients go through it, not into it
        generator = cross_entropy(self.discriminator(fakes), 1.0)           # the discriminator of after its step
        vae = self.lambda_vae * (squared_error + kl) + self.lambda_gan * generator
        self.vae_optimizer.zero_grad()
        vae.backward()
        self.vae_optimizer.step()
        self.discriminator.requires_grad_(True)
        losses = {"discriminator": discriminator, "vae": vae, "squared_error": squared_error, "kl": kl,
                  "generator": generator}
        return {name: loss.detach() for name, loss in losses.items()}
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
    run(VAEGAN)
