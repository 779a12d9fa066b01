"""The optimizers of the questions, after their papers, with epsilon where all frameworks can have it (docs/lockstep.md).

Each takes a parameter, its gradient, its state and its constants, and gives the new parameter; the state is changed.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from harness.tasks import float32

State = dict[str, np.ndarray]
Constants = Mapping[str, float]
DEFAULTS = {"adam": {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8},
            "rmsprop": {"learning_rate": 1e-3, "decay": 0.99, "epsilon": 1e-8}, "sgd": {"learning_rate": 1e-2}}


def adam(parameter: np.ndarray, gradient: np.ndarray, state: State, of: Constants) -> np.ndarray:
    """Kingma & Ba 2014, algorithm 1 in the form at the end of section 2."""
    t = state["t"] = state.get("t", np.array(0)) + 1
    m = state["m"] = of["beta1"] * state.get("m", 0.0) + (1 - of["beta1"]) * gradient
    v = state["v"] = of["beta2"] * state.get("v", 0.0) + (1 - of["beta2"]) * gradient**2
    rate = of["learning_rate"] * math.sqrt(1 - of["beta2"] ** int(t)) / (1 - of["beta1"] ** int(t))
    return parameter - rate * m / (np.sqrt(v) + of["epsilon"])


def rmsprop(parameter: np.ndarray, gradient: np.ndarray, state: State, of: Constants) -> np.ndarray:
    """Hinton 2012, lecture 6e; epsilon inside the root."""
    v = state["v"] = of["decay"] * state.get("v", 0.0) + (1 - of["decay"]) * gradient**2
    return parameter - of["learning_rate"] * gradient / np.sqrt(v + of["epsilon"])


def sgd(parameter: np.ndarray, gradient: np.ndarray, state: State, of: Constants) -> np.ndarray:
    """Plain gradient descent."""
    return parameter - of["learning_rate"] * gradient


RULES: dict[str, Callable[[np.ndarray, np.ndarray, State, Constants], np.ndarray]] = {"adam": adam, "rmsprop": rmsprop, "sgd": sgd}


def constants(description: Mapping[str, Any], hyperparameters: Mapping[str, Any]) -> dict[str, float]:
    """The numbers of an optimizer as task.toml describes it: its own, those of hyper-parameters that it names, and defaults."""
    found = dict(DEFAULTS[description["algorithm"]])
    for name in found:
        value = description.get(name, found[name])
        found[name] = hyperparameters[value] if isinstance(value, str) else float32(value)
    return found
