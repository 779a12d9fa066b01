"""Deep convolutional GAN in TensorFlow.

    z (N, 100) --generator--> images (N, 32, 32, 1) --discriminator--> logits (N, 1)

Radford, Metz & Chintala 2015, "Unsupervised Representation Learning with Deep Convolutional Generative Adversarial
Networks", arXiv 1511.06434. Here batch norm comes after ReLU, and the discriminator has none.
"""

import tensorflow as tf

PADDING = [[0, 0], [2, 2], [2, 2], [0, 0]]      # of images, a batch of them: two rows and columns on every side


def normal(*shape):
    return tf.Variable(tf.keras.initializers.RandomNormal(stddev=0.02)(shape))


def zeros(*shape):
    return tf.Variable(tf.keras.initializers.Zeros()(shape))


def bce(logits, target):
    """Binary cross-entropy of logits against a target that all share, 1 for real or 0 for fake; mean over the batch."""
    ### BEGIN SOLUTION
    targets = tf.fill(tf.shape(logits), tf.cast(target, logits.dtype))
    return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(targets, logits))
    ### END SOLUTION


class Dense(tf.Module):
    def __init__(self, inputs, units):
        super().__init__()
        self.weight, self.bias = normal(inputs, units), zeros(units)

    def __call__(self, x):
        return x @ self.weight + self.bias


class Down(tf.Module):
    """A convolution, kernel 5, stride 2: half the height and width."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.weight, self.bias = normal(5, 5, inputs, outputs), zeros(outputs)

    def __call__(self, x):
        ### BEGIN SOLUTION
        # PADDING as conv2d's own argument does the same; on a CPU the gradients then take twice as long.
        return tf.nn.conv2d(tf.pad(x, PADDING), self.weight, 2, "VALID") + self.bias
        ### END SOLUTION


class Up(tf.Module):
    """A transposed convolution, kernel 5, stride 2: twice the height and width."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.weight, self.bias = normal(5, 5, outputs, inputs), zeros(outputs)

    def __call__(self, x):
        ### BEGIN SOLUTION
        n, h, w, _ = x.shape
        channels = self.bias.shape[0]
        x = tf.nn.conv2d_transpose(x, self.weight, (n, 2 * h + 3, 2 * w + 3, channels), 2, "VALID")
        # Two rows and columns less before, one after: x[:, 2:-1, 2:-1], which is the same, has a slow gradient.
        return tf.slice(x, (0, 2, 2, 0), (n, 2 * h, 2 * w, channels)) + self.bias
        ### END SOLUTION


class BatchNorm(tf.Module):
    def __init__(self, channels, epsilon):
        super().__init__()
        self.epsilon = epsilon
        self.gamma, self.beta = tf.Variable(tf.ones_like(zeros(channels))), zeros(channels)
        self.mean = tf.Variable(self.beta, trainable=False)
        self.variance = tf.Variable(self.gamma, trainable=False)

    def __call__(self, x, training):
        mean, variance = self.mean, self.variance
        if training:
            mean, variance = tf.nn.moments(x, [0, 1, 2])
            n = tf.cast(tf.size(x) // x.shape[-1], x.dtype)             # values a channel
            self.mean.assign(0.9 * self.mean + 0.1 * mean)
            self.variance.assign(0.9 * self.variance + 0.1 * variance * n / (n - 1))    # unbiased
        return tf.nn.batch_normalization(x, mean, variance, self.beta, self.gamma, self.epsilon)


class Generator(tf.Module):
    """(N, latent) -> (N, H, W, C)"""

    def __init__(self, height, width, channels, latent, features, epsilon):
        super().__init__()
        ### BEGIN SOLUTION
        self.maps = (height // 16, width // 16, 8 * features)           # four stages, each doubles the size
        sizes = [8 * features, 16 * features, 8 * features, 4 * features, channels]
        self.dense = Dense(latent, height // 16 * (width // 16) * 8 * features)
        self.stages = [(BatchNorm(inputs, epsilon), Up(inputs, outputs)) for inputs, outputs in zip(sizes, sizes[1:])]
        ### END SOLUTION

    def __call__(self, z, training):
        ### BEGIN SOLUTION
        x = tf.reshape(self.dense(z), (-1, *self.maps))
        for norm, up in self.stages:
            x = up(norm(tf.nn.relu(x), training))
        return tf.tanh(x)
        ### END SOLUTION


class Discriminator(tf.Module):
    """(N, H, W, C) -> logits (N, 1)"""

    def __init__(self, height, width, channels, features, slope):
        super().__init__()
        ### BEGIN SOLUTION
        self.slope = slope
        sizes = [channels, features, 2 * features, 4 * features, 8 * features]
        self.stages = [Down(inputs, outputs) for inputs, outputs in zip(sizes, sizes[1:])]
        self.dense = Dense(height // 16 * (width // 16) * 8 * features, 1)
        ### END SOLUTION

    def __call__(self, x):
        ### BEGIN SOLUTION
        for down in self.stages:
            x = tf.nn.leaky_relu(down(x), self.slope)
        return self.dense(tf.reshape(x, (len(x), -1)))
        ### END SOLUTION


class DCGAN(tf.Module):
    def __init__(self, height=32, width=32, channels=1, latent=100, features=32,
                 slope=0.2, epsilon=1e-5, learning_rate=2e-4, beta1=0.5):
        """The networks: generator, discriminator. The optimizers: discriminator_optimizer, generator_optimizer."""
        super().__init__()
        ### BEGIN SOLUTION
        self.generator = Generator(height, width, channels, latent, features, epsilon)
        self.discriminator = Discriminator(height, width, channels, features, slope)
        self.discriminator_optimizer, self.generator_optimizer = (
            tf.keras.optimizers.Adam(learning_rate, beta_1=beta1, epsilon=1e-8) for _ in range(2))
        ### END SOLUTION

    @tf.function
    def train_step(self, batch):
        """batch: images (N, H, W, C) in [-1, 1], z (N, latent) in [-1, 1]."""
        ### BEGIN SOLUTION
        images, z = batch["images"], batch["z"]
        with tf.GradientTape() as generator_tape:
            fake = self.generator(z, training=True)     # once: batch norm counts this batch once in its averages
            # The discriminator: real 1, fake 0. Its tape begins after the fake images, so no gradient enters the
            # generator; the generator's tape pauses, so the discriminator's step is none of its business.
            with generator_tape.stop_recording():
                with tf.GradientTape() as discriminator_tape:
                    discriminator_loss = bce(self.discriminator(images), 1) + bce(self.discriminator(fake), 0)
                variables = self.discriminator.trainable_variables
                gradients = discriminator_tape.gradient(discriminator_loss, variables)
                self.discriminator_optimizer.apply_gradients(zip(gradients, variables))
            # The generator: the discriminator as it is now should say 1.
            generator_loss = bce(self.discriminator(fake), 1)
        variables = self.generator.trainable_variables
        gradients = generator_tape.gradient(generator_loss, variables)
        self.generator_optimizer.apply_gradients(zip(gradients, variables))
        return {"discriminator": discriminator_loss, "generator": generator_loss}
        ### END SOLUTION

    def generate(self, z, training=False):
        """(N, latent) -> (N, H, W, C)"""
        return self.generator(z, training)

    def discriminate(self, images):
        """(N, H, W, C) -> logits (N, 1): above 0 is real"""
        return self.discriminator(images)


if __name__ == "__main__":
    from harness.standalone import run
    run(DCGAN)
