"""Wasserstein GAN in TensorFlow.

    z (N, 100) --generator--> images (N, 32, 32, 1) --critic--> scores (N,)

Arjovsky, Chintala & Bottou 2017, "Wasserstein GAN" (arXiv 1701.07875), with the DCGAN task's networks at half the
image size, and no bias at the critic's end.
"""

import tensorflow as tf

PADDING = [[0, 0], [2, 2], [2, 2], [0, 0]]      # of images, a batch of them: two rows and columns on every side


def normal(*shape):
    return tf.Variable(tf.keras.initializers.RandomNormal(stddev=0.02)(shape))


def zeros(*shape):
    return tf.Variable(tf.keras.initializers.Zeros()(shape))


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


class Critic(tf.Module):
    """(N, H, W, C) -> scores (N,)"""

    def __init__(self, height, width, channels, features, slope):
        super().__init__()
        ### BEGIN SOLUTION
        self.slope = slope
        sizes = [channels, features, 2 * features, 4 * features, 8 * features]
        self.stages = [Down(inputs, outputs) for inputs, outputs in zip(sizes, sizes[1:])]
        self.weight = normal(height // 16 * (width // 16) * 8 * features, 1)        # of a dense layer without bias
        ### END SOLUTION

    def __call__(self, x):
        ### BEGIN SOLUTION
        for down in self.stages:
            x = tf.nn.leaky_relu(down(x), self.slope)
        return tf.squeeze(tf.reshape(x, (len(x), -1)) @ self.weight, 1)
        ### END SOLUTION


class WGAN(tf.Module):
    def __init__(self, height=32, width=32, channels=1, latent=100, features=16, critic_steps=5,
                 slope=0.2, epsilon=1e-5, clip=0.01, learning_rate=5e-5):
        """The networks: generator, critic. The optimizers: critic_optimizer, generator_optimizer."""
        super().__init__()
        ### BEGIN SOLUTION
        self.critic_steps, self.clip = critic_steps, clip
        self.generator = Generator(height, width, channels, latent, features, epsilon)
        self.critic = Critic(height, width, channels, features, slope)
        rmsprop = dict(learning_rate=learning_rate, rho=0.99, epsilon=1e-16)
        self.critic_optimizer = tf.keras.optimizers.RMSprop(**rmsprop)
        self.generator_optimizer = tf.keras.optimizers.RMSprop(**rmsprop)
        self.critic_optimizer.build(self.critic.trainable_variables)
        self.generator_optimizer.build(self.generator.trainable_variables)
        ### END SOLUTION

    @tf.function
    def train_step(self, batch):
        """batch: images (critic steps, N, H, W, C) in [-1, 1], z (critic steps, N, latent), z_generator (N, latent)."""
        ### BEGIN SOLUTION
        for step in range(self.critic_steps):           # a Python range: the graph holds all critic steps, one by one
            critic_loss = self.train_critic(batch["images"][step], batch["z"][step])
        generator_loss = self.train_generator(batch["z_generator"])
        return {"critic": critic_loss, "generator": generator_loss, "wasserstein": -critic_loss}
        ### END SOLUTION

    def train_critic(self, images, z):
        """One step of the critic on images (N, H, W, C) and z (N, latent): returns its loss."""
        ### BEGIN SOLUTION
        fakes = self.generator(z, training=True)        # outside the tape: no gradient into the generator
        variables = self.critic.trainable_variables
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(self.score(fakes)) - tf.reduce_mean(self.score(images))
        gradients = tape.gradient(loss, variables)
        # The last weights' gradient needs no score: an optimized graph might update them before the scores read them.
        with tf.control_dependencies([loss]):
            self.critic_optimizer.apply_gradients(zip(gradients, variables))
        for variable in variables:                      # after the step, and the biases too
            variable.assign(tf.clip_by_value(variable, -self.clip, self.clip))
        return loss
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

    def generate(self, z, training=False):
        """(N, latent) -> (N, H, W, C)"""
        return self.generator(z, training)

    def score(self, images):
        """(N, H, W, C) -> (N,): no probability and no logit, any number"""
        return self.critic(images)


if __name__ == "__main__":
    from harness.standalone import run
    run(WGAN)
