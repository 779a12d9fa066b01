"""pix2pix in TensorFlow.

    masks (N, 64, 64, 3) --generator--> images (N, 64, 64, 3)
    masks and images (N, 64, 64, 3 + 3) --discriminator--> one logit a patch (N, 6, 6, 1)

Isola et al. 2016, "Image-to-Image Translation with Conditional Adversarial Networks" (arXiv 1611.07004).
"""

from functools import partial

import tensorflow as tf

PADDING = [[0, 0], [1, 1], [1, 1], [0, 0]]                  # a pixel on each side


def normal(*shape):
    """A new initializer for every weight: a shared one would give each the same numbers."""
    return tf.Variable(tf.keras.initializers.RandomNormal(stddev=0.02)(shape))


class Conv(tf.Module):
    """Kernel 4, padding 1. Weights N(0, 0.02), bias zero, or none."""

    def __init__(self, inputs, outputs, stride=2, bias=True):
        super().__init__()
        self.stride = stride
        self.weight = normal(4, 4, inputs, outputs)
        self.bias = tf.Variable(tf.zeros(outputs, self.weight.dtype)) if bias else 0

    def __call__(self, x, training):
        ### BEGIN SOLUTION
        # PADDING as conv2d's own argument does the same; on a CPU the gradients then take twice as long.
        return tf.nn.conv2d(tf.pad(x, PADDING), self.weight, self.stride, "VALID") + self.bias
        ### END SOLUTION


class ConvTranspose(tf.Module):
    """Kernel 4, stride 2, padding 1: doubles height and width. For these numbers "SAME" is a pixel on each side."""

    def __init__(self, inputs, outputs, bias=True):
        super().__init__()
        self.weight = normal(4, 4, outputs, inputs)
        self.bias = tf.Variable(tf.zeros(outputs, self.weight.dtype)) if bias else 0

    def __call__(self, x, training):
        ### BEGIN SOLUTION
        number, height, width, _ = tf.unstack(tf.shape(x))
        shape = (number, 2 * height, 2 * width, self.weight.shape[2])
        return tf.nn.conv2d_transpose(x, self.weight, shape, 2, "SAME") + self.bias
        ### END SOLUTION


class BatchNorm(tf.Module):
    def __init__(self, channels, epsilon):
        super().__init__()
        self.epsilon = epsilon
        zeros = tf.zeros(channels, tf.keras.config.floatx())
        self.gamma, self.beta = tf.Variable(zeros + 1), tf.Variable(zeros)
        self.mean, self.variance = (tf.Variable(start, trainable=False) for start in (zeros, zeros + 1))

    def __call__(self, x, training):
        if not training:
            return tf.nn.batch_normalization(x, self.mean, self.variance, self.beta, self.gamma, self.epsilon)
        mean, variance = tf.nn.moments(x, [0, 1, 2])
        count = tf.cast(tf.size(x) / tf.shape(x)[-1], x.dtype)      # the running average is of the unbiased variance
        self.mean.assign(0.9 * self.mean + 0.1 * mean)
        self.variance.assign(0.9 * self.variance + 0.1 * variance * count / (count - 1))
        return tf.nn.batch_normalization(x, mean, variance, self.beta, self.gamma, self.epsilon)


class Sequential(tf.Module):
    """Layers and plain functions, one after the other."""

    def __init__(self, *layers):
        super().__init__()
        self.layers = layers

    def __call__(self, x, training):
        for layer in self.layers:
            x = layer(x, training) if isinstance(layer, tf.Module) else layer(x)
        return x


class UNet(tf.Module):
    """The way down, halving six times; the way up, which at each size is also given what the way down had there."""

    def __init__(self, planes, channels, features, slope, dropout, epsilon):
        super().__init__()
        ### BEGIN SOLUTION
        leaky_relu = partial(tf.nn.leaky_relu, alpha=slope)
        widths = [features * n for n in (1, 2, 4, 8, 8, 8)]
        self.dropout = dropout
        self.down = [Sequential(Conv(planes, widths[0]))]
        for inputs, outputs in zip(widths[:4], widths[1:5]):
            self.down.append(Sequential(leaky_relu, Conv(inputs, outputs, bias=False), BatchNorm(outputs, epsilon)))
        self.down.append(Sequential(leaky_relu, Conv(widths[4], widths[5])))
        self.up = []
        for below, inputs, outputs in zip((0, *widths[4:0:-1]), widths[:0:-1], widths[4::-1]):
            self.up.append(Sequential(
                tf.nn.relu, ConvTranspose(inputs + below, outputs, bias=False), BatchNorm(outputs, epsilon)))
        self.up.append(Sequential(tf.nn.relu, ConvTranspose(2 * widths[0], channels), tf.tanh))
        ### END SOLUTION

    def __call__(self, x, keep=(), training=False):
        """``keep``: what dropout leaves (1) and drops (0) in the first stages up; in evaluation there is none."""
        ### BEGIN SOLUTION
        across = []
        for stage in self.down:
            x = stage(x, training)
            across.append(x)
        across.pop()                                        # the innermost goes up, not across
        for i, stage in enumerate(self.up):
            x = stage(x, training)
            if i < len(keep):
                x = x * keep[i] / (1 - self.dropout)
            if across:
                x = tf.concat([x, across.pop()], axis=-1)
        return x
        ### END SOLUTION


class PatchGAN(Sequential):
    """Masks and images -> a map of logits, one a patch."""

    def __init__(self, inputs, features, slope, epsilon):
        ### BEGIN SOLUTION
        leaky_relu = partial(tf.nn.leaky_relu, alpha=slope)
        layers = [Conv(inputs, features), leaky_relu]
        for n, stride in ((1, 2), (2, 2), (4, 1)):
            layers += [Conv(n * features, 2 * n * features, stride, bias=False), BatchNorm(2 * n * features, epsilon),
                       leaky_relu]
        super().__init__(*layers, Conv(8 * features, 1, stride=1))
        ### END SOLUTION

    def __call__(self, masks, images, training=False):
        ### BEGIN SOLUTION
        return super().__call__(tf.concat([masks, images], axis=-1), training)
        ### END SOLUTION


def bce(logits, target):
    """Binary cross-entropy against 1 (real) or 0 (fake), a mean over images and patches."""
    ### BEGIN SOLUTION
    return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(target * tf.ones_like(logits), logits))
    ### END SOLUTION


class Pix2Pix(tf.Module):
    def __init__(self, height=64, width=64, channels=3, planes=3, features=64,
                 slope=0.2, dropout=0.5, epsilon=1e-5, l1_weight=100.0, learning_rate=2e-4, beta1=0.5):
        """The networks: generator, discriminator. The optimizers: discriminator_optimizer, generator_optimizer."""
        super().__init__()
        ### BEGIN SOLUTION
        self.l1_weight = l1_weight
        self.generator = UNet(planes, channels, features, slope, dropout, epsilon)
        self.discriminator = PatchGAN(planes + channels, features, slope, epsilon)
        self.discriminator_optimizer, self.generator_optimizer = (
            tf.keras.optimizers.Adam(learning_rate, beta1, 0.999, epsilon=1e-8) for _ in range(2))
        ### END SOLUTION

    @tf.function
    def train_step(self, batch):
        """batch: masks (N, H, W, 3) of 0 and 1, images (N, H, W, C) in [-1, 1]; keep1, keep2: dropout, 1 where kept."""
        ### BEGIN SOLUTION
        masks, images = batch["masks"], batch["images"]
        variables = self.generator.trainable_variables
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(variables)                           # and not the discriminator's
            fakes = self.generator(masks, [batch["keep1"], batch["keep2"]], training=True)
            with tape.stop_recording():
                discriminator_loss = self.train_discriminator(masks, images, fakes)
            adversarial = bce(self.discriminator(masks, fakes, training=True), 1.0)
            l1 = tf.reduce_mean(tf.abs(fakes - images))
            generator_loss = adversarial + self.l1_weight * l1
        self.generator_optimizer.apply_gradients(zip(tape.gradient(generator_loss, variables), variables))
        return {"discriminator": discriminator_loss, "generator": generator_loss, "adversarial": adversarial, "l1": l1}
        ### END SOLUTION

    def train_discriminator(self, masks, images, fakes):
        """One step of the discriminator alone; its loss before the step."""
        ### BEGIN SOLUTION
        variables = self.discriminator.trainable_variables
        with tf.GradientTape() as tape:
            real_loss = bce(self.discriminator(masks, images, training=True), 1.0)
            fake_loss = bce(self.discriminator(masks, fakes, training=True), 0.0)
            loss = (real_loss + fake_loss) / 2
        self.discriminator_optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
        return loss
        ### END SOLUTION

    def translate(self, masks):
        """(N, H, W, 3) -> (N, H, W, C), without dropout."""
        return self.generator(masks)


if __name__ == "__main__":
    from harness.standalone import run
    run(Pix2Pix)
