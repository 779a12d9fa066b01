"""Sampling decoder in Keras 3, on the TensorFlow backend: a VAE whose decoder is a function of one point of the image.

    images (N, 28, 28, 1) --encoder--> mu, log var (N, 8) --eps--> z (N, 8)
    u, v, z (N * points, 2 + 8) --decoder--> logits (N * points, 1)

Kingma & Welling 2013, arXiv 1312.6114; the decoder is the network of Stanley 2007, "Compositional Pattern Producing
Networks", given z and trained.
"""

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops


def dense(units, **options):
    """He normal weights, N(0, 2 / fan in), zero biases. Keras's own HeNormal cuts the normal off at two deviations."""
    he_normal = keras.initializers.VarianceScaling(2.0, "fan_in", "untruncated_normal")
    return layers.Dense(units, kernel_initializer=he_normal, **options)


def grid(height, width):
    """(height * width, 2): u, v of each pixel, row by row; u is -1 in the first row and 1 in the last, v by columns."""
    ### BEGIN SOLUTION
    u, v = np.meshgrid(np.linspace(-1, 1, height), np.linspace(-1, 1, width), indexing="ij")
    return ops.convert_to_tensor(np.stack([u.ravel(), v.ravel()], axis=1), keras.config.floatx())
    ### END SOLUTION


class SamplingDecoder(keras.Model):
    def __init__(self, height=28, width=28, channels=1, hidden=256, latent=8, learning_rate=1e-3):
        """The networks: encoder, decoder. The optimizer: optimizer."""
        super().__init__()
        ### BEGIN SOLUTION
        self.height, self.width = height, width
        self.points = grid(height, width)
        images = keras.Input((height, width, channels))
        h = dense(hidden, activation="relu")(layers.Flatten()(images))
        mu, log_var = dense(latent, name="mu")(h), dense(latent, name="log_var")(h)
        self.encoder = keras.Model(images, [mu, log_var])
        self.decoder = keras.Sequential([
            keras.Input((2 + latent,)),
            dense(hidden, activation="relu"),
            dense(hidden, activation="relu"),
            dense(hidden, activation="relu"),
            dense(channels)])
        self.compile(optimizer=keras.optimizers.Adam(learning_rate, epsilon=1e-8), jit_compile=False)
        ### END SOLUTION

    def logits(self, z, points, training=False):
        """(N, latent), (P, 2) -> (N, P, C): every image at every point"""
        ### BEGIN SOLUTION
        n, p = len(z), len(points)
        pairs = ops.concatenate([ops.broadcast_to(points, (n, p, 2)), ops.repeat(z[:, None], p, axis=1)], axis=2)
        return ops.reshape(self.decoder(ops.reshape(pairs, (n * p, -1)), training=training), (n, p, -1))
        ### END SOLUTION

    def train_step(self, batch):
        """batch: images (N, H, W, C) in [0, 1]; eps (N, latent) from N(0, I)."""
        ### BEGIN SOLUTION
        images = batch["images"]
        with tf.GradientTape() as tape:
            mu, log_var = self.encoder(images, training=True)
            z = mu + ops.exp(log_var / 2) * batch["eps"]
            logits = as_images(self.logits(z, self.points, training=True), self.height, self.width)
            bce = ops.binary_crossentropy(images, logits, from_logits=True)         # each pixel's
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
        """(N, latent) -> (N, H, W, C) at the size of training: the probability of each pixel to be white"""
        return as_images(ops.sigmoid(self.logits(z, self.points, training)), self.height, self.width)

    def render(self, z, height, width, chunk=2 ** 13):
        """(N, latent) -> (N, height, width, C) at any size. The decoder sees at most ``chunk`` points at one time."""
        ### BEGIN SOLUTION
        points = grid(height, width)
        size = max(1, chunk // len(z))
        parts = [ops.sigmoid(self.logits(z, points[i:i + size])) for i in range(0, len(points), size)]
        return as_images(ops.concatenate(parts, axis=1), height, width)
        ### END SOLUTION

    def reconstruct(self, images, training=False):
        """(N, H, W, C) -> (N, H, W, C)"""
        return self.decode(self.encode(images, training), training)

    def generate(self, z):
        """z from N(0, I), (N, latent) -> (N, H, W, C)"""
        return self.decode(z)


def as_images(values, height, width):
    """(N, height * width, C) -> (N, height, width, C)"""
    return ops.reshape(values, (len(values), height, width, -1))


if __name__ == "__main__":
    from harness.standalone import run
    run(SamplingDecoder)
