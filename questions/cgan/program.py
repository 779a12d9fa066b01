"""The training step of the question in NumPy, and what the model can do; see harness/exact.

z (N, latent), labels (N) -> images (N, C, H, W) in [-1, 1]; images, labels -> logits (N, 1)
"""

import numpy as np

from harness.exact.mathematics import judgements


def train_step(q, batch):
    images, labels, z = batch["images"], batch["labels"], batch["z"]
    fakes = generate(q, z, labels)
    real, fake = discriminate(q, images, labels), discriminate(q, q.constant(fakes), labels)
    q.terms({**judgements("real", real), **judgements("fake", fake)})
    q.loss("discriminator", {"-log D(real)": 1, "-log(1 - D(fake))": 1})
    q.update("discriminator_optimizer", "discriminator")

    q.terms(judgements("G(z)", discriminate(q, fakes, labels)))         # the discriminator as it is now
    q.loss("generator", {"-log D(G(z))": 1})
    q.update("generator_optimizer", "generator")


def one_hot(q, labels):
    """(N) -> (N, classes)"""
    return np.eye(q.h["classes"])[labels]


def generate(q, z, labels):
    return q.generator(z, one_hot(q, labels)).out


def discriminate(q, images, labels):
    planes = one_hot(q, labels)[:, :, None, None] * np.ones((1, 1, *images.shape[2:]))
    return q.discriminator(images, planes).out
