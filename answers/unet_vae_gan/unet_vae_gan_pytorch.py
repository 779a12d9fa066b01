"""VAE-GAN with skip connections in PyTorch: what each stage of the encoder saw goes to the decoder, too.

    images (N, 3, 32, 32) --encoder--> mu, log var (N, 128), four skips;  z = mu + exp(log var / 2) * eps
    z (N, 128), skips --decoder--> images (N, 3, 32, 32) --discriminator--> logits (N, 1)

Larsen et al. 2015, "Autoencoding beyond pixels using a learned similarity metric", in a simpler form, with the skips of
Ronneberger et al. 2015, "U-Net". Skip i: (N, 64, 16, 16), (N, 128, 8, 8), (N, 256, 4, 4), (N, 512, 2, 2).
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
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 4, 2, 1, bias=False),
        nn.BatchNorm2d(outputs, epsilon, momentum=0.1), nn.ReLU())         # 0.1 is the weight of the new value
    ### END SOLUTION


def up(inputs, outputs, epsilon):
    """Twice the size."""
    ### BEGIN SOLUTION
    return nn.Sequential(
        nn.ConvTranspose2d(inputs, outputs, 4, 2, 1, bias=False),
        nn.BatchNorm2d(outputs, epsilon, momentum=0.1), nn.ReLU())
    ### END SOLUTION


class Encoder(nn.Module):
    """(N, C, H, W) -> mu and log var, each (N, latent); the maps of the four stages, the largest first"""

    def __init__(self, height, width, channels, latent, filters, epsilon):
        super().__init__()
        ### BEGIN SOLUTION
        self.stages = nn.ModuleList([
            nn.Sequential(nn.Conv2d(channels, filters, 4, 2, 1), nn.ReLU()),
            down(filters, 2 * filters, epsilon), down(2 * filters, 4 * filters, epsilon),
            down(4 * filters, 8 * filters, epsilon)])
        number = 8 * filters * (height // 16) * (width // 16)
        self.mu = nn.Linear(number, latent)
        self.log_var = nn.Linear(number, latent)
        ### END SOLUTION

    def forward(self, images):
        ### BEGIN SOLUTION
        x, skips = images, []
        for stage in self.stages:
            x = stage(x)
            skips.append(x)
        features = x.flatten(1)
        return self.mu(features), self.log_var(features), skips
        ### END SOLUTION


class Decoder(nn.Module):
    """(N, latent) and four skips, the largest first -> (N, C, H, W)"""

    def __init__(self, height, width, channels, latent, filters, epsilon):
        super().__init__()
        ### BEGIN SOLUTION
        maps = (8 * filters, height // 16, width // 16)
        self.first = nn.Sequential(
            nn.Linear(latent, maps[0] * maps[1] * maps[2], bias=False), nn.Unflatten(1, maps),
            nn.BatchNorm2d(8 * filters, epsilon, momentum=0.1), nn.ReLU())
        self.stages = nn.ModuleList([                   # each gets as many maps from its skip as from the stage before
            up(16 * filters, 4 * filters, epsilon), up(8 * filters, 2 * filters, epsilon),
            up(4 * filters, filters, epsilon),
            nn.Sequential(nn.ConvTranspose2d(2 * filters, channels, 4, 2, 1), nn.Tanh())])
        ### END SOLUTION

    def forward(self, z, skips):
        ### BEGIN SOLUTION
        x = self.first(z)
        for stage, skip in zip(self.stages, reversed(skips)):
            x = stage(torch.cat([x, skip], 1))
        return x
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


class UNetVAEGAN(nn.Module):
    def __init__(self, height=32, width=32, channels=3, latent=128, filters=64,
                 epsilon=1e-5, slope=0.2, lambda_vae=1.0, lambda_gan=0.1, alpha=0.1, learning_rate=2e-4, beta1=0.5):
        """The networks: encoder, decoder, discriminator. The optimizers: vae_optimizer, discriminator_optimizer."""
        super().__init__()
        ### BEGIN SOLUTION
        self.lambda_vae, self.lambda_gan, self.alpha = lambda_vae, lambda_gan, alpha
        self.encoder = Encoder(height, width, channels, latent, filters, epsilon)
        self.decoder = Decoder(height, width, channels, latent, filters, epsilon)
        self.discriminator = Discriminator(height, width, channels, filters, slope)
        self.apply(initialize)
        adam = {"lr": learning_rate, "betas": (beta1, 0.999), "eps": 1e-8, "fused": True}
        self.vae_optimizer = torch.optim.Adam([*self.encoder.parameters(), *self.decoder.parameters()], **adam)
        self.discriminator_optimizer = torch.optim.Adam(self.discriminator.parameters(), **adam)
        ### END SOLUTION

    def train_step(self, batch):
        """batch: images (N, C, H, W) in [-1, 1]; eps and z (N, latent), skip1 .. skip4 (N, ., ., .), all normal."""
        ### BEGIN SOLUTION
        images = batch["images"]
        mu, log_var, skips = self.encoder(images)
        # Made once: for the discriminator now, for the encoder and the decoder below.
        fakes = self.decoder(batch["z"], self.disturb(skips, [batch[f"skip{i}"] for i in (1, 2, 3, 4)]))

        discriminator = (cross_entropy(self.discriminator(images), 1.0)
                         + cross_entropy(self.discriminator(fakes.detach()), 0.0))
        self.discriminator_optimizer.zero_grad()
        discriminator.backward()
        self.discriminator_optimizer.step()

        reconstructions = self.decoder(mu + torch.exp(log_var / 2) * batch["eps"], skips)
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

    def disturb(self, skips, noises):
        """Skips of a real image -> skips as of an image that is nearly the same one; alpha = 0 leaves them alone."""
        return [skip * (1 + self.alpha * noise) for skip, noise in zip(skips, noises)]

    def encode(self, images):
        """(N, C, H, W) -> (N, latent), the means"""
        return self.encoder(images)[0]

    def decode(self, codes, images):
        """(N, latent), and (N, C, H, W) for the skips -> (N, C, H, W)"""
        return self.decoder(codes, self.encoder(images)[2])

    def reconstruct(self, images):
        """(N, C, H, W) -> (N, C, H, W), without noise"""
        ### BEGIN SOLUTION
        mu, _, skips = self.encoder(images)
        return self.decoder(mu, skips)
        ### END SOLUTION

    def generate(self, z, images, skip1, skip2, skip3, skip4):
        """(N, latent), normal; real images (N, C, H, W) for the skips; noise on each skip, normal -> (N, C, H, W)"""
        return self.decoder(z, self.disturb(self.encoder(images)[2], [skip1, skip2, skip3, skip4]))


if __name__ == "__main__":
    from harness.standalone import run
    run(UNetVAEGAN)
