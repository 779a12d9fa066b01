"""The first place where networks part: what stands there? Its input is known, and so is all that was computed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import numpy as np

from harness.diagnosis.departures import Departure, later
from harness.diagnosis.finding import Finding
from harness.diagnosis.networks import guesses
from harness.diagnosis.networks.guesses import Guess, Site, Values, Works
from harness.diagnosis.walk import Again, NoLater, Walk
from harness.exact.gradients import plain
from harness.exact.model import Model, Pass
from harness.tasks.network import Layer

ACTIVATIONS = {"relu": "ReLU", "leaky_relu": "LeakyReLU", "tanh": "tanh", "sigmoid": "sigmoid"}


def explain(model: Model, found: Walk, departure: Departure, again: Again, values: Values) -> Finding | None:
    """What the answer has in place of the layer where it departs, or None. ``again`` walks once more, with the model as it then is;
    ``values``: the tape's, by number, canonical.

    Of all guesses, the one with which most of the step agrees, in one call or in all; then in further layers of the kind.
    """
    event, layer = departure.of, departure.layer
    assert isinstance(event, Pass) and layer is not None
    site = Site.of(event, layer)
    reads = any(source.kind == "input" for source in layer.sources)
    possible: Iterable[Guess] = chain(
        guesses.here(site, found.tape, model.task.hyperparameters, values) if site.inputs else (),
        guesses.inputs(event, found) if reads else (), guesses.before(event, found),
        guesses.after(found, replace(departure, event=departure.event - 1)))
    departing = sorted({d.of.number for d in found.departures if d.what == "layer" and d.name == departure.name})
    number, trial = _calls(found, event), Trial(model, found, departure, again)
    elsewhere = any(d.what == "layer" and d.of.network is event.network and d.of.number not in departing for d in found.departures)
    best = trial.best(variant for guess in possible for variant in _variants(guess, departing, number, elsewhere))
    if best is None:
        return None
    narrow, best = best, trial.widened(best, site)
    place = site.network if best.kind in ("input", "before") else f"{site.network}.{best.where or layer.name}"
    others = {key[:2] for key in best.works.keys() - narrow.works.keys()}
    if others:
        here = " in this network" if all(network == site.network for network, _ in others) else ""
        place += f" and {len(others)} more{here}"
    calls = {call for *_, call in best.works if call is not None} if not elsewhere else set()
    return _finding(model, best, place, site, departure, found, sorted(calls))


def explain_after(model: Model, found: Walk, departure: Departure, again: Again) -> Finding | None:
    """Something behind the end of a network, with which a value or a loss is what the answer has."""
    best = Trial(model, found, departure, again).best(guesses.after(found, departure))
    if best is None:
        return None
    network, layer, _ = next(iter(best.works))
    return Finding(best.kind, f"{network}.{layer}", best.words, line=found.tape.line(best.output), edit=best.edit)


def _variants(guess: Guess, departing: list[int], calls: int, elsewhere: bool) -> Iterator[Guess]:
    """A guess, in all calls of the network and in those alone that part. ``elsewhere``: other calls part in another place, so that
    nothing is known of them here."""
    some = len(departing) < calls and all(call is None for *_, call in guess.works)
    if some and elsewhere:
        yield guess.only(departing)
    yield guess
    if some and not elsewhere:
        yield guess.only(departing)


@dataclass
class Trial:
    """Guesses tried in the model: with which does most agree, and what parts now parts later?"""

    model: Model
    found: Walk
    departure: Departure
    again: Again

    def walked(self, guess: Guess) -> Walk | None:
        """Along the step with a guess, or None where it parts no later, or what it gives does not fit what follows."""
        before = dict(self.model.edits)
        guess.edit(self.model)
        try:
            with np.errstate(all="ignore"):
                return self.again(quick=True, than=self.departure)
        except (NoLater, ValueError, IndexError, KeyError, FloatingPointError):     # or it parts there still; or a shape
            return None
        finally:
            self.model.edits = before

    def best(self, possible: Iterable[Guess]) -> Guess | None:
        """The first of the best, or None where none is better than nothing."""
        best, most = None, self.again(quick=True).agreed
        for guess in possible:
            walked = self.walked(guess)
            if walked and walked.agreed > most and later(walked.departures, self.departure):
                best, most = guess, walked.agreed
        return best

    def widened(self, guess: Guess, site: Site) -> Guess:
        """The same in further layers of the kind, one after the other, as long as more agrees with each: a wrong default is in many
        layers, and so is a block that is used several times."""
        if {key[:2] for key in guess.works} != {(site.network, site.layer.name)}:
            return guess
        work, calls = next(iter(guess.works.values())), [call for *_, call in guess.works]
        walked = self.walked(guess)
        while walked:
            following = [(d.of.network.name, d.layer.name) for d in walked.departures if d.layer and d.layer.kind == site.layer.kind]
            wider, base = guess, walked
            for name, layer in dict.fromkeys(following):
                works: Works = {(name, layer, call): work for call in (calls if name == site.network else [None])}
                if set(works) & (set(guess.works) | set(self.model.edits)):
                    continue
                wider = replace(guess, works={**guess.works, **works})
                walked = self.walked(wider)
                if walked and walked.agreed > base.agreed:
                    break
            else:
                return guess
            guess = wider
        return guess


def _calls(found: Walk, event: Pass) -> int:
    return sum(isinstance(e, Pass) and e.network is event.network for e in found.step.record.events)


def _finding(model: Model, best: Guess, place: str, site: Site, departure: Departure, found: Walk, calls: list[int]) -> Finding:
    """``calls``: of the network, in which alone it is so."""
    names = {"layer": site.layer.name, "activation": ACTIVATIONS.get(site.layer.kind, site.layer.kind)}
    words = best.words.format(**names)
    number = _calls(found, departure.of)
    if calls and best.kind != "input" and number > 1:
        which = " and ".join(str(call + 1) for call in calls)
        words += f" (in call {which} of the {site.network} in a step, of {number})"
    question = "" if best.kind == "before" else _question(site.layer, model.task.hyperparameters)
    return Finding(best.kind, place, words, question=question,
                   line=found.tape.line(best.output) or _line(departure, found), edit=best.edit)


def _question(layer: Layer, constants: dict[str, Any]) -> str:
    """What the question has there."""
    if layer.kind == "leaky_relu":
        return f"LeakyReLU with slope {constants.get('slope', 0):.3g}"
    if layer.kind == "batch_norm":
        return f"batch norm with epsilon {constants.get('epsilon', 1e-5):.1g}"
    return ACTIVATIONS.get(layer.kind, str(layer))


def _line(departure: Departure, found: Walk) -> int:
    """Where what comes before it is computed."""
    event, layer = departure.of, departure.layer
    assert isinstance(event, Pass)
    lines = [found.tape.line(plain(event.outputs[source.name])) for source in layer.sources] if layer else []
    return next(filter(None, lines), 0)
