"""The training step of the question in NumPy, and what the model can do; see harness/exact.

z (N, latent) -> images (N, C, H, W) in [-1, 1] -> scores (N,)
"""

from harness.exact.mathematics import scores


def train_step(q, batch):
    for step in range(q.h["critic_steps"]):
        train_critic(q, batch["images"][step], batch["z"][step])
    train_generator(q, batch["z_generator"])


def train_critic(q, images, z):
    fakes = q.constant(q.generator(z).out)
    real, fake = score(q, images), score(q, fakes)
    q.terms({**scores("real", real), **scores("fake", fake)})
    q.loss("critic", {"C(fake)": 1, "C(real)": -1})
    q.loss("wasserstein", {"critic": -1})
    q.update("critic_optimizer", "critic")
    q.clip("critic", q.h["clip"])


def train_generator(q, z):
    q.terms(scores("G(z)", score(q, q.generator(z).out)))
    q.loss("generator", {"C(G(z))": -1})
    q.update("generator_optimizer", "generator")


def generate(q, z):
    return q.generator(z).out


def score(q, images):
    return q.critic(images).out[:, 0]
