"""Wasserstein GAN in TensorFlow.

    z (N, 100) --generator--> images (N, 32, 32, 3) --critic--> scores (N,)

Arjovsky, Chintala & Bottou 2017, "Wasserstein GAN" (arXiv 1701.07875), with the networks of the DCGAN task.
"""

import tensorflow as tf


class Layer(tf.Module):
    """Weights from N(0, 0.02), a zero bias or none."""

    def __init__(self, shape, biases):
        super().__init__()
        self.weight = tf.Variable(tf.keras.initializers.RandomNormal(stddev=0.02)(shape))
        self.bias = tf.Variable(tf.keras.initializers.Zeros()((biases,))) if biases else 0.0


class Dense(Layer):
    def __init__(self, inputs, units, bias=True):
        super().__init__((inputs, units), units if bias else 0)

    def __call__(self, x):
        return x @ self.weight + self.bias


class Down(Layer):
    """Half the height and width: kernel 5, stride 2."""

    def __init__(self, inputs, filters):
        super().__init__((5, 5, inputs, filters), filters)

    def __call__(self, x):
        return tf.nn.conv2d(x, self.weight, strides=2, padding=[[0, 0], [2, 2], [2, 2], [0, 0]]) + self.bias


class Up(Layer):
    """Twice the height and width: kernel 5, stride 2."""

    def __init__(self, inputs, filters):
        super().__init__((5, 5, filters, inputs), filters)

    def __call__(self, x):
        batch, height, width, _ = x.shape
        # Explicit padding says what to crop from the full size, 2n + 3: two at the start, one at the end.
        shape = (batch, 2 * height, 2 * width, self.weight.shape[2])
        return tf.nn.conv2d_transpose(x, self.weight, shape, 2, [[0, 0], [2, 1], [2, 1], [0, 0]]) + self.bias


class BatchNorm(tf.Module):
    """Over all axes but the last; the running averages keep 0.9 of the old, the variance's is the unbiased one."""

    def __init__(self, channels, epsilon):
        super().__init__()
        zeros, ones = tf.keras.initializers.Zeros()((channels,)), tf.keras.initializers.Ones()((channels,))
        self.gamma, self.beta = tf.Variable(ones), tf.Variable(zeros)
        self.mean, self.variance = tf.Variable(zeros, trainable=False), tf.Variable(ones, trainable=False)
        self.epsilon = epsilon

    def __call__(self, x, training):
        mean, variance = self.mean, self.variance
        if training:
            mean, variance = tf.nn.moments(x, axes=[0, 1, 2])
            count = x.shape[0] * x.shape[1] * x.shape[2]
            self.mean.assign(0.9 * self.mean + 0.1 * mean)
            self.variance.assign(0.9 * self.variance + 0.1 * variance * count / (count - 1))
        return tf.nn.batch_normalization(x, mean, variance, self.beta, self.gamma, self.epsilon)


class Generator(tf.Module):
    def __init__(self, height, width, channels, latent, filters, epsilon):
        super().__init__()
        self.shape = (height // 16, width // 16, filters)
        self.dense = Dense(latent, self.shape[0] * self.shape[1] * filters)
        sizes = [filters, 2 * filters, filters, filters // 2]
        self.stages = [[BatchNorm(n, epsilon), Up(n, m)] for n, m in zip(sizes, [*sizes[1:], channels])]

    def __call__(self, z, training=False):
        h = tf.reshape(self.dense(z), (-1, *self.shape))
        for norm, up in self.stages:
            h = up(norm(tf.nn.relu(h), training))
        return tf.tanh(h)


class Critic(tf.Module):
    def __init__(self, height, width, channels, filters, slope):
        super().__init__()
        self.slope = slope
        sizes = [channels, filters, 2 * filters, 4 * filters, 8 * filters]
        self.stages = [Down(n, m) for n, m in zip(sizes, sizes[1:])]
        self.dense = Dense(height // 16 * (width // 16) * 8 * filters, 1, bias=False)

    def __call__(self, images):
        h = images
        for down in self.stages:
            h = tf.nn.leaky_relu(down(h), self.slope)
        return tf.squeeze(self.dense(tf.reshape(h, (len(h), -1))), axis=1)


class WGAN(tf.Module):
    def __init__(self, height, width, channels, latent, generator_filters, critic_filters, critic_steps,
                 learning_rate, clip, slope, epsilon):
        super().__init__()
        self.critic_steps, self.clip = critic_steps, clip
        self.generator = Generator(height, width, channels, latent, generator_filters, epsilon)
        self.critic = Critic(height, width, channels, critic_filters, slope)
        self.critic_optimizer = tf.keras.optimizers.RMSprop(learning_rate, rho=0.99, epsilon=1e-16)
        self.generator_optimizer = tf.keras.optimizers.RMSprop(learning_rate, rho=0.99, epsilon=1e-16)
        self.critic_optimizer.build(self.critic.trainable_variables)
        self.generator_optimizer.build(self.generator.trainable_variables)

    @tf.function
    def train_step(self, batch):
        """batch: images (critic steps, N, H, W, C) in [-1, 1], z (critic steps, N, latent), z_generator (N, latent)."""
        for step in range(self.critic_steps):           # a Python range: the graph holds all critic steps, one by one
            critic_loss = self.train_critic(batch["images"][step], batch["z"][step])
        generator_loss = self.train_generator(batch["z_generator"])
        return {"critic": critic_loss, "generator": generator_loss, "wasserstein": -critic_loss}

    def train_critic(self, images, z):
        fakes = self.generator(z, training=True)        # outside the tape: no gradient into the generator
        variables = self.critic.trainable_variables
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(self.score(fakes)) - tf.reduce_mean(self.score(images))
        gradients = tape.gradient(loss, variables)
        # The score is linear in the last weights, so no gradient of theirs waits for their forward pass: without this,
        # the graph may update them before the gradient of the layer below has read them.
        with tf.control_dependencies([loss, *gradients]):
            self.critic_optimizer.apply_gradients(zip(gradients, variables))
        for variable in variables:
            variable.assign(tf.clip_by_value(variable, -self.clip, self.clip))
        return loss

    def train_generator(self, z):
        variables = self.generator.trainable_variables
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(variables)                       # and not the critic's
            loss = -tf.reduce_mean(self.score(self.generator(z, training=True)))
        self.generator_optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
        return loss

    def generate(self, z):
        """(N, latent) -> (N, H, W, C)"""
        return self.generator(z)

    def score(self, images):
        """(N, H, W, C) -> (N,)"""
        return self.critic(images)


if __name__ == "__main__":
    from harness.standalone import run
    run(WGAN)
