"""One adapter a framework: all that the harness has to know of it, and the only place where it is imported.

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
from types import ModuleType

FRAMEWORKS = {"pytorch": "PyTorch", "tensorflow": "TensorFlow", "keras": "Keras", "chainer": "Chainer"}


def load(name: str) -> ModuleType:
    """The adapter of the framework ``name``; importing it imports the framework."""
    return importlib.import_module(f"harness.frameworks.{name}")
