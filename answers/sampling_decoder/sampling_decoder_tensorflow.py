"""Sampling decoder in TensorFlow: a variational autoencoder whose decoder is a function of one point of the image.

    images (N, 28, 28, 1) --encoder--> mu, log var (N, 8) --eps--> z (N, 8)
    u, v, z (N * points, 2 + 8) --decoder--> logits (N * points, 1)

Kingma & Welling 2013, arXiv 1312.6114; the decoder is the network of Stanley 2007, "Compositional Pattern Producing
Networks", given z and trained.
"""

import numpy as np
import tensorflow as tf


def grid(height, width):
    """(height * width, 2): u, v of each pixel, row by row; u is -1 in the first row and 1 in the last, v by columns."""
    ### BEGIN SOLUTION
    u, v = np.meshgrid(np.linspace(-1, 1, height), np.linspace(-1, 1, width), indexing="ij")
    return tf.constant(np.stack([u.ravel(), v.ravel()], axis=1), tf.keras.config.floatx())
    ### END SOLUTION


class Dense(tf.Module):
    """He normal weights, N(0, 2 / fan in), zero biases. Keras's own HeNormal cuts the normal off at two deviations."""

    def __init__(self, inputs, units):
        super().__init__()
        he_normal = tf.keras.initializers.VarianceScaling(2.0, "fan_in", "untruncated_normal")
        self.weight = tf.Variable(he_normal((inputs, units)))
        self.bias = tf.Variable(tf.keras.initializers.Zeros()((units,)))

    def __call__(self, x):
        return tf.nn.bias_add(x @ self.weight, self.bias)      # its gradient is faster than that of "+"


class Encoder(tf.Module):
    """(N, H, W, C) -> mu, log var of q(z|x), each (N, latent)"""

    def __init__(self, pixels, hidden, latent):
        super().__init__()
        ### BEGIN SOLUTION
        self.hidden = Dense(pixels, hidden)
        self.mu = Dense(hidden, latent)
        self.log_var = Dense(hidden, latent)
        ### END SOLUTION

    def __call__(self, images):
        ### BEGIN SOLUTION
        h = tf.nn.relu(self.hidden(tf.reshape(images, (len(images), -1))))
        return self.mu(h), self.log_var(h)
        ### END SOLUTION


class Decoder(tf.Module):
    """u, v, z of points (P, 2 + latent) -> logits (P, C)"""

    def __init__(self, latent, hidden, channels):
        super().__init__()
        ### BEGIN SOLUTION
        self.hidden = [Dense(2 + latent, hidden), Dense(hidden, hidden), Dense(hidden, hidden)]
        self.values = Dense(hidden, channels)
        ### END SOLUTION

    def __call__(self, x):
        ### BEGIN SOLUTION
        for layer in self.hidden:
            x = tf.nn.relu(layer(x))
        return self.values(x)
        ### END SOLUTION


class SamplingDecoder(tf.Module):
    def __init__(self, height=28, width=28, channels=1, hidden=256, latent=8, learning_rate=1e-3):
        """The networks: encoder, decoder. The optimizer: optimizer."""
        super().__init__()
        ### BEGIN SOLUTION
        self.height, self.width = height, width
        self.points = grid(height, width)
        self.encoder = Encoder(height * width * channels, hidden, latent)
        self.decoder = Decoder(latent, hidden, channels)
        self.optimizer = tf.keras.optimizers.Adam(learning_rate, epsilon=1e-8)     # Keras's default is 1e-7
        ### END SOLUTION

    def logits(self, z, points):
        """(N, latent), (P, 2) -> (N, P, C): every image at every point"""
        ### BEGIN SOLUTION
        n, p = len(z), len(points)
        pairs = tf.concat([tf.broadcast_to(points, (n, p, 2)), tf.repeat(z[:, tf.newaxis], p, axis=1)], axis=2)
        return tf.reshape(self.decoder(tf.reshape(pairs, (n * p, -1))), (n, p, -1))
        ### END SOLUTION

    @tf.function
    def train_step(self, batch):
        """batch: images (N, H, W, C) in [0, 1]; eps (N, latent) from N(0, I)."""
        ### BEGIN SOLUTION
        images = batch["images"]
        variables = self.encoder.trainable_variables + self.decoder.trainable_variables
        with tf.GradientTape() as tape:
            mu, log_var = self.encoder(images)
            z = mu + tf.exp(log_var / 2) * batch["eps"]
            logits = as_images(self.logits(z, self.points), self.height, self.width)
            bce = tf.nn.sigmoid_cross_entropy_with_logits(labels=images, logits=logits)
            bce = tf.reduce_mean(tf.reduce_sum(bce, axis=(1, 2, 3)))
            kl = -0.5 * tf.reduce_mean(tf.reduce_sum(1 + log_var - mu ** 2 - tf.exp(log_var), axis=1))
            loss = bce + kl
        gradients = tape.gradient(loss, variables)
        self.optimizer.apply_gradients(zip(gradients, variables))
        return {"loss": loss, "bce": bce, "kl": kl}
        ### END SOLUTION

    def encode(self, images):
        """(N, H, W, C) -> (N, latent): mu, without noise"""
        ### BEGIN SOLUTION
        mu, _ = self.encoder(images)
        return mu
        ### END SOLUTION

    def decode(self, z):
        """(N, latent) -> (N, H, W, C) at the size of training: the probability of each pixel to be white"""
        return as_images(tf.sigmoid(self.logits(z, self.points)), self.height, self.width)

    def render(self, z, height, width, chunk=2 ** 13):
        """(N, latent) -> (N, height, width, C) at any size. The decoder sees at most ``chunk`` points at one time."""
        ### BEGIN SOLUTION
        points = grid(height, width)
        size = max(1, chunk // len(z))
        parts = [tf.sigmoid(self.logits(z, points[i:i + size])) for i in range(0, len(points), size)]
        return as_images(tf.concat(parts, axis=1), height, width)
        ### END SOLUTION

    def reconstruct(self, images):
        """(N, H, W, C) -> (N, H, W, C)"""
        return self.decode(self.encode(images))

    def generate(self, z):
        """z from N(0, I), (N, latent) -> (N, H, W, C)"""
        return self.decode(z)


def as_images(values, height, width):
    """(N, height * width, C) -> (N, height, width, C)"""
    return tf.reshape(values, (len(values), height, width, -1))


if __name__ == "__main__":
    from harness.standalone import run
    run(SamplingDecoder)
