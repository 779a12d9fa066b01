"""Generative adversarial network in TensorFlow.

    z (N, 100) --generator--> images (N, 28, 28, 1) --discriminator--> logits (N, 1)

Goodfellow et al. 2014, "Generative Adversarial Networks", arXiv 1406.2661, with the generator's loss that section 3
recommends: maximize log D(G(z)).
"""

import tensorflow as tf


def bce(logits, target):
    """Binary cross-entropy of logits against a target that all share, 1 for real or 0 for fake; mean over the batch."""
    ### BEGIN SOLUTION
    targets = tf.fill(tf.shape(logits), tf.cast(target, logits.dtype))
    return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(targets, logits))
    ### END SOLUTION


class Dense(tf.Module):
    """Weights from N(0, 0.02), zero biases."""

    def __init__(self, inputs, units):
        super().__init__()
        self.weight = tf.Variable(tf.keras.initializers.RandomNormal(stddev=0.02)((inputs, units)))
        self.bias = tf.Variable(tf.keras.initializers.Zeros()((units,)))

    def __call__(self, x):
        return x @ self.weight + self.bias


class Perceptron(tf.Module):
    """Dense layers of these sizes, each but the last with a LeakyReLU behind it."""

    def __init__(self, sizes, slope):
        super().__init__()
        ### BEGIN SOLUTION
        self.slope = slope
        self.layers = [Dense(inputs, units) for inputs, units in zip(sizes, sizes[1:])]
        ### END SOLUTION

    def __call__(self, x):
        ### BEGIN SOLUTION
        for layer in self.layers[:-1]:
            x = tf.nn.leaky_relu(layer(x), self.slope)
        return self.layers[-1](x)
        ### END SOLUTION


class GAN(tf.Module):
    def __init__(self, height=28, width=28, channels=1, latent=100, units=128,
                 slope=0.2, learning_rate=2e-4, beta1=0.5):
        """The networks: generator, discriminator. The optimizers: discriminator_optimizer, generator_optimizer."""
        super().__init__()
        ### BEGIN SOLUTION
        self.shape = (height, width, channels)
        pixels = height * width * channels
        self.generator = Perceptron([latent, units, 2 * units, 4 * units, pixels], slope)
        self.discriminator = Perceptron([pixels, 4 * units, 2 * units, 1], slope)
        self.discriminator_optimizer, self.generator_optimizer = (
            tf.keras.optimizers.Adam(learning_rate, beta_1=beta1, epsilon=1e-8) for _ in range(2))
        ### END SOLUTION

    @tf.function
    def train_step(self, batch):
        """batch: images (N, H, W, C) in [0, 1], z (N, latent) in [-1, 1]."""
        ### BEGIN SOLUTION
        images, z = batch["images"], batch["z"]
        with tf.GradientTape() as generator_tape:
            fake = self.generate(z)
            # The discriminator: real 1, fake 0. Its tape begins after the fake images, so no gradient enters the
            # generator; the generator's tape pauses, so the discriminator's step is none of its business.
            with generator_tape.stop_recording():
                with tf.GradientTape() as discriminator_tape:
                    discriminator_loss = bce(self.discriminate(images), 1) + bce(self.discriminate(fake), 0)
                variables = self.discriminator.trainable_variables
                gradients = discriminator_tape.gradient(discriminator_loss, variables)
                self.discriminator_optimizer.apply_gradients(zip(gradients, variables))
            # The generator: the discriminator as it is now should say 1.
            generator_loss = bce(self.discriminate(fake), 1)
        variables = self.generator.trainable_variables
        gradients = generator_tape.gradient(generator_loss, variables)
        self.generator_optimizer.apply_gradients(zip(gradients, variables))
        return {"discriminator": discriminator_loss, "generator": generator_loss}
        ### END SOLUTION

    def generate(self, z):
        """(N, latent) -> (N, H, W, C)"""
        return tf.reshape(tf.sigmoid(self.generator(z)), (-1, *self.shape))

    def discriminate(self, images):
        """(N, H, W, C) -> logits (N, 1): above 0 is real"""
        return self.discriminator(tf.reshape(images, (len(images), -1)))


if __name__ == "__main__":
    from harness.standalone import run
    run(GAN)
