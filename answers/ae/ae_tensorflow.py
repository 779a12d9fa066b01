"""Autoencoder in TensorFlow.

    images (N, 64, 64, 3) --encoder--> codes (N, 64) --decoder--> images (N, 64, 64, 3)

Hinton & Salakhutdinov 2006, "Reducing the Dimensionality of Data with Neural Networks", with one layer a side.
"""

import tensorflow as tf


class Dense(tf.Module):
    """Glorot uniform weights, zero biases."""

    def __init__(self, inputs, units):
        super().__init__()
        self.weight = tf.Variable(tf.keras.initializers.GlorotUniform()((inputs, units)))
        self.bias = tf.Variable(tf.keras.initializers.Zeros()((units,)))

    def __call__(self, x):
        return x @ self.weight + self.bias


class Autoencoder(tf.Module):
    def __init__(self, height=64, width=64, channels=3, latent=64, learning_rate=1e-3):
        """The networks: encoder, decoder. The optimizer: optimizer."""
        super().__init__()
        ### BEGIN SOLUTION
        self.shape = (height, width, channels)
        pixels = height * width * channels
        self.encoder = Dense(pixels, latent)
        self.decoder = Dense(latent, pixels)
        self.optimizer = tf.keras.optimizers.Adam(learning_rate, epsilon=1e-8)     # Keras's default is 1e-7
        ### END SOLUTION

    @tf.function
    def train_step(self, batch):
        """batch: images (N, H, W, C) in [-1, 1]."""
        ### BEGIN SOLUTION
        images = batch["images"]
        variables = self.encoder.trainable_variables + self.decoder.trainable_variables
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.math.squared_difference(self.reconstruct(images), images))
        gradients = tape.gradient(loss, variables)
        self.optimizer.apply_gradients(zip(gradients, variables))
        return {"mse": loss}
        ### END SOLUTION

    def encode(self, images):
        """(N, H, W, C) -> (N, latent)"""
        return self.encoder(tf.reshape(images, (len(images), -1)))

    def decode(self, codes):
        """(N, latent) -> (N, H, W, C)"""
        return tf.reshape(self.decoder(codes), (-1, *self.shape))

    def reconstruct(self, images):
        """(N, H, W, C) -> (N, H, W, C)"""
        return self.decode(self.encode(images))


if __name__ == "__main__":
    from harness.standalone import run
    run(Autoencoder)
