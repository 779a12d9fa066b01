"""Deep convolutional GAN in Keras 3, on the TensorFlow backend.

    z (N, 100) --generator--> images (N, 32, 32, 1) --discriminator--> logits (N, 1)

Radford, Metz & Chintala 2015, "Unsupervised Representation Learning with Deep Convolutional Generative Adversarial
Networks", arXiv 1511.06434. Here batch norm comes after ReLU, and the discriminator has none.
"""

import keras
import tensorflow as tf
from keras import layers, ops


def bce(logits, target):
    """Binary cross-entropy of logits against a target that all share, 1 for real or 0 for fake; mean over the batch."""
    ### BEGIN SOLUTION
    return ops.mean(ops.binary_crossentropy(ops.full_like(logits, target), logits, from_logits=True))
    ### END SOLUTION


def normal():
    """A new one for every layer: a shared initializer would give each the same numbers."""
    return keras.initializers.RandomNormal(stddev=0.02)


def down(outputs):
    """Half the height and width. padding="same" would pad (1, 2) instead of (2, 2)."""
    ### BEGIN SOLUTION
    return [layers.ZeroPadding2D(2), layers.Conv2D(outputs, 5, strides=2, kernel_initializer=normal())]
    ### END SOLUTION


class Crop(layers.Layer):
    """Two rows and columns less before, one after. Cropping2D(((2, 1), (2, 1))) is the same, with a slow gradient."""

    def call(self, x):
        ### BEGIN SOLUTION
        _, h, w, _ = x.shape
        return tf.slice(x, (0, 2, 2, 0), (-1, h - 3, w - 3, -1))
        ### END SOLUTION


def up(outputs):
    """Twice the height and width: 2 n + 3, less 2 before and 1 after."""
    ### BEGIN SOLUTION
    return [layers.Conv2DTranspose(outputs, 5, strides=2, kernel_initializer=normal()),
            Crop()]
    ### END SOLUTION


class DCGAN(keras.Model):
    def __init__(self, height=32, width=32, channels=1, latent=100, features=32,
                 slope=0.2, epsilon=1e-5, learning_rate=2e-4, beta1=0.5):
        """The networks: generator, discriminator. The optimizers: discriminator_optimizer, generator_optimizer."""
        super().__init__()
        ### BEGIN SOLUTION
        h, w, f = height // 16, width // 16, features       # four stages, each doubles the size

        def relu_norm():
            return [layers.ReLU(), layers.BatchNormalization(momentum=0.9, epsilon=epsilon)]

        self.generator = keras.Sequential([
            keras.Input((latent,)),
            layers.Dense(h * w * 8 * f, kernel_initializer=normal()), layers.Reshape((h, w, 8 * f)), *relu_norm(),
            *up(16 * f), *relu_norm(),
            *up(8 * f), *relu_norm(),
            *up(4 * f), *relu_norm(),
            *up(channels), layers.Activation("tanh")])
        self.discriminator = keras.Sequential([
            keras.Input((height, width, channels)),
            *down(f), layers.LeakyReLU(slope),
            *down(2 * f), layers.LeakyReLU(slope),
            *down(4 * f), layers.LeakyReLU(slope),
            *down(8 * f), layers.LeakyReLU(slope),
            layers.Flatten(), layers.Dense(1, kernel_initializer=normal())])
        self.discriminator_optimizer, self.generator_optimizer = (
            keras.optimizers.Adam(learning_rate, beta_1=beta1, epsilon=1e-8) for _ in range(2))
        ### END SOLUTION

    def train_step(self, batch):
        """batch: images (N, H, W, C) in [-1, 1], z (N, latent) in [-1, 1]."""
        ### BEGIN SOLUTION
        images, z = batch["images"], batch["z"]
        with tf.GradientTape() as generator_tape:
            fake = self.generator(z, training=True)     # once: batch norm counts this batch once in its averages
            # The discriminator: real 1, fake 0. Its tape begins after the fake images, so no gradient enters the
            # generator; the generator's tape pauses, so the discriminator's step is none of its business.
            with generator_tape.stop_recording():
                with tf.GradientTape() as discriminator_tape:
                    discriminator_loss = (bce(self.discriminator(images, training=True), 1)
                                          + bce(self.discriminator(fake, training=True), 0))
                variables = self.discriminator.trainable_variables
                gradients = discriminator_tape.gradient(discriminator_loss, variables)
                self.discriminator_optimizer.apply(gradients, variables)
            # The generator: the discriminator as it is now should say 1.
            generator_loss = bce(self.discriminator(fake, training=True), 1)
        variables = self.generator.trainable_variables
        gradients = generator_tape.gradient(generator_loss, variables)
        self.generator_optimizer.apply(gradients, variables)
        return {"discriminator": discriminator_loss, "generator": generator_loss}
        ### END SOLUTION

    def generate(self, z, training=False):
        """(N, latent) -> (N, H, W, C)"""
        return self.generator(z, training=training)

    def discriminate(self, images, training=False):
        """(N, H, W, C) -> logits (N, 1): above 0 is real"""
        return self.discriminator(images, training=training)


if __name__ == "__main__":
    from harness.standalone import run
    run(DCGAN)
