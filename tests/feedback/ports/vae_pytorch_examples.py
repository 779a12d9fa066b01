"""'vae' after pytorch/examples, vae/main.py (BSD-3-Clause): its layers, its loss, its sampling. The lines are ours."""

import torch
from torch import nn, optim
from torch.nn import functional as F


class Encoder(nn.Module):
    def __init__(self, pixels, hidden, latent):
        super(Encoder, self).__init__()
        self.fc1 = nn.Linear(pixels, hidden)
        self.fc21 = nn.Linear(hidden, latent)
        self.fc22 = nn.Linear(hidden, latent)

    def forward(self, x):
        h1 = F.relu(self.fc1(x))
        return self.fc21(h1), self.fc22(h1)


class Decoder(nn.Module):
    def __init__(self, pixels, hidden, latent):
        super(Decoder, self).__init__()
        self.fc3 = nn.Linear(latent, hidden)
        self.fc4 = nn.Linear(hidden, pixels)

    def forward(self, z):
        h3 = F.relu(self.fc3(z))
        return torch.sigmoid(self.fc4(h3))


def loss_function(recon_x, x, mu, logvar):
    BCE = F.binary_cross_entropy(recon_x, x, reduction="sum")
    KLD = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())
    return BCE, KLD


class VariationalAutoencoder(nn.Module):
    def __init__(self, height, width, channels, hidden, latent, learning_rate):
        super(VariationalAutoencoder, self).__init__()
        self.image = (channels, height, width)
        self.pixels = channels * height * width
        self.encoder = Encoder(self.pixels, hidden, latent)
        self.decoder = Decoder(self.pixels, hidden, latent)
        self.optimizer = optim.Adam(self.parameters(), lr=1e-3)

    def reparameterize(self, mu, logvar):
        std = torch.exp(0.5 * logvar)
        eps = torch.randn_like(std)
        return mu + eps * std

    def forward(self, x):
        mu, logvar = self.encoder(x.view(-1, self.pixels))
        z = self.reparameterize(mu, logvar)
        return self.decoder(z), mu, logvar

    def train_step(self, batch):
        data = batch["images"]
        self.optimizer.zero_grad()
        recon_batch, mu, logvar = self(data)
        bce, kld = loss_function(recon_batch, data.view(-1, self.pixels), mu, logvar)
        loss = bce + kld
        loss.backward()
        self.optimizer.step()
        return {"loss": loss.detach(), "bce": bce.detach(), "kl": kld.detach()}

    def encode(self, x):
        mu, logvar = self.encoder(x.view(-1, self.pixels))
        return mu

    def decode(self, z):
        return self.decoder(z).view(-1, *self.image)

    def reconstruct(self, x):
        recon, mu, logvar = self(x)
        return recon.view(-1, *self.image)

    def generate(self, z):
        return self.decode(z)
