"""The main job: train the answers of a task side by side and compare what they did."""

import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from harness.data import Dataset
from harness.lockstep import difference as lockstep
from harness.lockstep import equivalence
from harness.lockstep.difference import Pair, Run
from harness.lockstep.equivalence import Equivalence
from harness.processes.machine import cores
from harness.processes.worker import Event, Worker
from harness.tasks import ROOT, Task
from harness.training import task_data

T = TypeVar("T")
OnStep = Callable[[str, int, dict[str, float]], None]         # framework, step, losses
# float64: what lockstep promises. float32: a tenth of a percent, which a training without adversary keeps.
TOLERANCES = {"float64": 1e-9, "float32": 1e-3}


@dataclass(frozen=True)
class Settings:
    """What is compared, and how. ``root``: the folder that holds questions/ and answers/."""

    frameworks: tuple[str, ...]
    size: str = "check"
    precision: str = "float64"
    steps: int = 100
    seed: int = 0
    data: str | None = None                 # None: each task's own default
    data_dir: Path | None = None
    native: bool = False
    tolerance: float | None = None          # None: the precision's
    timeout: float = 300
    jobs: int | None = None                 # frameworks that train at one time; None: one a core
    seeds: int = 1                          # native runs of each framework, for the test of equivalence
    margin: float = equivalence.MARGIN
    root: Path = ROOT

    @property
    def allowed(self) -> float:
        """The largest relative difference that agrees: ``tolerance``, or the precision's."""
        return TOLERANCES[self.precision] if self.tolerance is None else self.tolerance


@dataclass
class Comparison:
    """One task compared: its runs, all pairs of those that finished, and the verdict."""

    task: Task
    settings: Settings
    data: Dataset
    runs: list[Run]
    pairs: list[Pair]
    # With several seeds: the curves of all of them, framework -> loss -> (seeds, steps), and what the test found.
    bands: dict[str, dict[str, np.ndarray]] = field(default_factory=dict)
    equivalences: list[Equivalence] = field(default_factory=list)

    @property
    def failed(self) -> bool:
        """Whether any framework failed."""
        return any(run.status == "failed" for run in self.runs)

    @property
    def agree(self) -> bool:
        """Whether all runs finished and all pairs keep the tolerance; with several seeds, whether all were found equivalent."""
        if any(run.status != "ok" for run in self.runs):
            return False
        if self.equivalences:
            return all(e.verdict == "equivalent" for e in self.equivalences)
        return all(pair.agrees(self.settings.allowed) for pair in self.pairs)

    def largest(self, what: str) -> float | None:
        """The largest difference of all pairs in "curve", "parameter" or "output"; None if there are no pairs."""
        return max((getattr(pair, what) for pair in self.pairs), default=None)


class Comparer:
    """Compares tasks one after the other; each framework is imported once for all of them.

    A context manager: leaving it ends the workers, whatever they are doing.
    """

    def __init__(self, settings: Settings):
        self.settings = settings
        jobs = min(settings.jobs or cores(), len(settings.frameworks))
        self.workers = {f: Worker(f, max(1, cores() // jobs), settings.timeout) for f in settings.frameworks}
        self._turns = threading.Semaphore(jobs)

    def __enter__(self) -> "Comparer":
        return self

    def __exit__(self, *exception: object) -> None:
        for worker in self.workers.values():
            worker.close()

    def compare(self, task: Task, on_step: OnStep = lambda framework, step, losses: None) -> Comparison:
        """Train ``task`` in every framework. ``on_step(framework, step, losses)`` is called from other threads.

        With several seeds, once for each seed, and test whether the frameworks are equivalent. Raises DataError
        if the data cannot be had; what goes wrong in one framework is in its Run.
        """
        data = task_data.load(task, self.settings.data, self.settings.data_dir)
        first, *others = (self._compare(task, data, replace(self.settings, seed=self.settings.seed + k), on_step)
                          for k in range(self.settings.seeds))
        broken = next((c for c in others if any(run.status != "ok" for run in c.runs)), None)
        if not others or any(run.status != "ok" for run in first.runs) or broken:
            return broken or first
        first.bands = {run.framework: {loss: np.array([c.runs[i].curves[loss] for c in (first, *others)])
                                       for loss in task.losses} for i, run in enumerate(first.runs)}
        first.equivalences = [e for loss in task.losses for e in equivalence.compare(
            {name: band[loss] for name, band in first.bands.items()}, loss, self.settings.margin)]
        return first

    def _compare(self, task: Task, data: Dataset, settings: Settings, on_step: OnStep) -> Comparison:
        with tempfile.TemporaryDirectory() as folder:
            task_data.stage(data, Path(folder))
            runs = list(self.everywhere(lambda framework: self._run(task, settings, framework, Path(folder), on_step)).values())
        return Comparison(task, settings, data, runs, lockstep.compare_all(runs, settings.allowed))

    def _run(self, task: Task, settings: Settings, framework: str, folder: Path, on_step: OnStep) -> Run:
        worker = self.workers[framework]
        event = self.request("harness.training.job:train", framework, task, folder, settings,
                             lambda event: on_step(framework, event["step"], event["losses"]), steps=settings.steps)
        run = Run(framework, version=worker.version)
        if event["event"] != "done":
            run.status, run.message, run.traceback = event["event"], event["message"], event.get("traceback", "")
            return run
        on_step(framework, settings.steps, {name: values[-1] for name, values in event["curves"].items()})
        run.seconds = {"import": worker.import_seconds or 0.0, **event["seconds"]}
        run.curves = {name: np.array(values) for name, values in event["curves"].items()}
        with np.load(folder / f"{framework}.npz", allow_pickle=False) as archive:
            for name in archive.files:
                kind, _, name_of = name.partition(":")
                (run.parameters if kind == "parameter" else run.outputs)[name_of] = archive[name]
        return run

    def everywhere(self, do: Callable[[str], T]) -> dict[str, T]:
        """What ``do(framework)`` gives, by framework, all at one time. If one raises, or on Ctrl-C, all workers end for good."""
        with ThreadPoolExecutor(len(self.workers)) as threads:
            try:
                futures = {framework: threads.submit(do, framework) for framework in self.workers}
                return {framework: future.result() for framework, future in futures.items()}
            except BaseException:           # the threads end when their workers do
                for worker in self.workers.values():
                    worker.stop()
                raise

    def request(self, job: str, framework: str, task: Task, folder: Path, settings: Settings,
                on_event: Callable[[Event], None] = lambda event: None, **what: Any) -> Event:
        """Have ``framework`` do ``job`` for ``task`` with the data staged in ``folder``; ``what`` the job needs besides.

        Waits for its turn. Returns the event that ends it; the arrays are in ``folder``/<framework>.npz.
        """
        with self._turns:
            return self.workers[framework].run(
                job, on_event, task=task.name, size=task.size, setting=task.setting, root=str(settings.root), data=str(folder),
                precision=settings.precision, seed=settings.seed, native=settings.native,
                result=str(folder / f"{framework}.npz"), **what)
