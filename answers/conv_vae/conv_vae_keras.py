"""Convolutional variational autoencoder in Keras 3, on the TensorFlow backend.

    images (N, 32, 32, 3) --encoder--> mu, log var (N, 128);  z = mu + exp(log var / 2) * eps
    z (N, 128) --decoder--> images (N, 32, 32, 3)

Kingma & Welling 2013, "Auto-Encoding Variational Bayes", with the networks of Radford et al. 2015.
"""

import keras
import tensorflow as tf
from keras import layers, ops

# Keras's layers begin with Glorot uniform weights and zero biases, as the question asks.


def norm(x, epsilon):
    """Batch norm and ReLU. Keras's own defaults are 0.99 and 1e-3."""
    ### BEGIN SOLUTION
    return layers.ReLU()(layers.BatchNormalization(momentum=0.9, epsilon=epsilon)(x))
    ### END SOLUTION


def down(x, filters, use_bias=False):
    """k4 s2 p1: half the size. On even sizes "same" is a pixel on each side; elsewhere it seldom is.

    No bias where a batch norm follows: it would take it away again.
    """
    ### BEGIN SOLUTION
    return layers.Conv2D(filters, 4, strides=2, padding="same", use_bias=use_bias)(x)
    ### END SOLUTION


def up(x, filters, use_bias=False):
    """k4 s2 p1: twice the size."""
    ### BEGIN SOLUTION
    return layers.Conv2DTranspose(filters, 4, strides=2, padding="same", use_bias=use_bias)(x)
    ### END SOLUTION


def make_encoder(height, width, channels, latent, filters, epsilon):
    """(N, H, W, C) -> mu and log var, each (N, latent)"""
    ### BEGIN SOLUTION
    images = keras.Input((height, width, channels))
    x = layers.ReLU()(down(images, filters, use_bias=True))
    for n in (2, 4, 8):
        x = norm(down(x, n * filters), epsilon)
    x = layers.Flatten()(x)
    return keras.Model(images, [layers.Dense(latent, name="mu")(x), layers.Dense(latent, name="log_var")(x)])
    ### END SOLUTION


def make_decoder(height, width, channels, latent, filters, epsilon):
    """(N, latent) -> (N, H, W, C)"""
    ### BEGIN SOLUTION
    maps = (height // 16, width // 16, 8 * filters)
    z = keras.Input((latent,))
    x = layers.Dense(maps[0] * maps[1] * maps[2], use_bias=False)(z)
    x = norm(layers.Reshape(maps)(x), epsilon)
    for n in (4, 2, 1):
        x = norm(up(x, n * filters), epsilon)
    return keras.Model(z, layers.Activation("tanh")(up(x, channels, use_bias=True)))
    ### END SOLUTION


class ConvVAE(keras.Model):
    def __init__(self, height=32, width=32, channels=3, latent=128, filters=64, epsilon=1e-5, learning_rate=1e-3):
        """The networks: encoder, decoder. The optimizer: optimizer."""
        super().__init__()
        ### BEGIN SOLUTION
        self.encoder = make_encoder(height, width, channels, latent, filters, epsilon)
        self.decoder = make_decoder(height, width, channels, latent, filters, epsilon)
        self.compile(optimizer=keras.optimizers.Adam(learning_rate, 0.9, 0.999, epsilon=1e-8), jit_compile=False)
        ### END SOLUTION

    def train_step(self, batch):
        """batch: images (N, H, W, C) in [-1, 1]; eps (N, latent), normal. Model.fit calls it, too."""
        ### BEGIN SOLUTION
        images = batch["images"]
        with tf.GradientTape() as tape:
            mu, log_var = self.encoder(images, training=True)
            reconstructions = self.decoder(mu + ops.exp(log_var / 2) * batch["eps"], training=True)
            squared_error = ops.mean(ops.sum(ops.square(reconstructions - images), axis=(1, 2, 3)))
            kl = ops.mean(-0.5 * ops.sum(1 + log_var - ops.square(mu) - ops.exp(log_var), axis=1))
            loss = squared_error + kl
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply(gradients, self.trainable_variables)
        return {"loss": loss, "squared_error": squared_error, "kl": kl}
        ### END SOLUTION

    def encode(self, images):
        """(N, H, W, C) -> (N, latent), the means"""
        return self.encoder(images, training=False)[0]

    def decode(self, codes):
        """(N, latent) -> (N, H, W, C)"""
        return self.decoder(codes, training=False)

    def reconstruct(self, images):
        """(N, H, W, C) -> (N, H, W, C), without noise"""
        return self.decode(self.encode(images))

    def generate(self, z):
        """(N, latent), normal -> (N, H, W, C)"""
        return self.decode(z)


if __name__ == "__main__":
    from harness.standalone import run
    run(ConvVAE)
