"""'gan' after keras-team/keras-io, examples/generative/dcgan_overriding_train_step.py (Apache-2.0): real and made images in one batch,
1 for made ones, labels with noise. Its convolutions are the question's dense layers; the lines are ours."""

import keras
import tensorflow as tf
from keras import layers, ops


def make_discriminator(shape, units, slope):
    return keras.Sequential([
        keras.Input(shape=shape),
        layers.Flatten(),
        layers.Dense(4 * units),
        layers.LeakyReLU(negative_slope=slope),
        layers.Dense(2 * units),
        layers.LeakyReLU(negative_slope=slope),
        layers.Dense(1),
    ], name="discriminator")


def make_generator(shape, latent_dim, units, slope):
    return keras.Sequential([
        keras.Input(shape=(latent_dim,)),
        layers.Dense(units),
        layers.LeakyReLU(negative_slope=slope),
        layers.Dense(2 * units),
        layers.LeakyReLU(negative_slope=slope),
        layers.Dense(4 * units),
        layers.LeakyReLU(negative_slope=slope),
        layers.Dense(shape[0] * shape[1] * shape[2], activation="sigmoid"),
        layers.Reshape(shape),
    ], name="generator")


class GAN(keras.Model):
    def __init__(self, height, width, channels, latent, units, slope, learning_rate, beta1):
        super().__init__()
        self.latent_dim = latent
        self.discriminator = make_discriminator((height, width, channels), units, slope)
        self.generator = make_generator((height, width, channels), latent, units, slope)
        self.seed_generator = keras.random.SeedGenerator()
        self.compile(
            d_optimizer=keras.optimizers.Adam(learning_rate=0.0003),
            g_optimizer=keras.optimizers.Adam(learning_rate=0.0003),
            loss_fn=keras.losses.BinaryCrossentropy(from_logits=True),
        )

    def compile(self, d_optimizer, g_optimizer, loss_fn):
        super().compile()
        self.discriminator_optimizer = d_optimizer
        self.generator_optimizer = g_optimizer
        self.loss_fn = loss_fn

    def train_step(self, batch):
        real_images = batch["images"]
        batch_size = ops.shape(real_images)[0]
        random_latent_vectors = keras.random.normal((batch_size, self.latent_dim), seed=self.seed_generator)
        generated_images = self.generator(random_latent_vectors)
        combined_images = ops.concatenate([generated_images, real_images], axis=0)
        labels = ops.concatenate([ops.ones((batch_size, 1)), ops.zeros((batch_size, 1))], axis=0)
        labels += 0.05 * keras.random.uniform((2 * batch_size, 1), seed=self.seed_generator)

        with tf.GradientTape() as tape:
            predictions = self.discriminator(combined_images)
            d_loss = self.loss_fn(labels, predictions)
        grads = tape.gradient(d_loss, self.discriminator.trainable_weights)
        self.discriminator_optimizer.apply_gradients(zip(grads, self.discriminator.trainable_weights))

        random_latent_vectors = keras.random.normal((batch_size, self.latent_dim), seed=self.seed_generator)
        misleading_labels = ops.zeros((batch_size, 1))

        with tf.GradientTape() as tape:
            predictions = self.discriminator(self.generator(random_latent_vectors))
            g_loss = self.loss_fn(misleading_labels, predictions)
        grads = tape.gradient(g_loss, self.generator.trainable_weights)
        self.generator_optimizer.apply_gradients(zip(grads, self.generator.trainable_weights))
        return {"discriminator": d_loss, "generator": g_loss}

    def generate(self, z):
        return self.generator(z)

    def discriminate(self, images):
        return self.discriminator(images)
