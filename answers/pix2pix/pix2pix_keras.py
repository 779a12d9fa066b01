"""pix2pix in Keras 3, on the TensorFlow backend.

    masks (N, 64, 64, 3) --generator--> images (N, 64, 64, 3)
    masks and images (N, 64, 64, 3 + 3) --discriminator--> one logit a patch (N, 6, 6, 1)

Isola et al. 2016, "Image-to-Image Translation with Conditional Adversarial Networks" (arXiv 1611.07004).
"""

import keras
import tensorflow as tf
from keras import layers, ops


def conv(x, filters, strides=2, use_bias=True):
    """Kernel 4, padding 1. Weights N(0, 0.02); Keras's biases begin at zero by themselves.

    "same" would be a pixel on each side for stride 2 alone; for stride 1 it pads (1, 2).
    """
    ### BEGIN SOLUTION
    x = layers.ZeroPadding2D(1)(x)
    return layers.Conv2D(filters, 4, strides, use_bias=use_bias, kernel_initializer=normal())(x)
    ### END SOLUTION


def conv_transpose(x, filters, use_bias=True):
    """Kernel 4, stride 2, padding 1: doubles height and width."""
    ### BEGIN SOLUTION
    return layers.Conv2DTranspose(filters, 4, 2, "same", use_bias=use_bias, kernel_initializer=normal())(x)
    ### END SOLUTION


def normal():
    return keras.initializers.RandomNormal(stddev=0.02)


def batch_norm(x, epsilon):
    """Batch norm that keeps 0.9 of the old averages."""
    ### BEGIN SOLUTION
    return layers.BatchNormalization(momentum=0.9, epsilon=epsilon)(x)
    ### END SOLUTION


class GivenDropout(layers.Layer):
    """Drops what it is told to, and scales what is left; given nothing, it drops nothing."""

    def __init__(self, rate):
        super().__init__()
        self.rate = rate

    def call(self, x, keep=None):
        return x if keep is None else x * keep / (1 - self.rate)


def unet(height, width, planes, channels, features, slope, dropout, epsilon):
    """The way down, halving six times; the way up, which at each size is also given what the way down had there.

    Its inputs are the masks, and what dropout keeps (1) and drops (0) in the first two stages up, or None.
    """
    ### BEGIN SOLUTION
    widths = [features * n for n in (1, 2, 4, 8, 8, 8)]
    masks = keras.Input((height, width, planes))
    keep = [keras.Input((height // n, width // n, 8 * features), optional=True) for n in (32, 16)]
    x = conv(masks, widths[0])
    across = [x]
    for filters in widths[1:5]:
        x = conv(layers.LeakyReLU(slope)(x), filters, use_bias=False)
        x = batch_norm(x, epsilon)
        across.append(x)
    x = conv(layers.LeakyReLU(slope)(x), widths[5])         # the innermost: no norm, and it goes up, not across
    for i, filters in enumerate(widths[4::-1]):
        x = conv_transpose(layers.ReLU()(x), filters, use_bias=False)
        x = batch_norm(x, epsilon)
        if i < len(keep):
            x = GivenDropout(dropout)(x, keep[i])
        x = layers.Concatenate()([x, across.pop()])
    x = conv_transpose(layers.ReLU()(x), channels)
    return keras.Model([masks, *keep], layers.Activation("tanh")(x))
    ### END SOLUTION


def patch_gan(height, width, planes, channels, features, slope, epsilon):
    """Masks and images -> a map of logits, one a patch."""
    ### BEGIN SOLUTION
    masks, images = keras.Input((height, width, planes)), keras.Input((height, width, channels))
    x = conv(layers.Concatenate()([masks, images]), features)
    for n, strides in ((2, 2), (4, 2), (8, 1)):
        x = conv(layers.LeakyReLU(slope)(x), n * features, strides, use_bias=False)
        x = batch_norm(x, epsilon)
    x = conv(layers.LeakyReLU(slope)(x), 1, strides=1)
    return keras.Model([masks, images], x)
    ### END SOLUTION


def bce(logits, target):
    """Binary cross-entropy against 1 (real) or 0 (fake), a mean over images and patches."""
    ### BEGIN SOLUTION
    return ops.mean(ops.binary_crossentropy(target * ops.ones_like(logits), logits, from_logits=True))
    ### END SOLUTION


class Pix2Pix(keras.Model):
    def __init__(self, height=64, width=64, channels=3, planes=3, features=64,
                 slope=0.2, dropout=0.5, epsilon=1e-5, l1_weight=100.0, learning_rate=2e-4, beta1=0.5):
        """The networks: generator, discriminator. The optimizers: discriminator_optimizer, generator_optimizer."""
        super().__init__()
        ### BEGIN SOLUTION
        self.l1_weight = l1_weight
        self.generator = unet(height, width, planes, channels, features, slope, dropout, epsilon)
        self.discriminator = patch_gan(height, width, planes, channels, features, slope, epsilon)
        self.discriminator_optimizer, self.generator_optimizer = (
            keras.optimizers.Adam(learning_rate, beta1, 0.999, epsilon=1e-8) for _ in range(2))
        ### END SOLUTION

    def train_step(self, batch):
        """batch: masks (N, H, W, 3) of 0 and 1, images (N, H, W, C) in [-1, 1]; keep1, keep2: dropout, 1 where kept."""
        ### BEGIN SOLUTION
        masks, images = batch["masks"], batch["images"]
        variables = self.generator.trainable_variables
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch([variable.value for variable in variables])      # and not the discriminator's
            fakes = self.generator([masks, batch["keep1"], batch["keep2"]], training=True)
            with tape.stop_recording():
                discriminator_loss = self.train_discriminator(masks, images, fakes)
            adversarial = bce(self.discriminator([masks, fakes], training=True), 1.0)
            l1 = ops.mean(ops.abs(fakes - images))
            generator_loss = adversarial + self.l1_weight * l1
        self.generator_optimizer.apply(tape.gradient(generator_loss, variables), variables)
        return {"discriminator": discriminator_loss, "generator": generator_loss, "adversarial": adversarial, "l1": l1}
        ### END SOLUTION

    def train_discriminator(self, masks, images, fakes):
        """One step of the discriminator alone; its loss before the step."""
        ### BEGIN SOLUTION
        variables = self.discriminator.trainable_variables
        with tf.GradientTape() as tape:
            real_loss = bce(self.discriminator([masks, images], training=True), 1.0)
            fake_loss = bce(self.discriminator([masks, fakes], training=True), 0.0)
            loss = (real_loss + fake_loss) / 2
        self.discriminator_optimizer.apply(tape.gradient(loss, variables), variables)
        return loss
        ### END SOLUTION

    def translate(self, masks):
        """(N, H, W, 3) -> (N, H, W, C), without dropout."""
        return self.generator([masks, None, None], training=False)


if __name__ == "__main__":
    from harness.standalone import run
    run(Pix2Pix)
