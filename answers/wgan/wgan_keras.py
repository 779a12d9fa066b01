"""Wasserstein GAN in Keras 3, on the TensorFlow backend.

    z (N, 100) --generator--> images (N, 32, 32, 3) --critic--> scores (N,)

Arjovsky, Chintala & Bottou 2017, "Wasserstein GAN" (arXiv 1701.07875), with the networks of the DCGAN task.
"""

import keras
import tensorflow as tf
from keras import layers, ops

NORMAL = keras.initializers.RandomNormal(stddev=0.02)       # biases are zero by default


def up(filters):
    """Twice the height and width: kernel 5, stride 2. Valid gives 2n + 3: two are cropped at the start, one at the end."""
    return [layers.Conv2DTranspose(filters, 5, strides=2, padding="valid", kernel_initializer=NORMAL),
            layers.Cropping2D(((2, 1), (2, 1)))]


def down(filters):
    """Half the height and width: kernel 5, stride 2."""
    return [layers.ZeroPadding2D(2), layers.Conv2D(filters, 5, strides=2, padding="valid", kernel_initializer=NORMAL)]


class WGAN(keras.Model):
    def __init__(self, height, width, channels, latent, generator_filters, critic_filters, critic_steps,
                 learning_rate, clip, slope, epsilon):
        super().__init__()
        self.critic_steps, self.clip = critic_steps, clip
        rows, columns, g, c = height // 16, width // 16, generator_filters, critic_filters

        def norm():
            return layers.BatchNormalization(momentum=0.9, epsilon=epsilon)

        self.generator = keras.Sequential([
            keras.Input((latent,)),
            layers.Dense(rows * columns * g, kernel_initializer=NORMAL), layers.Reshape((rows, columns, g)),
            layers.ReLU(), norm(),
            *up(2 * g), layers.ReLU(), norm(),
            *up(g), layers.ReLU(), norm(),
            *up(g // 2), layers.ReLU(), norm(),
            *up(channels), layers.Activation("tanh")])
        self.critic = keras.Sequential([
            keras.Input((height, width, channels)),
            *down(c), layers.LeakyReLU(slope),
            *down(2 * c), layers.LeakyReLU(slope),
            *down(4 * c), layers.LeakyReLU(slope),
            *down(8 * c), layers.LeakyReLU(slope),
            layers.Flatten(), layers.Dense(1, use_bias=False, kernel_initializer=NORMAL)])
        self.critic_optimizer = keras.optimizers.RMSprop(learning_rate, rho=0.99, epsilon=1e-16)
        self.generator_optimizer = keras.optimizers.RMSprop(learning_rate, rho=0.99, epsilon=1e-16)
        self.critic_optimizer.build(self.critic.trainable_variables)
        self.generator_optimizer.build(self.generator.trainable_variables)

    def train_step(self, batch):
        """batch: images (critic steps, N, H, W, C) in [-1, 1], z (critic steps, N, latent), z_generator (N, latent)."""
        for step in range(self.critic_steps):           # a Python range: the graph holds all critic steps, one by one
            critic_loss = self.train_critic(batch["images"][step], batch["z"][step])
        generator_loss = self.train_generator(batch["z_generator"])
        return {"critic": critic_loss, "generator": generator_loss, "wasserstein": -critic_loss}

    def train_critic(self, images, z):
        fakes = self.generate(z, training=True)         # outside the tape: no gradient into the generator
        variables = self.critic.trainable_variables
        with tf.GradientTape() as tape:
            loss = ops.mean(self.score(fakes, training=True)) - ops.mean(self.score(images, training=True))
        gradients = tape.gradient(loss, variables)
        # The score is linear in the last weights, so no gradient of theirs waits for their forward pass: without this,
        # the graph may update them before the gradient of the layer below has read them.
        with tf.control_dependencies([loss, *gradients]):
            self.critic_optimizer.apply(gradients, variables)
        for variable in variables:
            variable.assign(ops.clip(variable, -self.clip, self.clip))
        return loss

    def train_generator(self, z):
        variables = self.generator.trainable_variables
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch([variable.value for variable in variables])      # and not the critic's
            loss = -ops.mean(self.score(self.generate(z, training=True), training=True))
        self.generator_optimizer.apply(tape.gradient(loss, variables), variables)
        return loss

    def generate(self, z, training=False):
        """(N, latent) -> (N, H, W, C)"""
        return self.generator(z, training=training)

    def score(self, images, training=False):
        """(N, H, W, C) -> (N,)"""
        return ops.squeeze(self.critic(images, training=training), axis=1)


if __name__ == "__main__":
    from harness.standalone import run
    run(WGAN)
