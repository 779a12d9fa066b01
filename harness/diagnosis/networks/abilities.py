"""What an answer can do beside its training step, where that step is right and this is not."""

from collections.abc import Callable, Iterator, Mapping
from itertools import combinations

import numpy as np

from harness.diagnosis.departures import same
from harness.diagnosis.finding import Finding
from harness.diagnosis.networks.activations import ACTIVATIONS, FUNCTIONS
from harness.diagnosis.networks.alternatives import norm
from harness.diagnosis.networks.guesses import TRANSFORMED
from harness.diagnosis.subject import Subject
from harness.exact.gradients import plain
from harness.exact.model import Model, Pass, Step
from harness.tasks.task import Ability
from harness.training.batches import native

Arrays = dict[str, np.ndarray]
# What may stand at the end of an ability, and what is there without it.
UNDONE: dict[str, Callable[[np.ndarray], np.ndarray]] = {"sigmoid": lambda p: np.log(p / (1 - p)), "tanh": np.arctanh}


def explain(subject: Subject, weights: Mapping[str, np.ndarray]) -> list[Finding]:
    """Of each ability that is wrong with ``weights`` what it gives, if that is one of some things it might."""
    model, number, found = subject.model(), int(subject.task.samples["number"]), []
    model.parameters = dict(weights)
    right, theirs = subject.canonical.samples(number), subject.native.samples(number)
    for name, ability in subject.task.abilities.items():
        inputs = [right[i] for i in ability.inputs]
        right[name] = model.ask(name, inputs)
        theirs[name] = native(right[name], subject.layout)      # which an ability that takes this one's output is to be given
        subject.put(weights)            # one that moves running averages is wrong by itself alone
        came = subject.ask(name, [theirs[i] for i in ability.inputs])
        if not same(came, right[name]):
            words = next((words for words, array in _others(model, name, ability, inputs, right[name]) if _is(came, array)), "")
            if not words and not same(subject.ask(name, [theirs[i] for i in ability.inputs]), came):
                words = "asked twice with the same input, it gives two different results: it draws random numbers of its own"
            found += [Finding("ability", name, words)] if words else []
    return found


def _is(came: np.ndarray, other: np.ndarray) -> bool:
    return other.shape == came.shape and bool(np.isfinite(other).all()) and same(came, other)


def _without(output: np.ndarray, right: np.ndarray) -> str:
    """What would make the right result of this one."""
    return next((f", without the {name} that the question has" for name, function in ACTIVATIONS.items()
                 if _is(function(output), right)), "")


def _others(model: Model, name: str, ability: Ability, inputs: list[np.ndarray], right: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """What an ability might give in place of ``right``, in words."""
    of = getattr(model.program, name)
    step = Step(model, None, training=False)
    of(step, *inputs, **ability.arguments)
    passes = [event for event in step.record.events if isinstance(event, Pass)]
    yield from _modes(model, name, inputs, passes)
    for ending, undo in UNDONE.items():
        yield from _endings(ending, undo, right)
    for event in passes:
        for layer in event.network.layers:
            output = plain(event.outputs[layer.name])
            yield f"it gives {layer.name} of the {event.network.name}{_without(output, right)}", output
    for words, function in FUNCTIONS.items():
        yield f"{words} at its end, where the question has none", function(right)
    if right.ndim == 4:
        for words, function in TRANSFORMED.items():
            yield f"what it gives is {words}", function(right)
    for i, given in enumerate(inputs):
        for words, function in TRANSFORMED.items() if given.ndim == 4 else ():
            changed = [function(given) if j == i else array for j, array in enumerate(inputs)]
            yield f"what it is given is {words} first", plain(of(Step(model, None, training=False), *changed, **ability.arguments))


def _endings(ending: str, undo: Callable[[np.ndarray], np.ndarray], right: np.ndarray) -> list[tuple[str, np.ndarray]]:
    """Without a function that it ends with, or with another one."""
    with np.errstate(all="ignore"):
        before = undo(right)
        return [(f"there is no {ending} at its end", before),
                *((f"{words} in place of {ending} at its end", function(before)) for words, function in FUNCTIONS.items())]


def _modes(model: Model, name: str, inputs: list[np.ndarray], passes: list[Pass]) -> Iterator[tuple[str, np.ndarray]]:
    """With networks in training mode: each that has batch norm, and several of them."""
    normed = {event.network.name: event.network for event in passes
              if any(layer.kind == "batch_norm" for layer in event.network.layers)}
    for count in range(len(normed), 0, -1):
        for names in combinations(normed, count):
            model.edits = {(n, layer.name, None): norm(training=True) for n in names
                           for layer in normed[n].layers if layer.kind == "batch_norm"}
            given = model.ask(name, inputs)
            model.edits = {}
            who = "it is" if count == len(normed) else f"the {' and the '.join(names)} {'is' if count == 1 else 'are'}"
            yield f"{who} in training mode: batch norm takes the mean and variance of what it is given, and not its running averages", given
