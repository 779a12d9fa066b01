"""'gan' after eriklindernoren/PyTorch-GAN, implementations/gan (MIT): blocks of layers, the generator's step first. The lines are ours."""

import numpy as np
import torch
import torch.nn as nn


class Generator(nn.Module):
    def __init__(self, latent_dim, units, img_shape, slope):
        super(Generator, self).__init__()
        self.img_shape = img_shape

        def block(in_feat, out_feat, normalize=True):
            layers = [nn.Linear(in_feat, out_feat)]
            if normalize:
                layers.append(nn.BatchNorm1d(out_feat, 0.8))
            layers.append(nn.LeakyReLU(slope, inplace=True))
            return layers

        self.model = nn.Sequential(
            *block(latent_dim, units, normalize=False),
            *block(units, 2 * units),
            *block(2 * units, 4 * units),
            nn.Linear(4 * units, int(np.prod(img_shape))),
            nn.Tanh(),
        )

    def forward(self, z):
        img = self.model(z)
        return img.view(img.size(0), *self.img_shape)


class Discriminator(nn.Module):
    def __init__(self, units, img_shape, slope):
        super(Discriminator, self).__init__()
        self.model = nn.Sequential(
            nn.Linear(int(np.prod(img_shape)), 4 * units),
            nn.LeakyReLU(slope, inplace=True),
            nn.Linear(4 * units, 2 * units),
            nn.LeakyReLU(slope, inplace=True),
            nn.Linear(2 * units, 1),
            nn.Sigmoid(),
        )

    def forward(self, img):
        return self.model(img.view(img.size(0), -1))


class GAN:
    def __init__(self, height, width, channels, latent, units, slope, learning_rate, beta1):
        self.latent_dim = latent
        self.adversarial_loss = nn.BCELoss()
        self.generator = Generator(latent, units, (channels, height, width), slope)
        self.discriminator = Discriminator(units, (channels, height, width), slope)
        self.generator_optimizer = torch.optim.Adam(self.generator.parameters(), lr=0.0002, betas=(0.5, 0.999))
        self.discriminator_optimizer = torch.optim.Adam(self.discriminator.parameters(), lr=0.0002, betas=(0.5, 0.999))

    def train_step(self, batch):
        real_imgs = batch["images"]
        valid = torch.ones(real_imgs.size(0), 1)
        fake = torch.zeros(real_imgs.size(0), 1)

        # Generator
        self.generator_optimizer.zero_grad()
        z = torch.tensor(np.random.normal(0, 1, (real_imgs.shape[0], self.latent_dim)))
        gen_imgs = self.generator(z)
        g_loss = self.adversarial_loss(self.discriminator(gen_imgs), valid)
        g_loss.backward()
        self.generator_optimizer.step()

        # Discriminator
        self.discriminator_optimizer.zero_grad()
        real_loss = self.adversarial_loss(self.discriminator(real_imgs), valid)
        fake_loss = self.adversarial_loss(self.discriminator(gen_imgs.detach()), fake)
        d_loss = (real_loss + fake_loss) / 2
        d_loss.backward()
        self.discriminator_optimizer.step()
        return {"discriminator": d_loss.item(), "generator": g_loss.item()}

    def generate(self, z):
        return self.generator(z)

    def discriminate(self, images):
        return self.discriminator(images)
