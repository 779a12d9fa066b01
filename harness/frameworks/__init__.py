"""One adapter a framework: all that the harness has to know of it, and the only place where it is imported.

May use ``tasks``.

Each adapter is a module with the same names:

    layout                            "NCHW" or "NHWC": how it keeps a batch of maps
    version()                         the framework's version
    configure(precision, seed, device="cpu")
                                      floating point type ("float64", "float32"), seed of its own randomness, cpu or cuda
    has_gpu()                         whether cuda is there to be used
    place(network)                    put a network that was built on the device
    variables(network)                the network's parameters, layer by layer as they were declared; in a layer weight,
                                      bias; gamma, beta, mean, variance; scalars (counters) left out
    read(variable), write(variable, array)
                                      a NumPy copy of it; an array of the same shape into it
    optimizer_state(optimizer), set_optimizer_state(optimizer, state)
                                      all that a training needs to go on, NumPy arrays by names of its own
    align(optimizer)                  make an optimizer compute what the others compute, see docs/lockstep.md
    align_network(network)            the same for its layers: constants, running averages
    batch(arrays)                     NumPy arrays as the framework's tensors, in a dict
    training_step(answer)             answer.train_step, compiled where the framework's own training loop would
    watching(answer, on_call)         a context in which each call of a layer that holds variables ends with
                                      on_call(its variables, its output before the activation); nothing is compiled
    eagerly()                         a context in which nothing is compiled
    evaluation(networks)              a context in which they evaluate: no training mode, no gradients
    array(value)                      any result as a NumPy array
"""

import importlib
import importlib.util
from collections.abc import Iterable
from types import ModuleType

from harness.messages import WorkbookError, command, did_you_mean

FRAMEWORKS = {"pytorch": "PyTorch", "tensorflow": "TensorFlow", "keras": "Keras", "chainer": "Chainer"}
IMPORTED = {"pytorch": ("torch",), "tensorflow": ("tensorflow", "keras"), "keras": ("keras", "tensorflow"), "chainer": ("chainer",)}


class NotInstalled(WorkbookError):
    """A framework that is not in this environment; the message says how to install it."""


def load(name: str) -> ModuleType:
    """The adapter of the framework ``name``; importing it imports the framework."""
    return importlib.import_module(f"harness.frameworks.{name}")


def named(name: str) -> str:
    """The framework's name as the harness writes it. Raises WorkbookError if it knows none of that name."""
    if name.lower() not in FRAMEWORKS:
        raise WorkbookError(f"unknown framework '{name}': {did_you_mean(name, FRAMEWORKS)}")
    return name.lower()


def installed() -> tuple[str, ...]:
    """The frameworks of this environment; none is imported to see it."""
    return tuple(name for name, modules in IMPORTED.items() if all(map(importlib.util.find_spec, modules)))


def require(names: Iterable[str]) -> None:
    """Raise NotInstalled unless all these frameworks are there."""
    missing = [name for name in names if name not in installed()]
    if missing:
        titles = " and ".join(FRAMEWORKS[name] for name in missing)
        raise NotInstalled(f"{titles} {'is' if len(missing) == 1 else 'are'} not installed here: `{command('install', *missing)}`")
