"""pix2pix in Chainer.

    masks (N, 3, 64, 64) --generator--> images (N, 3, 64, 64)
    masks and images (N, 3 + 3, 64, 64) --discriminator--> one logit a patch (N, 1, 6, 6)

Isola et al. 2016, "Image-to-Image Translation with Conditional Adversarial Networks" (arXiv 1611.07004).
"""

from functools import partial

import harness.chainer_numpy2  # noqa: F401  Chainer 7.8.1 on NumPy 2: before chainer
import chainer
import chainer.functions as F
import chainer.links as L
from chainer import ChainList, Sequential

NORMAL = chainer.initializers.Normal(0.02)                  # biases begin at zero by themselves


def conv(inputs, outputs, stride=2, bias=True):
    """A convolution, kernel 4, padding 1; stride 2 halves the size."""
    ### BEGIN SOLUTION
    return L.Convolution2D(inputs, outputs, ksize=4, stride=stride, pad=1, nobias=not bias, initialW=NORMAL)
    ### END SOLUTION


def conv_transpose(inputs, outputs, bias=True):
    """A transposed convolution, kernel 4, stride 2, padding 1: twice the size."""
    ### BEGIN SOLUTION
    return L.Deconvolution2D(inputs, outputs, ksize=4, stride=2, pad=1, nobias=not bias, initialW=NORMAL)
    ### END SOLUTION


class UNet(chainer.Chain):
    """The way down, halving six times; the way up, which at each size is also given what the way down had there."""

    def __init__(self, planes, channels, features, slope, dropout, epsilon):
        super().__init__()
        ### BEGIN SOLUTION
        widths = [features * n for n in (1, 2, 4, 8, 8, 8)]
        self.dropout = dropout
        leaky_relu = partial(F.leaky_relu, slope=slope)
        with self.init_scope():
            self.down = ChainList(Sequential(conv(planes, widths[0])))
            for inputs, outputs in zip(widths[:4], widths[1:5]):
                self.down.append(Sequential(
                    leaky_relu, conv(inputs, outputs, bias=False), L.BatchNormalization(outputs, eps=epsilon)))
            self.down.append(Sequential(leaky_relu, conv(widths[4], widths[5])))
            self.up = ChainList()
            for below, inputs, outputs in zip((0, *widths[4:0:-1]), widths[:0:-1], widths[4::-1]):
                self.up.append(Sequential(F.relu, conv_transpose(inputs + below, outputs, bias=False),
                                          L.BatchNormalization(outputs, eps=epsilon)))
            self.up.append(Sequential(F.relu, conv_transpose(2 * widths[0], channels), F.tanh))
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
                x = x * (keep[i] / (1 - self.dropout))
            if across:
                x = F.concat([x, across.pop()], axis=1)
        return x
        ### END SOLUTION


class PatchGAN(Sequential):
    """Masks and images -> a map of logits, one a patch."""

    def __init__(self, inputs, features, slope, epsilon):
        ### BEGIN SOLUTION
        leaky_relu = partial(F.leaky_relu, slope=slope)
        layers = [conv(inputs, features), leaky_relu]
        for n, stride in ((1, 2), (2, 2), (4, 1)):
            layers += [conv(n * features, 2 * n * features, stride, bias=False),
                       L.BatchNormalization(2 * n * features, eps=epsilon), leaky_relu]
        super().__init__(*layers, conv(8 * features, 1, stride=1))
        ### END SOLUTION

    def forward(self, masks, images):
        ### BEGIN SOLUTION
        return super().forward(F.concat([masks, images], axis=1))
        ### END SOLUTION


def bce(logits, real):
    """Binary cross-entropy against 1 (real) or 0 (fake), a mean over images and patches."""
    ### BEGIN SOLUTION
    return F.mean(F.softplus(-logits if real else logits))
    ### END SOLUTION


def minimize(loss, optimizer):
    """One step of the optimizer, with gradients for its own parameters and no others."""
    parameters = list(optimizer.target.params())
    for parameter, gradient in zip(parameters, chainer.grad([loss], parameters)):
        parameter.grad_var = gradient
    optimizer.update()


class Pix2Pix(chainer.Chain):
    def __init__(self, height=64, width=64, channels=3, planes=3, features=64,
                 slope=0.2, dropout=0.5, epsilon=1e-5, l1_weight=100.0, learning_rate=2e-4, beta1=0.5):
        """The networks: generator, discriminator. The optimizers: discriminator_optimizer, generator_optimizer."""
        super().__init__()
        ### BEGIN SOLUTION
        self.l1_weight = l1_weight
        with self.init_scope():
            self.generator = UNet(planes, channels, features, slope, dropout, epsilon)
            self.discriminator = PatchGAN(planes + channels, features, slope, epsilon)
        self.discriminator_optimizer, self.generator_optimizer = (
            chainer.optimizers.Adam(alpha=learning_rate, beta1=beta1, beta2=0.999, eps=1e-8).setup(network)
            for network in (self.discriminator, self.generator))
        ### END SOLUTION

    def train_step(self, batch):
        """batch: masks (N, 3, H, W) of 0 and 1, images (N, C, H, W) in [-1, 1]; keep1, keep2: dropout, 1 where kept."""
        ### BEGIN SOLUTION
        masks, images = batch["masks"], batch["images"]
        fakes = self.generator(masks, [batch["keep1"], batch["keep2"]])

        real_loss = bce(self.discriminator(masks, images), real=True)
        fake_loss = bce(self.discriminator(masks, fakes.array), real=False)     # the array: nothing flows back to G
        discriminator_loss = (real_loss + fake_loss) / 2
        minimize(discriminator_loss, self.discriminator_optimizer)

        adversarial = bce(self.discriminator(masks, fakes), real=True)
        l1 = F.mean_absolute_error(fakes, images)
        generator_loss = adversarial + self.l1_weight * l1
        minimize(generator_loss, self.generator_optimizer)
        return {"discriminator": discriminator_loss, "generator": generator_loss, "adversarial": adversarial, "l1": l1}
        ### END SOLUTION

    def translate(self, masks):
        """(N, 3, H, W) -> (N, C, H, W), without dropout."""
        return self.generator(masks)


if __name__ == "__main__":
    from harness.standalone import run
    run(Pix2Pix)
