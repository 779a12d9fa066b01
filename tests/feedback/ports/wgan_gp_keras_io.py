"""'wgan_gp' after keras-team/keras-io, examples/generative/wgan_gp.py (Apache-2.0): functional blocks, mixing weights that are normal,
a penalty in a tape in a tape. Its networks are the question's; the lines are ours."""

import keras
import tensorflow as tf
from keras import layers


def conv_block(x, filters, kernel_size=(3, 3), use_bias=True, use_bn=False, activation=None):
    x = layers.Conv2D(filters, kernel_size, padding="same", use_bias=use_bias)(x)
    if use_bn:
        x = layers.BatchNormalization()(x)
    return activation(x) if activation else x


def get_discriminator_model(img_shape, f, slope):
    def block(x, skip=None):
        y = conv_block(x, f, activation=layers.LeakyReLU(slope))
        y = conv_block(y, f)
        x = skip(x) if skip else x
        return layers.LeakyReLU(slope)(layers.add([y, x]))

    img_input = layers.Input(shape=img_shape)
    x = block(img_input, lambda x: conv_block(x, f, (1, 1), use_bias=False))
    x = layers.AveragePooling2D((2, 2))(x)
    x = layers.AveragePooling2D((2, 2))(block(x))
    x = block(block(x))
    x = layers.GlobalAveragePooling2D()(x)
    return keras.models.Model(img_input, layers.Dense(1, use_bias=False)(x), name="discriminator")


def upsample_block(x, f):
    y = conv_block(x, f, use_bias=False, use_bn=True, activation=layers.ReLU())
    y = conv_block(y, f, use_bias=False, use_bn=True)
    return layers.UpSampling2D((2, 2))(layers.ReLU()(layers.add([y, x])))


def get_generator_model(img_shape, f, noise_dim):
    height, width, channels = img_shape
    noise = layers.Input(shape=(noise_dim,))
    x = layers.Dense(height // 8 * (width // 8) * f, use_bias=False)(noise)
    x = layers.Reshape((height // 8, width // 8, f))(x)
    x = layers.BatchNormalization()(x)
    x = layers.ReLU()(x)
    for _ in range(3):
        x = upsample_block(x, f)
    return keras.models.Model(noise, conv_block(x, channels, activation=layers.Activation("tanh")), name="generator")


def discriminator_loss(real_img, fake_img):
    return tf.reduce_mean(fake_img) - tf.reduce_mean(real_img)


def generator_loss(fake_img):
    return -tf.reduce_mean(fake_img)


class WGANGP(keras.Model):
    def __init__(self, height, width, channels, latent, features, critic_steps, slope, epsilon, lambda_penalty, learning_rate, beta1, beta2):
        super().__init__()
        self.critic = get_discriminator_model((height, width, channels), features, slope)
        self.generator = get_generator_model((height, width, channels), features, latent)
        self.latent_dim = latent
        self.d_steps = critic_steps
        self.gp_weight = lambda_penalty
        self.compile(
            d_optimizer=keras.optimizers.Adam(learning_rate=0.0002, beta_1=0.5, beta_2=0.9),
            g_optimizer=keras.optimizers.Adam(learning_rate=0.0002, beta_1=0.5, beta_2=0.9),
            d_loss_fn=discriminator_loss, g_loss_fn=generator_loss)

    def compile(self, d_optimizer, g_optimizer, d_loss_fn, g_loss_fn):
        super().compile()
        self.critic_optimizer = d_optimizer
        self.generator_optimizer = g_optimizer
        self.d_loss_fn = d_loss_fn
        self.g_loss_fn = g_loss_fn

    def gradient_penalty(self, batch_size, real_images, fake_images):
        alpha = tf.random.uniform([batch_size, 1, 1, 1], 0.0, 1.0, dtype=real_images.dtype)
        diff = fake_images - real_images
        interpolated = real_images + alpha * diff
        with tf.GradientTape() as gp_tape:
            gp_tape.watch(interpolated)
            pred = self.critic(interpolated, training=True)
        grads = gp_tape.gradient(pred, [interpolated])[0]
        norm = tf.sqrt(tf.reduce_sum(tf.square(grads), axis=[1, 2, 3]))
        return tf.reduce_mean((norm - 1.0) ** 2)

    def train_step(self, batch):
        for i in range(self.d_steps):
            real_images = batch["images"][i]
            batch_size = tf.shape(real_images)[0]
            random_latent_vectors = batch["z"][i]
            with tf.GradientTape() as tape:
                fake_images = self.generator(random_latent_vectors, training=True)
                fake_logits = self.critic(fake_images, training=True)
                real_logits = self.critic(real_images, training=True)
                d_cost = self.d_loss_fn(real_img=real_logits, fake_img=fake_logits)
                gp = self.gradient_penalty(batch_size, real_images, fake_images)
                d_loss = d_cost + gp * self.gp_weight
            d_gradient = tape.gradient(d_loss, self.critic.trainable_variables)
            self.critic_optimizer.apply_gradients(zip(d_gradient, self.critic.trainable_variables))

        with tf.GradientTape() as tape:
            generated_images = self.generator(batch["z_generator"], training=True)
            gen_img_logits = self.critic(generated_images, training=True)
            g_loss = self.g_loss_fn(gen_img_logits)
        gen_gradient = tape.gradient(g_loss, self.generator.trainable_variables)
        self.generator_optimizer.apply_gradients(zip(gen_gradient, self.generator.trainable_variables))
        return {"critic": d_loss, "penalty": gp, "wasserstein": -d_cost, "generator": g_loss}

    def generate(self, z):
        return self.generator(z)

    def score(self, images):
        return tf.squeeze(self.critic(images), axis=1)
