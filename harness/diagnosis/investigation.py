"""What an answer computes in place of what the question asks: solved for, one mistake after the other.

Each finding is made in the question's own model too, and the two go on side by side: what is found next is another mistake, and
not what follows from the first.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np

from harness.diagnosis import chance, departures, formulas, updates
from harness.diagnosis.departures import Departure
from harness.diagnosis.finding import Finding
from harness.diagnosis.formulas import Setting
from harness.diagnosis.networks import abilities, layer
from harness.diagnosis.subject import Arrays, Subject
from harness.diagnosis.tape import Tape
from harness.diagnosis.walk import Again, Walk, along, follow
from harness.exact.formula import Formula
from harness.exact.model import Update
from harness.tasks import Task, parameters

MOST = 6            # findings; who has more has them one after the other
STEPS = 3           # that are looked at one after the other
APART = ("layer", "value", "loss")      # departures that have a reason of their own, also where the optimizers' order is another
FOLLOWS = ("before", "input")           # findings that may follow from the order


def why(task: Task, subjects: Callable[[int], Subject], begin: Arrays, losses: Mapping[str, float] | None = None,
        able: bool = True) -> tuple[list[Finding], list[str]]:
    """(what was solved for, or what is certain where nothing was). ``subjects``: the answer, built anew with a seed of its own
    randomness; ``begin``: the question's initial weights; ``losses``: of its first step from ``parameters.probing(..., 0)``, with
    seed 0, where that is known; ``able``: whether its abilities give the right numbers there."""
    probe = parameters.probing(task.networks, 0)
    subject = subjects(1)
    tape = chance.recorded(subject, probe)
    if losses is None or not chance.same(losses, tape.losses):
        drawn = chance.explain(subjects, probe)
        if drawn is not None:
            return [drawn], []
        subject = subjects(0)
        tape = chance.recorded(subject, probe)
    investigation = Investigation(subject, probe, tape)
    if not investigation.run() and not investigation.unexplained:
        investigation = Investigation(subjects(0), begin)       # with optimizers that have not stepped yet
        investigation.run()
    if investigation.unexplained and not investigation.findings:
        drawn = chance.explain_from_a_seed(subjects(0), probe)
        if drawn is not None:
            return [drawn], []
    found = investigation.findings
    if found:
        found = sorted([*found, *investigation.besides()], key=lambda finding: (finding.kind == "formula", finding.event))
    if found and not able and not any(finding.place.partition(".")[0] in task.networks for finding in found):
        return abilities.explain(subjects(0), probe) + found, []        # training alone does not say why they are wrong
    if found or investigation.unexplained:
        return found, [] if found else investigation.facts()
    return abilities.explain(subjects(0), probe), []


class Investigation:
    """Of one answer, as far as it came. ``findings``: in the order of the computation. ``first``: its first step, where it was
    recorded already."""

    def __init__(self, subject: Subject, weights: Arrays | None = None, first: Tape | None = None):
        self.subject, self.task = subject, subject.task
        self.model = subject.model()
        self.weights = parameters.probing(self.task.networks, 0) if weights is None else weights
        self.first, self.constants = first, subject.runner.constants()
        self.findings: list[Finding] = []
        self.unexplained: list[Departure] = []
        self.past: list[dict[str, float]] = []      # the losses of the steps before
        self.settings: list[Setting] = []

    def run(self) -> list[Finding]:
        """All that can be found out."""
        if self.first is None:
            self.subject.put(self.weights)
        start: Arrays = self.weights
        before: dict[str, Arrays] = {}
        others: list[Update] = []
        states = None
        for number in range(STEPS):
            tape = self.first if self.first and not number else self.subject.record(number)
            walked = self._look(along(self.model, start, self.subject.canonical(number), tape, states), before, others)
            if self.findings or self.unexplained:
                self.findings.sort(key=lambda finding: finding.event)
                break
            self.past.append(tape.losses)
            before = {taken.optimizer: taken.gradients for taken in tape.steps}
            others = walked.step.record.updates()
            start, states = tape.after, dict(self.model.states)
        return self.findings

    def _look(self, again: Again, before: dict[str, Arrays], others: list[Update]) -> Walk:
        """One recorded step. ``before``, ``others``: the gradients that optimizers got in the step before, and all of the question's."""
        done: set[tuple[str, str]] = set()
        found = again(quick=True)           # as far as no gradients are needed
        order = False                       # the optimizers' steps are in another one
        while len(self.findings) < MOST:
            departure = next((d for d in found.departures if (d.what, d.name) not in done and (not order or _apart(d, found))), None)
            if found.quick and (departure is None or departure.what == "loss" or _not_finite(found)):
                found = again()
                continue
            if departure is None:
                break
            if departure.what == "update":      # a loss that is wrong is minimized as it is: it is the first to be looked at
                departure = next((d for d in found.departures if d.what == "loss" and (d.what, d.name) not in done), departure)
            done.add((departure.what, departure.name))
            explained = self._explain(departure, found, again, before, others)
            if order:                       # what is solved for is certain here, too; that something parts is not
                explained = [finding for finding in explained or [] if finding.kind not in FOLLOWS]
            if explained is None:
                self.unexplained.append(departure)
                if departure.what in ("layer", "order", "value"):
                    break               # what follows, follows from it
                continue
            for finding in explained:
                finding.event = departure.event
                self.findings.append(finding)
                if finding.edit:
                    finding.edit(self.model)
                    self.settings.clear()
                    found = again(quick=True)
            if departure.what == "order":
                order = True
                self.findings += updates.explain_constants(self.model, self.constants)
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
                    formulas.explain_loss(self.task, found, departure, self._settings)
                if one and (one.kind == "follows" or (one.kind == "history" and any(f.kind == "history" for f in self.findings))):
                    return []
            case "order":
                one = updates.explain_order(departure)
            case "update":
                if any(f.kind == "loss" for f in self.findings):
                    return []
                one = updates.explain_gradients(self.task, found, departure, self._before(found, departure, before),
                                                partial(_left, found, departure, others))
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

    def besides(self) -> list[Finding]:
        """Losses that nothing explains, and that do not follow from what was found: all that comes before them is right, or is made in
        the model too."""
        if any(finding.kind == "order" for finding in self.findings) or any(d.what != "loss" for d in self.unexplained):
            return []
        said = []
        for departure in self.unexplained:
            formula = departure.of
            assert isinstance(formula, Formula)
            if all(finding.edit or finding.event > departure.event or finding.place not in formula.right for finding in self.findings):
                words = "it is another formula than the question's; which one, was not found"
                said.append(Finding("formula", departure.name, words, question=formula.text(), event=departure.event))
        return said

    def facts(self) -> list[str]:
        """What is certain where nothing was solved: where the answer and the question part first."""
        return [said for departure in self.unexplained[:1] if (said := departures.said(departure))]

    @staticmethod
    def _before(found: Walk, departure: Departure, before: dict[str, Arrays]) -> Arrays | None:
        """The gradients of the same optimizer's step before, in this training step or the last."""
        earlier = [e.taken.gradients for e in found.step.record.updates(departure.event)
                   if e.optimizer == departure.name and e.taken is not None]
        return earlier[-1] if earlier else before.get(departure.name)

    def _settings(self, number: int) -> Sequence[Setting]:
        """Terms and losses at so many other weights and batches: at weights where terms are far apart, and at some such as the question
        begins with."""
        for i in range(len(self.settings) + 1, number + 1):
            begins = i % 3 == 0
            weights = parameters.initial(self.task.networks, self.task.initializers, i) if begins else \
                parameters.probing(self.task.networks, i)
            self.subject.put(weights)
            tape = self.subject.record(i, values=False)
            step = follow(self.model, weights, self.subject.canonical(i), tape, quick=True)
            self.settings.append(Setting.of(step, tape.losses, begins))
        return self.settings[:number]


def _apart(departure: Departure, found: Walk) -> bool:
    """Whether it comes before any optimizer's step: there it does not matter which one is the first."""
    events = found.step.record.events
    first = next((i for i, event in enumerate(events) if isinstance(event, Update)), len(events))
    return departure.what in APART and departure.event < first


def _not_finite(found: Walk) -> bool:
    """Whether an optimizer got gradients that are no numbers: then all that is computed with its parameters differs, for that reason."""
    return any(not np.isfinite(array).all() for taken in found.tape.steps for array in taken.gradients.values())


def _left(found: Walk, departure: Departure, others: list[Update]) -> dict[str, Arrays]:
    """What the losses of other optimizers since the last step of this one have for gradients by its parameters, by the loss."""
    steps = [*others, *found.step.record.updates(departure.event)]
    last = max((i for i, event in enumerate(steps) if event.optimizer == departure.name), default=-1)
    return {event.loss: event.left[event.loss] for event in steps[last + 1:] if event.left}
