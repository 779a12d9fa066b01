"""In which order an answer declares its parameters, where their shapes do not tell: found by what each of them does.

All parameters of one shape are given the same numbers. In whatever order an answer declares them, it then computes what the question's
model computes with the same. Now one of them after the other is given other numbers: it is the one with which the model comes to the
same.
"""

import contextlib
import math
import zlib
from collections.abc import Callable, Iterable, Mapping

import numpy as np

from harness.diagnosis.subject import Subject
from harness.frameworks import Arrays
from harness.messages import WorkbookError
from harness.runner.client import Ended, Runner, Stopped
from harness.tasks import Task, parameters
from harness.tasks.network import Parameter, Shape
from harness.tasks.parameters import native_shape, to_canonical
from harness.training.batches import native

SAMPLES = 2             # images that the abilities are asked for
TOLERANCE = 1e-6        # as in harness/feedback/fingerprint.py
Outputs = dict[str, np.ndarray]


def settled(subject: Callable[[], Subject], wrong: Iterable[str], task: Task, runner: Runner, layout: str) -> bool:
    """Let ``runner`` have the order in which its answer declares parameters, as far as it is seen by what they do; whether it is known.

    ``subject``: the answer built anew; ``wrong``: the abilities that are wrong in the order that the runner has.
    """
    unclear = _unclear(task, runner.order, layout)
    with contextlib.suppress(Stopped, Ended, WorkbookError):    # it does something else than before, or the question has no program
        unclear -= find(subject(), wrong)
    return not unclear


def find(subject: Subject, wrong: Iterable[str]) -> set[str]:
    """Let the subject's runner have the order, as far as it is found. The networks of which all was found.

    ``wrong``: the abilities that are wrong in the order that it has now; nothing is looked for where none of them comes right in
    another. Raises Stopped or Ended.
    """
    groups = _equals(subject)
    base = {p.name: array for of in groups for p, array in zip(of, _numbers(of, subject.layout, 0))}
    beside = _Beside(subject, base)
    if not set(wrong) & beside.right.keys():
        return set()
    places, whole = {p.name: p.name for of in groups for p in of}, set(subject.specs)
    for of in groups:
        if len(of) > 1:
            there, found = _places(of, base, beside)
            places |= there
            whole -= set() if found else {of[0].name.partition(".")[0]}
    order = subject.runner.order
    for network, specs in subject.specs.items():
        now = {p.name: place for p, place in zip(specs, order[network])}
        order[network] = [now[places[p.name]] for p in specs]
    return whole


def _unclear(task: Task, order: Mapping[str, list[int]], layout: str) -> set[str]:
    """Networks that are declared in another order than the question's, and have layers of equal shapes."""
    layers = {name: parameters.layers_of(network, layout) for name, network in task.networks.items() if order[name] != sorted(order[name])}
    return {name for name, of in layers.items() if len(set(of)) < len(of)}


def _equals(subject: Subject) -> list[list[Parameter]]:
    """The parameters of each network, those together that have the same shape in the answer's framework."""
    groups: dict[tuple[str, Shape], list[Parameter]] = {}
    for network, specs in subject.specs.items():
        for p in specs:
            groups.setdefault((network, native_shape(p, subject.layout)), []).append(p)
    return list(groups.values())


def _numbers(of: list[Parameter], layout: str, which: int) -> list[np.ndarray]:
    """Canonical arrays that are the same one in a framework of ``layout``. None is small, and what may be a variance is positive."""
    shape = native_shape(of[0], layout)
    rng = np.random.default_rng([which, zlib.crc32(of[0].name.encode())])
    if len(shape) == 1:
        array = rng.uniform(0.5, 1.5, shape)
    else:
        array = rng.standard_normal(shape) * math.sqrt(of[0].shape[0] / math.prod(shape))
    return [to_canonical(p, array, layout) for p in of]


class _Beside:
    """An answer and the question's model, asked for the same. ``right``: what the abilities give that agree at ``weights``."""

    def __init__(self, subject: Subject, weights: Arrays):
        self.subject, self.model = subject, subject.model()
        self.ours, self.theirs = subject.canonical.samples(SAMPLES), subject.native.samples(SAMPLES)
        self.right: Outputs = {}
        subject.put(weights)
        self.model.parameters = weights
        for name in subject.task.abilities:
            self.ours[name] = self._expected(name)
            self.theirs[name] = native(self.ours[name], subject.layout)     # what abilities that take it are given from now on
            if _same(self._came(name), self.ours[name]):
                self.right[name] = self.ours[name]

    def _expected(self, ability: str) -> np.ndarray:
        return self.model.ask(ability, [self.ours[i] for i in self.subject.task.abilities[ability].inputs])

    def _came(self, ability: str) -> np.ndarray:
        return self.subject.ask(ability, [self.theirs[i] for i in self.subject.task.abilities[ability].inputs])

    def expected(self, weights: Arrays) -> Outputs:
        """What the question's model gives."""
        self.model.parameters = weights
        return {name: self._expected(name) for name in self.right}

    def came(self, weights: Arrays, abilities: Iterable[str]) -> Outputs:
        """What the answer gives, with parameters as they are counted now."""
        self.subject.put(weights)
        return {name: self._came(name) for name in abilities}


def _places(of: list[Parameter], base: Arrays, beside: _Beside) -> tuple[dict[str, str], bool]:
    """Where each of these parameters is, and whether all were seen there."""
    others = dict(zip((p.name for p in of), _numbers(of, beside.subject.layout, 1)))
    expected = {name: beside.expected({**base, name: array}) for name, array in others.items()}
    seen = {name: [a for a, output in outputs.items() if not _same(output, beside.right[a])] for name, outputs in expected.items()}
    asked = sorted({ability for abilities in seen.values() for ability in abilities})
    came = {name: beside.came({**base, name: array}, asked) for name, array in others.items()} if asked else {}
    places: dict[str, str] = {}
    for name in (n for n in others if seen[n]):
        there = [place for place in others if place not in places.values()
                 and all(_same(came[place][ability], expected[name][ability]) for ability in asked)]
        if there:
            places[name] = name if name in there else there[0]
    left = [place for place in others if place not in places.values()]
    hidden = [name for name in others if name not in places]
    return places | dict(zip(hidden, left)), len(hidden) <= 1


def _same(a: np.ndarray, b: np.ndarray) -> bool:
    if a.shape != b.shape or not (np.isfinite(a).all() and np.isfinite(b).all()):
        return False
    return float(np.linalg.norm(a - b)) <= TOLERANCE * max(float(np.linalg.norm(b)), TOLERANCE)
