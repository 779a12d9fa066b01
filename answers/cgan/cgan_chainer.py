"""Conditional GAN in Chainer.

    z (N, 100), labels (N) --generator--> images (N, 1, 28, 28), labels (N) --discriminator--> logits (N, 1)

Mirza & Osindero 2014, "Conditional Generative Adversarial Nets", arXiv 1411.1784, with the convolutions of DCGAN
(Radford et al. 2015, arXiv 1511.06434): batch norm comes after ReLU, and the discriminator has none.
"""

import harness.chainer_numpy2  # noqa: F401  Chainer 7.8.1 on NumPy 2: before chainer
import chainer
import chainer.functions as F
import chainer.links as L
import numpy as np


def dense(inputs, outputs):
    return L.Linear(inputs, outputs, initialW=chainer.initializers.Normal(0.02))     # the biases' default is zero


def down(inputs, outputs):
    """Half the height and width."""
    ### BEGIN SOLUTION
    return L.Convolution2D(inputs, outputs, ksize=5, stride=2, pad=2, initialW=chainer.initializers.Normal(0.02))
    ### END SOLUTION


def up(inputs, outputs, size):
    """Twice the height and width, to ``size``: pad alone leaves open whether it is one pixel less."""
    ### BEGIN SOLUTION
    return L.Deconvolution2D(inputs, outputs, ksize=5, stride=2, pad=2, outsize=size,
                             initialW=chainer.initializers.Normal(0.02))
    ### END SOLUTION


def bce(logits, target):
    """Binary cross-entropy of logits against a target that all share, 1 for real or 0 for fake; mean over the batch."""
    ### BEGIN SOLUTION
    return F.mean(F.softplus(logits) - target * logits)
    ### END SOLUTION


class ConditionalGAN(chainer.Chain):
    def __init__(self, height=28, width=28, channels=1, classes=10, latent=100, features=64,
                 slope=0.2, epsilon=1e-5, learning_rate=2e-4, beta1=0.5):
        """The networks: generator, discriminator. The optimizers: discriminator_optimizer, generator_optimizer."""
        super().__init__()
        ### BEGIN SOLUTION
        self.classes = classes
        h, w, f = height // 4, width // 4, features         # two stages, each doubles the size

        def norm(inputs):
            return L.BatchNormalization(inputs, decay=0.9, eps=epsilon)

        def leaky_relu(x):
            return F.leaky_relu(x, slope)

        with self.init_scope():
            self.generator = chainer.Sequential(
                dense(latent + classes, 4 * f * h * w), lambda x: F.reshape(x, (-1, 4 * f, h, w)), F.relu, norm(4 * f),
                up(4 * f, 2 * f, (2 * h, 2 * w)), F.relu, norm(2 * f),
                up(2 * f, channels, (height, width)), F.tanh)
            self.discriminator = chainer.Sequential(        # its Linear flattens the maps
                down(channels + classes, f), leaky_relu,
                down(f, 2 * f), leaky_relu,
                dense(2 * f * h * w, 1))
        self.discriminator_optimizer, self.generator_optimizer = (
            chainer.optimizers.Adam(alpha=learning_rate, beta1=beta1, eps=1e-8).setup(network)
            for network in (self.discriminator, self.generator))
        ### END SOLUTION

    def train_step(self, batch):
        """batch: images (N, C, H, W) in [-1, 1], labels (N) of real and fake, z (N, latent) in [-1, 1]."""
        ### BEGIN SOLUTION
        images, labels, z = batch["images"], batch["labels"], batch["z"]
        fake = self.generate(z, labels)         # once: batch norm counts this batch once in its running averages

        # The discriminator: real 1, fake 0. fake.array is mere numbers: no gradient enters the generator.
        discriminator_loss = (bce(self.discriminate(images, labels), 1)
                              + bce(self.discriminate(fake.array, labels), 0))
        self.discriminator.cleargrads()
        discriminator_loss.backward()
        self.discriminator_optimizer.update()

        # The generator: the discriminator as it is now should say 1. chainer.grad leaves the discriminator's weights
        # out, for which backward() would compute gradients that nobody uses.
        generator_loss = bce(self.discriminate(fake, labels), 1)
        chainer.grad([generator_loss], list(self.generator.params()), set_grad=True)
        self.generator_optimizer.update()
        return {"discriminator": discriminator_loss, "generator": generator_loss}
        ### END SOLUTION

    def generate(self, z, labels):
        """(N, latent), (N) -> (N, C, H, W); batch norm uses its running averages where config.train is False"""
        return self.generator(F.concat([z, self.one_hot(labels, z)], axis=1))

    def discriminate(self, images, labels):
        """(N, C, H, W), (N) -> logits (N, 1): above 0 is real, and of its class"""
        ### BEGIN SOLUTION
        planes = self.one_hot(labels, images)[:, :, None, None]
        planes = np.broadcast_to(planes, (*planes.shape[:2], *images.shape[2:]))
        return self.discriminator(F.concat([images, planes], axis=1))
        ### END SOLUTION

    def one_hot(self, labels, like):
        """(N) -> (N, classes), an array of the floating point type that ``like`` has"""
        return np.eye(self.classes, dtype=like.dtype)[labels]


if __name__ == "__main__":
    from harness.standalone import run
    run(ConditionalGAN)
