"""A loss or a value by another formula: which?"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from harness.diagnosis.departures import TOLERANCE, Departure, differ, later
from harness.diagnosis.finding import Finding
from harness.diagnosis.walk import Again, NoLater, Walk
from harness.exact.formula import Formula, number, written
from harness.exact.gradients import plain
from harness.exact.model import Model, Step, Update
from harness.exact.solve import solve, solve_most
from harness.tasks import Task

MOST = 60               # values of the tape that are looked at
FEW, MANY = 4, 8        # settings of weights and batches, at which losses are asked for
MOST_TERMS = 2          # of a formula for which few are enough
CLOSE = 1e-7            # a coefficient that near to another is that one
Values = Callable[[list[int]], list[np.ndarray]]


@dataclass
class Setting:
    """The terms and the answer's losses at one setting of weights and batch. ``begins``: of weights such as the question begins with,
    where much is nearly 0."""

    terms: dict[str, float]
    losses: Mapping[str, float]
    begins: bool = False

    @classmethod
    def of(cls, step: Step, losses: Mapping[str, float], begins: bool = False) -> "Setting":
        """As the question's step has the terms."""
        with step.aside():
            return cls({term: float(np.asarray(plain(step.term(term)))) for term in step.elementary}, losses, begins)


def explain_loss(task: Task, found: Walk, departure: Departure, settings: Callable[[int], Sequence[Setting]]) -> Finding | None:
    """By which formula an answer computes a loss that is wrong, or None. Other losses that are right count as terms. ``settings``: so
    many besides this one; the fewer are enough for a formula of two terms."""
    here = Setting.of(found.step, found.tape.losses)
    return _explained(task, found, departure, [here, *settings(FEW)], MOST_TERMS) or \
        _explained(task, found, departure, [here, *settings(MANY)])


def _explained(task: Task, found: Walk, departure: Departure, at: Sequence[Setting], most: int | None = None) -> Finding | None:
    """From these settings; of no more than ``most`` terms, or of as many as there are, if need be without some settings."""
    formula = departure.of
    assert isinstance(formula, Formula)
    wrong = {d.name for d in found.departures if d.what == "loss"}
    later = {event.name for event in found.step.record.events[departure.event:] if isinstance(event, Formula)}     # sums that it is part of
    terms = {term: np.array([setting.terms[term] for setting in at]) for term in at[0].terms if term not in
             (wrong | later) - set(formula.right)}
    # What it is a sum of, as the answer reports it: a part that is wrong is one mistake, not two.
    for part in wrong & set(formula.right):
        terms[part] = np.array([setting.losses[part] for setting in at])
    # Each setting counts as much as the others: by the size of what the question adds up there.
    size = np.sum([np.abs(coefficient * terms[term]) for term, coefficient in formula.right.items() if term in terms], 0)
    if not np.all(size > 0):
        return None
    terms = {term: values / size for term, values in terms.items()}
    came = np.array([setting.losses[formula.name] for setting in at]) / size
    if most:
        coefficients, odd = solve(came, terms, set(formula.right)), 0
    else:
        coefficients, odd = _solved(came, terms, set(formula.right), np.array([not setting.begins for setting in at]))
    if coefficients is None or (most and len(coefficients) > most):
        return None
    coefficients = {**{t: coefficients[t] for t in formula.right if t in coefficients}, **coefficients}     # in the question's order
    said = [] if _is(coefficients, formula.right) else differences(task, coefficients, formula.right)
    if odd:
        said.append(f"at {odd} of {len(at)} settings of the weights it is {'not even that' if said else 'another number'}, as where a "
                    "logarithm, a root or an exponential is cut off")
    if not said:
        return Finding("follows", formula.name, "")
    updates = _trained(found, formula.name)
    only = bool(updates) and not any(found.has("update", update.optimizer) for update in updates)
    return Finding("reported" if only else "loss", formula.name, "; ".join(said) + (
        " (only the number that train_step returns: what is trained is right)" if only else ""),
        yours=formula.text(coefficients), question=formula.text())


def _solved(came: np.ndarray, terms: Mapping[str, np.ndarray], right: set[str], usual: np.ndarray) -> tuple[dict[str, float] | None, int]:
    """(coefficients, at how many settings they do not hold): at all; or at all that are ``usual``, of few terms; or at most of them,
    of the question's own terms."""
    coefficients = solve(came, terms, right)
    if coefficients is not None:
        return coefficients, 0
    coefficients = solve(came[usual], {term: values[usual] for term, values in terms.items()}, right)
    if coefficients is not None and len(coefficients) <= usual.sum() - 3:
        return coefficients, int((~usual).sum())
    return solve_most(came, {term: terms[term] for term in right})


def _trained(found: Walk, loss: str) -> list[Update]:
    """The updates that minimize a loss, or a sum that it is part of."""
    formulas = {event.name: event for event in found.step.record.events if isinstance(event, Formula)}

    def has(name: str) -> bool:
        return name == loss or (name in formulas and any(map(has, formulas[name].right)))

    return [event for event in found.step.record.updates() if has(event.loss)]


def explain_history(found: Walk, departure: Departure, past: Sequence[Mapping[str, float]]) -> Finding | None:
    """Losses that are right in the first step, and have the steps before in them afterwards. ``past``: the losses of these."""
    wrong, came = [d for d in found.departures if d.what == "loss"], found.tape.losses
    for what in ("mean", "sum") if past else ():
        names = [d.name for d in wrong if differ(came[d.name], _history(d, past, what)) <= TOLERANCE]
        if departure.name in names:
            return Finding("history", ", ".join(names), f"what is returned is the {what} over all steps so far, and should be this step's "
                           "loss (what is trained is right)")
    return None


def _history(departure: Departure, past: Sequence[Mapping[str, float]], what: str) -> float:
    assert isinstance(departure.of, Formula)
    total = float(plain(departure.of.value())) + sum(losses[departure.name] for losses in past)
    return total / (len(past) + 1) if what == "mean" else total


def explain_value(model: Model, found: Walk, departure: Departure, again: Again, values: Values) -> Finding | None:
    """By which formula an answer computes a value, place by place, or None: of all that was computed and is a sum of its terms, that
    with which most of the step agrees."""
    formula, tape = departure.of, found.tape
    assert isinstance(formula, Formula)
    terms = {term: np.ravel(plain(array)) for term, array in formula.terms.items()}
    right, base = np.asarray(plain(formula.value())), again(quick=True).agreed
    tried: dict[tuple[tuple[str, str], ...], tuple[int, dict[str, float]]] = {}
    for numbers in _in_parts([int(n) for n in tape.alike(right.size)][:MOST]):
        for at, array in zip(numbers, values(numbers)):
            coefficients = solve(array.ravel(), terms, set(formula.right)) if array.shape == right.shape else None
            if coefficients and not _is(coefficients, formula.right):
                tried.setdefault(tuple(sorted((term, number(c)) for term, c in coefficients.items())), (at, coefficients))
    for term in terms:              # which need not be computed: the batch has them
        tried.setdefault(((term, "1"),), (-1, {term: 1.0}))
    # A term alone is there in any case: that the answer takes it for the value has to show in what it makes of it.
    alike = [e.name for e in found.step.record.events
             if isinstance(e, Formula) and e.name not in tape.losses and set(e.right) == set(formula.right)]
    best, most = None, base
    for at, coefficients in tried.values():
        for names in ([formula.name], alike) if len(alike) > 1 else ([formula.name],):
            agreed = _agreed(model, departure, names, coefficients, again) - (len(names) if len(coefficients) == 1 else 0)
            if agreed > most:
                best, most = (at, coefficients, names), agreed
    if best is None:
        return None
    at, coefficients, names = best
    return Finding("value", ", ".join(names), "; ".join(differences(model.task, coefficients, formula.right)),
                   yours=formula.text(coefficients), question=formula.text(), line=int(tape.lines[at]) if at >= 0 else 0,
                   edit=lambda model: model.formulas.update(dict.fromkeys(names, coefficients)))


def _agreed(model: Model, departure: Departure, names: list[str], coefficients: dict[str, float], again: Again) -> int:
    before = dict(model.formulas)
    model.formulas |= dict.fromkeys(names, coefficients)
    try:
        walked = again(quick=True, than=departure)
        return walked.agreed if later(walked.departures, departure) else -1
    except NoLater:
        return -1
    finally:
        model.formulas = before


def _in_parts(numbers: list[int], size: int = 12) -> list[list[int]]:
    return [numbers[i:i + size] for i in range(0, len(numbers), size)]


def _is(a: Mapping[str, float], b: Mapping[str, float]) -> bool:
    return set(a) == set(b) and all(abs(a[t] - b[t]) <= CLOSE * abs(b[t]) for t in a)


def differences(task: Task, yours: Mapping[str, float], right: Mapping[str, float]) -> list[str]:
    """What is different between two sums, in words."""
    ratios = {term: yours[term] / right[term] for term in right if term in yours}
    if set(yours) == set(right) and ratios and np.ptp(list(ratios.values())) <= CLOSE * max(map(abs, ratios.values())):
        return [_factor(task, "all of it", next(iter(ratios.values())))]
    said, labelled = _labels(yours, right)
    share = sum(yours.values()) / (sum(right.values()) or np.inf)
    if not labelled and share > 0 and abs(share - 1) > CLOSE:
        said, labelled = _labels({term: value / share for term, value in yours.items()}, right)
        if labelled == set(yours) | set(right):
            return [*said, _factor(task, "all of it", share)]
        said, labelled = [], set()
    ratios = {term: ratio for term, ratio in ratios.items() if term not in labelled}
    missing, extra = [t for t in right if t not in yours and t not in labelled], [t for t in yours if t not in right and t not in labelled]
    for term in list(missing):
        other = next((t for t in extra if abs(abs(yours[t]) - abs(right[term])) <= CLOSE * abs(right[term])), None)
        if other is not None:
            said.append(f"{written({other: yours[other]})} in place of {written({term: right[term]})}")
            missing.remove(term)
            extra.remove(other)
    said += [f"{_called(term)} is missing" for term in missing]
    said += [_factor(task, _called(term), ratio) for term, ratio in ratios.items() if abs(ratio - 1) > CLOSE]
    said += [f"{written({term: yours[term]})} is there in addition" if yours[term] > 0 else
             f"{written({term: -yours[term]})} is taken away in addition" for term in extra]
    return said


def _called(term: str) -> str:
    return "the constant" if term == "1" else term


def _labels(yours: Mapping[str, float], right: Mapping[str, float]) -> tuple[list[str], set[str]]:
    """A cross entropy with another label: t (-log D) + (1 - t) (-log(1 - D))."""
    said, of = [], set()
    for images in {name.removeprefix("-log D(")[:-1] for name in [*yours, *right] if name.startswith("-log D(")} | {
            name.removeprefix("-log(1 - D(")[:-2] for name in [*yours, *right] if name.startswith("-log(1 - D(")}:
        pair = f"-log D({images})", f"-log(1 - D({images}))"
        (a, b), (c, d) = ([of_one.get(name, 0.0) for name in pair] for of_one in (yours, right))
        if c + d and abs(a + b - c - d) <= CLOSE * abs(c + d) and abs(a - c) > CLOSE:
            said.append(f"the label of {images} is {number(a / (a + b)) if a else '0'}, and should be {number(c / (c + d)) if c else '0'}")
            of |= set(pair)
    return sorted(said), of


def _factor(task: Task, what: str, ratio: float) -> str:
    if abs(ratio + 1) <= CLOSE:
        return f"{what} has the wrong sign"
    sign, size = "minus " if ratio < 0 else "", abs(ratio)
    for value, meaning in {2: "two terms", **task.sizes}.items():
        for name, factor in ((f"{value} times", value), (f"1/{value} of", 1 / value)):
            if abs(size / factor - 1) <= CLOSE:
                kind = "a sum" if factor > 1 else "a mean"
                return f"{what} is {sign}{name} what it should be, as by {kind} over {meaning} where the question has " \
                       f"{'a mean' if factor > 1 else 'a sum'}" if value > 2 else f"{what} is {sign}{name} what it should be"
    return f"{what} is {sign}{number(size)} times what it should be"
