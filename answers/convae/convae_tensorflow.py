"""Convolutional autoencoder in TensorFlow.

    images (N, 64, 64, 3) --encoder--> codes (N, 16, 16, 16) --decoder--> images (N, 64, 64, 3)

Masci et al. 2011, "Stacked Convolutional Auto-Encoders for Hierarchical Feature Extraction".
"""

import tensorflow as tf


class Conv(tf.Module):
    """Convolution, 3x3, a pixel of zeros all round, as "SAME" is at stride 1. Glorot uniform weights, zero biases."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.weight = tf.Variable(tf.keras.initializers.GlorotUniform()((3, 3, inputs, outputs)))
        self.bias = tf.Variable(tf.keras.initializers.Zeros()((outputs,)))

    def __call__(self, x):
        ### BEGIN SOLUTION
        return tf.nn.conv2d(x, self.weight, strides=1, padding="SAME") + self.bias
        ### END SOLUTION


class ConvTranspose(tf.Module):
    """Transposed convolution, 2x2, stride 2: every pixel becomes a square of four. Weights as above."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.outputs = outputs
        self.weight = tf.Variable(tf.keras.initializers.GlorotUniform()((2, 2, outputs, inputs)))
        self.bias = tf.Variable(tf.keras.initializers.Zeros()((outputs,)))

    def __call__(self, x):
        ### BEGIN SOLUTION
        n, h, w, _ = x.shape
        return tf.nn.conv2d_transpose(x, self.weight, (n, 2 * h, 2 * w, self.outputs), 2, "VALID") + self.bias
        ### END SOLUTION


class Encoder(tf.Module):
    """(N, H, W, C) -> (N, H/4, W/4, latent)"""

    def __init__(self, channels, filters, latent):
        super().__init__()
        ### BEGIN SOLUTION
        self.conv1 = Conv(channels, filters)
        self.conv2 = Conv(filters, latent)
        ### END SOLUTION

    def __call__(self, x):
        ### BEGIN SOLUTION
        x = tf.nn.max_pool2d(tf.nn.relu(self.conv1(x)), 2, 2, "VALID")
        return tf.nn.max_pool2d(tf.nn.relu(self.conv2(x)), 2, 2, "VALID")
        ### END SOLUTION


class Decoder(tf.Module):
    """(N, H/4, W/4, latent) -> (N, H, W, C)"""

    def __init__(self, latent, filters, channels):
        super().__init__()
        ### BEGIN SOLUTION
        self.conv_transpose1 = ConvTranspose(latent, filters)
        self.conv_transpose2 = ConvTranspose(filters, channels)
        ### END SOLUTION

    def __call__(self, x):
        ### BEGIN SOLUTION
        return self.conv_transpose2(tf.nn.relu(self.conv_transpose1(x)))
        ### END SOLUTION


class ConvolutionalAutoencoder(tf.Module):
    def __init__(self, height=64, width=64, channels=3, filters=32, latent=16, learning_rate=1e-3):
        """The networks: encoder, decoder. The optimizer: optimizer."""
        super().__init__()
        ### BEGIN SOLUTION
        # height and width are not needed: a convolution fits any image
        self.encoder = Encoder(channels, filters, latent)
        self.decoder = Decoder(latent, filters, channels)
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
        """(N, H, W, C) -> (N, H/4, W/4, latent)"""
        return self.encoder(images)

    def decode(self, codes):
        """(N, H/4, W/4, latent) -> (N, H, W, C)"""
        return self.decoder(codes)

    def reconstruct(self, images):
        """(N, H, W, C) -> (N, H, W, C)"""
        return self.decode(self.encode(images))


if __name__ == "__main__":
    from harness.standalone import run
    run(ConvolutionalAutoencoder)
