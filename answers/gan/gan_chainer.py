"""Generative adversarial network in Chainer.

    z (N, 100) --generator--> images (N, 1, 28, 28) --discriminator--> logits (N, 1)

Goodfellow et al. 2014, "Generative Adversarial Networks", arXiv 1406.2661, with the generator's loss that section 3
recommends: maximize log D(G(z)).
"""

import harness.chainer_numpy2  # noqa: F401  Chainer 7.8.1 on NumPy 2: before chainer
import chainer
import chainer.functions as F
import chainer.links as L


def bce(logits, target):
    """Binary cross-entropy of logits against a target that all share, 1 for real or 0 for fake; mean over the batch."""
    ### BEGIN SOLUTION
    return F.mean(F.softplus(logits) - target * logits)
    ### END SOLUTION


class GAN(chainer.Chain):
    def __init__(self, height=28, width=28, channels=1, latent=100, units=128,
                 slope=0.2, learning_rate=2e-4, beta1=0.5):
        """The networks: generator, discriminator. The optimizers: discriminator_optimizer, generator_optimizer."""
        super().__init__()
        ### BEGIN SOLUTION
        pixels = channels * height * width
        normal = chainer.initializers.Normal(0.02)          # the biases' default is zero

        def leaky_relu(x):
            return F.leaky_relu(x, slope)

        with self.init_scope():
            self.generator = chainer.Sequential(
                L.Linear(latent, units, initialW=normal), leaky_relu,
                L.Linear(units, 2 * units, initialW=normal), leaky_relu,
                L.Linear(2 * units, 4 * units, initialW=normal), leaky_relu,
                L.Linear(4 * units, pixels, initialW=normal), F.sigmoid,
                lambda x: F.reshape(x, (-1, channels, height, width)))
            self.discriminator = chainer.Sequential(        # its first Linear flattens the images
                L.Linear(pixels, 4 * units, initialW=normal), leaky_relu,
                L.Linear(4 * units, 2 * units, initialW=normal), leaky_relu,
                L.Linear(2 * units, 1, initialW=normal))
        self.discriminator_optimizer, self.generator_optimizer = (
            chainer.optimizers.Adam(alpha=learning_rate, beta1=beta1, eps=1e-8).setup(network)
            for network in (self.discriminator, self.generator))
        ### END SOLUTION

    def train_step(self, batch):
        """batch: images (N, C, H, W) in [0, 1], z (N, latent) in [-1, 1]."""
        ### BEGIN SOLUTION
        images, z = batch["images"], batch["z"]
        fake = self.generator(z)

        # The discriminator: real 1, fake 0. fake.array is mere numbers: no gradient enters the generator.
        discriminator_loss = bce(self.discriminator(images), 1) + bce(self.discriminator(fake.array), 0)
        self.discriminator.cleargrads()
        discriminator_loss.backward()
        self.discriminator_optimizer.update()

        # The generator: the discriminator as it is now should say 1. chainer.grad leaves the discriminator's weights
        # out, for which backward() would compute gradients that nobody uses.
        generator_loss = bce(self.discriminator(fake), 1)
        chainer.grad([generator_loss], list(self.generator.params()), set_grad=True)
        self.generator_optimizer.update()
        return {"discriminator": discriminator_loss, "generator": generator_loss}
        ### END SOLUTION

    def generate(self, z):
        """(N, latent) -> (N, C, H, W)"""
        return self.generator(z)

    def discriminate(self, images):
        """(N, C, H, W) -> logits (N, 1): above 0 is real"""
        return self.discriminator(images)


if __name__ == "__main__":
    from harness.standalone import run
    run(GAN)
