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

    Of all guesses, the one with which most of the step agrees: in one call, in all, or in all layers of the kind.
    """
    event, layer = departure.of, departure.layer
    assert isinstance(event, Pass) and layer is not None
    site = Site.of(event, layer)
    first = all(source.kind == "input" for source in layer.sources)
    possible: Iterable[Guess] = chain(
        guesses.here(site, found.tape, model.task.hyperparameters, values) if site.inputs else (),
        guesses.inputs(event, found) if first else (), guesses.before(event, found),
        guesses.after(found, replace(departure, event=departure.event - 1)))
    departing = sorted({d.of.number for d in found.departures if d.what == "layer" and d.name == departure.name})
    calls, trial = _calls(found, event), Trial(model, found, departure, again)
    elsewhere = any(d.what == "layer" and d.of.network is event.network and d.of.number not in departing for d in found.departures)
    best = trial.best(variant for guess in possible for variant in _variants(model, site, guess, departing, calls, elsewhere))
    if best is None:
        return None
    number = len(_changed(found, best.works) - {(site.network, site.layer.name)})
    place = site.network if best.kind in ("input", "before") else f"{site.network}.{site.layer.name}"
    if number and best.kind not in ("order", "before"):
        place += f" and {number} more"
    return _finding(model, best, place, site, departure, found)


def explain_after(model: Model, found: Walk, departure: Departure, again: Again) -> Finding | None:
    """Something behind the end of a network, with which a value or a loss is what the answer has."""
    best = Trial(model, found, departure, again).best(guesses.after(found, departure))
    if best is None:
        return None
    network, layer, _ = next(iter(best.works))
    return Finding(best.kind, f"{network}.{layer}", best.words, line=found.tape.line(best.output), edit=best.edit)


def _changed(found: Walk, works: Works) -> set[tuple[str, str]]:
    """The layers, as (network, name), that give something else by these works."""
    there = set()
    for event in (e for e in found.step.record.events if isinstance(e, Pass)):
        for layer in event.network.layers:
            work = works.get((event.network.name, layer.name, None)) or works.get((event.network.name, layer.name, event.number))
            if work and layer.kind != "input" and Site.of(event, layer).computed(work) is not None:
                there.add((event.network.name, layer.name))
    return there


def _variants(model: Model, site: Site, guess: Guess, departing: list[int], calls: int, elsewhere: bool) -> Iterator[Guess]:
    """A guess; the same in every layer of the kind, as a wrong default is; and either in those calls alone that part. ``elsewhere``:
    other calls part in another place, so that nothing is known of them here."""
    if elsewhere and all(call is None for *_, call in guess.works):
        yield guess.only(departing)
    yield guess
    everywhere = None
    if site.key() in guess.works and len(guess.works) == 1:
        alike = [(name, layer.name, None) for name, network in model.task.networks.items() for layer in network.layers
                 if layer.kind == site.layer.kind]
        others: Works = {key: guess.works[site.key()] for key in alike if key not in model.edits}
        everywhere = replace(guess, works={**guess.works, **others})
        if len(everywhere.works) > 1:
            yield everywhere
    if calls > 1 and len(departing) < calls and all(call is None for *_, call in guess.works):
        yield guess.only(departing)
        if everywhere is not None:
            mine = {key: work for key, work in everywhere.works.items() if key[0] == site.network}
            if len(mine) > 1:
                yield replace(guess, works=mine).only(departing)


@dataclass
class Trial:
    """Guesses tried in the model: with which does most agree, and what parts now parts later?"""

    model: Model
    found: Walk
    departure: Departure
    again: Again

    def best(self, possible: Iterable[Guess]) -> Guess | None:
        """The first of the best, or None where none is better than nothing."""
        best, most = None, self.again(quick=True).agreed
        for guess in possible:
            before = dict(self.model.edits)
            guess.edit(self.model)
            try:
                with np.errstate(all="ignore"):
                    walked = self.again(quick=True, than=self.departure)
            except (NoLater, ValueError, IndexError, KeyError, FloatingPointError):     # or a shape that does not fit what follows
                continue
            finally:
                self.model.edits = before
            if walked.agreed > most and later(walked.departures, self.departure):
                best, most = guess, walked.agreed
        return best


def _calls(found: Walk, event: Pass) -> int:
    return sum(isinstance(e, Pass) and e.network is event.network for e in found.step.record.events)


def _finding(model: Model, best: Guess, place: str, site: Site, departure: Departure, found: Walk) -> Finding:
    names = {"layer": site.layer.name, "activation": ACTIVATIONS.get(site.layer.kind, site.layer.kind)}
    words = best.words.format(**names)
    calls, number = sorted({call for *_, call in best.works if call is not None}), _calls(found, departure.of)
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
