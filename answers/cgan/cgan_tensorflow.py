"""Conditional GAN in TensorFlow.

    z (N, 100), labels (N) --generator--> images (N, 28, 28, 1), labels (N) --discriminator--> logits (N, 1)

Mirza & Osindero 2014, "Conditional Generative Adversarial Nets", arXiv 1411.1784, with the convolutions of DCGAN
(Radford et al. 2015, arXiv 1511.06434): batch norm comes after ReLU, and the discriminator has none.
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
    """z (N, latent) and one-hot labels (N, classes) -> (N, H, W, C)"""

    def __init__(self, height, width, channels, inputs, features, epsilon):
        super().__init__()
        ### BEGIN SOLUTION
        self.maps = (height // 4, width // 4, 4 * features)             # two stages, each doubles the size
        sizes = [4 * features, 2 * features, channels]
        self.dense = Dense(inputs, height // 4 * (width // 4) * 4 * features)
        self.stages = [(BatchNorm(inputs, epsilon), Up(inputs, outputs)) for inputs, outputs in zip(sizes, sizes[1:])]
        ### END SOLUTION

    def __call__(self, x, training):
        ### BEGIN SOLUTION
        x = tf.reshape(self.dense(x), (-1, *self.maps))
        for norm, up in self.stages:
            x = up(norm(tf.nn.relu(x), training))
        return tf.tanh(x)
        ### END SOLUTION


class Discriminator(tf.Module):
    """images (N, H, W, C) and one-hot labels (N, classes) -> logits (N, 1)"""

    def __init__(self, height, width, inputs, features, slope):
        super().__init__()
        ### BEGIN SOLUTION
        self.slope = slope
        sizes = [inputs, features, 2 * features]
        self.stages = [Down(inputs, outputs) for inputs, outputs in zip(sizes, sizes[1:])]
        self.dense = Dense(height // 4 * (width // 4) * 2 * features, 1)
        ### END SOLUTION

    def __call__(self, x):
        ### BEGIN SOLUTION
        for down in self.stages:
            x = tf.nn.leaky_relu(down(x), self.slope)
        return self.dense(tf.reshape(x, (len(x), -1)))
        ### END SOLUTION


class ConditionalGAN(tf.Module):
    def __init__(self, height=28, width=28, channels=1, classes=10, latent=100, features=64,
                 slope=0.2, epsilon=1e-5, learning_rate=2e-4, beta1=0.5):
        """The networks: generator, discriminator. The optimizers: discriminator_optimizer, generator_optimizer."""
        super().__init__()
        ### BEGIN SOLUTION
        self.classes = classes
        self.generator = Generator(height, width, channels, latent + classes, features, epsilon)
        self.discriminator = Discriminator(height, width, channels + classes, features, slope)
        self.discriminator_optimizer, self.generator_optimizer = (
            tf.keras.optimizers.Adam(learning_rate, beta_1=beta1, epsilon=1e-8) for _ in range(2))
        ### END SOLUTION

    @tf.function
    def train_step(self, batch):
        """batch: images (N, H, W, C) in [-1, 1], labels (N) of real and fake, z (N, latent) in [-1, 1]."""
        ### BEGIN SOLUTION
        images, labels, z = batch["images"], batch["labels"], batch["z"]
        with tf.GradientTape() as generator_tape:
            fake = self.generate(z, labels, training=True)      # once: batch norm counts this batch once
            # The discriminator: real 1, fake 0. Its tape begins after the fake images, so no gradient enters the
            # generator; the generator's tape pauses, so the discriminator's step is none of its business.
            with generator_tape.stop_recording():
                with tf.GradientTape() as discriminator_tape:
                    discriminator_loss = (bce(self.discriminate(images, labels), 1)
                                          + bce(self.discriminate(fake, labels), 0))
                variables = self.discriminator.trainable_variables
                gradients = discriminator_tape.gradient(discriminator_loss, variables)
                self.discriminator_optimizer.apply_gradients(zip(gradients, variables))
            # The generator: the discriminator as it is now should say 1.
            generator_loss = bce(self.discriminate(fake, labels), 1)
        variables = self.generator.trainable_variables
        gradients = generator_tape.gradient(generator_loss, variables)
        self.generator_optimizer.apply_gradients(zip(gradients, variables))
        return {"discriminator": discriminator_loss, "generator": generator_loss}
        ### END SOLUTION

    def generate(self, z, labels, training=False):
        """(N, latent), (N) -> (N, H, W, C)"""
        return self.generator(tf.concat([z, self.one_hot(labels, z)], axis=1), training)

    def discriminate(self, images, labels):
        """(N, H, W, C), (N) -> logits (N, 1): above 0 is real, and of its class"""
        ### BEGIN SOLUTION
        planes = self.one_hot(labels, images)[:, None, None, :]
        planes = tf.tile(planes, (1, *images.shape[1:3], 1))
        return self.discriminator(tf.concat([images, planes], axis=-1))
        ### END SOLUTION

    def one_hot(self, labels, like):
        """(N) -> (N, classes), of the floating point type that ``like`` has"""
        return tf.one_hot(labels, self.classes, dtype=like.dtype)


if __name__ == "__main__":
    from harness.standalone import run
    run(ConditionalGAN)
