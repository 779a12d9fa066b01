"""'vae' after keras-team/keras-io, examples/generative/vae.py (Apache-2.0): a sampling layer in the encoder, running means as losses.
Its convolutions are the question's dense layers; the lines are ours."""

import keras
import tensorflow as tf
from keras import layers, ops


class Sampling(layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.seed_generator = keras.random.SeedGenerator(1337)

    def call(self, inputs):
        z_mean, z_log_var = inputs
        epsilon = keras.random.normal(shape=ops.shape(z_mean), seed=self.seed_generator)
        return z_mean + ops.exp(0.5 * z_log_var) * epsilon


def make_encoder(shape, hidden, latent_dim):
    encoder_inputs = keras.Input(shape=shape)
    x = layers.Flatten()(encoder_inputs)
    x = layers.Dense(hidden, activation="relu")(x)
    z_mean = layers.Dense(latent_dim, name="z_mean")(x)
    z_log_var = layers.Dense(latent_dim, name="z_log_var")(x)
    z = Sampling()([z_mean, z_log_var])
    return keras.Model(encoder_inputs, [z_mean, z_log_var, z], name="encoder")


def make_decoder(shape, hidden, latent_dim):
    latent_inputs = keras.Input(shape=(latent_dim,))
    x = layers.Dense(hidden, activation="relu")(latent_inputs)
    x = layers.Dense(shape[0] * shape[1] * shape[2], activation="sigmoid")(x)
    return keras.Model(latent_inputs, layers.Reshape(shape)(x), name="decoder")


class VariationalAutoencoder(keras.Model):
    def __init__(self, height, width, channels, hidden, latent, learning_rate):
        super().__init__()
        self.encoder = make_encoder((height, width, channels), hidden, latent)
        self.decoder = make_decoder((height, width, channels), hidden, latent)
        self.total_loss_tracker = keras.metrics.Mean(name="total_loss")
        self.reconstruction_loss_tracker = keras.metrics.Mean(name="reconstruction_loss")
        self.kl_loss_tracker = keras.metrics.Mean(name="kl_loss")
        self.compile(optimizer=keras.optimizers.Adam())

    @property
    def metrics(self):
        return [self.total_loss_tracker, self.reconstruction_loss_tracker, self.kl_loss_tracker]

    def train_step(self, batch):
        data = batch["images"]
        with tf.GradientTape() as tape:
            z_mean, z_log_var, z = self.encoder(data)
            reconstruction = self.decoder(z)
            reconstruction_loss = ops.mean(ops.sum(keras.losses.binary_crossentropy(data, reconstruction), axis=(1, 2)))
            kl_loss = -0.5 * (1 + z_log_var - ops.square(z_mean) - ops.exp(z_log_var))
            kl_loss = ops.mean(ops.sum(kl_loss, axis=1))
            total_loss = reconstruction_loss + kl_loss
        grads = tape.gradient(total_loss, self.trainable_weights)
        self.optimizer.apply_gradients(zip(grads, self.trainable_weights))
        self.total_loss_tracker.update_state(total_loss)
        self.reconstruction_loss_tracker.update_state(reconstruction_loss)
        self.kl_loss_tracker.update_state(kl_loss)
        return {
            "loss": self.total_loss_tracker.result(),
            "bce": self.reconstruction_loss_tracker.result(),
            "kl": self.kl_loss_tracker.result(),
        }

    def encode(self, images):
        z_mean, _, _ = self.encoder(images)
        return z_mean

    def decode(self, z):
        return self.decoder(z)

    def reconstruct(self, images):
        z_mean, z_log_var, z = self.encoder(images)
        return self.decoder(z)

    def generate(self, z):
        return self.decoder(z)
