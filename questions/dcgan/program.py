"""The training step of the question in NumPy, and what the model can do; see harness/exact.

z (N, latent) -> images (N, C, H, W) in [-1, 1] -> logits (N, 1)
"""

from harness.exact.mathematics import judgements


def train_step(q, batch):
    images, z = batch["images"], batch["z"]
    fakes = q.generator(z).out
    real, fake = discriminate(q, images), discriminate(q, q.constant(fakes))
    q.terms({**judgements("real", real), **judgements("fake", fake)})
    q.loss("discriminator", {"-log D(real)": 1, "-log(1 - D(fake))": 1})
    q.update("discriminator_optimizer", "discriminator")

    q.terms(judgements("G(z)", discriminate(q, fakes)))         # the discriminator as it is now
    q.loss("generator", {"-log D(G(z))": 1})
    q.update("generator_optimizer", "generator")


def generate(q, z):
    return q.generator(z).out


def discriminate(q, images):
    return q.discriminator(images).out
