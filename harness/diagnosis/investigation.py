"""What an answer computes in place of what the question asks: solved for, one mistake after the other.

Each finding is made in the question's own model too, and the two go on side by side: what is found next is another mistake, and
not what follows from the first.
"""

from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np

from harness.diagnosis import chance, departures, formulas, updates
from harness.diagnosis.departures import Departure
from harness.diagnosis.finding import Finding
from harness.diagnosis.formulas import Setting
from harness.diagnosis.networks import abilities, layer
from harness.diagnosis.subject import Arrays, Subject
from harness.diagnosis.walk import Again, Walk, along, follow
from harness.exact.gradients import plain
from harness.exact.model import Update
from harness.tasks import Task, parameters

MOST = 6            # findings; who has more has them one after the other
SETTINGS = 12       # of weights and batches, at which losses are asked for
STEPS = 3           # that are looked at one after the other


def why(task: Task, subjects: Callable[[int], Subject], begin: Arrays, known: bool = False) -> tuple[list[Finding], list[str]]:
    """(what was solved for, or what is certain where nothing was). ``subjects``: the answer, built anew with a seed of its own
    randomness; ``begin``: the question's initial weights; ``known``: it is a known mistake, of which none is left to chance."""
    probe = parameters.probing(task.networks, 0)
    drawn = None if known else chance.explain(subjects, probe)
    if drawn is not None:
        return [drawn], []
    for weights in (probe, begin):      # each with optimizers that have not stepped yet
        investigation = Investigation(subjects(0), weights)
        if investigation.run():
            return investigation.findings, []
        if investigation.unexplained:
            drawn = chance.explain_from_a_seed(subjects(0), probe)
            return ([], investigation.facts()) if drawn is None else ([drawn], [])
    return abilities.explain(subjects(0), probe), []


class Investigation:
    """Of one answer, as far as it came. ``findings``: in the order of the computation."""

    def __init__(self, subject: Subject, weights: Arrays | None = None):
        self.subject, self.task = subject, subject.task
        self.model = subject.model()
        self.weights = parameters.probing(self.task.networks, 0) if weights is None else weights
        self.constants = subject.runner.constants()
        self.findings: list[Finding] = []
        self.unexplained: list[Departure] = []
        self.past: list[dict[str, float]] = []      # the losses of the steps before

    def run(self) -> list[Finding]:
        """All that can be found out."""
        self.subject.put(self.weights)
        start: Arrays = self.weights
        before: dict[str, Arrays] = {}
        others: list[Update] = []
        states = None
        for number in range(STEPS):
            tape = self.subject.record(number)
            walked = self._look(along(self.model, start, self.subject.canonical(number), tape, states), before, others)
            if self.findings or self.unexplained:
                break
            self.past.append(tape.losses)
            before = {taken.optimizer: taken.gradients for taken in tape.steps}
            others = _updates(walked)
            start, states = tape.after, dict(self.model.states)
        return self.findings

    def _look(self, again: Again, before: dict[str, Arrays], others: list[Update]) -> Walk:
        """One recorded step. ``before``, ``others``: the gradients that optimizers got in the step before, and all of the question's."""
        done: set[tuple[str, str]] = set()
        found = again()
        while len(self.findings) < MOST:
            departure = next((d for d in found.departures if (d.what, d.name) not in done), None)
            if departure is None:
                break
            if departure.what == "update":      # a loss that is wrong is minimized as it is: it is the first to be looked at
                departure = next((d for d in found.departures if d.what == "loss" and (d.what, d.name) not in done), departure)
            done.add((departure.what, departure.name))
            explained = self._explain(departure, found, again, before, others)
            if explained is None:
                self.unexplained.append(departure)
                if departure.what in ("layer", "order", "value"):
                    break               # what follows, follows from it
                continue
            for finding in explained:
                self.findings.append(finding)
                if finding.edit:
                    finding.edit(self.model)
            if departure.what == "order":
                break
            found = again()
        return found

    def _explain(self, departure: Departure, found: Walk, again: Again, before: dict[str, Arrays],
                 others: list[Update]) -> list[Finding] | None:
        """Findings of one departure; none where it follows from another; None: it is not explained."""
        one: Finding | None = None
        match departure.what:
            case "layer":
                one = layer.explain(self.model, found, departure, again, self.subject.values)
            case "value":
                one = formulas.explain_value(self.model, found, departure, again, self.subject.values) or \
                    layer.explain_after(self.model, found, departure, again)
            case "loss":
                one = formulas.explain_history(found, departure, self.past) or \
                    layer.explain_after(self.model, found, departure, again) or \
                    formulas.explain_loss(self.task, found, departure, lambda: self.settings)
                if one and (one.kind == "follows" or (one.kind == "history" and any(f.kind == "history" for f in self.findings))):
                    return []
            case "order":
                one = updates.explain_order(departure)
            case "update":
                if any(f.kind == "loss" for f in self.findings):
                    return []
                walked = again(terms=True)
                this = departure.what, departure.name, departure.event
                same = next(d for d in walked.departures if (d.what, d.name, d.event) == this)
                one = updates.explain_gradients(self.task, walked, same, self._before(walked, same, before),
                                                _left(walked, same, others))
            case "others":
                one = updates.explain_others(self.task, departure)
            case "rule":
                of = [f for f in updates.explain_constants(self.model, self.constants) if f.place == departure.name]
                return of or None
            case "averages":
                if self.findings or any(d.what == "averages" for d in self.unexplained):
                    return []
                one = updates.explain_averages(self.model, found, departure)
            case "parameters":
                if self.findings:
                    return []
                one = updates.explain_parameters(self.task, found, departure)
        return None if one is None else [one]

    def facts(self) -> list[str]:
        """What is certain where nothing was solved: where the answer and the question part first."""
        return [said for departure in self.unexplained[:1] if (said := departures.said(departure))]

    @staticmethod
    def _before(found: Walk, departure: Departure, before: dict[str, Arrays]) -> Arrays | None:
        """The gradients of the same optimizer's step before, in this training step or the last."""
        earlier = [e.taken.gradients for e in found.step.record.events[:departure.event]
                   if isinstance(e, Update) and e.optimizer == departure.name and e.taken is not None]
        return earlier[-1] if earlier else before.get(departure.name)

    @cached_property
    def settings(self) -> Sequence[Setting]:
        """Terms and losses at other weights and batches."""
        made = []
        for i in range(1, SETTINGS + 1):
            weights = parameters.probing(self.task.networks, i)
            self.subject.put(weights)
            tape = self.subject.record(i, values=False)
            step = follow(self.model, weights, self.subject.canonical(i), tape, quick=True)
            with step.aside():
                terms = {term: float(np.asarray(plain(step.term(term)))) for term in step.elementary}
            made.append(Setting(terms, tape.losses))
        return made


def _updates(found: Walk) -> list[Update]:
    return [event for event in found.step.record.events if isinstance(event, Update)]


def _left(found: Walk, departure: Departure, others: list[Update]) -> dict[str, Arrays]:
    """What the losses of other optimizers since the last step of this one have for gradients by its parameters, by the loss."""
    this = departure.name
    steps = [*others, *(e for e in found.step.record.events[:departure.event] if isinstance(e, Update))]
    last = max((i for i, event in enumerate(steps) if event.optimizer == this), default=-1)
    return {event.loss: event.gradients for event in steps[last + 1:]}
