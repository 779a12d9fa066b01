"""The latent space of an autoencoder, in Keras 3, on the TensorFlow backend.

    images (N, 28, 28, 1) --encoder--> codes (N, 2) --decoder--> logits (N, 28, 28, 1) --sigmoid--> images

Hinton & Salakhutdinov 2006, "Reducing the Dimensionality of Data with Neural Networks", with convolutions.
"""

import keras
import tensorflow as tf
from keras import layers, ops


class Crop(layers.Layer):
    """A row and a column less before. layers.Cropping2D(((1, 0), (1, 0))) is the same, with a slow gradient."""

    def call(self, x):
        ### BEGIN SOLUTION
        _, h, w, _ = x.shape
        return tf.slice(x, (0, 1, 1, 0), (-1, h - 1, w - 1, -1))
        ### END SOLUTION


class LatentAutoencoder(keras.Model):
    def __init__(self, height=28, width=28, channels=1, filters=32, latent=2, learning_rate=1e-3):
        """The networks: encoder, decoder. The optimizer: optimizer."""
        super().__init__()
        ### BEGIN SOLUTION
        smallest = (height // 4, width // 4, 2 * filters)
        units = (height // 4) * (width // 4) * 2 * filters
        # Keras's layers begin with Glorot uniform weights and zero biases, as the question asks. Its padding="same"
        # would pad on one side only, so padding and cropping are layers of their own.
        self.encoder = keras.Sequential([
            keras.Input((height, width, channels)),
            layers.ZeroPadding2D(1), layers.Conv2D(filters, 3, strides=2, activation="relu"),
            layers.ZeroPadding2D(1), layers.Conv2D(2 * filters, 3, strides=2, activation="relu"),
            layers.Flatten(), layers.Dense(latent)])
        self.decoder = keras.Sequential([
            keras.Input((latent,)),
            layers.Dense(units, activation="relu"), layers.Reshape(smallest),
            layers.Conv2DTranspose(2 * filters, 3, strides=2, activation="relu"), Crop(),
            layers.Conv2DTranspose(filters, 3, strides=2, activation="relu"), Crop(),
            layers.Conv2DTranspose(channels, 3, padding="same")])   # at stride 1 it is a pixel on each side
        self.compile(optimizer=keras.optimizers.Adam(learning_rate, epsilon=1e-8), jit_compile=False)
        ### END SOLUTION

    def train_step(self, batch):
        """batch: images (N, H, W, C) in [0, 1]. Model.fit calls it, too, on a data set of such batches."""
        ### BEGIN SOLUTION
        images = batch["images"]
        with tf.GradientTape() as tape:
            logits = self.decoder(self.encoder(images, training=True), training=True)
            losses = ops.binary_crossentropy(images, logits, from_logits=True)      # one a pixel
            loss = ops.mean(ops.sum(losses, axis=(1, 2, 3)))
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply(gradients, self.trainable_variables)
        return {"bce": loss}
        ### END SOLUTION

    def encode(self, images, training=False):
        """(N, H, W, C) -> (N, latent)"""
        return self.encoder(images, training=training)

    def decode(self, codes, training=False):
        """(N, latent) -> (N, H, W, C), probabilities"""
        return ops.sigmoid(self.decoder(codes, training=training))

    def reconstruct(self, images, training=False):
        """(N, H, W, C) -> (N, H, W, C)"""
        return self.decode(self.encode(images, training), training)


if __name__ == "__main__":
    from harness.standalone import run
    run(LatentAutoencoder)
