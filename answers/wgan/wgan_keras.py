"""Wasserstein GAN in Keras 3, on the TensorFlow backend.

    z (N, 100) --generator--> images (N, 32, 32, 1) --critic--> scores (N,)

Arjovsky, Chintala & Bottou 2017, "Wasserstein GAN" (arXiv 1701.07875), with the DCGAN task's networks at half the
image size, and no bias at the critic's end.
"""

import keras
import tensorflow as tf
from keras import layers, ops


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


class WGAN(keras.Model):
    def __init__(self, height=32, width=32, channels=1, latent=100, features=16, critic_steps=5,
                 slope=0.2, epsilon=1e-5, clip=0.01, learning_rate=5e-5):
        """The networks: generator, critic. The optimizers: critic_optimizer, generator_optimizer."""
        super().__init__()
        ### BEGIN SOLUTION
        self.critic_steps, self.clip = critic_steps, clip
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
        self.critic = keras.Sequential([
            keras.Input((height, width, channels)),
            *down(f), layers.LeakyReLU(slope),
            *down(2 * f), layers.LeakyReLU(slope),
            *down(4 * f), layers.LeakyReLU(slope),
            *down(8 * f), layers.LeakyReLU(slope),
            layers.Flatten(), layers.Dense(1, use_bias=False, kernel_initializer=normal())])
        rmsprop = dict(learning_rate=learning_rate, rho=0.99, epsilon=1e-16)
        self.critic_optimizer = keras.optimizers.RMSprop(**rmsprop)
        self.generator_optimizer = keras.optimizers.RMSprop(**rmsprop)
        self.critic_optimizer.build(self.critic.trainable_variables)
        self.generator_optimizer.build(self.generator.trainable_variables)
        ### END SOLUTION

    def train_step(self, batch):
        """batch: images (critic steps, N, H, W, C) in [-1, 1], z (critic steps, N, latent), z_generator (N, latent)."""
        ### BEGIN SOLUTION
        for step in range(self.critic_steps):           # a Python range: the graph holds all critic steps, one by one
            critic_loss = self.train_critic(batch["images"][step], batch["z"][step])
        generator_loss = self.train_generator(batch["z_generator"])
        return {"critic": critic_loss, "generator": generator_loss, "wasserstein": -critic_loss}
        ### END SOLUTION

    def train_critic(self, images, z):
        """One step of the critic on images (N, H, W, C) and z (N, latent): returns its loss."""
        ### BEGIN SOLUTION
        fakes = self.generator(z, training=True)        # outside the tape: no gradient into the generator
        variables = self.critic.trainable_variables
        with tf.GradientTape() as tape:
            loss = ops.mean(self.score(fakes, training=True)) - ops.mean(self.score(images, training=True))
        gradients = tape.gradient(loss, variables)
        # The last weights' gradient needs no score: an optimized graph might update them before the scores read them.
        with tf.control_dependencies([loss]):
            self.critic_optimizer.apply(gradients, variables)
        for variable in variables:                      # after the step, and the biases too
            variable.assign(ops.clip(variable, -self.clip, self.clip))
        return loss
        ### END SOLUTION

    def train_generator(self, z):
        """One step of the generator on z (N, latent): returns its loss."""
        ### BEGIN SOLUTION
        variables = self.generator.trainable_variables
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch([variable.value for variable in variables])      # and not the critic's
            loss = -ops.mean(self.score(self.generator(z, training=True), training=True))
        self.generator_optimizer.apply(tape.gradient(loss, variables), variables)
        return loss
        ### END SOLUTION

    def generate(self, z, training=False):
        """(N, latent) -> (N, H, W, C)"""
        return self.generator(z, training=training)

    def score(self, images, training=False):
        """(N, H, W, C) -> (N,): no probability and no logit, any number"""
        return ops.squeeze(self.critic(images, training=training), axis=1)


if __name__ == "__main__":
    from harness.standalone import run
    run(WGAN)
