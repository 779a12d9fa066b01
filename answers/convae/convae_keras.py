"""Convolutional autoencoder in Keras 3, on the TensorFlow backend.

    images (N, 64, 64, 3) --encoder--> codes (N, 16, 16, 16) --decoder--> images (N, 64, 64, 3)

Masci et al. 2011, "Stacked Convolutional Auto-Encoders for Hierarchical Feature Extraction".
"""

import keras
import tensorflow as tf
from keras import layers, ops


class ConvolutionalAutoencoder(keras.Model):
    def __init__(self, height=64, width=64, channels=3, filters=32, latent=16, learning_rate=1e-3):
        """The networks: encoder, decoder. The optimizer: optimizer."""
        super().__init__()          # height and width are not needed: a convolution fits any image
        ### BEGIN SOLUTION
        # Keras's convolutions begin with Glorot uniform weights and zero biases, as the question asks; at stride 1,
        # "same" is a pixel of zeros all round.
        self.encoder = keras.Sequential([
            keras.Input((None, None, channels)),
            layers.Conv2D(filters, 3, padding="same", activation="relu"), layers.MaxPooling2D(2),
            layers.Conv2D(latent, 3, padding="same", activation="relu"), layers.MaxPooling2D(2)])
        self.decoder = keras.Sequential([
            keras.Input((None, None, latent)),
            layers.Conv2DTranspose(filters, 2, strides=2, activation="relu"),
            layers.Conv2DTranspose(channels, 2, strides=2)])
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
        """(N, H, W, C) -> (N, H/4, W/4, latent)"""
        return self.encoder(images, training=training)

    def decode(self, codes, training=False):
        """(N, H/4, W/4, latent) -> (N, H, W, C)"""
        return self.decoder(codes, training=training)

    def reconstruct(self, images, training=False):
        """(N, H, W, C) -> (N, H, W, C)"""
        return self.decode(self.encode(images, training), training)


if __name__ == "__main__":
    from harness.standalone import run
    run(ConvolutionalAutoencoder)
