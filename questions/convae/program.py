"""The training step of the question in NumPy, and what the model can do; see harness/exact.

images (N, C, H, W) in [-1, 1] -> codes (N, latent, H/4, W/4) -> images (N, C, H, W)
"""

from harness.exact.mathematics import errors


def train_step(q, batch):
    images = batch["images"]
    made = reconstruct(q, images)
    q.terms(errors(made, images))
    q.loss("mse", {"squared error": 1 / images[0].size})
    q.update("optimizer", "mse")


def encode(q, images):
    return q.encoder(images).out


def decode(q, codes):
    return q.decoder(codes).out


def reconstruct(q, images):
    return decode(q, encode(q, images))
