"""Random numbers that an answer draws itself, where the question gives it all there are with the batch."""

from collections.abc import Callable, Mapping

import numpy as np

from harness.diagnosis.finding import Finding
from harness.diagnosis.subject import Subject
from harness.diagnosis.tape import TOLERANCE, Tape

Arrays = Mapping[str, np.ndarray]


def explain(subjects: Callable[[int], Subject], weights: Arrays) -> Finding | None:
    """What an answer draws, or None where one step is the same whatever the seed. ``subjects``: the answer, built anew with a seed.

    Nothing else is to be looked for then: what comes of other noise parts everywhere.
    """
    tapes = []
    for seed in (0, 1):
        subject = subjects(seed)
        tapes.append(recorded(subject, weights))
    one = tapes[0]
    if same(one.losses, tapes[1].losses):
        return None
    apart = first_apart(*tapes)
    words = "it draws random numbers of its own, so that two runs from the same weights on the same batch differ"
    unused = [f'batch["{name}"]' for name in _noise(subject, weights) if _unused(subjects, weights, name, one.losses)]
    if unused:
        words += f"; {' and '.join(unused)} {'is' if len(unused) == 1 else 'are'} not used"
    return _finding(words, tapes[0], apart)


def explain_from_a_seed(subject: Subject, weights: Arrays) -> Finding | None:
    """The same where the answer sets the seed, so that it draws the same whenever it is built: its next step draws something else.

    That step begins with the same weights, and its optimizers have stepped before: what these keep, and gradients that are not
    cleared, have the sizes of parameters. Other numbers that are kept from step to step, such as a sum of losses, are single ones.
    """
    tapes = [recorded(subject, weights) for _ in range(2)]
    apart = first_apart(*tapes)
    sizes = {1, *(array.size for array in weights.values())}
    if apart is None or int(tapes[0].moments[apart, 0]) in sizes:
        return None
    return _finding("two steps from the same weights on the same batch differ: it draws random numbers of its own (from a seed that it "
                    "sets itself), or keeps something else from step to step", tapes[0], apart)


def _finding(words: str, tape: Tape, apart: int | None) -> Finding:
    line = int(tape.lines[apart]) if apart is not None else 0
    return Finding("random", "train_step", words, question="all that is random comes with the batch", line=line)


def first_apart(one: Tape, other: Tape) -> int | None:
    """The first value that is another one, before any optimizer steps."""
    rows = min(len(one.moments), len(other.moments), *(tape.steps[0].at for tape in (one, other) if tape.steps))
    scale = np.maximum(np.abs(one.moments[:rows]), 1.0)
    with np.errstate(invalid="ignore"):         # what is infinite in both is not apart
        apart = np.flatnonzero((np.abs(one.moments[:rows] - other.moments[:rows]) > TOLERANCE * scale).any(1))
    return int(apart[0]) if len(apart) else None


def recorded(subject: Subject, weights: Arrays) -> Tape:
    """The first step from ``weights``."""
    subject.put(weights)
    return subject.record(0)


def same(one: Mapping[str, float], other: Mapping[str, float]) -> bool:
    """Whether all losses are the same numbers."""
    return all(_same(value, other[name]) for name, value in one.items())


class _Entries(dict[str, np.ndarray]):
    """A batch that knows which of its entries were asked for."""

    def __init__(self, entries: Arrays):
        super().__init__(entries)
        self.asked: list[str] = []

    def __getitem__(self, name: str) -> np.ndarray:
        self.asked.append(name)
        return super().__getitem__(name)


def _noise(subject: Subject, weights: Arrays) -> list[str]:
    """Random entries of the batch that the question's step uses."""
    model, batch = subject.model(), _Entries(subject.canonical(0))
    model.parameters = dict(weights)
    model.step(batch)
    return [name for name, what in subject.task.batch.items() if not isinstance(what, str) and name in batch.asked]


def _unused(subjects: Callable[[int], Subject], weights: Arrays, name: str, losses: Mapping[str, float]) -> bool:
    """Whether the losses stay where an entry of the batch becomes another."""
    subject = subjects(0)
    subject.put(weights)
    batch = dict(subject.native(0))
    batch[name] = np.ascontiguousarray(np.roll(batch[name].ravel(), 1).reshape(batch[name].shape))
    return same(subject.runner.step(batch), losses)


def _same(a: float, b: float) -> bool:
    return abs(a - b) <= 1e-9 * max(abs(a), abs(b)) or not np.isfinite([a, b]).any()
