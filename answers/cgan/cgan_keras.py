"""Conditional GAN in Keras 3, on the TensorFlow backend.

    z (N, 100), labels (N) --generator--> images (N, 28, 28, 1), labels (N) --discriminator--> logits (N, 1)

Mirza & Osindero 2014, "Conditional Generative Adversarial Nets", arXiv 1411.1784, with the convolutions of DCGAN
(Radford et al. 2015, arXiv 1511.06434): batch norm comes after ReLU, and the discriminator has none.
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


class ConditionalGAN(keras.Model):
    def __init__(self, height=28, width=28, channels=1, classes=10, latent=100, features=64,
                 slope=0.2, epsilon=1e-5, learning_rate=2e-4, beta1=0.5):
        """The networks: generator, discriminator. The optimizers: discriminator_optimizer, generator_optimizer."""
        super().__init__()
        ### BEGIN SOLUTION
        self.classes = classes
        h, w, f = height // 4, width // 4, features         # two stages, each doubles the size

        def relu_norm():
            return [layers.ReLU(), layers.BatchNormalization(momentum=0.9, epsilon=epsilon)]

        self.generator = keras.Sequential([
            keras.Input((latent + classes,)),
            layers.Dense(h * w * 4 * f, kernel_initializer=normal()), layers.Reshape((h, w, 4 * f)), *relu_norm(),
            *up(2 * f), *relu_norm(),
            *up(channels), layers.Activation("tanh")])
        self.discriminator = keras.Sequential([
            keras.Input((height, width, channels + classes)),
            *down(f), layers.LeakyReLU(slope),
            *down(2 * f), layers.LeakyReLU(slope),
            layers.Flatten(), layers.Dense(1, kernel_initializer=normal())])
        self.discriminator_optimizer, self.generator_optimizer = (
            keras.optimizers.Adam(learning_rate, beta_1=beta1, epsilon=1e-8) for _ in range(2))
        ### END SOLUTION

    def train_step(self, batch):
        """batch: images (N, H, W, C) in [-1, 1], labels (N) of real and fake, z (N, latent) in [-1, 1]."""
        ### BEGIN SOLUTION
        images, labels, z = batch["images"], batch["labels"], batch["z"]
        with tf.GradientTape() as generator_tape:
            fake = self.generate(z, labels, training=True)      # once: batch norm counts this batch once
            # The discriminator: real 1, fake 0. Its tape begins after the fake images, so no gradient enters the
            # generator; the generator's tape pauses, so the discriminator's step is none of its business.
            with generator_tape.stop_recording():
                with tf.GradientTape() as discriminator_tape:
                    discriminator_loss = (bce(self.discriminate(images, labels, training=True), 1)
                                          + bce(self.discriminate(fake, labels, training=True), 0))
                variables = self.discriminator.trainable_variables
                gradients = discriminator_tape.gradient(discriminator_loss, variables)
                self.discriminator_optimizer.apply(gradients, variables)
            # The generator: the discriminator as it is now should say 1.
            generator_loss = bce(self.discriminate(fake, labels, training=True), 1)
        variables = self.generator.trainable_variables
        gradients = generator_tape.gradient(generator_loss, variables)
        self.generator_optimizer.apply(gradients, variables)
        return {"discriminator": discriminator_loss, "generator": generator_loss}
        ### END SOLUTION

    def generate(self, z, labels, training=False):
        """(N, latent), (N) -> (N, H, W, C)"""
        return self.generator(ops.concatenate([z, self.one_hot(labels, z)], axis=1), training=training)

    def discriminate(self, images, labels, training=False):
        """(N, H, W, C), (N) -> logits (N, 1): above 0 is real, and of its class"""
        ### BEGIN SOLUTION
        planes = self.one_hot(labels, images)[:, None, None, :]
        planes = ops.tile(planes, (1, *images.shape[1:3], 1))
        return self.discriminator(ops.concatenate([images, planes], axis=-1), training=training)
        ### END SOLUTION

    def one_hot(self, labels, like):
        """(N) -> (N, classes), of the floating point type that ``like`` has"""
        return ops.one_hot(labels, self.classes, dtype=like.dtype)


if __name__ == "__main__":
    from harness.standalone import run
    run(ConditionalGAN)
