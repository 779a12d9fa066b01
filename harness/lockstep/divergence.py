"""Where two frameworks part: the first step, and in it the first activation, loss or parameter that is not the same."""

import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from harness.frameworks import FRAMEWORKS
from harness.lockstep import difference as lockstep
from harness.lockstep import trace
from harness.lockstep.compare import Comparer
from harness.messages import WorkbookError
from harness.tasks import Task
from harness.training import task_data


class TraceFailed(WorkbookError):
    """A framework could not be traced; the message says which, and why."""


@dataclass
class Event:
    """Something computed in a step by both frameworks, and how far apart it is (see docs/lockstep.md)."""

    kind: str           # harness.lockstep.trace's
    name: str
    call: int
    difference: float

    def __str__(self) -> str:
        many = f", call {self.call}" if self.kind in (trace.PARAMETER, trace.OUTPUT) else ""
        return {trace.PARAMETER: self.name, trace.OUTPUT: f"output of {self.name}", trace.LOSS: f"loss '{self.name}'",
                trace.UPDATED: f"{self.name} after the step"}[self.kind] + many


@dataclass
class Divergence:
    """The first step (from 1) in which ``framework`` leaves ``reference``, all events of it in order of computation."""

    reference: str
    framework: str
    step: int
    events: list[Event]
    first: int                                  # of the events
    calls: dict[str, tuple[int, int]]           # layers that are not called equally often

    def explain(self) -> str:
        """What that means, for people."""
        event = self.events[self.first]
        outputs = [e for e in self.events[:self.first] if e.kind == trace.OUTPUT]
        before = f"between the {outputs[-1]}, and this layer, or" if outputs else "before it, or"
        layer = event.name.rpartition(".")[0]
        text = {
            trace.OUTPUT: f"Its parameters agree, and everything computed before it agrees. Look {before} at "
                          f"{event.name} itself: padding, stride, activation, normalization, order of axes.",
            trace.PARAMETER: f"Everything computed before agrees, but {layer} was updated differently before its call "
                             f"{event.call}. Look at this update: the loss that its gradient comes from, the optimizer's "
                             "constants, clipping.",
            trace.LOSS: "The outputs of all layers agree. Look at the formula of this loss: sum or mean, sign, "
                        "factors, logits or probabilities.",
            trace.UPDATED: "All layers and all losses of this step agree. Look at its gradient (something is detached "
                           "or not detached, or a part of the loss is left out) and at the optimizer that updates it.",
        }[event.kind]
        for name, (a, b) in self.calls.items():
            text += (f"\n{name} is called {_times(a)} in a step of {FRAMEWORKS[self.reference]}, {_times(b)} in a step of "
                     f"{FRAMEWORKS[self.framework]}.")
        return text


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"


def find(comparer: Comparer, task: Task, on_step: Callable[[int], None] = lambda step: None) -> list[Divergence]:
    """Train ``task`` step by step until a framework leaves the first one; what leaves it in that step, and where.

    Empty if none does within the settings' steps. Raises TraceFailed if a framework fails, DataError if the
    data cannot be had.
    """
    settings = comparer.settings
    reference, *others = comparer.workers
    data = task_data.load(task, settings.data, settings.data_dir)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        task_data.stage(data, folder)
        for step in range(settings.steps):
            seen = comparer.everywhere(partial(_step, comparer, task, folder, step))
            found = [_compare(reference, f, step + 1, seen[reference], seen[f], settings.allowed) for f in others]
            if any(found):
                return [divergence for divergence in found if divergence]
            on_step(step + 1)
    return []


def _step(comparer: Comparer, task: Task, folder: Path, step: int, framework: str) -> dict[str, np.ndarray]:
    event = comparer.request("harness.lockstep.trace:job", framework, task, folder, comparer.settings, step=step)
    if event["event"] != "done":
        raise TraceFailed(f"{FRAMEWORKS[framework]}, step {step + 1}: {event['message']}\n{event.get('traceback', '')}")
    with np.load(folder / f"{framework}.npz", allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}


def _compare(reference: str, framework: str, step: int, a: dict[str, np.ndarray], b: dict[str, np.ndarray],
             tolerance: float) -> Divergence | None:
    events = []
    for key in a.keys() & b.keys():
        kind, name, call = key.split(":")
        same = a[key].shape == b[key].shape
        events.append(Event(kind, name, int(call), lockstep.tensor_difference(a[key], b[key]) if same else np.inf))
    order = {key: i for i, key in enumerate(a)}
    events.sort(key=lambda e: order[f"{e.kind}:{e.name}:{e.call}"])
    first = next((i for i, e in enumerate(events) if not e.difference <= tolerance), None)
    if first is None:
        return None
    calls_a, calls_b = _calls(a), _calls(b)
    calls = {n: (calls_a[n], calls_b[n]) for n in calls_a.keys() & calls_b if calls_a[n] != calls_b[n]}
    return Divergence(reference, framework, step, events, first, calls)


def _calls(seen: Iterable[str]) -> dict[str, int]:
    """layer -> how often it was called"""
    counts: dict[str, int] = {}
    for kind, name, call in (key.split(":") for key in seen):
        if kind == trace.OUTPUT:
            counts[name] = max(counts.get(name, 0), int(call))
    return counts
