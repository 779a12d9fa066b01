"""What may stand in the place of a layer that parts, or before it: guesses whose output was computed by the answer."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import autograd.numpy as np
import numpy

from harness.diagnosis.departures import Departure
from harness.diagnosis.networks import alternatives
from harness.diagnosis.networks.activations import ACTIVATIONS, FUNCTIONS, Function, leaky
from harness.diagnosis.networks.alternatives import Alternative, simple
from harness.diagnosis.tape import Tape, same_numbers
from harness.diagnosis.walk import Walk
from harness.exact.gradients import Array, plain
from harness.exact.layers import KINDS, Call, Work
from harness.exact.model import Model, Pass, Update
from harness.tasks.network import Layer

MOST = 24           # values of the tape that are looked at
WIDE = 32           # values or channels of an input that may be in another order
Works = dict[tuple[str, str, int | None], Work]
Values = Callable[[list[int]], list[numpy.ndarray]]
# Of a network's input.
TRANSFORMED: dict[str, Function] = {
    "scaled to (x + 1) / 2": lambda x: (x + 1) / 2, "scaled to 2 x - 1": lambda x: 2 * x - 1,
    "divided by 255": lambda x: x / 255, "turned into 1 - x": lambda x: 1 - x, "with the other sign": lambda x: -x,
    "doubled": lambda x: 2 * x, "halved": lambda x: x / 2,
    "cut off at 0 and 1": lambda x: np.clip(x, 0, 1), "rounded to 0 and 1": lambda x: np.where(x > 0.5, 1.0, 0.0),
    "with its channels reversed": lambda x: x[:, ::-1], "turned upside down": lambda x: x[:, :, ::-1],
    "mirrored": lambda x: x[:, :, :, ::-1], "replaced by zeros": lambda x: 0 * x, "replaced by ones": lambda x: 0 * x + 1,
    "of the first image alone": lambda x: x[:1] + 0 * x,
    **{f"sent through {name}": function for name, function in ACTIVATIONS.items()}}


@dataclass
class Guess:
    """By (network, layer, call), what it computes; and the output that was found on the tape. ``where``: see ``Alternative``."""

    kind: str
    words: str
    works: Works
    output: numpy.ndarray
    where: str = ""

    def edit(self, model: Model) -> None:
        """Make the mistake."""
        model.edits |= self.works

    def only(self, calls: list[int]) -> "Guess":
        """The same in some calls of the network, and not in all."""
        works: Works = {(network, layer, call): work for (network, layer, _), work in self.works.items() for call in calls}
        return replace(self, works=works)


@dataclass
class Site:
    """A layer at work: what it got, and what it should have given. ``readers``: layers that have it alone for their input."""

    network: str
    layer: Layer
    inputs: list[numpy.ndarray]
    call: Call
    right: numpy.ndarray
    readers: list[tuple[Layer, Call]]

    @classmethod
    def of(cls, event: Pass, layer: Layer) -> "Site":
        """In one pass."""
        outputs = {name: plain(value) for name, value in event.outputs.items()}
        calls = {name: _bare(call) for name, call in event.calls.items()}
        inputs = [outputs[source.name] for source in layer.sources]
        readers = [(other, calls[other.name]) for other in event.network.layers if other.sources == (layer,)]
        return cls(event.network.name, layer, inputs, calls[layer.name], outputs[layer.name], readers)

    def key(self, layer: Layer | None = None) -> tuple[str, str, int | None]:
        """For an edit in all calls."""
        return self.network, (layer or self.layer).name, None

    def computed(self, work: Work) -> numpy.ndarray | None:
        """What ``work`` gives here, or None where it cannot."""
        try:
            with numpy.errstate(all="ignore"):
                output: numpy.ndarray = work(self.layer, self.inputs, self.call)
        except (ValueError, IndexError, KeyError, TypeError):
            return None
        if output.size > 1 and not numpy.ptp(output) > 0:       # a constant is found anywhere
            return None
        # Maps may have another size, by another padding.
        if numpy.shape(output)[1:2] != self.right.shape[1:2] or output.ndim != self.right.ndim or same_numbers(output, self.right):
            return None
        return output


def _bare(call: Call) -> Call:
    """Without autograd's boxes, and without a place for running averages."""
    return replace(call, parameters={role: plain(array) for role, array in call.parameters.items()}, averages=None)


def here(site: Site, tape: Tape, constants: dict[str, Any], values: Values) -> Iterator[Guess]:
    """Of the layer itself, and of it and its reader exchanged."""
    for alternative in [*alternatives.of(site.layer, constants), *_solved(site, tape, values)]:
        output = site.computed(alternative.work)
        if output is not None and tape.has(output):
            yield Guess(alternative.kind, alternative.words, {site.key(): alternative.work}, output, alternative.where)
    for reader, of in site.readers:
        words = f"{reader.name} ({reader.kind}) comes before {{layer}} ({site.layer.kind}), not after it"
        epsilons = [one for one in alternatives.of(reader, constants) if one.kind == "epsilon"]
        for more, second in [("", KINDS[reader.kind]), *((f"; {one.words}", one.work) for one in epsilons)]:
            both, at = _exchanged(site, reader, of, second)
            output = replace(site, layer=at, call=of if at is reader else site.call).computed(both)
            if output is not None and tape.has(output):
                works: Works = {site.key(): simple(lambda x: x), site.key(reader): simple(lambda x: x), site.key(at): both}
                yield Guess("order", words + more, works, output)
                break


def _exchanged(site: Site, reader: Layer, of: Call, second: Work) -> tuple[Work, Layer]:
    """(what a layer's reader, ``second``, and then the layer itself compute; in the place of which of the two): of the one that has
    parameters, of which other calls have others."""
    first = KINDS[site.layer.kind]
    if site.layer.roles:
        return lambda layer, inputs, call: first(layer, [second(reader, inputs, of)], call), site.layer
    return lambda layer, inputs, call: first(site.layer, [second(layer, inputs, call)], site.call), reader


def inputs(event: Pass, found: Walk) -> Iterator[Guess]:
    """Of what a network is called with: another entry of the batch, another value, or the right one changed."""
    entries = [layer for layer in event.network.layers if layer.kind == "input"]
    for layer in entries:
        site, right = Site.of(event, layer), plain(event.outputs[layer.name])
        readers = [Site.of(event, other) for other in event.network.layers if layer in other.sources]
        what = f"{layer.name} of the {site.network}" if len(entries) > 1 else f"what the {site.network} is called with"
        others = [(f"{what} is {words}", simple(function)) for words, function in (TRANSFORMED | _rolled(right)).items()]
        named = {**_values(found, event), **found.tape.given}
        others += [(f"the {site.network} gets {name}{_in_place(right, named)}", _given(array))
                   for name, array in named.items() if array.shape == right.shape]
        for words, work in others:
            for reader in readers:
                output = reader.computed(_reading(layer, work, site.call))
                if output is not None and found.tape.has(output) and not _elsewhere(found, event, reader.layer, output):
                    yield Guess("input", words, {(site.network, layer.name, event.number): work}, output)
                    break
    yield from _of_another_call(event, entries, found)


def _reading(entry: Layer, work: Work, of: Call) -> Work:
    """A layer that reads an input as ``work`` has it."""
    def reading(layer: Layer, inputs: list[Array], call: Call) -> Array:
        changed = [work(entry, [array], of) if source is entry else array for source, array in zip(layer.sources, inputs)]
        return KINDS[layer.kind](layer, changed, call)
    return reading


def _rolled(right: numpy.ndarray) -> dict[str, Function]:
    """What was joined outside of the network, in another order."""
    if right.ndim not in (2, 4) or right.shape[1] > WIDE:
        return {}
    what = "values" if right.ndim == 2 else "channels"
    return {f"in another order, with its first {count} {what} last": partial(np.roll, shift=-count, axis=1)
            for count in range(1, right.shape[1])}


def _of_another_call(event: Pass, entries: list[Layer], found: Walk) -> Iterator[Guess]:
    """Several inputs, which another call of the network gets: all that differ, or all but one."""
    for other in found.step.record.events:
        if isinstance(other, Pass) and other.network is event.network and other is not event:
            given = {layer.name: plain(other.outputs[layer.name]) for layer in entries}
            differ = [name for name, array in given.items() if not same_numbers(array, plain(event.outputs[name]))]
            for names in [differ, *([n for n in differ if n != one] for one in differ)] if len(differ) > 2 else ():
                words = f"in one of its calls the {event.network.name} gets {', '.join(names[:-1])} and {names[-1]} of another call"
                works: Works = {(event.network.name, name, event.number): _given(given[name]) for name in names}
                yield Guess("input", words, works, plain(event.out))


def before(event: Pass, found: Walk) -> Iterator[Guess]:
    """Of a network as it was before a step that it should be called after."""
    events, network = found.step.record.events, event.network
    for update in events[:events.index(event)]:
        if isinstance(update, Update) and update.taken is not None:
            old, new = update.taken.before, update.taken.after
            if any(not numpy.array_equal(old[name], new[name]) for name in old if name.startswith(f"{network.name}.")):
                works: Works = {(network.name, layer.name, event.number): _with(old, network.name)
                                for layer in network.layers if layer.roles}
                words = f"it is called as it was before the step of {update.optimizer}, and should be called as it is after that step"
                yield Guess("before", words, works, plain(event.out))


def _with(parameters: Mapping[str, numpy.ndarray], network: str) -> Work:
    """A layer with other parameters than it has by now; its running averages stay."""
    def work(layer: Layer, inputs: list[Array], call: Call) -> Array:
        old = {role: array for role in call.parameters if (array := parameters.get(f"{network}.{layer.name}.{role}")) is not None}
        averages: dict[str, Array] = {role: call.parameters[role] for role in ("mean", "variance") if role in call.parameters}
        return KINDS[layer.kind](layer, inputs, replace(call, parameters={**call.parameters, **old, **averages}))
    return work


def _given(array: numpy.ndarray) -> Work:
    return lambda layer, inputs, call: array


def _elsewhere(found: Walk, event: Pass, layer: Layer, output: numpy.ndarray) -> bool:
    """Whether another call of the network gives this, and should; and it was not computed anew since the last step."""
    events = found.step.record.events
    if not any(isinstance(other, Pass) and other.network is event.network and other is not event
               and same_numbers(plain(other.outputs[layer.name]), output) for other in events):
        return False
    before = events[:events.index(event)]
    steps = [other.taken.at for other in before if isinstance(other, Update) and other.taken is not None]
    return not steps or found.tape.find(output, steps[-1]) in (None, -1)


def _in_place(right: numpy.ndarray, named: dict[str, numpy.ndarray]) -> str:
    name = next((name for name, array in named.items() if array.shape == right.shape and same_numbers(array, right)), "")
    return f", and should get {name}" if name else ""


def _values(found: Walk, event: Pass) -> dict[str, numpy.ndarray]:
    """What networks gave before, by name."""
    return {f"the {other.network.name}'s {layer.name}": plain(other.outputs[layer.name])
            for other in found.step.record.events if isinstance(other, Pass) and other is not event for layer in other.ends()}


def after(found: Walk, departure: Departure) -> Iterator[Guess]:
    """Of something behind the end of a network that was right so far."""
    for event in found.step.record.events[:departure.event + 1]:
        if isinstance(event, Pass):
            for name, function in FUNCTIONS.items():
                yield from _after(found.tape, event, name, function)


def _after(tape: Tape, event: Pass, name: str, function: Function) -> Iterator[Guess]:
    """After each end of one pass, and after all of them."""
    def work(of: Layer, inputs: list[Array], call: Call) -> Array:
        return function(KINDS[of.kind](of, inputs, call))

    there = {}
    for layer in event.ends():
        site = Site.of(event, layer)
        output = site.computed(work)
        if output is not None and tape.has(output):
            words = f"{name} after {layer.name} of the {site.network}, where the question has none"
            there[layer.name] = Guess("added", words, {site.key(): work}, output)
    yield from there.values()
    if len(there) > 1:
        words = f"{name} after {' and '.join(there)} of the {event.network.name}, where the question has none"
        works = {key: work for guess in there.values() for key, work in guess.works.items()}
        yield replace(next(iter(there.values())), words=words, works=works)


def _solved(site: Site, tape: Tape, values: Values) -> Iterator[Alternative]:
    """Alternatives with a number that is none of those that one might think of."""
    if site.layer.kind not in ("relu", "leaky_relu", "batch_norm"):
        return
    numbers = [int(n) for n in tape.alike(site.right.size)][:MOST]
    for array in values(numbers):
        if array.shape == site.right.shape:
            yield from (_epsilon if site.layer.kind == "batch_norm" else _slope)(site, array)


def _slope(site: Site, array: numpy.ndarray) -> Iterator[Alternative]:
    x = site.inputs[0]
    below = x < -1e-9
    if not below.any() or not numpy.allclose(array[~below], x[~below], rtol=1e-6, atol=1e-9):
        return
    ratio = array[below] / x[below]
    if numpy.ptp(ratio) <= 1e-6 * max(abs(ratio).max(), 1e-3):
        slope = float(numpy.median(ratio))
        yield Alternative("slope", f"LeakyReLU with slope {slope:.6g}", simple(leaky(slope)))


def _epsilon(site: Site, array: numpy.ndarray) -> Iterator[Alternative]:
    x, over = site.inputs[0], (0, *range(2, array.ndim))
    gamma, variance = site.call.parameters["gamma"], numpy.var(x, over)
    with numpy.errstate(all="ignore"):
        found = variance * (gamma**2 / numpy.var(array, over) - 1)
    epsilon = float(numpy.median(found))
    if numpy.isfinite(found).all() and epsilon > -1e-9 and numpy.ptp(found) <= 1e-3 * abs(epsilon) + 1e-9:
        yield Alternative("epsilon", f"batch norm has epsilon {epsilon:.3g}", alternatives.norm(epsilon=epsilon))
