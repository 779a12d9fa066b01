"""Keras's plain loops: a model whose train_step is overridden, as in the examples of keras.io.

Autoencoders: Model.train_step itself. VAEs: "Variational AutoEncoder". GANs: "DCGAN to generate face images" and
"Conditional GAN", which show real and fake images to the discriminator in one batch, and run the generator anew for its
own step. pix2pix: as TensorFlow's tutorial, with the discriminator's step first, as the question asks. WGANs: "WGAN-GP
overriding Model.train_step". VAE-GANs: the VAE's and the DCGAN's step in one. Losses are running means, as the examples
keep them.
"""

import math
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from harness.tasks import Task

from . import Batch, Losses, Net, Optimizer, Step, Tensor, by_points, kind, likelihood, optimizers
from .keras_layers import build_network, build_optimizer


def build(task: Task) -> Step:
    networks = {name: build_network(task, name) for name in task.networks}
    built = {name: build_optimizer(options) for name, options in optimizers(task).items()}
    if kind(task) == "autoencoder":
        train_step = autoencoder(task, networks, **built)
    else:
        model = MODELS[kind(task)](task, networks)
        model.compile(**built)
        train_step = tf.function(model.train_step)      # what Model.fit makes of it

    def step(batch: Batch) -> Losses:
        return train_step(batch)

    return step


def reconstruction_loss(task: Task, x: Tensor, y: Tensor) -> Tensor:
    """One for each image."""
    name = likelihood(task)
    if name == "mse":
        return ops.mean(ops.square(y - x), axis=(1, 2, 3))
    if name == "bce":
        per_pixel = ops.binary_crossentropy(x, y, from_logits=True)
    elif name == "squared_error":
        per_pixel = ops.square(y - x)
    else:
        variance = task.hyperparameters["variance"]
        per_pixel = 0.5 * (ops.square(y - x) / variance + math.log(2 * math.pi * variance))
    return ops.sum(per_pixel, axis=(1, 2, 3))


def autoencoder(task: Task, networks: dict[str, Net], optimizer: Optimizer) -> Step:
    encoder, decoder = networks["encoder"], networks["decoder"]
    model = keras.Model(encoder.input, decoder(encoder.output))

    def loss(x: Tensor, y: Tensor) -> Tensor:
        return reconstruction_loss(task, x, y)

    model.compile(optimizer, loss=loss)
    train_step = tf.function(model.train_step)
    return lambda batch: {likelihood(task): train_step((batch["images"], batch["images"]))["loss"]}


class Plain(keras.Model):
    def __init__(self, task: Task, networks: dict[str, Net]) -> None:
        super().__init__()
        self.task, self.seed_generator = task, keras.random.SeedGenerator(1337)
        self.trackers = {name: keras.metrics.Mean(name=name) for name in task.losses}
        for name, network in networks.items():
            setattr(self, name, network)

    def compile(self, **optimizers: Any) -> None:
        super().compile()
        for name, optimizer in optimizers.items():
            setattr(self, name, optimizer)

    @property
    def metrics(self) -> list[Any]:
        return list(self.trackers.values())

    def update_metrics(self, **losses: Any) -> Losses:
        for name, tracker in self.trackers.items():
            tracker.update_state(losses[name])
        return {name: tracker.result() for name, tracker in self.trackers.items()}

    def normal(self, *shape: int) -> Tensor:
        return keras.random.normal(shape, seed=self.seed_generator)

    def update(self, optimizer: Optimizer, tape: Any, loss: Tensor, weights: Any) -> None:
        optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights))

    def update_discriminator(self, combined_images: Tensor, batch_size: int) -> Tensor:
        """One step on fake and real images in one batch, the fakes first."""
        labels = ops.concatenate([ops.zeros((batch_size, 1)), ops.ones((batch_size, 1))], axis=0)
        with tf.GradientTape() as tape:
            d_loss = cross_entropy(labels, self.discriminator(combined_images, training=True))
        self.update(self.discriminator_optimizer, tape, d_loss, self.discriminator.trainable_weights)
        return d_loss


def cross_entropy(labels: Tensor, logits: Tensor) -> Tensor:
    return keras.losses.BinaryCrossentropy(from_logits=True)(labels, logits)


class VAE(Plain):
    def sample(self, z_mean: Tensor, z_log_var: Tensor) -> Tensor:
        return z_mean + ops.exp(0.5 * z_log_var) * self.normal(*ops.shape(z_mean))

    def losses_of(self, images: Tensor, reconstruction: Tensor, z_mean: Tensor, z_log_var: Tensor) -> tuple[Tensor, Tensor]:
        kl_loss = -0.5 * (1 + z_log_var - ops.square(z_mean) - ops.exp(z_log_var))
        return ops.mean(reconstruction_loss(self.task, images, reconstruction)), ops.mean(ops.sum(kl_loss, axis=1))

    def train_step(self, batch: Batch) -> Losses:
        images = batch["images"]
        with tf.GradientTape() as tape:
            z_mean, z_log_var = self.encoder(images, training=True)
            z = self.sample(z_mean, z_log_var)
            reconstruction = self.decode_points(z) if by_points(self.task) else self.decoder(z, training=True)
            reconstruction_loss, kl_loss = self.losses_of(images, reconstruction, z_mean, z_log_var)
            total_loss = reconstruction_loss + kl_loss
        self.update(self.optimizer, tape, total_loss, self.trainable_weights)
        return self.update_metrics(loss=total_loss, kl=kl_loss, **{likelihood(self.task): reconstruction_loss})

    def decode_points(self, z: Tensor) -> Tensor:
        """Codes to images by a decoder of one point: every point of every image is a row."""
        channels, height, width = self.task.image_shape
        grid = np.meshgrid(np.linspace(-1, 1, height), np.linspace(-1, 1, width), indexing="ij")
        points = ops.convert_to_tensor(np.stack(grid, axis=-1).reshape(-1, 2), z.dtype)
        rows = ops.concatenate([ops.tile(points, [len(z), 1]), ops.repeat(z, len(points), axis=0)], axis=1)
        return ops.reshape(self.decoder(rows, training=True), (-1, height, width, channels))


class GAN(Plain):
    def train_step(self, batch: Batch) -> Losses:
        images, h = batch["images"], self.task.hyperparameters
        batch_size = len(images)
        if "labels" in batch:
            one_hot = ops.one_hot(batch["labels"], h["classes"], dtype=images.dtype)
            planes = ops.tile(one_hot[:, None, None, :], [1, *images.shape[1:3], 1])

        def random_inputs() -> Tensor:
            noise = self.normal(batch_size, h["latent"])
            return [noise, one_hot] if "labels" in batch else noise

        combined_images = ops.concatenate([self.generator(random_inputs(), training=True), images], axis=0)
        if "labels" in batch:
            combined_images = [combined_images, ops.concatenate([planes, planes], axis=0)]
        d_loss = self.update_discriminator(combined_images, batch_size)

        with tf.GradientTape() as tape:
            fakes = self.generator(random_inputs(), training=True)
            predictions = self.discriminator([fakes, planes] if "labels" in batch else fakes, training=True)
            g_loss = cross_entropy(ops.ones((batch_size, 1)), predictions)
        self.update(self.generator_optimizer, tape, g_loss, self.generator.trainable_weights)
        return self.update_metrics(discriminator=d_loss, generator=g_loss)


class Pix2Pix(Plain):
    def train_step(self, batch: Batch) -> Losses:
        masks, images = batch["masks"], batch["images"]
        with tf.GradientTape() as gen_tape:
            fakes = self.generator(masks, training=True)
            with tf.GradientTape() as disc_tape:
                disc_real = self.discriminator([masks, images], training=True)
                disc_fake = self.discriminator([masks, fakes], training=True)
                real_loss = cross_entropy(ops.ones_like(disc_real), disc_real)
                fake_loss = cross_entropy(ops.zeros_like(disc_fake), disc_fake)
                disc_loss = (real_loss + fake_loss) * 0.5
            self.update(self.discriminator_optimizer, disc_tape, disc_loss, self.discriminator.trainable_weights)
            disc_fake = self.discriminator([masks, fakes], training=True)
            adversarial = cross_entropy(ops.ones_like(disc_fake), disc_fake)
            l1 = ops.mean(ops.abs(images - fakes))
            gen_loss = adversarial + self.task.hyperparameters["l1_weight"] * l1
        self.update(self.generator_optimizer, gen_tape, gen_loss, self.generator.trainable_weights)
        return self.update_metrics(discriminator=disc_loss, generator=gen_loss, adversarial=adversarial, l1=l1)


class VAEGAN(VAE):
    def train_step(self, batch: Batch) -> Losses:
        images, h = batch["images"], self.task.hyperparameters
        batch_size = len(images)
        _, _, *skips = self.encoder(images, training=True)
        combined_images = ops.concatenate([self.generate(skips, batch_size), images], axis=0)
        d_loss = self.update_discriminator(combined_images, batch_size)

        with tf.GradientTape() as tape:
            z_mean, z_log_var, *skips = self.encoder(images, training=True)
            reconstruction = self.decode(skips, self.sample(z_mean, z_log_var))
            squared_error, kl_loss = self.losses_of(images, reconstruction, z_mean, z_log_var)
            predictions = self.discriminator(self.generate(skips, batch_size), training=True)
            g_loss = cross_entropy(ops.ones((batch_size, 1)), predictions)
            vae_loss = h["lambda_vae"] * (squared_error + kl_loss) + h["lambda_gan"] * g_loss
        weights = self.encoder.trainable_weights + self.decoder.trainable_weights
        self.update(self.vae_optimizer, tape, vae_loss, weights)
        return self.update_metrics(discriminator=d_loss, vae=vae_loss, squared_error=squared_error, kl=kl_loss,
                                   generator=g_loss)

    def decode(self, skips: list[Tensor], z: Tensor) -> Tensor:
        return self.decoder([*skips, z] if skips else z, training=True)

    def generate(self, skips: list[Tensor], batch_size: int) -> Tensor:
        h = self.task.hyperparameters
        noisy = [skip * (1 + h["alpha"] * self.normal(*skip.shape)) for skip in skips]
        return self.decode(noisy, self.normal(batch_size, h["latent"]))


class WGAN(Plain):
    """With clipping or with the gradient penalty, whichever the task has."""

    def gradient_penalty(self, images: Tensor, fakes: Tensor) -> Tensor:
        alpha = keras.random.uniform((len(images), 1, 1, 1), seed=self.seed_generator)
        interpolated = images + alpha * (fakes - images)
        with tf.GradientTape() as gp_tape:
            gp_tape.watch(interpolated)
            pred = self.critic(interpolated, training=True)
        grads = gp_tape.gradient(pred, interpolated)
        norm = ops.sqrt(ops.sum(ops.square(grads), axis=[1, 2, 3]))
        return ops.mean((norm - 1.0) ** 2)

    def train_step(self, batch: Batch) -> Losses:
        h, losses = self.task.hyperparameters, {}
        for images in tf.unstack(batch["images"]):
            with tf.GradientTape() as tape:
                fakes = self.generator(self.normal(len(images), h["latent"]), training=True)
                fake_logits = self.critic(fakes, training=True)
                real_logits = self.critic(images, training=True)
                losses["wasserstein"] = ops.mean(real_logits) - ops.mean(fake_logits)
                losses["critic"] = -losses["wasserstein"]
                if "clip" not in h:
                    losses["penalty"] = self.gradient_penalty(images, fakes)
                    losses["critic"] += losses["penalty"] * h["lambda_penalty"]
            self.update(self.critic_optimizer, tape, losses["critic"], self.critic.trainable_weights)
            if "clip" in h:
                for weight in self.critic.trainable_weights:
                    weight.assign(ops.clip(weight, -h["clip"], h["clip"]))

        with tf.GradientTape() as tape:
            fakes = self.generator(self.normal(len(images), h["latent"]), training=True)
            losses["generator"] = -ops.mean(self.critic(fakes, training=True))
        self.update(self.generator_optimizer, tape, losses["generator"], self.generator.trainable_weights)
        return self.update_metrics(**losses)


MODELS = {"vae": VAE, "gan": GAN, "pix2pix": Pix2Pix, "vae_gan": VAEGAN, "wgan": WGAN, "wgan_gp": WGAN}
