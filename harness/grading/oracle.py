"""The right numbers at any weights, data order and noise: our own answer computes them, in a process of its own.

A submission's numbers depend on a seed that its code never sees, so that they cannot have been stored anywhere.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from harness import frameworks
from harness.feedback.check import data_of
from harness.feedback.diagnosis import Reference
from harness.feedback.fingerprint import Fingerprint
from harness.feedback.ladder import Ladder
from harness.frameworks import Arrays
from harness.processes.worker import Worker
from harness.runner.source import Source
from harness.tasks import Task, answer_path, mistakes
from harness.work import stub

FASTEST = ("pytorch", "chainer", "keras", "tensorflow")     # to import and to step, where a model is small
KEPT = 256              # numbers of so many answers are kept; one seed and task takes a few kilobytes
T = TypeVar("T")


@dataclass(frozen=True)
class Right:
    """What the right answer computes. ``outputs``: of its abilities after the steps, canonical."""

    fingerprint: Fingerprint
    outputs: Arrays


class Oracle:
    """``framework``: the one whose answers are run; the fastest that is installed by default. They agree (docs/agreement.md)."""

    def __init__(self, framework: str | None = None):
        self.framework = framework or next(name for name in FASTEST if name in frameworks.installed())
        self._process: Worker | None = None
        self._kept: OrderedDict[tuple[object, ...], object] = OrderedDict()
        self._data: dict[str, Mapping[str, np.ndarray]] = {}
        self._stored: dict[str, Reference] = {}

    def __enter__(self) -> "Oracle":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """End its process."""
        if self._process:
            self._process.close()

    def data(self, task: Task) -> Mapping[str, np.ndarray]:
        """The images that a task is checked with."""
        if task.name not in self._data:
            self._data[task.name] = data_of(task)
        return self._data[task.name]

    def stored(self, task: Task) -> Reference:
        """The public numbers, those of ``check``."""
        if task.name not in self._stored:
            self._stored[task.name] = Reference.stored(task)
        return self._stored[task.name]

    def right(self, task: Task, seed: int) -> Right:
        """What the right answer computes from ``seed``."""
        return self._once((task.name, seed), lambda: self._run(task, seed))

    def reference(self, task: Task, seed: int, names: list[str]) -> Reference:
        """The right answer and these mistakes, computed from ``seed``: what a name has to stand up to."""
        return Reference(task, self.right(task, seed).fingerprint, {name: self._wrong(task, seed, name) for name in names})

    def _wrong(self, task: Task, seed: int, name: str) -> Fingerprint:
        return self._once((task.name, seed, name), lambda: self._run(task, seed, name).fingerprint)

    def _run(self, task: Task, seed: int, wrong: str | None = None) -> Right:
        """Raises Ended if its process dies of our own answer, which it must not."""
        self._process = self._process or Worker(self.framework)
        path = answer_path(task, self.framework)
        source = stub.solution(path.read_text(encoding="utf-8"))
        if wrong:
            source = mistakes.edited(source, mistakes.edits(task, self.framework)[wrong])
        ladder = Ladder(task, self._process, Source(Path(path), source.encode(), path.parent), self.data(task), None, seed=seed)
        ladder.climb()
        return Right(ladder.found, ladder.outputs)

    def _once(self, key: tuple[object, ...], compute: Callable[[], T]) -> T:
        if key not in self._kept:
            self._kept[key] = compute()
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return self._kept[key]  # type: ignore[return-value]
