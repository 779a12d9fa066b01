"""Generative adversarial network in Keras 3, on the TensorFlow backend.

    z (N, 100) --generator--> images (N, 28, 28, 1) --discriminator--> logits (N, 1)

Goodfellow et al. 2014, "Generative Adversarial Networks", arXiv 1406.2661, with the generator's loss that section 3
recommends: maximize log D(G(z)).
"""

import keras
import tensorflow as tf
from keras import layers, ops


def bce(logits, target):
    """Binary cross-entropy of logits against a target that all share, 1 for real or 0 for fake; mean over the batch."""
    ### BEGIN SOLUTION
    return ops.mean(ops.binary_crossentropy(ops.full_like(logits, target), logits, from_logits=True))
    ### END SOLUTION


def dense(units):
    """Weights from N(0, 0.02), zero biases. An initializer of its own: a shared one would repeat its numbers."""
    return layers.Dense(units, kernel_initializer=keras.initializers.RandomNormal(stddev=0.02))


class GAN(keras.Model):
    def __init__(self, height=28, width=28, channels=1, latent=100, units=128,
                 slope=0.2, learning_rate=2e-4, beta1=0.5):
        """The networks: generator, discriminator. The optimizers: discriminator_optimizer, generator_optimizer."""
        super().__init__()
        ### BEGIN SOLUTION
        shape = (height, width, channels)
        self.generator = keras.Sequential([
            keras.Input((latent,)),
            dense(units), layers.LeakyReLU(slope),
            dense(2 * units), layers.LeakyReLU(slope),
            dense(4 * units), layers.LeakyReLU(slope),
            dense(height * width * channels), layers.Activation("sigmoid"), layers.Reshape(shape)])
        self.discriminator = keras.Sequential([
            keras.Input(shape), layers.Flatten(),
            dense(4 * units), layers.LeakyReLU(slope),
            dense(2 * units), layers.LeakyReLU(slope),
            dense(1)])
        self.discriminator_optimizer, self.generator_optimizer = (
            keras.optimizers.Adam(learning_rate, beta_1=beta1, epsilon=1e-8) for _ in range(2))
        ### END SOLUTION

    def train_step(self, batch):
        """batch: images (N, H, W, C) in [0, 1], z (N, latent) in [-1, 1]."""
        ### BEGIN SOLUTION
        images, z = batch["images"], batch["z"]
        with tf.GradientTape() as generator_tape:
            fake = self.generator(z, training=True)
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
    run(GAN)
