"""TensorFlow's plain loops: tf.keras layers, and a training step in a @tf.function with a tape for each optimizer.

Autoencoders and VAEs: the CVAE tutorial, with the KL divergence in closed form. GANs: the DCGAN tutorial, but with the
discriminator's step first, and the fakes shown to it once more after that, as the questions ask; the tutorial shows them
once, for both losses. pix2pix: its tutorial, with the same change. WGANs: one function for the critic's step and one for
the generator's, as in LynnHo's DCGAN-LSGAN-WGAN-GP-DRAGAN-Tensorflow-2. VAE-GANs: the VAE's and the DCGAN's step in one.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from harness.tasks import Task

from . import Batch, Losses, Net, Optimizer, Step, Tensor, by_points, kind, likelihood, optimizers
from .keras_layers import build_network, build_optimizer


def build(task: Task) -> Step:
    networks = {name: build_network(task, name) for name in task.networks}
    built = {name: build_optimizer(options) for name, options in optimizers(task).items()}
    step = STEPS[kind(task)](task, **networks, **built)
    return step


def apply_gradients(optimizer: Optimizer, tape: Any, loss: Tensor, variables: Any) -> None:
    gradients = tape.gradient(loss, variables)
    optimizer.apply_gradients(zip(gradients, variables))


def reconstruction_loss(task: Task, y: Tensor, x: Tensor) -> Tensor:
    name = likelihood(task)
    if name == "mse":
        return tf.reduce_mean(tf.square(y - x))
    if name == "bce":
        per_pixel = tf.nn.sigmoid_cross_entropy_with_logits(labels=x, logits=y)
    elif name == "squared_error":
        per_pixel = tf.square(y - x)
    else:
        variance = task.hyperparameters["variance"]
        per_pixel = 0.5 * (tf.square(y - x) / variance + math.log(2 * math.pi * variance))
    return tf.reduce_mean(tf.reduce_sum(per_pixel, axis=[1, 2, 3]))


def reparameterize(mean: Tensor, logvar: Tensor) -> Tensor:
    eps = tf.random.normal(tf.shape(mean), dtype=mean.dtype)
    return eps * tf.exp(logvar * 0.5) + mean


def kl_divergence(mean: Tensor, logvar: Tensor) -> Tensor:
    return tf.reduce_mean(-0.5 * tf.reduce_sum(1 + logvar - tf.square(mean) - tf.exp(logvar), axis=1))


def cross_entropy(labels: Tensor, logits: Tensor) -> Tensor:
    return tf.keras.losses.BinaryCrossentropy(from_logits=True)(labels, logits)


def discriminator_loss(real_output: Tensor, fake_output: Tensor) -> Tensor:
    real_loss = cross_entropy(tf.ones_like(real_output), real_output)
    fake_loss = cross_entropy(tf.zeros_like(fake_output), fake_output)
    return real_loss + fake_loss


def generator_loss(fake_output: Tensor) -> Tensor:
    return cross_entropy(tf.ones_like(fake_output), fake_output)


def autoencoder(task: Task, encoder: Net, decoder: Net, optimizer: Optimizer) -> Step:
    variables = encoder.trainable_variables + decoder.trainable_variables

    @tf.function
    def train_step(images: Tensor) -> Losses:
        with tf.GradientTape() as tape:
            loss = reconstruction_loss(task, decoder(encoder(images, training=True), training=True), images)
        apply_gradients(optimizer, tape, loss, variables)
        return {likelihood(task): loss}

    return lambda batch: train_step(batch["images"])


def vae(task: Task, encoder: Net, decoder: Net, optimizer: Optimizer) -> Step:
    variables = encoder.trainable_variables + decoder.trainable_variables

    @tf.function
    def train_step(images: Tensor) -> Losses:
        with tf.GradientTape() as tape:
            mean, logvar = encoder(images, training=True)
            z = reparameterize(mean, logvar)
            decoded = decode_points(task, decoder, z) if by_points(task) else decoder(z, training=True)
            reconstruction = reconstruction_loss(task, decoded, images)
            kl = kl_divergence(mean, logvar)
            loss = reconstruction + kl
        apply_gradients(optimizer, tape, loss, variables)
        return {"loss": loss, likelihood(task): reconstruction, "kl": kl}

    return lambda batch: train_step(batch["images"])


def decode_points(task: Task, decoder: Net, z: Tensor) -> Tensor:
    """Codes to images by a decoder of one point: every point of every image is a row."""
    channels, height, width = task.image_shape
    grid = np.meshgrid(np.linspace(-1, 1, height), np.linspace(-1, 1, width), indexing="ij")
    points = tf.constant(np.stack(grid, axis=-1).reshape(-1, 2), z.dtype)
    rows = tf.concat([tf.tile(points, [len(z), 1]), tf.repeat(z, len(points), axis=0)], axis=1)
    return tf.reshape(decoder(rows, training=True), [-1, height, width, channels])


def gan(task: Task, generator: Net, discriminator: Net, generator_optimizer: Optimizer, discriminator_optimizer: Optimizer) -> Step:
    classes = task.hyperparameters.get("classes")
    _, height, width = task.image_shape

    @tf.function
    def train_step(images: Tensor, labels: Tensor = None) -> Losses:
        def generate(noise: Tensor) -> Tensor:
            return generator(noise if labels is None else [noise, one_hot], training=True)

        def discriminate(x: Tensor) -> Tensor:
            return discriminator(x if labels is None else [x, planes], training=True)

        if labels is not None:
            one_hot = tf.one_hot(labels, classes, dtype=images.dtype)
            planes = tf.tile(one_hot[:, tf.newaxis, tf.newaxis, :], [1, height, width, 1])
        noise = tf.random.normal([len(images), task.hyperparameters["latent"]], dtype=images.dtype)

        with tf.GradientTape() as gen_tape:
            generated_images = generate(noise)
            with tf.GradientTape() as disc_tape:
                disc_loss = discriminator_loss(discriminate(images), discriminate(generated_images))
            apply_gradients(discriminator_optimizer, disc_tape, disc_loss, discriminator.trainable_variables)
            gen_loss = generator_loss(discriminate(generated_images))
        apply_gradients(generator_optimizer, gen_tape, gen_loss, generator.trainable_variables)
        return {"discriminator": disc_loss, "generator": gen_loss}

    if "labels" in task.batch:
        return lambda batch: train_step(batch["images"], batch["labels"])
    return lambda batch: train_step(batch["images"])


def pix2pix(task: Task, generator: Net, discriminator: Net, generator_optimizer: Optimizer, discriminator_optimizer: Optimizer) -> Step:
    @tf.function
    def train_step(masks: Tensor, images: Tensor) -> Losses:
        with tf.GradientTape() as gen_tape:
            gen_output = generator(masks, training=True)
            with tf.GradientTape() as disc_tape:
                real_output = discriminator([masks, images], training=True)
                fake_output = discriminator([masks, gen_output], training=True)
                disc_loss = discriminator_loss(real_output, fake_output)
            apply_gradients(discriminator_optimizer, disc_tape, disc_loss, discriminator.trainable_variables)
            gan_loss = generator_loss(discriminator([masks, gen_output], training=True))
            l1_loss = tf.reduce_mean(tf.abs(images - gen_output))
            gen_loss = gan_loss + task.hyperparameters["l1_weight"] * l1_loss
        apply_gradients(generator_optimizer, gen_tape, gen_loss, generator.trainable_variables)
        return {"discriminator": disc_loss, "generator": gen_loss, "adversarial": gan_loss, "l1": l1_loss}

    return lambda batch: train_step(batch["masks"], batch["images"])


def vae_gan(task: Task, encoder: Net, decoder: Net, discriminator: Net, vae_optimizer: Optimizer,
            discriminator_optimizer: Optimizer) -> Step:
    h = task.hyperparameters
    variables = encoder.trainable_variables + decoder.trainable_variables

    def decode(skips: list[Tensor], z: Tensor) -> Tensor:
        return decoder([*skips, z] if skips else z, training=True)

    @tf.function
    def train_step(images: Tensor) -> Losses:
        with tf.GradientTape() as vae_tape:
            mean, logvar, *skips = encoder(images, training=True)
            decoded = decode(skips, reparameterize(mean, logvar))
            noisy = [s * (1 + h["alpha"] * tf.random.normal(tf.shape(s), dtype=s.dtype)) for s in skips]
            generated_images = decode(noisy, tf.random.normal(tf.shape(mean), dtype=mean.dtype))
            with tf.GradientTape() as disc_tape:
                real_output = discriminator(images, training=True)
                fake_output = discriminator(generated_images, training=True)
                disc_loss = discriminator_loss(real_output, fake_output)
            apply_gradients(discriminator_optimizer, disc_tape, disc_loss, discriminator.trainable_variables)
            squared_error = reconstruction_loss(task, decoded, images)
            kl = kl_divergence(mean, logvar)
            gen_loss = generator_loss(discriminator(generated_images, training=True))
            vae_loss = h["lambda_vae"] * (squared_error + kl) + h["lambda_gan"] * gen_loss
        apply_gradients(vae_optimizer, vae_tape, vae_loss, variables)
        return {"discriminator": disc_loss, "vae": vae_loss, "squared_error": squared_error, "kl": kl,
                "generator": gen_loss}

    return lambda batch: train_step(batch["images"])


def wgan(task: Task, generator: Net, critic: Net, generator_optimizer: Optimizer, critic_optimizer: Optimizer) -> Step:
    """With clipping or with the gradient penalty, whichever the task has."""
    h = task.hyperparameters
    clip, variables = h.get("clip"), critic.trainable_variables

    def noise(images: Tensor) -> Tensor:
        return tf.random.normal([len(images), h["latent"]], dtype=images.dtype)

    def gradient_penalty(images: Tensor, fakes: Tensor) -> Tensor:
        alpha = tf.random.uniform([len(images), 1, 1, 1], dtype=images.dtype)
        interpolated = images + alpha * (fakes - images)
        with tf.GradientTape() as tape:
            tape.watch(interpolated)
            scores = critic(interpolated, training=True)
        norm = tf.norm(tf.reshape(tape.gradient(scores, interpolated), [len(images), -1]), axis=1)
        return tf.reduce_mean((norm - 1) ** 2)

    @tf.function
    def train_critic(images: Tensor) -> Losses:
        with tf.GradientTape() as tape:
            fakes = generator(noise(images), training=True)
            wasserstein = tf.reduce_mean(critic(images, training=True)) - tf.reduce_mean(critic(fakes, training=True))
            loss = -wasserstein
            losses = {"wasserstein": wasserstein}
            if clip is None:
                losses["penalty"] = gradient_penalty(images, fakes)
                loss += h["lambda_penalty"] * losses["penalty"]
        apply_gradients(critic_optimizer, tape, loss, variables)
        if clip is not None:
            for variable in variables:
                variable.assign(tf.clip_by_value(variable, -clip, clip))
        return {"critic": loss, **losses}

    @tf.function
    def train_generator(images: Tensor) -> Losses:
        with tf.GradientTape() as tape:
            loss = -tf.reduce_mean(critic(generator(noise(images), training=True), training=True))
        apply_gradients(generator_optimizer, tape, loss, generator.trainable_variables)
        return {"generator": loss}

    def step(batch: Batch) -> Losses:
        for images in batch["images"]:
            losses = train_critic(images)
        return {**losses, **train_generator(images)}

    return step


STEPS: dict[str, Callable[..., Step]] = {
    "autoencoder": autoencoder, "vae": vae, "gan": gan, "pix2pix": pix2pix, "vae_gan": vae_gan, "wgan": wgan, "wgan_gp": wgan}
