"""VAE-GAN with skip connections in Keras 3: what each stage of the encoder saw goes to the decoder, too.

    images (N, 32, 32, 3) --encoder--> mu, log var (N, 128), four skips;  z = mu + exp(log var / 2) * eps
    z (N, 128), skips --decoder--> images (N, 32, 32, 3) --discriminator--> logits (N, 1)

Larsen et al. 2015, "Autoencoding beyond pixels using a learned similarity metric", in a simpler form, with the skips of
Ronneberger et al. 2015, "U-Net". Skip i: (N, 16, 16, 64), (N, 8, 8, 128), (N, 4, 4, 256), (N, 2, 2, 512).
"""

import keras
import tensorflow as tf
from keras import layers, ops

# Keras's layers begin with Glorot uniform weights and zero biases, as the question asks.


def norm(x, epsilon):
    """Batch norm and ReLU. Keras's own defaults are 0.99 and 1e-3."""
    ### BEGIN SOLUTION
    return layers.ReLU()(layers.BatchNormalization(momentum=0.9, epsilon=epsilon)(x))
    ### END SOLUTION


def down(x, filters, use_bias=False):
    """k4 s2 p1: half the size. On even sizes "same" is a pixel on each side; elsewhere it seldom is.

    No bias where a batch norm follows: it would take it away again.
    """
    ### BEGIN SOLUTION
    return layers.Conv2D(filters, 4, strides=2, padding="same", use_bias=use_bias)(x)
    ### END SOLUTION


def up(x, filters, use_bias=False):
    """k4 s2 p1: twice the size."""
    ### BEGIN SOLUTION
    return layers.Conv2DTranspose(filters, 4, strides=2, padding="same", use_bias=use_bias)(x)
    ### END SOLUTION


def make_encoder(height, width, channels, latent, filters, epsilon):
    """(N, H, W, C) -> mu and log var, each (N, latent); the maps of the four stages, the largest first"""
    ### BEGIN SOLUTION
    images = keras.Input((height, width, channels))
    skips = [layers.ReLU()(down(images, filters, use_bias=True))]
    for n in (2, 4, 8):
        skips.append(norm(down(skips[-1], n * filters), epsilon))
    x = layers.Flatten()(skips[-1])
    return keras.Model(images, [layers.Dense(latent, name="mu")(x), layers.Dense(latent, name="log_var")(x), *skips])
    ### END SOLUTION


def make_decoder(height, width, channels, latent, filters, epsilon):
    """[(N, latent), four skips, the largest first] -> (N, H, W, C)"""
    ### BEGIN SOLUTION
    z = keras.Input((latent,))
    skips = [keras.Input((height // 2 ** i, width // 2 ** i, 2 ** (i - 1) * filters)) for i in (1, 2, 3, 4)]
    maps = skips[-1].shape[1:]
    x = layers.Dense(maps[0] * maps[1] * maps[2], use_bias=False)(z)
    x = norm(layers.Reshape(maps)(x), epsilon)
    for n, skip in zip((4, 2, 1), reversed(skips)):
        x = norm(up(layers.Concatenate()([x, skip]), n * filters), epsilon)
    x = up(layers.Concatenate()([x, skips[0]]), channels, use_bias=True)
    return keras.Model([z, *skips], layers.Activation("tanh")(x))
    ### END SOLUTION


def make_discriminator(height, width, channels, filters, slope):
    """(N, H, W, C) -> logits (N, 1)"""
    ### BEGIN SOLUTION
    images = x = keras.Input((height, width, channels))
    for n in (1, 2, 4):
        x = layers.LeakyReLU(slope)(down(x, n * filters, use_bias=True))
    return keras.Model(images, layers.Dense(1)(layers.Flatten()(x)))
    ### END SOLUTION


class UNetVAEGAN(keras.Model):
    def __init__(self, height=32, width=32, channels=3, latent=128, filters=64,
                 epsilon=1e-5, slope=0.2, lambda_vae=1.0, lambda_gan=0.1, alpha=0.1, learning_rate=2e-4, beta1=0.5):
        """The networks: encoder, decoder, discriminator. The optimizers: vae_optimizer, discriminator_optimizer."""
        super().__init__()
        ### BEGIN SOLUTION
        self.lambda_vae, self.lambda_gan, self.alpha = lambda_vae, lambda_gan, alpha
        self.encoder = make_encoder(height, width, channels, latent, filters, epsilon)
        self.decoder = make_decoder(height, width, channels, latent, filters, epsilon)
        self.discriminator = make_discriminator(height, width, channels, filters, slope)
        self.cross_entropy = keras.losses.BinaryCrossentropy(from_logits=True)
        self.vae_optimizer, self.discriminator_optimizer = (
            keras.optimizers.Adam(learning_rate, beta1, 0.999, epsilon=1e-8) for _ in range(2))
        ### END SOLUTION

    def train_step(self, batch):
        """batch: images (N, H, W, C) in [-1, 1]; eps and z (N, latent), skip1 .. skip4 (N, ., ., .), all normal."""
        ### BEGIN SOLUTION
        images = batch["images"]
        with tf.GradientTape() as vae_tape:
            mu, log_var, *skips = self.encoder(images, training=True)
            disturbed = self.disturb(skips, [batch[f"skip{i}"] for i in (1, 2, 3, 4)])
            # Made once: for the discriminator now, for the encoder and the decoder below.
            fakes = self.decoder([batch["z"], *disturbed], training=True)

            with vae_tape.stop_recording():
                variables = self.discriminator.trainable_variables
                with tf.GradientTape() as tape:                 # begins after the decoder: to it, fakes is a constant
                    real, fake = self.discriminator(images, training=True), self.discriminator(fakes, training=True)
                    discriminator = (self.cross_entropy(ops.ones_like(real), real)
                                     + self.cross_entropy(ops.zeros_like(fake), fake))
                self.discriminator_optimizer.apply(tape.gradient(discriminator, variables), variables)

            reconstructions = self.decoder([mu + ops.exp(log_var / 2) * batch["eps"], *skips], training=True)
            squared_error = ops.mean(ops.sum(ops.square(reconstructions - images), axis=(1, 2, 3)))
            kl = ops.mean(-0.5 * ops.sum(1 + log_var - ops.square(mu) - ops.exp(log_var), axis=1))
            fake = self.discriminator(fakes, training=True)     # the discriminator of after its step
            generator = self.cross_entropy(ops.ones_like(fake), fake)
            vae = self.lambda_vae * (squared_error + kl) + self.lambda_gan * generator
        variables = self.encoder.trainable_variables + self.decoder.trainable_variables
        self.vae_optimizer.apply(vae_tape.gradient(vae, variables), variables)
        return {"discriminator": discriminator, "vae": vae, "squared_error": squared_error, "kl": kl,
                "generator": generator}
        ### END SOLUTION

    def disturb(self, skips, noises):
        """Skips of a real image -> skips as of an image that is nearly the same one; alpha = 0 leaves them alone."""
        return [skip * (1 + self.alpha * noise) for skip, noise in zip(skips, noises)]

    def encode(self, images):
        """(N, H, W, C) -> (N, latent), the means"""
        return self.encoder(images, training=False)[0]

    def decode(self, codes, images):
        """(N, latent), and (N, H, W, C) for the skips -> (N, H, W, C)"""
        return self.decoder([codes, *self.encoder(images, training=False)[2:]], training=False)

    def reconstruct(self, images):
        """(N, H, W, C) -> (N, H, W, C), without noise"""
        ### BEGIN SOLUTION
        mu, _, *skips = self.encoder(images, training=False)
        return self.decoder([mu, *skips], training=False)
        ### END SOLUTION

    def generate(self, z, images, skip1, skip2, skip3, skip4):
        """(N, latent), normal; real images (N, H, W, C) for the skips; noise on each skip, normal -> (N, H, W, C)"""
        ### BEGIN SOLUTION
        skips = self.disturb(self.encoder(images, training=False)[2:], [skip1, skip2, skip3, skip4])
        return self.decoder([z, *skips], training=False)
        ### END SOLUTION


if __name__ == "__main__":
    from harness.standalone import run
    run(UNetVAEGAN)
