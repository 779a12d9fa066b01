"""Along a training step, the question's beside the answer's, to the first place where they part.

The question's step is computed in NumPy (``harness.exact``) from the parameters that the answer had: at each update it goes on
with what the answer made of it. So one wrong number does not make all that follow wrong, and what parts, parts for a reason
of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

import numpy as np

from harness.diagnosis.departures import Changed, Departure
from harness.diagnosis.tape import Step as Taken
from harness.diagnosis.tape import Tape, same_numbers
from harness.exact import model
from harness.exact.formula import Formula
from harness.exact.gradients import Array, Trace, plain
from harness.exact.model import Model, Pass, Update
from harness.exact.optimizers import State

TOLERANCE = 1e-6        # relative, of losses, gradients and parameters


class Beside(model.Step):
    """A step that follows an answer's. ``terms``: whether the gradients of all terms are wanted where the answer's are not
    the question's."""

    def __init__(self, of: Model, trace: Trace | None, training: bool, tape: Tape, terms: bool):
        super().__init__(of, trace, training)
        self.tape, self.left, self.wanted = tape, list(tape.steps), terms
        self.changed: list[tuple[int, Changed]] = []        # before which event
        self.stepped: Taken | None = None       # the last step, until the parameters after it are looked at

    def constant(self, value: Array) -> Array:
        """With its way back: what an answer lets through here, it lets through to other networks alone."""
        return value

    def call(self, name: str, *inputs: Array, keep: Mapping[str, Array] | None = None) -> Pass:
        """With the parameters that the answer has by now.

        Between two steps only the question changes parameters (clips them). Did the answer, too? It calls the network with those
        that its next step finds; or else with those that its last step left.
        """
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
            super().update(optimizer, loss)
            return
        taken = self.left.pop(following)
        before = dict(self.parameters)
        if self.trace is None:              # to see what agrees on the way there, no gradients are needed
            self._put(taken.after, before)
            self._note(Update(optimizer, loss, {}, taken=taken))
            self.stepped = taken
            return
        super().update(optimizer, loss)
        update = self.record.events[-1]
        assert isinstance(update, Update)
        update.taken = taken
        update.right = {name: plain(self.parameters[name]) - plain(before[name]) for name in self.trained(optimizer)}
        if self.wanted and wrong_gradients(update, self.trained(optimizer)):
            self.parameters, now = before, self.parameters
            update.terms = self._gradients_of_terms()
            self.parameters = now
        self._put(taken.after, before)
        self.stepped = taken

    def _put(self, arrays: Mapping[str, np.ndarray], before: Mapping[str, Array]) -> None:
        """A parameter that stays keeps its way back."""
        for name, array in arrays.items():
            if self.model.specs[name].trainable:
                if np.array_equal(array, plain(before[name])):
                    self.parameters[name] = before[name]
                else:
                    self.set(name, array)

    def _gradients_of_terms(self) -> dict[str, dict[str, np.ndarray]]:
        assert self.trace
        roots = self.roots()
        return {term: self.trace.gradients(self.term(term), roots) for term in self.elementary}


@dataclass
class Walk:
    """What a walk came to: the departures, the first first, and how much agrees."""

    step: Beside
    tape: Tape
    departures: list[Departure] = field(default_factory=list)
    agreed: int = 0
    fresh: bool = True      # whether the optimizers had not stepped before

    def has(self, what: str, name: str = "") -> Departure | None:
        """A departure of this sort."""
        return next((d for d in self.departures if d.what == what and name in ("", d.name)), None)


class Again(Protocol):
    """A walk along the same step once more, with the model as it then is. ``terms``, ``quick``: see ``walk``."""

    def __call__(self, terms: bool = False, quick: bool = False) -> Walk: ...


def along(of: Model, parameters: Mapping[str, np.ndarray], batch: Mapping[str, np.ndarray], tape: Tape,
          states: Mapping[str, State] | None = None) -> Again:
    """``walk`` with all but the last two of its arguments given."""
    def again(terms: bool = False, quick: bool = False) -> Walk:
        return walk(of, parameters, batch, tape, terms, states, quick)
    return again


def walk(of: Model, parameters: Mapping[str, np.ndarray], batch: Mapping[str, np.ndarray], tape: Tape, terms: bool = False,
         states: Mapping[str, State] | None = None, quick: bool = False) -> Walk:
    """The question's step from ``parameters`` on a canonical ``batch`` beside the recorded one. ``terms``: also the gradients of
    each term where gradients are wrong; ``states``: of the optimizers, where this is not their first step; ``quick``: without
    gradients."""
    step = follow(of, parameters, batch, tape, terms, states, quick)
    found = Walk(step, tape, fresh=states is None)
    events = step.record.events
    if quick:
        _of_events(found, events)
        return found
    asked = [event.optimizer for event in events if isinstance(event, Update)]
    came = [taken.optimizer for taken in tape.steps]
    if asked != came:
        found.departures.append(Departure(-1, "order", ", ".join(came), asked))
    _of_events(found, events)
    _end(found, of)
    return found


def _of_events(found: Walk, events: list[Pass | Formula | Update]) -> None:
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


def follow(of: Model, parameters: Mapping[str, np.ndarray], batch: Mapping[str, np.ndarray], tape: Tape, terms: bool = False,
           states: Mapping[str, State] | None = None, quick: bool = False) -> Beside:
    """The question's step from ``parameters``, as the answer's updates leave them."""
    of.parameters = {name: np.asarray(array, np.float64) for name, array in parameters.items()}
    of.states = {name: dict(state) for name, state in (states or {}).items()}
    step = of.step(batch, partial(Beside, tape=tape, terms=terms), traced=not quick)
    assert isinstance(step, Beside)
    return step


def _note(found: Walk, right: bool, departure: Departure) -> None:
    if right:
        found.agreed += 1
    else:
        found.departures.append(departure)


def _pass(found: Walk, i: int, event: Pass) -> None:
    arrays = {name: plain(value) for name, value in event.outputs.items()}
    present = {name: found.tape.has(array) for name, array in arrays.items()}
    # What another call gives as well, or the batch has, says nothing about this one.
    found.agreed += sum(there and not _again(found, event, name) for name, there in present.items())
    if all(present[layer.name] for layer in event.ends()):
        return
    if _joined(found, event):
        found.agreed += 1
        return
    # A layer that is not there, but something after it is, was computed together with what follows it.
    right: set[str] = set()
    for layer in reversed(event.network.layers):
        if present[layer.name] or layer.name in right:
            right |= {layer.name, *(source.name for source in layer.sources)}
    wrong = next((layer for layer in event.network.layers if layer.name not in right), None)
    if wrong is not None:
        found.departures.append(Departure(i, "layer", f"{event.network.name}.{wrong.name}", event, wrong))


def _again(found: Walk, event: Pass, layer: str) -> bool:
    """Whether an earlier call gave the same at this layer."""
    before = found.step.record.events[:found.step.record.events.index(event)]
    return any(isinstance(other, Pass) and other.network is event.network
               and same_numbers(plain(other.outputs[layer]), plain(event.outputs[layer])) for other in before)


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
    first = not any(isinstance(e, Update) and e.optimizer == event.optimizer for e in found.step.record.events[:i])
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


def differ(a: float, b: float) -> float:
    """The relative difference."""
    return abs(a - b) / max(abs(a), abs(b), 1e-12) if np.isfinite([a, b]).all() else np.inf


def same(a: np.ndarray, b: np.ndarray, tolerance: float = TOLERANCE) -> bool:
    """Whether two arrays are the same, by the largest of their values."""
    return bool(np.abs(a - b).max() <= tolerance * max(float(np.abs(b).max()), 1e-12))


def wrong_gradients(update: Update, trained: list[str]) -> list[str]:
    """The parameters whose gradients are not the question's. A gradient that is nothing but rounding is 0, or none at all."""
    scale = max((float(np.abs(update.gradients[name]).max()) for name in trained), default=1.0)
    came, right = update.taken.gradients, update.gradients
    return [name for name in trained if not np.abs(came.get(name, 0.0) - right[name]).max() <=
            TOLERANCE * max(float(np.abs(right[name]).max()), 1e-6 * scale)]
