"""Deep convolutional GAN in Chainer.

    z (N, 100) --generator--> images (N, 1, 32, 32) --discriminator--> logits (N, 1)

Radford, Metz & Chintala 2015, "Unsupervised Representation Learning with Deep Convolutional Generative Adversarial
Networks", arXiv 1511.06434. Here batch norm comes after ReLU, and the discriminator has none.
"""

import harness.chainer_numpy2  # noqa: F401  Chainer 7.8.1 on NumPy 2: before chainer
import chainer
import chainer.functions as F
import chainer.links as L


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


class DCGAN(chainer.Chain):
    def __init__(self, height=32, width=32, channels=1, latent=100, features=32,
                 slope=0.2, epsilon=1e-5, learning_rate=2e-4, beta1=0.5):
        """The networks: generator, discriminator. The optimizers: discriminator_optimizer, generator_optimizer."""
        super().__init__()
        ### BEGIN SOLUTION
        h, w, f = height // 16, width // 16, features       # four stages, each doubles the size

        def norm(inputs):
            return L.BatchNormalization(inputs, decay=0.9, eps=epsilon)

        def leaky_relu(x):
            return F.leaky_relu(x, slope)

        with self.init_scope():
            self.generator = chainer.Sequential(
                dense(latent, 8 * f * h * w), lambda x: F.reshape(x, (-1, 8 * f, h, w)), F.relu, norm(8 * f),
                up(8 * f, 16 * f, (2 * h, 2 * w)), F.relu, norm(16 * f),
                up(16 * f, 8 * f, (4 * h, 4 * w)), F.relu, norm(8 * f),
                up(8 * f, 4 * f, (8 * h, 8 * w)), F.relu, norm(4 * f),
                up(4 * f, channels, (height, width)), F.tanh)
            self.discriminator = chainer.Sequential(        # its Linear flattens the maps
                down(channels, f), leaky_relu,
                down(f, 2 * f), leaky_relu,
                down(2 * f, 4 * f), leaky_relu,
                down(4 * f, 8 * f), leaky_relu,
                dense(8 * f * h * w, 1))
        self.discriminator_optimizer, self.generator_optimizer = (
            chainer.optimizers.Adam(alpha=learning_rate, beta1=beta1, eps=1e-8).setup(network)
            for network in (self.discriminator, self.generator))
        ### END SOLUTION

    def train_step(self, batch):
        """batch: images (N, C, H, W) in [-1, 1], z (N, latent) in [-1, 1]."""
        ### BEGIN SOLUTION
        images, z = batch["images"], batch["z"]
        fake = self.generator(z)                # once: batch norm counts this batch once in its running averages

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
        """(N, latent) -> (N, C, H, W); batch norm uses its running averages where config.train is False"""
        return self.generator(z)

    def discriminate(self, images):
        """(N, C, H, W) -> logits (N, 1): above 0 is real"""
        return self.discriminator(images)


if __name__ == "__main__":
    from harness.standalone import run
    run(DCGAN)
