"""The training step of the question in NumPy, and what the model can do; see harness/exact.

z (N, latent) -> images (N, C, H, W) in [-1, 1] -> scores (N,)
"""

import autograd.numpy as np

from harness.exact.mathematics import gradients_of, norm_of, scores


def train_step(q, batch):
    for step in range(q.h["critic_steps"]):
        train_critic(q, batch["images"][step], batch["z"][step], batch["alpha"][step])
    train_generator(q, batch["z_generator"])


def train_critic(q, images, z, alpha):
    fakes = q.constant(q.generator(z).out)
    real, fake = score(q, images), score(q, fakes)
    mixed = q.value("mixed images", {"alpha real": 1, "(1 - alpha) fake": 1}, {
        "alpha real": alpha * images, "(1 - alpha) fake": (1 - alpha) * fakes,
        "real": images, "fake": fakes, "alpha fake": alpha * fakes, "(1 - alpha) real": (1 - alpha) * images,
        "alpha of the first image, real": alpha[:1] * images,
        "(1 - alpha of the first image) fake": (1 - alpha[:1]) * fakes})
    gradients = gradients_of(lambda x: score(q, x), mixed)
    norms = norm_of(gradients, (1, 2, 3))
    q.terms({
        **scores("real", real), **scores("fake", fake), "(norm - 1)²": np.mean((norms - 1) ** 2), "norm²": np.mean(norms**2),
        "norm": np.mean(norms), "1": 1.0, "max(0, norm - 1)²": np.mean(np.maximum(norms - 1, 0) ** 2),
        "(norm² - 1)²": np.mean((norms**2 - 1) ** 2),
        "(norm over the channels alone - 1)²": np.mean((norm_of(gradients, (1,)) - 1) ** 2),
        "(norm over the pixels alone - 1)²": np.mean((norm_of(gradients, (2, 3)) - 1) ** 2),
        "(norm over the rows alone - 1)²": np.mean((norm_of(gradients, (2,)) - 1) ** 2),
        "(norm over the columns alone - 1)²": np.mean((norm_of(gradients, (3,)) - 1) ** 2),
        **{f"(norm with {bound:g} added under the root - 1)²": np.mean((np.sqrt(np.sum(gradients**2, (1, 2, 3)) + bound) - 1) ** 2)
           for bound in (1e-6, 1e-7, 1e-8, 1e-12)},
        "(norm of the whole batch - 1)²": (np.sqrt(np.sum(gradients**2)) - 1) ** 2,
        "(root of the mean of squares - 1)²": np.mean((norms / np.sqrt(gradients[0].size) - 1) ** 2),
        "(norm of the gradient of the mean score - 1)²": np.mean((norms / len(norms) - 1) ** 2),
        "(mean norm - 1)²": (np.mean(norms) - 1) ** 2,
        "(sum of absolute values - 1)²": np.mean((np.sum(abs(gradients), (1, 2, 3)) - 1) ** 2)})
    q.loss("wasserstein", {"C(real)": 1, "C(fake)": -1})
    q.loss("penalty", {"(norm - 1)²": 1})
    q.loss("critic", {"wasserstein": -1, "penalty": q.h["lambda_penalty"]})
    q.update("critic_optimizer", "critic")


def train_generator(q, z):
    q.terms(scores("G(z)", score(q, q.generator(z).out)))
    q.loss("generator", {"C(G(z))": -1})
    q.update("generator_optimizer", "generator")


def generate(q, z):
    return q.generator(z).out


def score(q, images):
    return q.critic(images).out[:, 0]
