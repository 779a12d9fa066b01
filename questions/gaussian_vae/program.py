"""The training step of the question in NumPy, and what the model can do; see harness/exact.

images (N, C, H, W) in [0, 1] -> mu, log_var (N, latent) -> z -> means of the pixels (N, C, H, W)
"""

import math

from harness.exact.mathematics import KL, Z, errors, gaussian, sample


def train_step(q, batch):
    images = batch["images"]
    code = q.encoder(images)
    mu, log_var = code["mu"], code["log_var"]
    z = q.value("z", Z, sample(mu, log_var, batch["eps"]))
    q.terms({"log(2 pi s²)": images[0].size * math.log(2 * math.pi * q.h["variance"]),
             **errors(q.decoder(z).out, images), **gaussian(mu, log_var)})
    q.loss("reconstruction", {"squared error": 1 / (2 * q.h["variance"]), "log(2 pi s²)": 1 / 2})
    q.loss("kl", KL)
    q.loss("loss", {"reconstruction": 1, "kl": 1})
    q.update("optimizer", "loss")


def encode(q, images):
    return q.encoder(images)["mu"]


def decode(q, z):
    return q.decoder(z).out


def reconstruct(q, images):
    return decode(q, encode(q, images))


def generate(q, z):
    return decode(q, z)
