"""The training step of the question in NumPy, and what the model can do; see harness/exact.

images (N, C, H, W) in [0, 1] -> mu, log_var (N, latent) -> z; a point (u, v) and z -> logits (C) there
"""

import autograd.numpy as np

from harness.exact.layers import sigmoid
from harness.exact.mathematics import KL, Z, an_image, bce, errors, gaussian, sample


def train_step(q, batch):
    images = batch["images"]
    code = q.encoder(images)
    mu, log_var = code["mu"], code["log_var"]
    z = q.value("z", Z, sample(mu, log_var, batch["eps"]))
    made = logits(q, z, *images.shape[2:])
    q.terms({"cross entropy": an_image(bce(made, images)), **errors(sigmoid(made), images), **gaussian(mu, log_var)})
    q.loss("bce", {"cross entropy": 1})
    q.loss("kl", KL)
    q.loss("loss", {"bce": 1, "kl": 1})
    q.update("optimizer", "loss")


def logits(q, z, height, width):
    """(N, latent) -> (N, C, height, width): the decoder sees each image at each point, u down the rows, v along the columns."""
    n, points = len(z), height * width
    u, v = np.meshgrid(np.linspace(-1, 1, height), np.linspace(-1, 1, width), indexing="ij")
    grid = np.stack([u.ravel(), v.ravel()], 1)
    pairs = np.concatenate([np.tile(grid, (n, 1)), np.repeat(z, points, 0)], 1)
    made = np.reshape(q.decoder(pairs).out, (n, points, -1))
    return np.reshape(np.transpose(made, (0, 2, 1)), (n, -1, height, width))


def encode(q, images):
    return q.encoder(images)["mu"]


def decode(q, z):
    return render(q, z, q.h["height"], q.h["width"])


def render(q, z, height, width):
    return sigmoid(logits(q, z, height, width))


def reconstruct(q, images):
    return decode(q, encode(q, images))


def generate(q, z):
    return decode(q, z)
