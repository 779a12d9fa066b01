"""'vae' after tensorflow/docs, tutorials/generative/cvae.ipynb (Apache-2.0): one head that is split, and a KL divergence that is
estimated from one sample. Its convolutions are the question's dense layers; the lines are ours."""

import numpy as np
import tensorflow as tf


def log_normal_pdf(sample, mean, logvar, raxis=1):
    log2pi = tf.cast(np.log(2.0 * np.pi), sample.dtype)
    return tf.reduce_sum(-0.5 * ((sample - mean) ** 2.0 * tf.exp(-logvar) + logvar + log2pi), axis=raxis)


class VariationalAutoencoder(tf.keras.Model):
    def __init__(self, height, width, channels, hidden, latent, learning_rate):
        super().__init__()
        pixels = height * width * channels
        self.encoder = tf.keras.Sequential([
            tf.keras.layers.InputLayer(shape=(height, width, channels)),
            tf.keras.layers.Flatten(),
            tf.keras.layers.Dense(hidden, activation="relu"),
            tf.keras.layers.Dense(latent + latent),
        ])
        self.decoder = tf.keras.Sequential([
            tf.keras.layers.InputLayer(shape=(latent,)),
            tf.keras.layers.Dense(units=hidden, activation=tf.nn.relu),
            tf.keras.layers.Dense(units=pixels),
            tf.keras.layers.Reshape(target_shape=(height, width, channels)),
        ])
        self.optimizer = tf.keras.optimizers.Adam(1e-4)

    def sample(self, eps):
        return self.decode(eps, apply_sigmoid=True)

    def heads(self, x):
        mean, logvar = tf.split(self.encoder(x), num_or_size_splits=2, axis=1)
        return mean, logvar

    def reparameterize(self, mean, logvar, eps):
        return eps * tf.exp(logvar * 0.5) + mean

    def compute_loss(self, x):
        mean, logvar = self.heads(x)
        z = self.reparameterize(mean, logvar, tf.random.normal(shape=mean.shape, dtype=mean.dtype))
        x_logit = self.decode(z, apply_sigmoid=False)
        cross_ent = tf.nn.sigmoid_cross_entropy_with_logits(logits=x_logit, labels=x)
        logpx_z = -tf.reduce_sum(cross_ent, axis=[1, 2, 3])
        logpz = log_normal_pdf(z, tf.zeros_like(mean), tf.zeros_like(mean))
        logqz_x = log_normal_pdf(z, mean, logvar)
        kl = tf.reduce_mean(logqz_x - logpz)
        return -tf.reduce_mean(logpx_z) + kl, -tf.reduce_mean(logpx_z), kl

    @tf.function
    def train_step(self, batch):
        with tf.GradientTape() as tape:
            loss, bce, kl = self.compute_loss(batch["images"])
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_variables))
        return {"loss": loss, "bce": bce, "kl": kl}

    def encode(self, x):
        mean, logvar = self.heads(x)
        return mean

    def decode(self, z, apply_sigmoid=True):
        logits = self.decoder(z)
        if apply_sigmoid:
            return tf.sigmoid(logits)
        return logits

    def reconstruct(self, x):
        return self.decode(self.encode(x))

    def generate(self, z):
        return self.sample(z)
