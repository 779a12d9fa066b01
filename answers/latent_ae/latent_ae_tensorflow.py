"""The latent space of an autoencoder, in TensorFlow.

    images (N, 28, 28, 1) --encoder--> codes (N, 2) --decoder--> logits (N, 28, 28, 1) --sigmoid--> images

Hinton & Salakhutdinov 2006, "Reducing the Dimensionality of Data with Neural Networks", with convolutions.
"""

import tensorflow as tf

PADDING = [[0, 0], [1, 1], [1, 1], [0, 0]]      # a pixel of zeros all round


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
    """Convolution, 3x3, stride 2, a pixel of zeros all round: half the size. ("SAME" would pad on one side only.)"""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.weight, self.bias = glorot(3, 3, inputs, outputs), zeros(outputs)

    def __call__(self, x):
        ### BEGIN SOLUTION
        # PADDING as conv2d's own argument does the same; on a CPU the gradients then take twice as long.
        return tf.nn.conv2d(tf.pad(x, PADDING), self.weight, 2, "VALID") + self.bias
        ### END SOLUTION


class ConvTranspose(tf.Module):
    """Transposed convolution, 3x3: ``stride`` times the size. Undoes a convolution with a pixel of zeros all round."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.outputs, self.stride = outputs, stride
        self.weight, self.bias = glorot(3, 3, outputs, inputs), zeros(outputs)

    def __call__(self, x):
        ### BEGIN SOLUTION
        n, h, w, _ = x.shape
        height, width, over = h * self.stride, w * self.stride, 3 - self.stride
        shape = (n, height + over, width + over, self.outputs)
        x = tf.nn.conv2d_transpose(x, self.weight, shape, self.stride, "VALID")
        # A row and a column less before, and what is over after. x[:, 1:] is the same, with a slow gradient.
        return tf.slice(x, (0, 1, 1, 0), (n, height, width, self.outputs)) + self.bias
        ### END SOLUTION


class Encoder(tf.Module):
    """(N, H, W, C) -> (N, latent)"""

    def __init__(self, channels, filters, units, latent):
        super().__init__()
        ### BEGIN SOLUTION
        self.conv1 = Conv(channels, filters)
        self.conv2 = Conv(filters, 2 * filters)
        self.dense = Dense(units, latent)
        ### END SOLUTION

    def __call__(self, x):
        ### BEGIN SOLUTION
        x = tf.nn.relu(self.conv1(x))
        x = tf.nn.relu(self.conv2(x))
        return self.dense(tf.reshape(x, (len(x), -1)))
        ### END SOLUTION


class Decoder(tf.Module):
    """(N, latent) -> logits (N, H, W, C)"""

    def __init__(self, latent, units, smallest, filters, channels):
        super().__init__()
        ### BEGIN SOLUTION
        self.smallest = smallest
        self.dense = Dense(latent, units)
        self.conv_transpose1 = ConvTranspose(2 * filters, 2 * filters, stride=2)
        self.conv_transpose2 = ConvTranspose(2 * filters, filters, stride=2)
        self.conv_transpose3 = ConvTranspose(filters, channels, stride=1)
        ### END SOLUTION

    def __call__(self, x):
        ### BEGIN SOLUTION
        x = tf.reshape(tf.nn.relu(self.dense(x)), (len(x), *self.smallest))
        x = tf.nn.relu(self.conv_transpose1(x))
        x = tf.nn.relu(self.conv_transpose2(x))
        return self.conv_transpose3(x)
        ### END SOLUTION


class LatentAutoencoder(tf.Module):
    def __init__(self, height=28, width=28, channels=1, filters=32, latent=2, learning_rate=1e-3):
        """The networks: encoder, decoder. The optimizer: optimizer."""
        super().__init__()
        ### BEGIN SOLUTION
        smallest = (height // 4, width // 4, 2 * filters)
        units = (height // 4) * (width // 4) * 2 * filters
        self.encoder = Encoder(channels, filters, units, latent)
        self.decoder = Decoder(latent, units, smallest, filters, channels)
        self.optimizer = tf.keras.optimizers.Adam(learning_rate, epsilon=1e-8)     # Keras's default is 1e-7
        ### END SOLUTION

    @tf.function
    def train_step(self, batch):
        """batch: images (N, H, W, C) in [0, 1]."""
        ### BEGIN SOLUTION
        images = batch["images"]
        variables = self.encoder.trainable_variables + self.decoder.trainable_variables
        with tf.GradientTape() as tape:
            logits = self.decoder(self.encoder(images))
            losses = tf.nn.sigmoid_cross_entropy_with_logits(labels=images, logits=logits)      # one a pixel
            loss = tf.reduce_sum(losses) / len(images)
        gradients = tape.gradient(loss, variables)
        self.optimizer.apply_gradients(zip(gradients, variables))
        return {"bce": loss}
        ### END SOLUTION

    def encode(self, images):
        """(N, H, W, C) -> (N, latent)"""
        return self.encoder(images)

    def decode(self, codes):
        """(N, latent) -> (N, H, W, C), probabilities"""
        return tf.sigmoid(self.decoder(codes))

    def reconstruct(self, images):
        """(N, H, W, C) -> (N, H, W, C)"""
        return self.decode(self.encode(images))


if __name__ == "__main__":
    from harness.standalone import run
    run(LatentAutoencoder)
