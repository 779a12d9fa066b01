"""Activations that one may take, and functions that one may put between layers."""

import math
from collections.abc import Callable

import autograd.numpy as np
import numpy
from autograd.extend import defvjp, primitive

from harness.exact.gradients import Array
from harness.exact.layers import relu, sigmoid

Function = Callable[[Array], Array]


@primitive
def _normal(x: Array) -> Array:
    """The distribution function of N(0, 1)."""
    return numpy.vectorize(lambda v: (1 + math.erf(v / math.sqrt(2))) / 2)(x)


defvjp(_normal, lambda answer, x: lambda g: g * np.exp(-x**2 / 2) / np.sqrt(2 * np.pi))


ACTIVATIONS: dict[str, Function] = {
    "ReLU": relu, "tanh": np.tanh, "sigmoid": sigmoid,
    "ELU": lambda x: np.where(x > 0, x, np.exp(np.minimum(x, 0)) - 1),
    "softplus": lambda x: np.logaddexp(0.0, x), "SiLU": lambda x: x * sigmoid(x),
    "GELU": lambda x: x * _normal(x),
    "GELU (tanh)": lambda x: x * (1 + np.tanh(0.7978845608028654 * (x + 0.044715 * x**3))) / 2,
    "SELU": lambda x: 1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * (np.exp(np.minimum(x, 0)) - 1)),
    "softmax": lambda x: np.exp(x) / np.sum(np.exp(x), 1, keepdims=True),
    "ReLU6": lambda x: np.minimum(relu(x), 6.0), "hard sigmoid": lambda x: np.clip(x / 6 + 0.5, 0.0, 1.0),
}
# What frameworks and papers take, and whose default it is.
SLOPES = {0.01: "PyTorch's default", 0.2: "Chainer's and TensorFlow's default", 0.3: "Keras's default", 0.1: "", 0.02: "",
          0.05: "", 0.5: ""}


def leaky(slope: float) -> Function:
    """LeakyReLU with this slope."""
    return lambda x: relu(x, slope)


LEAKY = {f"LeakyReLU with slope {slope:g}": leaky(slope) for slope in SLOPES}
FUNCTIONS: dict[str, Function] = {**ACTIVATIONS, **LEAKY}
