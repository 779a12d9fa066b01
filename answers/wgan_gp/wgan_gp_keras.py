"""Wasserstein GAN with gradient penalty in Keras 3, on the TensorFlow backend.

    z (N, 100) --generator--> images (N, 32, 32, 1) --critic--> scores (N,)

Gulrajani et al. 2017, "Improved Training of Wasserstein GANs" (arXiv 1704.00028).
"""

import math

import keras
import tensorflow as tf
from keras import layers, ops


def normal():
    """A new one for every layer: a shared initializer would give each the same numbers."""
    return keras.initializers.RandomNormal(stddev=0.02)


def conv(x, outputs, kernel=3, use_bias=True):
    """The size stays: with stride 1, "same" is padding 1 on every side, and none for kernel 1."""
    ### BEGIN SOLUTION
    return layers.Conv2D(outputs, kernel, padding="same", use_bias=use_bias, kernel_initializer=normal())(x)
    ### END SOLUTION


def norm(x, epsilon):
    """Batch norm that keeps 0.9 of the old averages."""
    ### BEGIN SOLUTION
    return layers.BatchNormalization(momentum=0.9, epsilon=epsilon)(x)
    ### END SOLUTION


def generator_block(x, features, epsilon):
    """(N, H, W, features) -> (N, H, W, features)"""
    ### BEGIN SOLUTION
    f = layers.ReLU()(norm(conv(x, features, use_bias=False), epsilon))
    f = norm(conv(f, features, use_bias=False), epsilon)
    return layers.ReLU()(layers.Add()([f, x]))
    ### END SOLUTION


def critic_block(x, features, slope, shortcut=False):
    """(N, H, W, inputs) -> (N, H, W, features); no norm. The first one needs a 1x1 convolution as shortcut."""
    ### BEGIN SOLUTION
    f = layers.LeakyReLU(slope)(conv(x, features))
    f = conv(f, features)
    if shortcut:
        x = conv(x, features, kernel=1, use_bias=False)
    return layers.LeakyReLU(slope)(layers.Add()([f, x]))
    ### END SOLUTION


def make_generator(height, width, channels, latent, features, epsilon):
    """(N, latent) -> (N, H, W, C)"""
    ### BEGIN SOLUTION
    z = keras.Input((latent,))
    maps = (height // 8, width // 8, features)              # three blocks, each followed by twice the size
    x = layers.Dense(math.prod(maps), use_bias=False, kernel_initializer=normal())(z)
    x = layers.ReLU()(norm(layers.Reshape(maps)(x), epsilon))
    for _ in range(3):
        x = layers.UpSampling2D(2, interpolation="nearest")(generator_block(x, features, epsilon))
    return keras.Model(z, layers.Activation("tanh")(conv(x, channels)))
    ### END SOLUTION


def make_critic(height, width, channels, features, slope):
    """(N, H, W, C) -> scores (N,)"""
    ### BEGIN SOLUTION
    images = keras.Input((height, width, channels))
    x = layers.AveragePooling2D(2)(critic_block(images, features, slope, shortcut=True))
    x = layers.AveragePooling2D(2)(critic_block(x, features, slope))
    x = critic_block(x, features, slope)
    x = layers.GlobalAveragePooling2D()(critic_block(x, features, slope))
    return keras.Model(images, layers.Dense(1, use_bias=False, kernel_initializer=normal())(x))
    ### END SOLUTION


class WGANGP(keras.Model):
    def __init__(self, height=32, width=32, channels=1, latent=100, features=32, critic_steps=5,
                 slope=0.2, epsilon=1e-5, lambda_penalty=10.0, learning_rate=1e-4, beta1=0.0, beta2=0.9):
        """The networks: generator, critic. The optimizers: critic_optimizer, generator_optimizer."""
        super().__init__()
        ### BEGIN SOLUTION
        self.critic_steps, self.lambda_penalty = critic_steps, lambda_penalty
        self.generator = make_generator(height, width, channels, latent, features, epsilon)
        self.critic = make_critic(height, width, channels, features, slope)
        self.critic_optimizer, self.generator_optimizer = (
            keras.optimizers.Adam(learning_rate, beta1, beta2, epsilon=1e-8) for _ in range(2))
        self.critic_optimizer.build(self.critic.trainable_variables)
        self.generator_optimizer.build(self.generator.trainable_variables)
        ### END SOLUTION

    def train_step(self, batch):
        """batch: images (critic steps, N, H, W, C) in [-1, 1], z (critic steps, N, latent) in [-1, 1],
        alpha (critic steps, N, 1, 1, 1) in [0, 1], z_generator (N, latent)."""
        ### BEGIN SOLUTION
        for step in range(self.critic_steps):           # a Python range: the graph holds all critic steps, one by one
            losses = self.train_critic(batch["images"][step], batch["z"][step], batch["alpha"][step])
        return {**losses, "generator": self.train_generator(batch["z_generator"])}
        ### END SOLUTION

    def train_critic(self, images, z, alpha):
        """One step of the critic on images, z (N, latent) and the mixing weights alpha: returns its losses."""
        ### BEGIN SOLUTION
        fakes = self.generate(z, training=True)         # outside the tape: no gradient into the generator
        variables = self.critic.trainable_variables
        with tf.GradientTape() as tape:
            wasserstein = ops.mean(self.score(images, training=True)) - ops.mean(self.score(fakes, training=True))
            penalty = self.penalty(alpha * images + (1 - alpha) * fakes)
            loss = -wasserstein + self.lambda_penalty * penalty
        gradients = tape.gradient(loss, variables)
        # The last weights' gradient needs no score: an optimized graph might update them before the scores read them.
        with tf.control_dependencies([loss]):
            self.critic_optimizer.apply(gradients, variables)
        return {"critic": loss, "penalty": penalty, "wasserstein": wasserstein}
        ### END SOLUTION

    def penalty(self, mixed):
        """How far the norm of each image's gradient is from 1, squared: mean over the batch."""
        ### BEGIN SOLUTION
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(mixed)
            scores = self.score(mixed, training=True)
        # Of the scores' sum: an image has a share in its own score alone. The outer tape records this gradient, too.
        gradients = tape.gradient(scores, mixed)
        squares = ops.sum(gradients ** 2, axis=(1, 2, 3))
        norms = ops.sqrt(ops.maximum(squares, 1e-12))   # the root's slope at 0 is infinite
        return ops.mean((norms - 1) ** 2)
        ### END SOLUTION

    def train_generator(self, z):
        """One step of the generator on z (N, latent): returns its loss."""
        ### BEGIN SOLUTION
        variables = self.generator.trainable_variables
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch([variable.value for variable in variables])      # and not the critic's
            loss = -ops.mean(self.score(self.generate(z, training=True), training=True))
        self.generator_optimizer.apply(tape.gradient(loss, variables), variables)
        return loss
        ### END SOLUTION

    def generate(self, z, training=False):
        """(N, latent) -> (N, H, W, C)"""
        return self.generator(z, training=training)

    def score(self, images, training=False):
        """(N, H, W, C) -> (N,)"""
        return ops.squeeze(self.critic(images, training=training), axis=1)


if __name__ == "__main__":
    from harness.standalone import run
    run(WGANGP)
