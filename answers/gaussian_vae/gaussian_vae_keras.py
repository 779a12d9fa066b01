"""Variational autoencoder with a normal likelihood, in Keras 3, on the TensorFlow backend.

    images (N, 64, 64, 1) --encoder--> mu, log var (N, 64);  z = mu + exp(log var / 2) * eps
    z (N, 64) --decoder--> means (N, 64, 64, 1);  p(x|z) = N(means, variance)

Kingma & Welling 2013, "Auto-Encoding Variational Bayes", arXiv 1312.6114, section 3 and appendix C.2.
"""

import math

import keras
import tensorflow as tf
from keras import layers, ops

# Keras's layers begin with Glorot uniform weights and zero biases, as the question asks.


def down(x, filters):
    """k4 s2 p1: half the size. On even sizes "same" is a pixel on each side; elsewhere it seldom is."""
    ### BEGIN SOLUTION
    return layers.Conv2D(filters, 4, strides=2, padding="same", activation="relu")(x)
    ### END SOLUTION


def up(x, filters, activation="relu"):
    """k4 s2 p1: twice the size."""
    ### BEGIN SOLUTION
    return layers.Conv2DTranspose(filters, 4, strides=2, padding="same", activation=activation)(x)
    ### END SOLUTION


def make_encoder(height, width, channels, latent, filters):
    """(N, H, W, C) -> mu, log var of q(z|x), each (N, latent)"""
    ### BEGIN SOLUTION
    images = x = keras.Input((height, width, channels))
    for n in (1, 2, 4, 8):
        x = down(x, n * filters)
    x = layers.Flatten()(x)
    return keras.Model(images, [layers.Dense(latent, name="mu")(x), layers.Dense(latent, name="log_var")(x)])
    ### END SOLUTION


def make_decoder(height, width, channels, latent, filters):
    """(N, latent) -> means of p(x|z), (N, H, W, C)"""
    ### BEGIN SOLUTION
    maps = (height // 16, width // 16, 8 * filters)
    z = keras.Input((latent,))
    x = layers.Reshape(maps)(layers.Dense(math.prod(maps), activation="relu")(z))
    for n in (4, 2, 1):
        x = up(x, n * filters)
    return keras.Model(z, up(x, channels, activation=None))
    ### END SOLUTION


class GaussianVAE(keras.Model):
    def __init__(self, height=64, width=64, channels=1, latent=64, filters=32, variance=0.01, learning_rate=1e-3):
        """The networks: encoder, decoder. The optimizer: optimizer."""
        super().__init__()
        ### BEGIN SOLUTION
        self.variance = variance
        self.encoder = make_encoder(height, width, channels, latent, filters)
        self.decoder = make_decoder(height, width, channels, latent, filters)
        self.compile(optimizer=keras.optimizers.Adam(learning_rate, 0.9, 0.999, epsilon=1e-8), jit_compile=False)
        ### END SOLUTION

    def train_step(self, batch):
        """batch: images (N, H, W, C) in [0, 1]; eps (N, latent) from N(0, I). Model.fit calls it, too."""
        ### BEGIN SOLUTION
        images = batch["images"]
        with tf.GradientTape() as tape:
            mu, log_var = self.encoder(images, training=True)
            z = mu + ops.exp(log_var / 2) * batch["eps"]
            reconstruction = ops.mean(self.negative_log_likelihood(images, self.decoder(z, training=True)))
            kl = -0.5 * ops.mean(ops.sum(1 + log_var - ops.square(mu) - ops.exp(log_var), axis=1))
            loss = reconstruction + kl                      # the negative ELBO
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply(gradients, self.trainable_variables)
        return {"loss": loss, "reconstruction": reconstruction, "kl": kl}
        ### END SOLUTION

    def negative_log_likelihood(self, images, means):
        """-log N(images; means, variance), a density, summed over the pixels: (N,)"""
        ### BEGIN SOLUTION
        per_pixel = ops.square(images - means) / (2 * self.variance) + math.log(2 * math.pi * self.variance) / 2
        return ops.sum(per_pixel, axis=(1, 2, 3))
        ### END SOLUTION

    def encode(self, images, training=False):
        """(N, H, W, C) -> (N, latent): mu, without noise"""
        ### BEGIN SOLUTION
        mu, _ = self.encoder(images, training=training)
        return mu
        ### END SOLUTION

    def decode(self, z, training=False):
        """(N, latent) -> (N, H, W, C): the mean of each pixel, not a sample"""
        return self.decoder(z, training=training)

    def reconstruct(self, images, training=False):
        """(N, H, W, C) -> (N, H, W, C)"""
        return self.decode(self.encode(images, training), training)

    def generate(self, z):
        """z from N(0, I), (N, latent) -> (N, H, W, C)"""
        return self.decode(z)


if __name__ == "__main__":
    from harness.standalone import run
    run(GaussianVAE)
