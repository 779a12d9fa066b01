"""Where an answer and its question part, and what is said of it where nothing was found that explains it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from harness.exact.formula import Formula
from harness.exact.model import Pass, Update
from harness.tasks.network import Layer

TOLERANCE = 1e-6        # relative, of losses, gradients and parameters


@dataclass
class Changed:
    """Parameters that are not what the question makes of them: ``left`` by the step before or, before the first, what all began
    with; ``had`` when they were used next. ``first``: before any step."""

    names: list[str]
    left: Mapping[str, np.ndarray]
    had: Mapping[str, np.ndarray]
    first: bool = False


@dataclass
class Departure:
    """``what`` is order, parameters, layer, value, loss, update, others, rule or averages; ``event`` says which of the record's, ``of`` is
    it, or what came."""

    event: int
    what: str
    name: str
    of: Any
    layer: Layer | None = None


def later(departures: Sequence[Departure], than: Departure) -> bool:
    """Whether a departure is gone, and the first that is left is not where what was changed is read: that would be the same one
    still."""
    if any((d.event, d.what, d.name) == (than.event, than.what, than.name) for d in departures):
        return False
    first = departures[0] if departures else None
    if first is None or first.layer is None:
        return True
    if than.layer is not None and first.event == than.event:
        return all(source.name != than.layer.name for source in first.layer.sources)
    return than.what != "value" or any(source.kind != "input" for source in first.layer.sources)


def said(departure: Departure) -> str:
    """What is certain: what comes before is right, and this is not."""
    of = departure.of
    match departure.what:
        case "layer" if isinstance(of, Pass) and departure.layer is not None:
            network, layer = of.network.name, departure.layer
            where = f"the first difference is in the {network}, at {layer.name} ({layer})"
            if layer.kind == "input" or all(source.kind == "input" for source in layer.sources):
                return (f"{where}: either it computes something else, or the {network} is called with something else than the "
                        "question calls it with")
            return f"{where}: what goes into it has the right numbers, perhaps in another order; what it gives has not"
        case "value" if isinstance(of, Formula):
            return f"{of.name} is not what the question has: {of.text()}"
        case "loss" if isinstance(of, Formula):
            return f"the networks give the right outputs in train_step; what is computed from them is not {of.text()}"
        case "update" if isinstance(of, Update):
            return f"the losses are right; the gradients that {of.optimizer} gets are not those of {of.loss}"
        case "rule":
            return f"{departure.name} makes something else of its gradients than the question's optimizer"
        case "averages":
            network, norm, _ = departure.name.split(".")
            return f"the running averages of {network}.{norm} are not what the question's calls of the {network} make of them"
        case "parameters":
            return f"{departure.name}: something else than its optimizer changes it"
    return ""


def differ(a: float, b: float) -> float:
    """The relative difference."""
    return abs(a - b) / max(abs(a), abs(b), 1e-12) if np.isfinite([a, b]).all() else np.inf


def wrong_gradients(update: Update, trained: list[str]) -> list[str]:
    """The parameters whose gradients are not the question's. A gradient that is nothing but rounding is 0, or none at all."""
    scale = max((float(np.abs(update.gradients[name]).max()) for name in trained), default=1.0)
    came, right = update.taken.gradients, update.gradients
    return [name for name in trained if not np.abs(came.get(name, 0.0) - right[name]).max() <=
            TOLERANCE * max(float(np.abs(right[name]).max()), 1e-6 * scale)]


def same(a: np.ndarray, b: np.ndarray, tolerance: float = TOLERANCE) -> bool:
    """Whether two arrays are the same, by the largest of their values."""
    return bool(np.abs(a - b).max() <= tolerance * max(float(np.abs(b).max()), 1e-12))
