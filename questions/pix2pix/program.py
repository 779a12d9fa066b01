"""The training step of the question in NumPy, and what the model can do; see harness/exact.

masks (N, planes, H, W) -> images (N, C, H, W) in [-1, 1]; masks and images -> logits (N, 1, ., .), one a patch
"""

import autograd.numpy as np

from harness.exact.mathematics import judgements


def train_step(q, batch):
    masks, images = batch["masks"], batch["images"]
    fakes = q.generator(masks, keep={"up1": batch["keep1"], "up2": batch["keep2"]}).out

    real, fake = q.discriminator(masks, images).out, q.discriminator(masks, q.constant(fakes)).out
    q.terms({**judgements("real", real), **judgements("fake", fake)})
    q.loss("discriminator", {"-log D(real)": 1 / 2, "-log(1 - D(fake))": 1 / 2})
    q.update("discriminator_optimizer", "discriminator")

    q.terms({**judgements("G(mask)", q.discriminator(masks, fakes).out),
             "|G - image|": np.mean(abs(fakes - images)), "(G - image)²": np.mean((fakes - images) ** 2),
             "|G - mask|": np.mean(abs(fakes - masks))})
    q.loss("adversarial", {"-log D(G(mask))": 1})
    q.loss("l1", {"|G - image|": 1})
    q.loss("generator", {"adversarial": 1, "l1": q.h["l1_weight"]})
    q.update("generator_optimizer", "generator")


def translate(q, masks):
    return q.generator(masks).out
