"""'dcgan' after pytorch/examples, dcgan/main.py (BSD-3-Clause): ``main`` of two networks, weights_init by class names, criterion and
label. The lines are ours."""

import torch
import torch.nn as nn
import torch.optim as optim


def weights_init(m):
    classname = m.__class__.__name__
    if classname.find("Conv") != -1:
        torch.nn.init.normal_(m.weight, 0.0, 0.02)
    elif classname.find("BatchNorm") != -1:
        torch.nn.init.normal_(m.weight, 1.0, 0.02)
        torch.nn.init.zeros_(m.bias)


class Generator(nn.Module):
    def __init__(self, nz, ngf, nc, height, width):
        super(Generator, self).__init__()
        self.main = nn.Sequential(
            nn.ConvTranspose2d(nz, ngf * 8, (height // 16, width // 16), 1, 0, bias=False),
            nn.BatchNorm2d(ngf * 8),
            nn.ReLU(True),
            nn.ConvTranspose2d(ngf * 8, ngf * 4, 4, 2, 1, bias=False),
            nn.BatchNorm2d(ngf * 4),
            nn.ReLU(True),
            nn.ConvTranspose2d(ngf * 4, ngf * 2, 4, 2, 1, bias=False),
            nn.BatchNorm2d(ngf * 2),
            nn.ReLU(True),
            nn.ConvTranspose2d(ngf * 2, ngf, 4, 2, 1, bias=False),
            nn.BatchNorm2d(ngf),
            nn.ReLU(True),
            nn.ConvTranspose2d(ngf, nc, 4, 2, 1, bias=False),
            nn.Tanh(),
        )

    def forward(self, input):
        return self.main(input.view(len(input), -1, 1, 1))


class Discriminator(nn.Module):
    def __init__(self, ndf, nc, height, width, slope):
        super(Discriminator, self).__init__()
        self.main = nn.Sequential(
            nn.Conv2d(nc, ndf, 4, 2, 1, bias=False),
            nn.LeakyReLU(slope, inplace=True),
            nn.Conv2d(ndf, ndf * 2, 4, 2, 1, bias=False),
            nn.BatchNorm2d(ndf * 2),
            nn.LeakyReLU(slope, inplace=True),
            nn.Conv2d(ndf * 2, ndf * 4, 4, 2, 1, bias=False),
            nn.BatchNorm2d(ndf * 4),
            nn.LeakyReLU(slope, inplace=True),
            nn.Conv2d(ndf * 4, ndf * 8, 4, 2, 1, bias=False),
            nn.BatchNorm2d(ndf * 8),
            nn.LeakyReLU(slope, inplace=True),
            nn.Conv2d(ndf * 8, 1, (height // 16, width // 16), 1, 0, bias=False),
            nn.Sigmoid(),
        )

    def forward(self, input):
        return self.main(input).view(-1, 1)


class DCGAN:
    def __init__(self, height, width, channels, latent, features, slope, epsilon, learning_rate, beta1):
        self.nz = latent
        self.generator = Generator(latent, features, channels, height, width)
        self.generator.apply(weights_init)
        self.discriminator = Discriminator(features, channels, height, width, slope)
        self.discriminator.apply(weights_init)
        self.criterion = nn.BCELoss()
        self.discriminator_optimizer = optim.Adam(self.discriminator.parameters(), lr=learning_rate, betas=(beta1, 0.999))
        self.generator_optimizer = optim.Adam(self.generator.parameters(), lr=learning_rate, betas=(beta1, 0.999))

    def train_step(self, batch):
        netG, netD = self.generator, self.discriminator
        netD.zero_grad()
        real = batch["images"]
        batch_size = real.size(0)
        label = torch.full((batch_size, 1), 1, dtype=real.dtype)
        output = netD(real)
        errD_real = self.criterion(output, label)
        errD_real.backward()

        noise = torch.randn(batch_size, self.nz)
        fake = netG(noise)
        label.fill_(0)
        output = netD(fake.detach())
        errD_fake = self.criterion(output, label)
        errD_fake.backward()
        errD = errD_real + errD_fake
        self.discriminator_optimizer.step()

        netG.zero_grad()
        label.fill_(1)
        output = netD(fake)
        errG = self.criterion(output, label)
        errG.backward()
        self.generator_optimizer.step()
        return {"discriminator": errD.item(), "generator": errG.item()}

    def generate(self, z):
        return self.generator(z)

    def discriminate(self, images):
        return self.discriminator(images)
