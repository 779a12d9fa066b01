"""A right answer to 'gan' by somebody who knows TensorFlow from its tutorials: Keras layers, in a tf.Module and in a Sequential."""

import tensorflow as tf

cross_entropy = tf.keras.losses.BinaryCrossentropy(from_logits=True)


def dense(units):
    return tf.keras.layers.Dense(units, kernel_initializer=tf.keras.initializers.RandomNormal(stddev=0.02))


class Generator(tf.Module):
    def __init__(self, latent, units, shape, slope):
        super().__init__()
        pixels = shape[0] * shape[1] * shape[2]
        self.blocks = {"dense": [dense(n) for n in (units, 2 * units, 4 * units, pixels)]}
        self.activation = tf.keras.layers.LeakyReLU(slope)
        self.reshape = tf.keras.layers.Reshape(shape)
        for layer, inputs in zip(self.blocks["dense"], (latent, units, 2 * units, 4 * units)):
            layer.build((None, inputs))

    def __call__(self, z):
        *hidden, last = self.blocks["dense"]
        for layer in hidden:
            z = self.activation(layer(z))
        return self.reshape(tf.sigmoid(last(z)))


class GAN:
    def __init__(self, height, width, channels, latent, units, slope, learning_rate, beta1):
        shape = (height, width, channels)
        self.generator = Generator(latent, units, shape, slope)
        self.discriminator = tf.keras.Sequential([
            tf.keras.Input(shape), tf.keras.layers.Flatten(),
            dense(4 * units), tf.keras.layers.LeakyReLU(slope), dense(2 * units), tf.keras.layers.LeakyReLU(slope), dense(1)])
        self.generator_optimizer = tf.keras.optimizers.Adam(learning_rate, beta_1=beta1, epsilon=1e-8)
        self.discriminator_optimizer = tf.keras.optimizers.Adam(learning_rate, beta_1=beta1, epsilon=1e-8)

    @tf.function
    def train_step(self, batch):
        with tf.GradientTape() as tape:
            real, fake = self.discriminator(batch["images"]), self.discriminator(self.generator(batch["z"]))
            discriminator_loss = cross_entropy(tf.ones_like(real), real) + cross_entropy(tf.zeros_like(fake), fake)
        weights = self.discriminator.trainable_variables
        self.discriminator_optimizer.apply_gradients(zip(tape.gradient(discriminator_loss, weights), weights))
        with tf.GradientTape() as tape:
            fake = self.discriminator(self.generator(batch["z"]))
            generator_loss = cross_entropy(tf.ones_like(fake), fake)
        weights = [weight for layer in self.generator.blocks["dense"] for weight in layer.trainable_variables]
        self.generator_optimizer.apply_gradients(zip(tape.gradient(generator_loss, weights), weights))
        return {"discriminator": discriminator_loss, "generator": generator_loss}

    def generate(self, z):
        return self.generator(z)

    def discriminate(self, images):
        return self.discriminator(images)
