"""Variational autoencoder in Keras 3, on the TensorFlow backend.

    images (N, 28, 28, 1) --encoder--> mu, log var (N, 2) --eps--> z (N, 2) --decoder--> logits (N, 28, 28, 1)

Kingma & Welling 2013, "Auto-Encoding Variational Bayes", arXiv 1312.6114, with a Bernoulli likelihood.
"""

import keras
import tensorflow as tf
from keras import layers, ops


class VariationalAutoencoder(keras.Model):
    def __init__(self, height=28, width=28, channels=1, hidden=256, latent=2, learning_rate=1e-3):
        """The networks: encoder, decoder. The optimizer: optimizer."""
        super().__init__()
        ### BEGIN SOLUTION
        shape = (height, width, channels)
        # Keras's Dense begins with Glorot uniform weights and zero biases, as the question asks.
        images = keras.Input(shape)
        h = layers.Dense(hidden, activation="relu")(layers.Flatten()(images))
        mu, log_var = layers.Dense(latent, name="mu")(h), layers.Dense(latent, name="log_var")(h)
        self.encoder = keras.Model(images, [mu, log_var])
        self.decoder = keras.Sequential([
            keras.Input((latent,)), layers.Dense(hidden, activation="relu"),
            layers.Dense(height * width * channels), layers.Reshape(shape)])
        self.compile(optimizer=keras.optimizers.Adam(learning_rate, epsilon=1e-8), jit_compile=False)
        ### END SOLUTION

    def train_step(self, batch):
        """batch: images (N, H, W, C) in [0, 1]; eps (N, latent) from N(0, I)."""
        ### BEGIN SOLUTION
        images = batch["images"]
        with tf.GradientTape() as tape:
            mu, log_var = self.encoder(images, training=True)
            z = mu + ops.exp(log_var / 2) * batch["eps"]
            bce = ops.binary_crossentropy(images, self.decoder(z, training=True), from_logits=True)    # each pixel's
            bce = ops.mean(ops.sum(bce, axis=(1, 2, 3)))
            kl = -0.5 * ops.mean(ops.sum(1 + log_var - ops.square(mu) - ops.exp(log_var), axis=1))
            loss = bce + kl
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply(gradients, self.trainable_variables)
        return {"loss": loss, "bce": bce, "kl": kl}
        ### END SOLUTION

    def encode(self, images, training=False):
        """(N, H, W, C) -> (N, latent): mu, without noise"""
        ### BEGIN SOLUTION
        mu, _ = self.encoder(images, training=training)
        return mu
        ### END SOLUTION

    def decode(self, z, training=False):
        """(N, latent) -> (N, H, W, C): the probability of each pixel to be white"""
        return ops.sigmoid(self.decoder(z, training=training))

    def reconstruct(self, images, training=False):
        """(N, H, W, C) -> (N, H, W, C)"""
        return self.decode(self.encode(images, training), training)

    def generate(self, z):
        """z from N(0, I), (N, latent) -> (N, H, W, C)"""
        return self.decode(z)


if __name__ == "__main__":
    from harness.standalone import run
    run(VariationalAutoencoder)
