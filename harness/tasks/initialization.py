"""Initial weights as an answer draws them: are they distributed as the question asks?

A test of moments. With n values of variance v and fourth moment k v^2, their mean square has the standard deviation
v sqrt((k - 1) / n); SIGMAS of these either way are allowed, so that a right answer is called wrong once in a billion.
"""

from typing import Any

import numpy as np

from harness.tasks import Task
from harness.tasks.parameters import fans

SIGMAS = 6
ENOUGH = 64             # values; fewer say too little
KURTOSIS = {"uniform": 1.8, "normal": 3.0}


def complaints(task: Task, arrays: dict[str, np.ndarray]) -> list[str]:
    """A line for each parameter in canonical layout that is not as task.toml's initializers say."""
    layers = {f"{n}.{layer.name}": layer for n, network in task.networks.items() for layer in network.layers}
    lines = []
    for name, array in arrays.items():
        layer, _, role = name.rpartition(".")
        if role in ("bias", "beta", "mean", "gamma", "variance"):
            value = 1 if role in ("gamma", "variance") else 0
            if np.any(array != value):
                lines.append(f"{name} starts at {array.ravel()[np.argmax(abs(array - value))]:.3g}; it should start at {value}")
        else:
            lines += _weight(name, array, layers[layer].kind, task.initializers)
    return lines


def _weight(name: str, array: np.ndarray, kind: str, initializers: dict[str, Any]) -> list[str]:
    if array.size < ENOUGH:
        return []
    fan_in, fan_out = fans(kind, array.shape)
    distribution, expected = {
        "glorot_uniform": ("uniform", np.sqrt(2 / (fan_in + fan_out))),
        "he_normal": ("normal", np.sqrt(2 / fan_in)),
        "normal": ("normal", initializers.get("deviation", 1.0)),
    }[initializers["weight"]]
    allowed = expected * SIGMAS * np.sqrt((KURTOSIS[distribution] - 1) / array.size) / 2
    with np.errstate(all="ignore"):
        deviation = float(np.sqrt(np.mean(array**2)))
    if not abs(deviation - expected) <= allowed:        # nan, too
        return [f"{name} has the standard deviation {deviation:.3g}; it should have {expected:.3g} "
                f"({initializers['weight']})"]
    bound = expected * np.sqrt(3)
    if distribution == "uniform" and np.max(np.abs(array)) > bound * 1.000001:
        return [f"{name} has absolute values up to {np.max(np.abs(array)):.3g}; they should be at most {bound:.3g} "
                f"({initializers['weight']}); the distribution may be normal in place of uniform"]
    return []
