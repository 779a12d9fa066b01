"""From a fingerprint to a name: which known mistake it is; and where none fits, the nearest facts.

Nothing is guessed. A name is given only where everything that was computed is what that mistake computes, to
``fingerprint.TOLERANCE``; two names where two mistakes are the same to all that can be seen.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from harness.feedback import fingerprint
from harness.feedback.fingerprint import Fingerprint
from harness.messages import some
from harness.tasks import Task
from harness.tasks.mistakes import Mistake

if TYPE_CHECKING:
    from harness.diagnosis.finding import Finding

CLOSE = 1e-9            # a ratio of losses that near a telling number is that number
MOVED = 1e-7            # ... and one that moved by less was moved by nothing but the rounding of a gradient that is 0
STILL = 1e-11           # a parameter that changed by no more did not move: stored digests have 13 digits


@dataclass
class Diagnosis:
    """``names``: mistakes, any one of which it is; ``findings``: what was solved for, in the order of the computation; ``facts``: what
    can be said without either."""

    names: list[str] = field(default_factory=list)
    findings: "list[Finding]" = field(default_factory=list)
    facts: list[str] = field(default_factory=list)
    fault: str = ""         # of ours, in solving


@dataclass
class Reference:
    """The fingerprints of a task's right answer and of its mistakes, all of the same weights, data and noise."""

    task: Task
    right: Fingerprint
    mistakes: dict[str, Fingerprint] = field(default_factory=dict)

    @classmethod
    def stored(cls, task: Task) -> "Reference":
        """Those that ``check`` compares with."""
        return cls(task, **json.loads(path_of(task).read_text(encoding="utf-8")))


def path_of(task: Task) -> Path:
    """Where a task's fingerprints are stored; ``tools/fingerprints.py`` makes them."""
    return task.folder / "reference" / "fingerprints.json"


def data_path(task: Task) -> Path:
    """The .npz of the arrays that they were made with: images, labels and, where the task has some, masks."""
    return task.folder / "reference" / "data.npz"


def is_it(found: Fingerprint, known: Fingerprint, right: Fingerprint) -> bool:
    """Whether ``found`` is ``known``: everything seen is the same, and what makes ``known`` a mistake was seen."""
    shapes = known.get("shapes", right["shapes"])
    rung, known_rung = (f.get("stopped", [None])[0] for f in (found, known))
    if found.get("shapes") != shapes or rung != known_rung:
        return False
    if shapes == right["shapes"] and rung and found["stopped"][1] != known["stopped"][1]:
        return False                # the same rung may be missed for other reasons
    if not _same(found, known):
        return False
    return shapes != right["shapes"] or bool(rung) or not _same(found, right)


def _same(a: Fingerprint, b: Fingerprint) -> bool:
    return all(value <= fingerprint.TOLERANCE
               for part in fingerprint.differences(a, b).values() for value in part.values())


def diagnose(found: Fingerprint, reference: Reference) -> Diagnosis:
    """What is known of the answer with fingerprint ``found``."""
    names = [name for name, known in reference.mistakes.items() if is_it(found, known, reference.right)]
    if names:
        return Diagnosis(names=names)
    return Diagnosis(facts=facts(found, reference))


def facts(found: Fingerprint, reference: Reference) -> list[str]:
    """What can be said without a name: factors, gradients that do not arrive, the part that is still right."""
    lines = []
    if "ranges" in found:
        lines += _ranges(found, reference)
    if "curves" in found:
        lines += _not_finite(found) or _factors(found, reference)
    if "updated" in found:
        lines += _stuck(found, reference)
    return lines


def _ranges(found: Fingerprint, reference: Reference) -> list[str]:
    """Images that leave the range of the pixels, where the right ones do not."""
    lines, task = [], reference.task
    low, high = task.pixels
    for name, (least, most) in found["ranges"].items():
        if task.abilities[name].output != task.image_shape:
            continue
        right = reference.right["ranges"][name]
        if low <= right[0] and right[1] <= high and not (low <= least and most <= high):
            lines.append(f"{name} has values from {least:.3g} to {most:.3g}, but pixels are from {low:g} to {high:g}: "
                         "look at the last activation")
    return lines


def _not_finite(found: Fingerprint) -> list[str]:
    for name, values in found["curves"].items():
        step = next((i for i, value in enumerate(values, 1) if not np.isfinite(value)), None)
        if step == 1:
            return [f"{name} is {values[0]} in the first step: look for a logarithm or a root of 0, a division by "
                    "0, or an exponential that overflows"]
        if step:
            return [f"{name} is {values[step - 1]} from step {step} on: an earlier update made parameters nan or infinite "
                    "(the gradient of a root at 0; in Chainer, where gradients start as nan, a missing cleargrads())"]
    return []


def _factors(found: Fingerprint, reference: Reference) -> list[str]:
    lines = []
    telling = telling_numbers(reference.task)
    for name, values in found["curves"].items():
        came, expected = values[0], reference.right["curves"][name][0]
        if not came or not expected or abs(came / expected - 1) <= fingerprint.TOLERANCE:
            continue
        for number, meaning in telling.items():
            for factor in (-1.0,) if number == 1 else (number, 1 / number, -number, -1 / number):
                if abs(came / expected / factor - 1) < CLOSE:
                    lines.append(f"{name} is {_times(factor)} what it should be: {meaning}")
    return lines


def _times(factor: float) -> str:
    sign, size = "-" if factor < 0 else "", abs(factor)
    return f"exactly {sign}{size:g} times" if size >= 1 else f"exactly {sign}1/{1 / size:g} of"


def telling_numbers(task: Task) -> dict[float, str]:
    """Numbers that a loss is wrong by, and what that usually means; 1 stands for a wrong sign."""
    telling = {1.0: "a sign is wrong"}
    telling |= {2.0: "a factor of 2 is missing or is there twice, or two terms are averaged that should be added"}
    for number, what in task.sizes.items():
        if number > 2:
            telling.setdefault(float(number), f"a sum and a mean over {what} may be exchanged")
    return telling


def _stuck(found: Fingerprint, reference: Reference) -> list[str]:
    initial, updated = reference.right["initial"], reference.right["updated"]
    trainable = [p.name for network in reference.task.networks.values() for p in network.parameters() if p.trainable]
    right = {name: updated[name] for name in trainable}
    by = {name: fingerprint.digest_difference(value, initial[name]) for name, value in found["updated"].items() if name in right}
    should = {name: fingerprint.digest_difference(value, initial[name]) for name, value in right.items()}
    stuck = [name for name in by if should[name] > MOVED and not by[name] > STILL and not _takes_part(name, by)]
    moved = [name for name in by if by[name] > MOVED and not should[name] > STILL]
    lines = []
    if stuck:
        lines.append(f"{some(stuck, 4)} did not change in the first step: no gradient reaches it, or no optimizer updates it")
    if moved:
        lines.append(f"{some(moved, 4)} changed in the first step, but should not change")
    return lines


def _takes_part(name: str, moves: dict[str, float]) -> bool:
    """Whether it is a bias whose layer learns: a gradient comes there. That of the bias is 0 where a batch norm subtracts it again, and
    Adam makes of its rounding what it likes."""
    layer, _, role = name.rpartition(".")
    return role == "bias" and moves.get(f"{layer}.weight", 0.0) > STILL


def explain(diagnosis: Diagnosis, mistakes: list[Mistake]) -> list[Mistake]:
    """The known mistakes that a diagnosis names, in its order."""
    known = {mistake.name: mistake for mistake in mistakes}
    return [known[name] for name in diagnosis.names if name in known]
