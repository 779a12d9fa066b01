"""Wasserstein GAN with gradient penalty in TensorFlow.

    z (N, 100) --generator--> images (N, 32, 32, 1) --critic--> scores (N,)

Gulrajani et al. 2017, "Improved Training of Wasserstein GANs" (arXiv 1704.00028).
"""

import tensorflow as tf


def normal(*shape):
    return tf.Variable(tf.keras.initializers.RandomNormal(stddev=0.02)(shape))


def zeros(*shape):
    return tf.Variable(tf.keras.initializers.Zeros()(shape))


class Conv(tf.Module):
    """Kernel 3, padding 1, or kernel 1, no padding: the size stays, and that is what "SAME" is at stride 1."""

    def __init__(self, inputs, outputs, kernel=3, bias=True):
        super().__init__()
        self.weight = normal(kernel, kernel, inputs, outputs)
        self.bias = zeros(outputs) if bias else None

    def __call__(self, x):
        ### BEGIN SOLUTION
        y = tf.nn.conv2d(x, self.weight, 1, "SAME")
        return y if self.bias is None else y + self.bias
        ### END SOLUTION


class BatchNorm(tf.Module):
    def __init__(self, channels, epsilon):
        super().__init__()
        self.epsilon = epsilon
        self.gamma, self.beta = tf.Variable(tf.ones_like(zeros(channels))), zeros(channels)
        self.mean, self.variance = (tf.Variable(v, trainable=False) for v in (self.beta, self.gamma))

    def __call__(self, x, training):
        mean, variance = self.mean, self.variance
        if training:
            mean, variance = tf.nn.moments(x, [0, 1, 2])
            n = tf.cast(tf.size(x) // x.shape[-1], x.dtype)             # values a channel
            self.mean.assign(0.9 * self.mean + 0.1 * mean)
            self.variance.assign(0.9 * self.variance + 0.1 * variance * n / (n - 1))    # unbiased
        return tf.nn.batch_normalization(x, mean, variance, self.beta, self.gamma, self.epsilon)


class GeneratorBlock(tf.Module):
    """(N, H, W, features) -> (N, H, W, features)"""

    def __init__(self, features, epsilon):
        super().__init__()
        ### BEGIN SOLUTION
        self.conv1, self.norm1 = Conv(features, features, bias=False), BatchNorm(features, epsilon)
        self.conv2, self.norm2 = Conv(features, features, bias=False), BatchNorm(features, epsilon)
        ### END SOLUTION

    def __call__(self, x, training):
        ### BEGIN SOLUTION
        f = tf.nn.relu(self.norm1(self.conv1(x), training))
        return tf.nn.relu(x + self.norm2(self.conv2(f), training))
        ### END SOLUTION


class Generator(tf.Module):
    """(N, latent) -> (N, H, W, C)"""

    def __init__(self, height, width, channels, latent, features, epsilon):
        super().__init__()
        ### BEGIN SOLUTION
        self.maps = (height // 8, width // 8, features)     # three blocks, each followed by twice the size
        self.dense = normal(latent, height // 8 * (width // 8) * features)      # of a dense layer without bias
        self.norm = BatchNorm(features, epsilon)
        self.blocks = [GeneratorBlock(features, epsilon) for _ in range(3)]
        self.conv = Conv(features, channels)
        ### END SOLUTION

    def __call__(self, z, training):
        ### BEGIN SOLUTION
        x = tf.nn.relu(self.norm(tf.reshape(z @ self.dense, (-1, *self.maps)), training))
        for block in self.blocks:
            x = tf.repeat(tf.repeat(block(x, training), 2, axis=1), 2, axis=2)
        return tf.tanh(self.conv(x))
        ### END SOLUTION


class CriticBlock(tf.Module):
    """(N, H, W, inputs) -> (N, H, W, features); no norm. The first one needs a 1x1 convolution as shortcut."""

    def __init__(self, inputs, features, slope, shortcut=False):
        super().__init__()
        ### BEGIN SOLUTION
        self.slope = slope
        self.conv1, self.conv2 = Conv(inputs, features), Conv(features, features)
        self.shortcut = Conv(inputs, features, kernel=1, bias=False) if shortcut else tf.identity
        ### END SOLUTION

    def __call__(self, x):
        ### BEGIN SOLUTION
        f = tf.nn.leaky_relu(self.conv1(x), self.slope)
        return tf.nn.leaky_relu(self.shortcut(x) + self.conv2(f), self.slope)
        ### END SOLUTION


class Critic(tf.Module):
    """(N, H, W, C) -> scores (N,)"""

    def __init__(self, channels, features, slope):
        super().__init__()
        ### BEGIN SOLUTION
        self.block1 = CriticBlock(channels, features, slope, shortcut=True)
        self.block2, self.block3, self.block4 = (CriticBlock(features, features, slope) for _ in range(3))
        self.dense = normal(features, 1)                    # of a dense layer without bias
        ### END SOLUTION

    def __call__(self, x):
        ### BEGIN SOLUTION
        x = tf.nn.avg_pool2d(self.block1(x), 2, 2, "VALID")
        x = tf.nn.avg_pool2d(self.block2(x), 2, 2, "VALID")
        x = self.block4(self.block3(x))
        return tf.squeeze(tf.reduce_mean(x, [1, 2]) @ self.dense, 1)
        ### END SOLUTION


class WGANGP(tf.Module):
    def __init__(self, height=32, width=32, channels=1, latent=100, features=32, critic_steps=5,
                 slope=0.2, epsilon=1e-5, lambda_penalty=10.0, learning_rate=1e-4, beta1=0.0, beta2=0.9):
        """The networks: generator, critic. The optimizers: critic_optimizer, generator_optimizer."""
        super().__init__()
        ### BEGIN SOLUTION
        self.critic_steps, self.lambda_penalty = critic_steps, lambda_penalty
        self.generator = Generator(height, width, channels, latent, features, epsilon)
        self.critic = Critic(channels, features, slope)
        self.critic_optimizer, self.generator_optimizer = (
            tf.keras.optimizers.Adam(learning_rate, beta1, beta2, epsilon=1e-8) for _ in range(2))
        self.critic_optimizer.build(self.critic.trainable_variables)
        self.generator_optimizer.build(self.generator.trainable_variables)
        ### END SOLUTION

    @tf.function
    def train_step(self, batch):
        """batch: images (critic steps, N, H, W, C) in [-1, 1], z (critic steps, N, latent) in [-1, 1],
        alpha (critic steps, N, 1, 1, 1) in [0, 1], z_generator (N, latent)."""
        ### BEGIN SOLUTION
        for step in range(self.critic_steps):           # a Python range: the graph holds all critic steps, one by one
            losses = self.train_critic(batch["images"][step], batch["z"][step], batch["alpha"][step])
        return {**losses, "generator": self.train_generator(batch["z_generator"])}
        ### END SOLUTION

    def train_critic(self, images, z, alpha):
        """One step of the critic on images, z (N, latent) and the mixing weights alpha: returns its losses."""
        ### BEGIN SOLUTION
        fakes = self.generator(z, training=True)        # outside the tape: no gradient into the generator
        variables = self.critic.trainable_variables
        with tf.GradientTape() as tape:
            wasserstein = tf.reduce_mean(self.score(images)) - tf.reduce_mean(self.score(fakes))
            penalty = self.penalty(alpha * images + (1 - alpha) * fakes)
            loss = -wasserstein + self.lambda_penalty * penalty
        gradients = tape.gradient(loss, variables)
        # The last weights' gradient needs no score: an optimized graph might update them before the scores read them.
        with tf.control_dependencies([loss]):
            self.critic_optimizer.apply_gradients(zip(gradients, variables))
        return {"critic": loss, "penalty": penalty, "wasserstein": wasserstein}
        ### END SOLUTION

    def penalty(self, mixed):
        """How far the norm of each image's gradient is from 1, squared: mean over the batch."""
        ### BEGIN SOLUTION
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(mixed)
            scores = self.score(mixed)
        # Of the scores' sum: an image has a share in its own score alone. The outer tape records this gradient, too.
        gradients = tape.gradient(scores, mixed)
        squares = tf.reduce_sum(gradients ** 2, [1, 2, 3])
        norms = tf.sqrt(tf.maximum(squares, 1e-12))     # the root's slope at 0 is infinite
        return tf.reduce_mean((norms - 1) ** 2)
        ### END SOLUTION

    def train_generator(self, z):
        """One step of the generator on z (N, latent): returns its loss."""
        ### BEGIN SOLUTION
        variables = self.generator.trainable_variables
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(variables)                       # and not the critic's
            loss = -tf.reduce_mean(self.score(self.generator(z, training=True)))
        self.generator_optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
        return loss
        ### END SOLUTION

    def generate(self, z):
        """(N, latent) -> (N, H, W, C)"""
        return self.generator(z, training=False)

    def score(self, images):
        """(N, H, W, C) -> (N,)"""
        return self.critic(images)


if __name__ == "__main__":
    from harness.standalone import run
    run(WGANGP)
