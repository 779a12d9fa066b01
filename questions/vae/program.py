"""The training step of the question in NumPy, and what the model can do; see harness/exact.

images (N, C, H, W) in [0, 1] -> mu, log_var (N, latent) -> z -> logits (N, C, H, W)
"""

from harness.exact.layers import sigmoid
from harness.exact.mathematics import KL, Z, an_image, bce, errors, gaussian, sample


def train_step(q, batch):
    images = batch["images"]
    code = q.encoder(images)
    mu, log_var = code["mu"], code["log_var"]
    z = q.value("z", Z, sample(mu, log_var, batch["eps"]))
    logits = q.decoder(z).out
    q.terms({"cross entropy": an_image(bce(logits, images)), **errors(sigmoid(logits), images), **gaussian(mu, log_var)})
    q.loss("bce", {"cross entropy": 1})
    q.loss("kl", KL)
    q.loss("loss", {"bce": 1, "kl": 1})
    q.update("optimizer", "loss")


def encode(q, images):
    return q.encoder(images)["mu"]


def decode(q, z):
    return sigmoid(q.decoder(z).out)


def reconstruct(q, images):
    return decode(q, encode(q, images))


def generate(q, z):
    return decode(q, z)
