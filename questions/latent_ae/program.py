"""The training step of the question in NumPy, and what the model can do; see harness/exact.

images (N, C, H, W) in [0, 1] -> codes (N, latent) -> logits (N, C, H, W)
"""

from harness.exact.layers import sigmoid
from harness.exact.mathematics import an_image, bce, errors


def train_step(q, batch):
    images = batch["images"]
    logits = q.decoder(encode(q, images)).out
    q.terms({"cross entropy": an_image(bce(logits, images)), **errors(sigmoid(logits), images)})
    q.loss("bce", {"cross entropy": 1})
    q.update("optimizer", "bce")


def encode(q, images):
    return q.encoder(images).out


def decode(q, codes):
    return sigmoid(q.decoder(codes).out)


def reconstruct(q, images):
    return decode(q, encode(q, images))
