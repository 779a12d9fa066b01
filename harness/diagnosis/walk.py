"""Along a training step, the question's beside the answer's, to the first place where they part.

The question's step is computed in NumPy (``harness.exact``) from the parameters that the answer had: at each update it goes on
with what the answer made of it. So one wrong number does not make all that follow wrong, and what parts, parts for a reason
of its own.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

import numpy as np

from harness.diagnosis.departures import TOLERANCE, Changed, Departure, differ, later, same, wrong_gradients
from harness.diagnosis.tape import Step as Taken
from harness.diagnosis.tape import Tape, close, moments
from harness.exact import model
from harness.exact.formula import Formula
from harness.exact.gradients import Array, GradientsOf, Trace, plain
from harness.exact.memory import Memory
from harness.exact.model import Event, Model, Pass, Update
from harness.exact.optimizers import State


class Beside(model.Step):
    """A step that follows an answer's. ``noted``: hears of each pass and value."""

    def __init__(self, of: Model, trace: Trace | None, training: bool, tape: Tape, noted: "Callable[[Beside], None] | None" = None):
        super().__init__(of, trace, training)
        self.tape, self.left, self.noted = tape, list(tape.steps), noted
        self.changed: list[tuple[int, Changed]] = []        # before which event
        self.stepped: Taken | None = None       # the last step, until the parameters after it are looked at

    def _heard(self) -> None:
        if self.noted and not self.quiet:
            self.noted(self)

    def value(self, name: str, right: dict[str, float], terms: dict[str, Array]) -> Array:
        """As the question has it."""
        made = super().value(name, right, terms)
        self._heard()
        return made

    def constant(self, value: Array) -> Array:
        """With its way back: what an answer lets through here, it lets through to other networks alone."""
        return value

    def call(self, name: str, *inputs: Array, keep: Mapping[str, Array] | None = None) -> Pass:
        """With the parameters that the answer has by now.

        Between two steps only the question changes parameters (clips them). Did the answer, too? It calls the network with those
        that its next step finds; or else with those that its last step left.
        """
        made = self._called(name, inputs, keep)
        self._heard()
        return made

    def _called(self, name: str, inputs: tuple[Array, ...], keep: Mapping[str, Array] | None) -> Pass:
        before = dict(self.parameters)
        made = super().call(name, *inputs, keep=keep)
        if self.quiet or self.tape.has(plain(made.out)):
            return made
        begun = {n: plain(array) for n, array in before.items()}
        left = self.stepped.after if self.stepped else begun
        for there in (self.left[0].before if self.left else self.tape.after, left):
            mine, self.parameters = self.parameters, dict(before)
            changed = self._changed(name, there)
            self._put({n: there[n] for n in changed}, before)
            with self.aside():
                fits = bool(changed) and self.tape.has(plain(super().call(name, *inputs, keep=keep).out))
            if fits:
                self.record.events.pop()
                self.changed.append((len(self.record.events), Changed(changed, left, there, first=self.stepped is None)))
                return super().call(name, *inputs, keep=keep)
            self.parameters = mine
        return made

    def _changed(self, network: str, there: Mapping[str, np.ndarray]) -> list[str]:
        return [name for name, spec in self.model.specs.items() if name.startswith(f"{network}.") and spec.trainable
                and name in there and not same(there[name], plain(self.parameters[name]))]

    def update(self, optimizer: str, loss: str) -> None:
        """As the question says, and then on with the answer's parameters."""
        following = next((i for i, step in enumerate(self.left) if step.optimizer == optimizer), None)
        if following is None:
            if self.trace:
                super().update(optimizer, loss)
            else:
                self._note(Update(optimizer, loss, {}))
            return
        taken = self.left.pop(following)
        before, self.stepped = dict(self.parameters), taken
        if self.trace is None:              # to see what agrees on the way there, no gradients are needed
            self._note(Update(optimizer, loss, {}, taken=taken))
        else:
            super().update(optimizer, loss)
            update = self.record.events[-1]
            assert isinstance(update, Update)
            update.taken = taken
            update.left = GradientsOf(self.trace, {loss: self.elementary[loss]},
                                      {name: array for name, array in before.items() if self.model.specs[name].trainable})
            update.right = {name: plain(self.parameters[name]) - plain(before[name]) for name in self.trained(optimizer)}
            if wrong_gradients(update, self.trained(optimizer)):
                terms = {term: self.term(term) for term in self.elementary}
                update.terms = GradientsOf(self.trace, terms, self.roots(optimizer, before))
        self._put(taken.after, before)

    def _put(self, arrays: Mapping[str, np.ndarray], before: Mapping[str, Array]) -> None:
        """A parameter that stays keeps its way back."""
        for name, array in arrays.items():
            if self.model.specs[name].trainable:
                if np.array_equal(array, plain(before[name])):
                    self.parameters[name] = before[name]
                else:
                    self.set(name, array)


@dataclass
class Walk:
    """What a walk came to: the departures, the first first, and how much agrees. ``quick``: see ``walk``."""

    step: Beside
    tape: Tape
    departures: list[Departure] = field(default_factory=list)
    agreed: int = 0
    fresh: bool = True      # whether the optimizers had not stepped before
    quick: bool = False
    _moments: dict[tuple[int, str], np.ndarray] = field(default_factory=dict)

    def moments(self, event: Pass, layer: str) -> np.ndarray:
        """Those of what a layer gave in a pass."""
        key = id(event), layer
        if key not in self._moments:
            self._moments[key] = moments(plain(event.outputs[layer]))
        return self._moments[key]

    def has(self, what: str, name: str = "") -> Departure | None:
        """A departure of this sort."""
        return next((d for d in self.departures if d.what == what and name in ("", d.name)), None)


class Again(Protocol):
    """A walk along the same step once more, with the model as it then is. ``quick``, ``than``: see ``walk``."""

    def __call__(self, quick: bool = False, than: Departure | None = None) -> Walk: ...


def along(of: Model, parameters: Mapping[str, np.ndarray], batch: Mapping[str, np.ndarray], tape: Tape,
          states: Mapping[str, State] | None = None) -> Again:
    """``walk`` with all but the last two of its arguments given."""
    of.memory = Memory()
    return partial(walk, of, parameters, batch, tape, states)


class NoLater(Exception):
    """What is tried does not make an answer part later."""


def walk(of: Model, parameters: Mapping[str, np.ndarray], batch: Mapping[str, np.ndarray], tape: Tape,
         states: Mapping[str, State] | None = None, quick: bool = False, than: Departure | None = None) -> Walk:
    """The question's step from ``parameters`` on a canonical ``batch`` beside the recorded one. ``states``: of the optimizers, where
    this is not their first step; ``quick``: without gradients; ``than``: no further than to this layer or value where they part there
    still. Raises NoLater there."""
    def noted(step: Beside) -> None:
        events = step.record.events
        if than and len(events) == than.event + 1:
            _of_events(so_far := Walk(step, tape), events)
            if not later([d for d in so_far.departures if d.what != "loss"], than):     # a loss may be computed anew
                raise NoLater

    step = follow(of, parameters, batch, tape, states, quick, noted if than and than.what in ("layer", "value") else None)
    found, events = Walk(step, tape, fresh=states is None, quick=quick), step.record.events
    asked = [event.optimizer for event in step.record.updates()]
    came = [taken.optimizer for taken in tape.steps]
    if asked != came:
        found.departures.append(Departure(-1, "order", ", ".join(came), asked))
    _of_events(found, events)
    if not quick:
        _end(found, of)
    return found


def _of_events(found: Walk, events: list[Event]) -> None:
    step, tape = found.step, found.tape
    last = {event.name: i for i, event in enumerate(events) if isinstance(event, Formula)}
    for i, event in enumerate(events):
        found.departures += [Departure(i, "parameters", ", ".join(what.names), what) for at, what in step.changed if at == i]
        if isinstance(event, Pass):
            _pass(found, i, event)
        elif isinstance(event, Formula) and event.name in tape.losses:
            if last[event.name] == i:
                right = differ(tape.losses[event.name], float(plain(event.value()))) <= TOLERANCE
                _note(found, right, Departure(i, "loss", event.name, event))
        elif isinstance(event, Formula):
            at = tape.find(plain(event.value()))
            if at is None:
                found.departures.append(Departure(i, "value", event.name, event))
            found.agreed += at is not None and at >= 0
        elif isinstance(event, Update):
            _update(found, i, event)


def follow(of: Model, parameters: Mapping[str, np.ndarray], batch: Mapping[str, np.ndarray], tape: Tape,
           states: Mapping[str, State] | None = None, quick: bool = False, noted: Callable[[Beside], None] | None = None) -> Beside:
    """The question's step from ``parameters``, as the answer's updates leave them."""
    of.parameters = {name: np.asarray(array, np.float64) for name, array in parameters.items()}
    of.states = {name: dict(state) for name, state in (states or {}).items()}
    step = of.step(batch, partial(Beside, tape=tape, noted=noted), traced=not quick)
    assert isinstance(step, Beside)
    return step


def _note(found: Walk, right: bool, departure: Departure) -> None:
    if right:
        found.agreed += 1
    else:
        found.departures.append(departure)


def _pass(found: Walk, i: int, event: Pass) -> None:
    moments = {name: found.moments(event, name) for name in event.outputs}
    present = {name: found.tape.at(wanted) is not None for name, wanted in moments.items()}
    # What another call gives as well, or the batch has, says nothing about this one; nor does a layer that leaves numbers as they are.
    earlier = [other for other in found.step.record.events[:i] if isinstance(other, Pass) and other.network is event.network]
    found.agreed += sum(there and not _again(found, earlier, event, name) and not _leaves(found, event, name)
                        for name, there in present.items())
    # What is nearly there is not right, also where a norm takes the difference away again.
    nearly = {name for name, there in present.items() if not there and found.tape.nearly(moments[name])}
    if not nearly and all(present[layer.name] for layer in event.ends()):
        return
    if _joined(found, event):
        found.agreed += 1
        return
    # A layer that is not there at all, but something after it is, was computed together with what follows it.
    right: set[str] = set()
    for layer in reversed(event.network.layers):
        if present[layer.name] or layer.name in right:
            right |= {layer.name, *(source.name for source in layer.sources)}
    wrong = next((layer for layer in event.network.layers if layer.name not in right or layer.name in nearly), None)
    if wrong is not None:
        found.departures.append(Departure(i, "layer", f"{event.network.name}.{wrong.name}", event, wrong))


def _leaves(found: Walk, event: Pass, layer: str) -> bool:
    """Whether a layer gives the numbers that it reads."""
    of = next(one for one in event.network.layers if one.name == layer)
    return len(of.sources) == 1 and bool(close(found.moments(event, of.sources[0].name)[None], found.moments(event, layer))[0])


def _again(found: Walk, earlier: list[Pass], event: Pass, layer: str) -> bool:
    """Whether an earlier call gave the same at this layer."""
    theirs = [found.moments(other, layer) for other in earlier]
    return bool(theirs) and bool(close(np.stack(theirs), found.moments(event, layer)).any())


def _joined(found: Walk, event: Pass) -> bool:
    """Whether the answer sends this pass's images through the network together with another's (nothing is wrong with that where
    nothing depends on the batch)."""
    if any(layer.kind == "batch_norm" for layer in event.network.layers):
        return False
    others = [e for e in found.step.record.events if isinstance(e, Pass) and e.network is event.network and e is not event]
    return any(found.tape.has(np.concatenate([plain(event.out), plain(other.out)])) for other in others)


def _update(found: Walk, i: int, event: Update) -> None:
    trained = found.step.trained(event.optimizer)
    if event.taken is None or not event.gradients:
        return                      # the order says so; or gradients were not asked for
    _note(found, not wrong_gradients(event, trained), Departure(i, "update", event.optimizer, event))
    before = event.taken.before
    others = [name for name, array in event.taken.after.items() if name not in trained and name in before
              and found.step.model.specs[name].trainable and not np.array_equal(array, before[name])]
    if others:
        found.departures.append(Departure(i, "others", event.optimizer, others))
    moved = {name: event.taken.after[name] - before[name] for name in trained if name in event.taken.gradients}
    first = not any(e.optimizer == event.optimizer for e in found.step.record.updates(i))
    if first and found.fresh:       # what the question's rule makes of the answer's own gradients, whatever these are
        right = found.step.model.moves(event.optimizer, {name: event.taken.gradients[name] for name in moved})
    elif not wrong_gradients(event, trained):
        right = event.right
    else:
        return
    # A gradient that is nothing but rounding is moved by nothing but rounding.
    scale = max((float(np.abs(g).max()) for g in event.taken.gradients.values()), default=0.0)
    wrong = [name for name in moved if np.abs(event.taken.gradients[name]).max() > 1e-9 * scale
             and not same(moved[name], right[name], 1e-5)]
    _note(found, not wrong, Departure(i, "rule", event.optimizer, (wrong, moved, right)))


def _end(found: Walk, of: Model) -> None:
    """The parameters after the step: what the optimizers left, and the running averages."""
    steps, after = found.tape.steps, found.tape.after
    for name, spec in of.specs.items():
        if name in after:
            right = same(after[name], of.parameters[name])
            what = "parameters" if spec.trainable else "averages"
            changed = Changed([name], steps[-1].after if steps else {}, after)
            _note(found, right, Departure(len(found.step.record.events), what, name, changed))
