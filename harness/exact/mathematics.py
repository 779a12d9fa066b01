"""What programs compute losses with: small, and differentiable. Terms come by the names that formulas show them by."""

from collections.abc import Callable

import autograd.numpy as np
from autograd import grad

from harness.exact.gradients import Array
from harness.exact.layers import sigmoid


def an_image(x: Array) -> Array:
    """The sum over everything, divided by the number of images: a sum an image, and the mean of these."""
    return np.sum(x) / len(x)


def bce(logits: Array, targets: Array) -> Array:
    """Binary cross entropy from logits, place by place: -t log sigma(x) - (1 - t) log(1 - sigma(x))."""
    return np.logaddexp(0.0, logits) - targets * logits


def sample(mu: Array, log_var: Array, eps: Array) -> dict[str, Array]:
    """Terms of z, place by place; z = mu + exp(log_var / 2) eps (Kingma & Welling 2013, section 2.4)."""
    return {"mu": mu, "exp(log_var / 2) eps": np.exp(log_var / 2) * eps, "eps": eps, "log_var eps": log_var * eps,
            "exp(log_var) eps": np.exp(log_var) * eps, "exp(log_var / 4) eps": np.exp(log_var / 4) * eps,
            "exp(mu / 2) eps": np.exp(mu / 2) * eps,
            "exp(log_var / 2)": np.exp(log_var / 2), "log_var": log_var, "mu eps": mu * eps,
            "exp(log_var / 2) eps of the first image": np.exp(log_var / 2) * eps[:1]}


Z = {"mu": 1.0, "exp(log_var / 2) eps": 1.0}


def gaussian(mu: Array, log_var: Array) -> dict[str, Array]:
    """Terms of the KL divergence of N(mu, exp(log_var)) from N(0, 1), a sum over an image's latent variables."""
    return {"1": an_image(np.ones_like(mu)), "mu": an_image(mu), "mu²": an_image(mu**2), "|mu|": an_image(abs(mu)),
            "log_var": an_image(log_var), "exp(log_var)": an_image(np.exp(log_var)), "exp(log_var / 2)": an_image(np.exp(log_var / 2)),
            "exp(2 log_var)": an_image(np.exp(2 * log_var)), "log_var²": an_image(log_var**2),
            "exp(mu)": an_image(np.exp(mu))}


KL = {"mu²": 1 / 2, "exp(log_var)": 1 / 2, "log_var": -1 / 2, "1": -1 / 2}        # Kingma & Welling 2013, appendix B


def errors(made: Array, images: Array) -> dict[str, Array]:
    """Terms of how far images are from what they should be, a sum over an image's values."""
    return {"squared error": an_image((made - images) ** 2), "absolute error": an_image(abs(made - images))}


def judgements(of: str, logits: Array) -> dict[str, Array]:
    """Terms of what a discriminator says of images, the mean of all it says: D is a probability, its logit is before the sigmoid."""
    probability = sigmoid(logits)
    return {f"-log D({of})": np.mean(bce(logits, 1.0)), f"-log(1 - D({of}))": np.mean(bce(logits, 0.0)),
            f"D({of})": np.mean(probability), f"D({of})²": np.mean(probability**2),
            f"(D({of}) - 1)²": np.mean((probability - 1) ** 2),
            f"logit D({of})": np.mean(logits), f"(logit D({of}))²": np.mean(logits**2),
            f"(logit D({of}) - 1)²": np.mean((logits - 1) ** 2),
            f"-log sigma(D({of}))": np.mean(bce(probability, 1.0)), f"-log(1 - sigma(D({of})))": np.mean(bce(probability, 0.0))}


def scores(of: str, values: Array) -> dict[str, Array]:
    """Terms of what a critic says of images, the mean of all it says: C is any number."""
    return {f"C({of})": np.mean(values), f"C({of})²": np.mean(values**2), f"(C({of}) - 1)²": np.mean((values - 1) ** 2),
            f"-log sigma(C({of}))": np.mean(bce(values, 1.0)), f"-log(1 - sigma(C({of})))": np.mean(bce(values, 0.0))}


def gradients_of(function: Callable[[Array], Array], x: Array) -> Array:
    """For each image of ``x`` the gradient of its own ``function`` value, (N, ...) -> (N,): an array like ``x``."""
    return grad(lambda x: np.sum(function(x)))(x)


def norm_of(x: Array, axes: tuple[int, ...]) -> Array:
    """The Euclidean norm over some axes; 1e-6 where it would be less, since the root's slope at 0 is infinite."""
    return np.sqrt(np.maximum(np.sum(x**2, axes), 1e-12))
