"""Autoencoder in Keras 3, on the TensorFlow backend.

    images (N, 64, 64, 3) --encoder--> codes (N, 64) --decoder--> images (N, 64, 64, 3)

Hinton & Salakhutdinov 2006, "Reducing the Dimensionality of Data with Neural Networks", with one layer a side.
"""

import keras
import tensorflow as tf
from keras import layers, ops


class Autoencoder(keras.Model):
    def __init__(self, height=64, width=64, channels=3, latent=64, learning_rate=1e-3):
        """The networks: encoder, decoder. The optimizer: optimizer."""
        super().__init__()
        ### BEGIN SOLUTION
        shape = (height, width, channels)
        # Keras's Dense begins with Glorot uniform weights and zero biases, as the question asks.
        self.encoder = keras.Sequential([keras.Input(shape), layers.Flatten(), layers.Dense(latent)])
        self.decoder = keras.Sequential([
            keras.Input((latent,)), layers.Dense(height * width * channels), layers.Reshape(shape)])
        self.compile(optimizer=keras.optimizers.Adam(learning_rate, epsilon=1e-8), jit_compile=False)
        ### END SOLUTION

    def train_step(self, batch):
        """batch: images (N, H, W, C) in [-1, 1]. Model.fit calls it, too, on a data set of such batches."""
        ### BEGIN SOLUTION
        images = batch["images"]
        with tf.GradientTape() as tape:
            loss = ops.mean(ops.square(self.reconstruct(images, training=True) - images))
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply(gradients, self.trainable_variables)
        return {"mse": loss}
        ### END SOLUTION

    def encode(self, images, training=False):
        """(N, H, W, C) -> (N, latent)"""
        return self.encoder(images, training=training)

    def decode(self, codes, training=False):
        """(N, latent) -> (N, H, W, C)"""
        return self.decoder(codes, training=training)

    def reconstruct(self, images, training=False):
        """(N, H, W, C) -> (N, H, W, C)"""
        return self.decode(self.encode(images, training), training)


if __name__ == "__main__":
    from harness.standalone import run
    run(Autoencoder)
