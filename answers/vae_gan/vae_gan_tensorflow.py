"""VAE-GAN in TensorFlow: a convolutional VAE whose decoder is also the generator of a GAN.

    images (N, 32, 32, 3) --encoder--> mu, log var (N, 128);  z = mu + exp(log var / 2) * eps
    z (N, 128) --decoder--> images (N, 32, 32, 3) --discriminator--> logits (N, 1)

Larsen et al. 2015, "Autoencoding beyond pixels using a learned similarity metric", in a simpler form.
"""

import tensorflow as tf


def variable(initializer, *shape, trainable=True):
    return tf.Variable(tf.keras.initializers.get(initializer)(shape), trainable=trainable)


def down(x, weight):
    """k4 s2 p1: half the size. On even sizes "SAME" is a pixel on each side; elsewhere it seldom is."""
    ### BEGIN SOLUTION
    return tf.nn.conv2d(x, weight, 2, "SAME")
    ### END SOLUTION


def up(x, weight):
    """k4 s2 p1: twice the size."""
    ### BEGIN SOLUTION
    (n, height, width, _), outputs = x.shape, weight.shape[2]
    return tf.nn.conv2d_transpose(x, weight, (n, 2 * height, 2 * width, outputs), 2, "SAME")
    ### END SOLUTION


class Layer(tf.Module):
    """operation(x, weight), and a bias: none where a batch norm follows, which would take it away again."""

    def __init__(self, operation, shape, units, use_bias=True):
        super().__init__()
        self.operation = operation
        self.weight = variable("glorot_uniform", *shape)
        self.bias = variable("zeros", units) if use_bias else None

    def __call__(self, x):
        x = self.operation(x, self.weight)
        return x if self.bias is None else x + self.bias


def dense(inputs, units, **options):
    return Layer(tf.matmul, (inputs, units), units, **options)


def conv(inputs, outputs, **options):
    """A convolution, kernel 4, stride 2, padding 1: half the size."""
    ### BEGIN SOLUTION
    return Layer(down, (4, 4, inputs, outputs), outputs, **options)
    ### END SOLUTION


def conv_transpose(inputs, outputs, **options):
    """A transposed convolution, kernel 4, stride 2, padding 1: twice the size."""
    ### BEGIN SOLUTION
    return Layer(up, (4, 4, outputs, inputs), outputs, **options)
    ### END SOLUTION


class BatchNorm(tf.Module):
    """Over all axes but the last. The running averages keep 0.9 of the old value; the variance's is unbiased."""

    def __init__(self, features, epsilon):
        super().__init__()
        self.epsilon = epsilon
        self.gamma, self.beta = variable("ones", features), variable("zeros", features)
        self.mean = variable("zeros", features, trainable=False)
        self.variance = variable("ones", features, trainable=False)

    def __call__(self, x, training):
        if not training:
            return tf.nn.batch_normalization(x, self.mean, self.variance, self.beta, self.gamma, self.epsilon)
        mean, variance = tf.nn.moments(x, [0, 1, 2])
        number = x.shape[0] * x.shape[1] * x.shape[2]
        self.mean.assign(0.9 * self.mean + 0.1 * mean)
        self.variance.assign(0.9 * self.variance + 0.1 * variance * number / (number - 1))
        return tf.nn.batch_normalization(x, mean, variance, self.beta, self.gamma, self.epsilon)


class Encoder(tf.Module):
    """(N, H, W, C) -> mu and log var, each (N, latent)"""

    def __init__(self, height, width, channels, latent, filters, epsilon):
        super().__init__()
        ### BEGIN SOLUTION
        self.first = conv(channels, filters)
        self.stages = [(conv(n * filters, 2 * n * filters, use_bias=False), BatchNorm(2 * n * filters, epsilon))
                       for n in (1, 2, 4)]
        number = 8 * filters * (height // 16) * (width // 16)
        self.mu, self.log_var = dense(number, latent), dense(number, latent)
        ### END SOLUTION

    def __call__(self, images, training=False):
        ### BEGIN SOLUTION
        x = tf.nn.relu(self.first(images))
        for layer, norm in self.stages:
            x = tf.nn.relu(norm(layer(x), training))
        features = tf.reshape(x, (len(x), -1))
        return self.mu(features), self.log_var(features)
        ### END SOLUTION


class Decoder(tf.Module):
    """(N, latent) -> (N, H, W, C)"""

    def __init__(self, height, width, channels, latent, filters, epsilon):
        super().__init__()
        ### BEGIN SOLUTION
        self.maps = (height // 16, width // 16, 8 * filters)
        self.dense = dense(latent, self.maps[0] * self.maps[1] * self.maps[2], use_bias=False)
        self.norm = BatchNorm(8 * filters, epsilon)
        self.stages = [(conv_transpose(2 * n * filters, n * filters, use_bias=False), BatchNorm(n * filters, epsilon))
                       for n in (4, 2, 1)]
        self.last = conv_transpose(filters, channels)
        ### END SOLUTION

    def __call__(self, z, training=False):
        ### BEGIN SOLUTION
        x = tf.nn.relu(self.norm(tf.reshape(self.dense(z), (len(z), *self.maps)), training))
        for layer, norm in self.stages:
            x = tf.nn.relu(norm(layer(x), training))
        return tf.tanh(self.last(x))
        ### END SOLUTION


class Discriminator(tf.Module):
    """(N, H, W, C) -> logits (N, 1)"""

    def __init__(self, height, width, channels, filters, slope):
        super().__init__()
        ### BEGIN SOLUTION
        self.slope = slope
        self.convs = [conv(channels, filters), conv(filters, 2 * filters), conv(2 * filters, 4 * filters)]
        self.dense = dense(4 * filters * (height // 8) * (width // 8), 1)
        ### END SOLUTION

    def __call__(self, x):
        ### BEGIN SOLUTION
        for layer in self.convs:
            x = tf.nn.leaky_relu(layer(x), self.slope)
        return self.dense(tf.reshape(x, (len(x), -1)))
        ### END SOLUTION


def cross_entropy(logits, target):
    """Binary cross-entropy of logits against a target that all share, 1 for real or 0 for fake; mean over the batch."""
    ### BEGIN SOLUTION
    return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(target * tf.ones_like(logits), logits))
    ### END SOLUTION


class VAEGAN(tf.Module):
    def __init__(self, height=32, width=32, channels=3, latent=128, filters=64,
                 epsilon=1e-5, slope=0.2, lambda_vae=1.0, lambda_gan=0.1, learning_rate=2e-4, beta1=0.5):
        """The networks: encoder, decoder, discriminator. The optimizers: vae_optimizer, discriminator_optimizer."""
        super().__init__()
        ### BEGIN SOLUTION
        self.lambda_vae, self.lambda_gan = lambda_vae, lambda_gan
        self.encoder = Encoder(height, width, channels, latent, filters, epsilon)
        self.decoder = Decoder(height, width, channels, latent, filters, epsilon)
        self.discriminator = Discriminator(height, width, channels, filters, slope)
        self.vae_optimizer, self.discriminator_optimizer = (
            tf.keras.optimizers.Adam(learning_rate, beta1, 0.999, epsilon=1e-8) for _ in range(2))
        ### END SOLUTION

    @tf.function
    def train_step(self, batch):
        """batch: images (N, H, W, C) in [-1, 1]; eps and z (N, latent), normal."""
        ### BEGIN SOLUTION
        images = batch["images"]
        with tf.GradientTape() as vae_tape:
            fakes = self.decoder(batch["z"], training=True)     # once: for the discriminator now, for the decoder below

            with vae_tape.stop_recording():
                variables = self.discriminator.trainable_variables
                with tf.GradientTape() as tape:                 # begins after the decoder: to it, fakes is a constant
                    discriminator = (cross_entropy(self.discriminator(images), 1)
                                     + cross_entropy(self.discriminator(fakes), 0))
                gradients = tape.gradient(discriminator, variables)
                self.discriminator_optimizer.apply_gradients(zip(gradients, variables))

            mu, log_var = self.encoder(images, training=True)
            reconstructions = self.decoder(mu + tf.exp(log_var / 2) * batch["eps"], training=True)
            squared_error = tf.reduce_mean(tf.reduce_sum((reconstructions - images) ** 2, axis=(1, 2, 3)))
            kl = tf.reduce_mean(-0.5 * tf.reduce_sum(1 + log_var - mu ** 2 - tf.exp(log_var), axis=1))
            generator = cross_entropy(self.discriminator(fakes), 1)     # the discriminator of after its step
            vae = self.lambda_vae * (squared_error + kl) + self.lambda_gan * generator
        variables = self.encoder.trainable_variables + self.decoder.trainable_variables
        self.vae_optimizer.apply_gradients(zip(vae_tape.gradient(vae, variables), variables))
        return {"discriminator": discriminator, "vae": vae, "squared_error": squared_error, "kl": kl,
                "generator": generator}
        ### END SOLUTION

    def encode(self, images):
        """(N, H, W, C) -> (N, latent), the means"""
        return self.encoder(images)[0]

    def decode(self, codes):
        """(N, latent) -> (N, H, W, C)"""
        return self.decoder(codes)

    def reconstruct(self, images):
        """(N, H, W, C) -> (N, H, W, C), without noise"""
        return self.decode(self.encode(images))

    def generate(self, z):
        """(N, latent), normal -> (N, H, W, C)"""
        return self.decode(z)


if __name__ == "__main__":
    from harness.standalone import run
    run(VAEGAN)
