"""'wgan_gp' after eriklindernoren/PyTorch-GAN, implementations/wgan_gp (MIT): compute_gradient_penalty, the generator on the critic's
last noise. Its networks are the question's; the lines are ours."""

import numpy as np
import torch
import torch.autograd as autograd
import torch.nn as nn


class ResidualBlock(nn.Module):
    def __init__(self, layers, activation, shortcut=None):
        super(ResidualBlock, self).__init__()
        self.model = nn.Sequential(*layers)
        self.shortcut = shortcut
        self.activation = activation

    def forward(self, x):
        skip = x if self.shortcut is None else self.shortcut(x)
        return self.activation(skip + self.model(x))


class Generator(nn.Module):
    def __init__(self, img_shape, latent_dim, f):
        super(Generator, self).__init__()
        channels, height, width = img_shape

        def block():
            layers = []
            for _ in range(2):
                layers += [nn.Conv2d(f, f, 3, 1, 1, bias=False), nn.BatchNorm2d(f, 0.8), nn.ReLU(inplace=True)]
            return ResidualBlock(layers[:-1], nn.ReLU(inplace=True))

        self.l1 = nn.Linear(latent_dim, f * (height // 8) * (width // 8), bias=False)
        self.init_size = (f, height // 8, width // 8)
        self.conv_blocks = nn.Sequential(
            nn.BatchNorm2d(f, 0.8), nn.ReLU(inplace=True),
            block(), nn.Upsample(scale_factor=2),
            block(), nn.Upsample(scale_factor=2),
            block(), nn.Upsample(scale_factor=2),
            nn.Conv2d(f, channels, 3, 1, 1), nn.Tanh())

    def forward(self, z):
        out = self.l1(z)
        return self.conv_blocks(out.view(out.shape[0], *self.init_size))


class Discriminator(nn.Module):
    def __init__(self, img_shape, f, slope):
        super(Discriminator, self).__init__()

        def block(inputs=f, shortcut=None):
            layers = [nn.Conv2d(inputs, f, 3, 1, 1), nn.LeakyReLU(slope, inplace=True), nn.Conv2d(f, f, 3, 1, 1)]
            return ResidualBlock(layers, nn.LeakyReLU(slope, inplace=True), shortcut)

        self.model = nn.Sequential(
            block(img_shape[0], nn.Conv2d(img_shape[0], f, 1, bias=False)), nn.AvgPool2d(2),
            block(), nn.AvgPool2d(2), block(), block(), nn.AdaptiveAvgPool2d(1))
        self.adv_layer = nn.Linear(f, 1, bias=False)

    def forward(self, img):
        out = self.model(img)
        return self.adv_layer(out.view(out.shape[0], -1))


def weights_init_normal(m):
    classname = m.__class__.__name__
    if classname.find("Conv") != -1:
        torch.nn.init.normal_(m.weight.data, 0.0, 0.02)
    elif classname.find("BatchNorm") != -1:
        torch.nn.init.normal_(m.weight.data, 1.0, 0.02)
        torch.nn.init.constant_(m.bias.data, 0.0)


def compute_gradient_penalty(D, real_samples, fake_samples):
    alpha = torch.tensor(np.random.random((real_samples.size(0), 1, 1, 1)))
    interpolates = (alpha * real_samples + ((1 - alpha) * fake_samples)).requires_grad_(True)
    d_interpolates = D(interpolates)
    fake = torch.ones(real_samples.shape[0], 1)
    gradients = autograd.grad(outputs=d_interpolates, inputs=interpolates, grad_outputs=fake,
                              create_graph=True, retain_graph=True, only_inputs=True)[0]
    gradients = gradients.view(gradients.size(0), -1)
    return ((gradients.norm(2, dim=1) - 1) ** 2).mean()


class WGANGP:
    def __init__(self, height, width, channels, latent, features, critic_steps, slope, epsilon, lambda_penalty, learning_rate, beta1, beta2):
        img_shape = (channels, height, width)
        self.n_critic, self.lambda_gp = critic_steps, lambda_penalty
        self.generator = Generator(img_shape, latent, features)
        self.critic = Discriminator(img_shape, features, slope)
        self.generator.apply(weights_init_normal)
        self.critic.apply(weights_init_normal)
        self.generator_optimizer = torch.optim.Adam(self.generator.parameters(), lr=0.0002, betas=(0.5, 0.999))
        self.critic_optimizer = torch.optim.Adam(self.critic.parameters(), lr=0.0002, betas=(0.5, 0.999))

    def train_step(self, batch):
        for i in range(self.n_critic):
            real_imgs, z = batch["images"][i], batch["z"][i]
            self.critic_optimizer.zero_grad()
            fake_imgs = self.generator(z)
            real_validity = self.critic(real_imgs)
            fake_validity = self.critic(fake_imgs)
            gradient_penalty = compute_gradient_penalty(self.critic, real_imgs.data, fake_imgs.data)
            d_loss = -torch.mean(real_validity) + torch.mean(fake_validity) + self.lambda_gp * gradient_penalty
            d_loss.backward()
            self.critic_optimizer.step()

        self.generator_optimizer.zero_grad()
        fake_imgs = self.generator(z)
        fake_validity = self.critic(fake_imgs)
        g_loss = -torch.mean(fake_validity)
        g_loss.backward()
        self.generator_optimizer.step()
        wasserstein = self.lambda_gp * gradient_penalty - d_loss
        return {"critic": d_loss.detach(), "penalty": gradient_penalty.detach(), "wasserstein": wasserstein.detach(), "generator": g_loss.detach()}

    def generate(self, z):
        return self.generator(z)

    def score(self, images):
        return self.critic(images).squeeze(1)
