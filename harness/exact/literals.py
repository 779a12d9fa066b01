"""A question's model with constants as they are written: 0.2, where the harness has the nearest float32.

All constants that an answer is given are rounded once to float32, as TensorFlow and Keras have some of them in any precision. An
answer that has the number itself in its code computes with the unrounded one, and is as right. Optimizers' numbers are not among
them: adapters round those of any answer.
"""

from collections.abc import Iterator
from typing import Any

from harness.exact.model import Model
from harness.tasks import Task

LAYERS = ("slope", "epsilon", "dropout")        # constants that networks compute with


def written(task: Task) -> dict[str, float]:
    """The hyper-parameters that are another number in float32, and that no optimizer has."""
    of_optimizers = {value for of in task.optimizers.values() for value in of.values() if isinstance(value, str)}
    return {name: value for name, value in task.written.items()
            if isinstance(value, float) and value != task.hyperparameters[name] and name not in of_optimizers}


def models(task: Task) -> Iterator[Model]:
    """The question's model with some constants as they are written, the likeliest first; without parameters.

    All; all but one; one alone; one in one network alone.
    """
    constants = written(task)
    choices: list[dict[str, Any]] = [constants]
    if len(constants) > 1:
        choices += [{k: v for k, v in constants.items() if k != name} for name in reversed(constants)]
    if len(constants) > 2:
        choices += [{name: value} for name, value in constants.items()]
    for chosen in choices if constants else []:
        model = Model(task, {})
        model.h |= chosen
        yield model
    for name in constants.keys() & set(LAYERS) if len(task.networks) > 1 else ():
        for network in task.networks:
            model = Model(task, {})
            model.within[network] = {**model.h, name: constants[name]}
            yield model
