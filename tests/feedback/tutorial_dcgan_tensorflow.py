"""A right answer to 'dcgan' as https://www.tensorflow.org/tutorials/generative/dcgan is written."""

import tensorflow as tf
from tensorflow.keras import layers

cross_entropy = tf.keras.losses.BinaryCrossentropy(from_logits=True)


def normal():
    return tf.keras.initializers.RandomNormal(stddev=0.02)


def make_generator_model(height, width, channels, latent, features, epsilon):
    model = tf.keras.Sequential()
    model.add(tf.keras.Input((latent,)))
    model.add(layers.Dense(height // 16 * (width // 16) * 8 * features, kernel_initializer=normal()))
    model.add(layers.Reshape((height // 16, width // 16, 8 * features)))
    for outputs in (16 * features, 8 * features, 4 * features, channels):
        model.add(layers.ReLU())
        model.add(layers.BatchNormalization(momentum=0.9, epsilon=epsilon))
        model.add(layers.Conv2DTranspose(outputs, 5, strides=2, kernel_initializer=normal()))
        model.add(layers.Cropping2D(((2, 1), (2, 1))))
    model.add(layers.Activation("tanh"))
    return model


class Generator(tf.Module):
    """A Keras model deep in a tf.Module."""

    def __init__(self, *arguments):
        super().__init__()
        self.models = [make_generator_model(*arguments)]

    def __call__(self, z, training=False):
        return self.models[0](z, training=training)


class Discriminator(tf.keras.Model):
    def __init__(self, height, width, channels, features, slope):
        super().__init__()
        self.convolutions = [layers.Conv2D(n * features, 5, strides=2, kernel_initializer=normal()) for n in (1, 2, 4, 8)]
        self.pad, self.activation, self.flatten = layers.ZeroPadding2D(2), layers.LeakyReLU(slope), layers.Flatten()
        self.dense = layers.Dense(1, kernel_initializer=normal())
        self(tf.zeros((1, height, width, channels), tf.keras.config.floatx()))

    def call(self, x):
        for convolution in self.convolutions:
            x = self.activation(convolution(self.pad(x)))
        return self.dense(self.flatten(x))


class DCGAN(tf.Module):
    def __init__(self, height, width, channels, latent, features, slope, epsilon, learning_rate, beta1):
        super().__init__()
        self.generator = Generator(height, width, channels, latent, features, epsilon)
        self.discriminator = Discriminator(height, width, channels, features, slope)
        self.generator_optimizer = tf.keras.optimizers.Adam(learning_rate, beta_1=beta1, epsilon=1e-8)
        self.discriminator_optimizer = tf.keras.optimizers.Adam(learning_rate, beta_1=beta1, epsilon=1e-8)

    @tf.function
    def train_step(self, batch):
        with tf.GradientTape() as generator_tape:
            fake = self.generator(batch["z"], training=True)
            with generator_tape.stop_recording(), tf.GradientTape() as tape:
                on_real, on_fake = self.discriminator(batch["images"]), self.discriminator(fake)
                discriminator_loss = cross_entropy(tf.ones_like(on_real), on_real) + cross_entropy(tf.zeros_like(on_fake), on_fake)
            with generator_tape.stop_recording():
                weights = self.discriminator.trainable_variables
                self.discriminator_optimizer.apply_gradients(zip(tape.gradient(discriminator_loss, weights), weights))
            on_fake = self.discriminator(fake)
            generator_loss = cross_entropy(tf.ones_like(on_fake), on_fake)
        weights = self.generator.models[0].trainable_variables
        self.generator_optimizer.apply_gradients(zip(generator_tape.gradient(generator_loss, weights), weights))
        return {"discriminator": discriminator_loss, "generator": generator_loss}

    def generate(self, z, training=False):
        return self.generator(z, training=training)

    def discriminate(self, images):
        return self.discriminator(images)
