"""VAE-GAN with skip connections in TensorFlow: what each stage of the encoder saw goes to the decoder, too.

    images (N, 32, 32, 3) --encoder--> mu, log var (N, 128), four skips;  z = mu + exp(log var / 2) * eps
    z (N, 128), skips --decoder--> images (N, 32, 32, 3) --discriminator--> logits (N, 1)

Larsen et al. 2015, "Autoencoding beyond pixels using a learned similarity metric", in a simpler form, with the skips of
Ronneberger et al. 2015, "U-Net". Skip i: (N, 16, 16, 64), (N, 8, 8, 128), (N, 4, 4, 256), (N, 2, 2, 512).
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
    """(N, H, W, C) -> mu and log var, each (N, latent); the maps of the four stages, the largest first"""

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
        skips = [tf.nn.relu(self.first(images))]
        for layer, norm in self.stages:
            skips.append(tf.nn.relu(norm(layer(skips[-1]), training)))
        features = tf.reshape(skips[-1], (len(images), -1))
        return self.mu(features), self.log_var(features), skips
        ### END SOLUTION


class Decoder(tf.Module):
    """(N, latent) and four skips, the largest first -> (N, H, W, C)"""

    def __init__(self, height, width, channels, latent, filters, epsilon):
        super().__init__()
        ### BEGIN SOLUTION
        self.maps = (height // 16, width // 16, 8 * filters)
        self.dense = dense(latent, self.maps[0] * self.maps[1] * self.maps[2], use_bias=False)
        self.norm = BatchNorm(8 * filters, epsilon)
        # Each gets as many maps from its skip as from the stage before.
        self.stages = [(conv_transpose(4 * n * filters, n * filters, use_bias=False), BatchNorm(n * filters, epsilon))
                       for n in (4, 2, 1)]
        self.last = conv_transpose(2 * filters, channels)
        ### END SOLUTION

    def __call__(self, z, skips, training=False):
        ### BEGIN SOLUTION
        *skips, smallest = skips
        x = tf.nn.relu(self.norm(tf.reshape(self.dense(z), (len(z), *self.maps)), training))
        x = tf.concat([x, smallest], -1)
        for (layer, norm), skip in zip(self.stages, reversed(skips)):
            x = tf.concat([tf.nn.relu(norm(layer(x), training)), skip], -1)
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


class UNetVAEGAN(tf.Module):
    def __init__(self, height=32, width=32, channels=3, latent=128, filters=64,
                 epsilon=1e-5, slope=0.2, lambda_vae=1.0, lambda_gan=0.1, alpha=0.1, learning_rate=2e-4, beta1=0.5):
        """The networks: encoder, decoder, discriminator. The optimizers: vae_optimizer, discriminator_optimizer."""
        super().__init__()
        ### BEGIN SOLUTION
        self.lambda_vae, self.lambda_gan, self.alpha = lambda_vae, lambda_gan, alpha
        self.encoder = Encoder(height, width, channels, latent, filters, epsilon)
        self.decoder = Decoder(height, width, channels, latent, filters, epsilon)
        self.discriminator = Discriminator(height, width, channels, filters, slope)
        self.vae_optimizer, self.discriminator_optimizer = (
            tf.keras.optimizers.Adam(learning_rate, beta1, 0.999, epsilon=1e-8) for _ in range(2))
        ### END SOLUTION

    @tf.function
    def train_step(self, batch):
        """batch: images (N, H, W, C) in [-1, 1]; eps and z (N, latent), skip1 .. skip4 (N, ., ., .), all normal."""
        ### BEGIN SOLUTION
        images = batch["images"]
        with tf.GradientTape() as vae_tape:
            mu, log_var, skips = self.encoder(images, training=True)
            disturbed = self.disturb(skips, [batch[f"skip{i}"] for i in (1, 2, 3, 4)])
            # Made once: for the discriminator now, for the encoder and the decoder below.
            fakes = self.decoder(batch["z"], disturbed, training=True)

            with vae_tape.stop_recording():
                variables = self.discriminator.trainable_variables
                with tf.GradientTape() as tape:                 # begins after the decoder: to it, fakes is a constant
                    discriminator = (cross_entropy(self.discriminator(images), 1)
                                     + cross_entropy(self.discriminator(fakes), 0))
                gradients = tape.gradient(discriminator, variables)
                self.discriminator_optimizer.apply_gradients(zip(gradients, variables))

            reconstructions = self.decoder(mu + tf.exp(log_var / 2) * batch["eps"], skips, training=True)
            squared_error = tf.reduce_mean(tf.reduce_sum((reconstructions - images) ** 2, axis=(1, 2, 3)))
            kl = tf.reduce_mean(-0.5 * tf.reduce_sum(1 + log_var - mu ** 2 - tf.exp(log_var), axis=1))
            generator = cross_entropy(self.discriminator(fakes), 1)     # the discriminator of after its step
            vae = self.lambda_vae * (squared_error + kl) + self.lambda_gan * generator
        variables = self.encoder.trainable_variables + self.decoder.trainable_variables
        self.vae_optimizer.apply_gradients(zip(vae_tape.gradient(vae, variables), variables))
        return {"discriminator": discriminator, "vae": vae, "squared_error": squared_error, "kl": kl,
                "generator": generator}
        ### END SOLUTION

    def disturb(self, skips, noises):
        """Skips of a real image -> skips as of an image that is nearly the same one; alpha = 0 leaves them alone."""
        return [skip * (1 + self.alpha * noise) for skip, noise in zip(skips, noises)]

    def encode(self, images):
        """(N, H, W, C) -> (N, latent), the means"""
        return self.encoder(images)[0]

    def decode(self, codes, images):
        """(N, latent), and (N, H, W, C) for the skips -> (N, H, W, C)"""
        return self.decoder(codes, self.encoder(images)[2])

    def reconstruct(self, images):
        """(N, H, W, C) -> (N, H, W, C), without noise"""
        ### BEGIN SOLUTION
        mu, _, skips = self.encoder(images)
        return self.decoder(mu, skips)
        ### END SOLUTION

    def generate(self, z, images, skip1, skip2, skip3, skip4):
        """(N, latent), normal; real images (N, H, W, C) for the skips; noise on each skip, normal -> (N, H, W, C)"""
        return self.decoder(z, self.disturb(self.encoder(images)[2], [skip1, skip2, skip3, skip4]))


if __name__ == "__main__":
    from harness.standalone import run
    run(UNetVAEGAN)
