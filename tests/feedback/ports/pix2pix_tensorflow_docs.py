"""'pix2pix' after tensorflow/docs, tutorials/generative/pix2pix.ipynb (Apache-2.0): stacks of small Sequentials, both losses under two
tapes, translation in training mode. The lines are ours."""

import tensorflow as tf

LAMBDA = 100
loss_object = tf.keras.losses.BinaryCrossentropy(from_logits=True)


def initializer():
    return tf.keras.initializers.RandomNormal(stddev=0.02)


def downsample(filters, size, apply_batchnorm=True):
    result = tf.keras.Sequential()
    result.add(tf.keras.layers.Conv2D(filters, size, strides=2, padding="same", kernel_initializer=initializer(), use_bias=False))
    if apply_batchnorm:
        result.add(tf.keras.layers.BatchNormalization())
    result.add(tf.keras.layers.LeakyReLU())
    return result


def upsample(filters, size, apply_dropout=False):
    result = tf.keras.Sequential()
    result.add(tf.keras.layers.Conv2DTranspose(
        filters, size, strides=2, padding="same", kernel_initializer=initializer(), use_bias=False))
    result.add(tf.keras.layers.BatchNormalization())
    if apply_dropout:
        result.add(tf.keras.layers.Dropout(0.5))
    result.add(tf.keras.layers.ReLU())
    return result


def make_generator(height, width, planes, channels, f):
    inputs = tf.keras.layers.Input(shape=[height, width, planes])
    down_stack = [downsample(f, 4, apply_batchnorm=False)] + [downsample(n * f, 4) for n in (2, 4, 8, 8, 8)]
    up_stack = [upsample(8 * f, 4, apply_dropout=True), upsample(8 * f, 4, apply_dropout=True)] + [upsample(n * f, 4) for n in (4, 2, 1)]
    last = tf.keras.layers.Conv2DTranspose(
        channels, 4, strides=2, padding="same", kernel_initializer=initializer(), activation="tanh")

    x = inputs
    skips = []
    for down in down_stack:
        x = down(x)
        skips.append(x)
    for up, skip in zip(up_stack, reversed(skips[:-1])):
        x = up(x)
        x = tf.keras.layers.Concatenate()([x, skip])
    return tf.keras.Model(inputs=inputs, outputs=last(x))


def make_discriminator(height, width, planes, channels, f):
    inp = tf.keras.layers.Input(shape=[height, width, planes], name="input_image")
    tar = tf.keras.layers.Input(shape=[height, width, channels], name="target_image")
    x = tf.keras.layers.concatenate([inp, tar])
    x = downsample(f, 4, False)(x)
    x = downsample(2 * f, 4)(x)
    x = downsample(4 * f, 4)(x)
    x = tf.keras.layers.ZeroPadding2D()(x)
    x = tf.keras.layers.Conv2D(8 * f, 4, strides=1, kernel_initializer=initializer(), use_bias=False)(x)
    x = tf.keras.layers.BatchNormalization()(x)
    x = tf.keras.layers.LeakyReLU()(x)
    x = tf.keras.layers.ZeroPadding2D()(x)
    last = tf.keras.layers.Conv2D(1, 4, strides=1, kernel_initializer=initializer())(x)
    return tf.keras.Model(inputs=[inp, tar], outputs=last)


def generator_loss(disc_generated_output, gen_output, target):
    gan_loss = loss_object(tf.ones_like(disc_generated_output), disc_generated_output)
    l1_loss = tf.reduce_mean(tf.abs(target - gen_output))
    return gan_loss + LAMBDA * l1_loss, gan_loss, l1_loss


def discriminator_loss(disc_real_output, disc_generated_output):
    real_loss = loss_object(tf.ones_like(disc_real_output), disc_real_output)
    generated_loss = loss_object(tf.zeros_like(disc_generated_output), disc_generated_output)
    return real_loss + generated_loss


class Pix2Pix(tf.Module):
    def __init__(self, height, width, channels, planes, features, slope, dropout, epsilon, l1_weight, learning_rate, beta1):
        super().__init__()
        self.generator = make_generator(height, width, planes, channels, features)
        self.discriminator = make_discriminator(height, width, planes, channels, features)
        self.generator_optimizer = tf.keras.optimizers.Adam(2e-4, beta_1=0.5)
        self.discriminator_optimizer = tf.keras.optimizers.Adam(2e-4, beta_1=0.5)

    @tf.function
    def train_step(self, batch):
        input_image, target = batch["masks"], batch["images"]
        with tf.GradientTape() as gen_tape, tf.GradientTape() as disc_tape:
            gen_output = self.generator(input_image, training=True)
            disc_real_output = self.discriminator([input_image, target], training=True)
            disc_generated_output = self.discriminator([input_image, gen_output], training=True)
            gen_total_loss, gen_gan_loss, gen_l1_loss = generator_loss(disc_generated_output, gen_output, target)
            disc_loss = discriminator_loss(disc_real_output, disc_generated_output)
        generator_gradients = gen_tape.gradient(gen_total_loss, self.generator.trainable_variables)
        discriminator_gradients = disc_tape.gradient(disc_loss, self.discriminator.trainable_variables)
        self.generator_optimizer.apply_gradients(zip(generator_gradients, self.generator.trainable_variables))
        self.discriminator_optimizer.apply_gradients(zip(discriminator_gradients, self.discriminator.trainable_variables))
        return {"discriminator": disc_loss, "generator": gen_total_loss, "adversarial": gen_gan_loss, "l1": gen_l1_loss}

    def translate(self, masks):
        return self.generator(masks, training=True)
