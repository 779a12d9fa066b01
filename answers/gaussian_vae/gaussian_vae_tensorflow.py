"""Variational autoencoder with a normal likelihood, in TensorFlow.

    images (N, 64, 64, 1) --encoder--> mu, log var (N, 64);  z = mu + exp(log var / 2) * eps
    z (N, 64) --decoder--> means (N, 64, 64, 1);  p(x|z) = N(means, variance)

Kingma & Welling 2013, "Auto-Encoding Variational Bayes", arXiv 1312.6114, section 3 and appendix C.2.
"""

import math

import tensorflow as tf


def glorot(*shape):
    return tf.Variable(tf.keras.initializers.GlorotUniform()(shape))


def zeros(*shape):
    return tf.Variable(tf.keras.initializers.Zeros()(shape))


class Dense(tf.Module):
    def __init__(self, inputs, units):
        super().__init__()
        self.weight, self.bias = glorot(inputs, units), zeros(units)

    def __call__(self, x):
        return x @ self.weight + self.bias


class Conv(tf.Module):
    """k4 s2 p1: half the size. On even sizes "SAME" is a pixel on each side; elsewhere it seldom is."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.weight, self.bias = glorot(4, 4, inputs, outputs), zeros(outputs)

    def __call__(self, x):
        ### BEGIN SOLUTION
        return tf.nn.conv2d(x, self.weight, 2, "SAME") + self.bias
        ### END SOLUTION


class ConvTranspose(tf.Module):
    """k4 s2 p1: twice the size."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.weight, self.bias = glorot(4, 4, outputs, inputs), zeros(outputs)

    def __call__(self, x):
        ### BEGIN SOLUTION
        (n, height, width, _), outputs = x.shape, self.weight.shape[2]
        return tf.nn.conv2d_transpose(x, self.weight, (n, 2 * height, 2 * width, outputs), 2, "SAME") + self.bias
        ### END SOLUTION


class Encoder(tf.Module):
    """(N, H, W, C) -> mu, log var of q(z|x), each (N, latent)"""

    def __init__(self, height, width, channels, latent, filters):
        super().__init__()
        ### BEGIN SOLUTION
        self.convs = [Conv(channels, filters), Conv(filters, 2 * filters), Conv(2 * filters, 4 * filters),
                      Conv(4 * filters, 8 * filters)]
        number = 8 * filters * (height // 16) * (width // 16)
        self.mu = Dense(number, latent)
        self.log_var = Dense(number, latent)
        ### END SOLUTION

    def __call__(self, images):
        ### BEGIN SOLUTION
        x = images
        for layer in self.convs:
            x = tf.nn.relu(layer(x))
        features = tf.reshape(x, (len(x), -1))
        return self.mu(features), self.log_var(features)
        ### END SOLUTION


class Decoder(tf.Module):
    """(N, latent) -> means of p(x|z), (N, H, W, C)"""

    def __init__(self, height, width, channels, latent, filters):
        super().__init__()
        ### BEGIN SOLUTION
        self.maps = (height // 16, width // 16, 8 * filters)
        self.dense = Dense(latent, math.prod(self.maps))
        self.convs = [ConvTranspose(8 * filters, 4 * filters), ConvTranspose(4 * filters, 2 * filters),
                      ConvTranspose(2 * filters, filters), ConvTranspose(filters, channels)]
        ### END SOLUTION

    def __call__(self, z):
        ### BEGIN SOLUTION
        x = tf.reshape(self.dense(z), (len(z), *self.maps))
        for layer in self.convs:
            x = layer(tf.nn.relu(x))
        return x
        ### END SOLUTION


class GaussianVAE(tf.Module):
    def __init__(self, height=64, width=64, channels=1, latent=64, filters=32, variance=0.01, learning_rate=1e-3):
        """The networks: encoder, decoder. The optimizer: optimizer."""
        super().__init__()
        ### BEGIN SOLUTION
        self.variance = variance
        self.encoder = Encoder(height, width, channels, latent, filters)
        self.decoder = Decoder(height, width, channels, latent, filters)
        self.optimizer = tf.keras.optimizers.Adam(learning_rate, 0.9, 0.999, epsilon=1e-8)  # Keras's default is 1e-7
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
            reconstruction = tf.reduce_mean(self.negative_log_likelihood(images, self.decoder(z)))
            kl = -0.5 * tf.reduce_mean(tf.reduce_sum(1 + log_var - mu ** 2 - tf.exp(log_var), axis=1))
            loss = reconstruction + kl                      # the negative ELBO
        gradients = tape.gradient(loss, variables)
        self.optimizer.apply_gradients(zip(gradients, variables))
        return {"loss": loss, "reconstruction": reconstruction, "kl": kl}
        ### END SOLUTION

    def negative_log_likelihood(self, images, means):
        """-log N(images; means, variance), a density, summed over the pixels: (N,)"""
        ### BEGIN SOLUTION
        per_pixel = (images - means) ** 2 / (2 * self.variance) + math.log(2 * math.pi * self.variance) / 2
        return tf.reduce_sum(per_pixel, axis=(1, 2, 3))
        ### END SOLUTION

    def encode(self, images):
        """(N, H, W, C) -> (N, latent): mu, without noise"""
        ### BEGIN SOLUTION
        mu, _ = self.encoder(images)
        return mu
        ### END SOLUTION

    def decode(self, z):
        """(N, latent) -> (N, H, W, C): the mean of each pixel, not a sample"""
        return self.decoder(z)

    def reconstruct(self, images):
        """(N, H, W, C) -> (N, H, W, C)"""
        return self.decode(self.encode(images))

    def generate(self, z):
        """z from N(0, I), (N, latent) -> (N, H, W, C)"""
        return self.decode(z)


if __name__ == "__main__":
    from harness.standalone import run
    run(GaussianVAE)
