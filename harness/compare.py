"""The main job: train the answers of a task side by side and compare what they did."""

import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

import datasets
from harness import equivalence, lockstep
from harness import task as tasks
from harness.equivalence import Equivalence
from harness.lockstep import Pair, Run
from harness.pool import Worker, cores
from harness.task import ROOT, Task

# float64: what lockstep promises. float32: a tenth of a percent, which a training without adversary keeps.
TOLERANCES = {"float64": 1e-9, "float32": 1e-3}
DATA_SEED = 0       # of drawn data sets: which newts there are does not change with the seed of a run


@dataclass(frozen=True)
class Settings:
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

    def __post_init__(self):
        if self.tolerance is None:
            object.__setattr__(self, "tolerance", TOLERANCES[self.precision])


@dataclass
class Comparison:
    """One task compared: its runs, all pairs of those that finished, and the verdict."""

    task: Task
    settings: Settings
    data: datasets.Dataset
    runs: list[Run]
    pairs: list[Pair]
    # With several seeds: the curves of all of them, framework -> loss -> (seeds, steps), and what the test found.
    bands: dict[str, dict[str, np.ndarray]] = field(default_factory=dict)
    equivalences: list[Equivalence] = field(default_factory=list)

    @property
    def failed(self) -> bool:
        return any(run.status == "failed" for run in self.runs)

    @property
    def agree(self) -> bool:
        if any(run.status != "ok" for run in self.runs):
            return False
        if self.equivalences:
            return all(e.verdict == "equivalent" for e in self.equivalences)
        return all(pair.agrees(self.settings.tolerance) for pair in self.pairs)

    def largest(self, what: str) -> float | None:
        """The largest difference of all pairs in "curve", "parameter" or "output"; None if there are no pairs."""
        return max((getattr(pair, what) for pair in self.pairs), default=None)


def load_data(task: Task, name: str | None = None, data_dir: Path | None = None, *, split="train",
              number: int | None = None) -> datasets.Dataset:
    """The data set that a task trains on, or its "test" split: at the task's image size, augmented as the question asks.

    ``number``: of images; the question's by default. A task that needs masks gets the edges of the images where the
    data set has no masks.
    """
    channels, height, width = task.image_shape
    name = name or task.data["default"]
    data = datasets.load(name, split, height=height, width=width, channels=channels, number=number or task.number,
                         seed=DATA_SEED, classes=task.data.get("classes", {}).get(name), data_dir=data_dir)
    if data.masks is None and "masks" in task.batch.values():
        data = datasets.with_edges(data)
    return datasets.augment(data, **task.data.get("augment", {}).get(data.name, {}))


class Comparer:
    """Compares tasks one after the other; each framework is imported once for all of them.

    A context manager: leaving it ends the workers, whatever they are doing.
    """

    def __init__(self, settings: Settings):
        self.settings = settings
        jobs = min(settings.jobs or cores(), len(settings.frameworks))
        self.workers = {f: Worker(f, max(1, cores() // jobs), settings.timeout) for f in settings.frameworks}
        self._turns = threading.Semaphore(jobs)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        for worker in self.workers.values():
            worker.close()

    def compare(self, task: Task, on_step=lambda framework, step, losses: None) -> Comparison:
        """Train ``task`` in every framework. ``on_step(framework, step, losses)`` is called from other threads.

        With several seeds, once for each seed, and test whether the frameworks are equivalent. Raises datasets.DataError
        if the data cannot be had; what goes wrong in one framework is in its Run.
        """
        data = load_data(task, self.settings.data, self.settings.data_dir)
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

    def _compare(self, task: Task, data: datasets.Dataset, settings: Settings, on_step) -> Comparison:
        with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(len(self.workers)) as threads:
            stage(data, Path(folder))
            futures = [threads.submit(self._run, task, settings, f, Path(folder), on_step) for f in self.workers]
            try:
                runs = [future.result() for future in futures]
            except BaseException:           # Ctrl-C: the threads end when their workers do
                for worker in self.workers.values():
                    worker.stop()
                raise
        return Comparison(task, settings, data, runs, lockstep.compare_all(runs, settings.tolerance))

    def _run(self, task: Task, settings: Settings, framework: str, folder: Path, on_step) -> Run:
        worker = self.workers[framework]
        event = self.request(framework, task, folder, settings,
                             lambda event: on_step(framework, event["step"], event["losses"]), steps=settings.steps)
        run = Run(framework, version=worker.version)
        if event["event"] != "done":
            run.status, run.message, run.traceback = event["event"], event["message"], event.get("traceback", "")
            return run
        on_step(framework, settings.steps, {name: values[-1] for name, values in event["curves"].items()})
        run.seconds = {"import": worker.import_seconds, **event["seconds"]}
        run.curves = {name: np.array(values) for name, values in event["curves"].items()}
        with np.load(folder / f"{framework}.npz", allow_pickle=False) as archive:
            for name in archive.files:
                kind, _, name_of = name.partition(":")
                (run.parameters if kind == "parameter" else run.outputs)[name_of] = archive[name]
        return run

    def request(self, framework: str, task: Task, folder: Path, settings: Settings, on_step=lambda event: None, **what):
        """Have ``framework`` train ``task`` on the data staged in ``folder``; see harness/worker.py for ``what`` to do.

        Waits for its turn. Returns the event that ends it; the arrays are in ``folder``/<framework>.npz.
        """
        request = {"task": task.name, "size": task.size, "root": str(settings.root), "data": str(folder),
                   "precision": settings.precision, "seed": settings.seed, "native": settings.native,
                   "result": str(folder / f"{framework}.npz"), **what}
        with self._turns:
            return self.workers[framework].run(request, on_step)


def stage(data: datasets.Dataset, folder: Path) -> None:
    """Put the arrays of ``data`` into ``folder`` as single files, which the workers map into memory."""
    for name, array in data.arrays.items():
        if array is not None:
            np.save(folder / f"{name}.npy", array)


def load_tasks(names, size: str, root: Path = ROOT) -> list[Task]:
    return [tasks.load(name, size, root) for name in names]
