"""Variational autoencoder in TensorFlow.

    images (N, 28, 28, 1) --encoder--> mu, log var (N, 2) --eps--> z (N, 2) --decoder--> logits (N, 28, 28, 1)

Kingma & Welling 2013, "Auto-Encoding Variational Bayes", arXiv 1312.6114, with a Bernoulli likelihood.
"""

import tensorflow as tf


class Dense(tf.Module):
    """Glorot uniform weights, zero biases."""

    def __init__(self, inputs, units):
        super().__init__()
        self.weight = tf.Variable(tf.keras.initializers.GlorotUniform()((inputs, units)))
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
    """(N, latent) -> logits (N, H, W, C)"""

    def __init__(self, latent, hidden, shape):
        super().__init__()
        ### BEGIN SOLUTION
        self.shape = shape
        self.hidden = Dense(latent, hidden)
        self.pixels = Dense(hidden, shape[0] * shape[1] * shape[2])
        ### END SOLUTION

    def __call__(self, z):
        ### BEGIN SOLUTION
        return tf.reshape(self.pixels(tf.nn.relu(self.hidden(z))), (-1, *self.shape))
        ### END SOLUTION


class VariationalAutoencoder(tf.Module):
    def __init__(self, height=28, width=28, channels=1, hidden=256, latent=2, learning_rate=1e-3):
        """The networks: encoder, decoder. The optimizer: optimizer."""
        super().__init__()
        ### BEGIN SOLUTION
        self.encoder = Encoder(height * width * channels, hidden, latent)
        self.decoder = Decoder(latent, hidden, (height, width, channels))
        self.optimizer = tf.keras.optimizers.Adam(learning_rate, epsilon=1e-8)     # Keras's default is 1e-7
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
            bce = tf.nn.sigmoid_cross_entropy_with_logits(labels=images, logits=self.decoder(z))
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
        """(N, latent) -> (N, H, W, C): the probability of each pixel to be white"""
        return tf.sigmoid(self.decoder(z))

    def reconstruct(self, images):
        """(N, H, W, C) -> (N, H, W, C)"""
        return self.decode(self.encode(images))

    def generate(self, z):
        """z from N(0, I), (N, latent) -> (N, H, W, C)"""
        return self.decode(z)


if __name__ == "__main__":
    from harness.standalone import run
    run(VariationalAutoencoder)
