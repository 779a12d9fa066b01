"""The training step of the question in NumPy, and what the model can do; see harness/exact.

images (N, C, H, W) in [-1, 1] -> mu, log_var (N, latent) -> z -> images (N, C, H, W)
"""

from harness.exact.mathematics import KL, Z, errors, gaussian, sample


def train_step(q, batch):
    images = batch["images"]
    code = q.encoder(images)
    mu, log_var = code["mu"], code["log_var"]
    z = q.value("z", Z, sample(mu, log_var, batch["eps"]))
    q.terms({**errors(q.decoder(z).out, images), **gaussian(mu, log_var)})
    q.loss("squared_error", {"squared error": 1})
    q.loss("kl", KL)
    q.loss("loss", {"squared_error": 1, "kl": 1})
    q.update("optimizer", "loss")


def encode(q, images):
    return q.encoder(images)["mu"]


def decode(q, z):
    return q.decoder(z).out


def reconstruct(q, images):
    return decode(q, encode(q, images))


def generate(q, z):
    return decode(q, z)
