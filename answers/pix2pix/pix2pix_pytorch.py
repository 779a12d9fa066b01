"""pix2pix in PyTorch.

    masks (N, 3, 64, 64) --generator--> images (N, 3, 64, 64)
    masks and images (N, 3 + 3, 64, 64) --discriminator--> one logit a patch (N, 1, 6, 6)

Isola et al. 2016, "Image-to-Image Translation with Conditional Adversarial Networks" (arXiv 1611.07004).
"""

import torch
from torch import nn
from torch.nn import functional as F


def conv(inputs, outputs, stride=2, bias=True):
    """A convolution, kernel 4, padding 1; stride 2 halves the size."""
    ### BEGIN SOLUTION
    return nn.Conv2d(inputs, outputs, kernel_size=4, stride=stride, padding=1, bias=bias)
    ### END SOLUTION


def conv_transpose(inputs, outputs, bias=True):
    """A transposed convolution, kernel 4, stride 2, padding 1: twice the size."""
    ### BEGIN SOLUTION
    return nn.ConvTranspose2d(inputs, outputs, kernel_size=4, stride=2, padding=1, bias=bias)
    ### END SOLUTION


def initialize(module):
    """Weights N(0, 0.02), zero biases."""
    if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
        nn.init.normal_(module.weight, std=0.02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)


class UNet(nn.Module):
    """The way down, halving six times; the way up, which at each size is also given what the way down had there."""

    def __init__(self, planes, channels, features, slope, dropout, epsilon):
        super().__init__()
        ### BEGIN SOLUTION
        widths = [features * n for n in (1, 2, 4, 8, 8, 8)]
        self.dropout = dropout
        self.down = nn.ModuleList([conv(planes, widths[0])])
        for inputs, outputs in zip(widths[:4], widths[1:5]):
            self.down.append(nn.Sequential(
                nn.LeakyReLU(slope), conv(inputs, outputs, bias=False), nn.BatchNorm2d(outputs, epsilon)))
        self.down.append(nn.Sequential(nn.LeakyReLU(slope), conv(widths[4], widths[5])))
        self.up = nn.ModuleList()
        for below, inputs, outputs in zip((0, *widths[4:0:-1]), widths[:0:-1], widths[4::-1]):
            self.up.append(nn.Sequential(
                nn.ReLU(), conv_transpose(inputs + below, outputs, bias=False), nn.BatchNorm2d(outputs, epsilon)))
        self.up.append(nn.Sequential(nn.ReLU(), conv_transpose(2 * widths[0], channels), nn.Tanh()))
        ### END SOLUTION

    def forward(self, x, keep=()):
        """``keep``: what dropout leaves (1) and drops (0) in the first stages up; in evaluation there is none."""
        ### BEGIN SOLUTION
        across = []
        for stage in self.down:
            x = stage(x)
            across.append(x)
        across.pop()                                        # the innermost goes up, not across
        for i, stage in enumerate(self.up):
            x = stage(x)
            if i < len(keep):
                x = x * keep[i] / (1 - self.dropout)
            if across:
                x = torch.cat([x, across.pop()], dim=1)
        return x
        ### END SOLUTION


class PatchGAN(nn.Sequential):
    """Masks and images -> a map of logits, one a patch."""

    def __init__(self, inputs, features, slope, epsilon):
        ### BEGIN SOLUTION
        layers = [conv(inputs, features), nn.LeakyReLU(slope)]
        for n, stride in ((1, 2), (2, 2), (4, 1)):
            layers += [conv(n * features, 2 * n * features, stride, bias=False),
                       nn.BatchNorm2d(2 * n * features, epsilon), nn.LeakyReLU(slope)]
        super().__init__(*layers, conv(8 * features, 1, stride=1))
        ### END SOLUTION

    def forward(self, masks, images):
        ### BEGIN SOLUTION
        return super().forward(torch.cat([masks, images], dim=1))
        ### END SOLUTION


def bce(logits, target):
    """Binary cross-entropy against 1 (real) or 0 (fake), a mean over images and patches."""
    ### BEGIN SOLUTION
    return F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, target))
    ### END SOLUTION


class Pix2Pix(nn.Module):
    def __init__(self, height=64, width=64, channels=3, planes=3, features=64,
                 slope=0.2, dropout=0.5, epsilon=1e-5, l1_weight=100.0, learning_rate=2e-4, beta1=0.5):
        """The networks: generator, discriminator. The optimizers: discriminator_optimizer, generator_optimizer."""
        super().__init__()
        ### BEGIN SOLUTION
        self.l1_weight = l1_weight
        self.generator = UNet(planes, channels, features, slope, dropout, epsilon)
        self.discriminator = PatchGAN(planes + channels, features, slope, epsilon)
        self.apply(initialize)
        self.discriminator_optimizer, self.generator_optimizer = (
            torch.optim.Adam(network.parameters(), lr=learning_rate, betas=(beta1, 0.999), eps=1e-8, fused=True)
            for network in (self.discriminator, self.generator))
        ### END SOLUTION

    def train_step(self, batch):
        """batch: masks (N, 3, H, W) of 0 and 1, images (N, C, H, W) in [-1, 1]; keep1, keep2: dropout, 1 where kept."""
        ### BEGIN SOLUTION
        masks, images = batch["masks"], batch["images"]
        fakes = self.generator(masks, [batch["keep1"], batch["keep2"]])

        real_loss = bce(self.discriminator(masks, images), 1.0)
        fake_loss = bce(self.discriminator(masks, fakes.detach()), 0.0)
        discriminator_loss = (real_loss + fake_loss) / 2
        self.discriminator_optimizer.zero_grad()
        discriminator_loss.backward()
        self.discriminator_optimizer.step()

        self.discriminator.requires_grad_(False)            # gradients pass through it, and stop nowhere in it
        adversarial = bce(self.discriminator(masks, fakes), 1.0)
        l1 = F.l1_loss(fakes, images)
        generator_loss = adversarial + self.l1_weight * l1
        self.generator_optimizer.zero_grad()
        generator_loss.backward()
        self.generator_optimizer.step()
        self.discriminator.requires_grad_(True)
        return {"discriminator": discriminator_loss.detach(), "generator": generator_loss.detach(),
                "adversarial": adversarial.detach(), "l1": l1.detach()}
        ### END SOLUTION

    def translate(self, masks):
        """(N, 3, H, W) -> (N, C, H, W), without dropout."""
        return self.generator(masks)


if __name__ == "__main__":
    from harness.standalone import run
    run(Pix2Pix)
