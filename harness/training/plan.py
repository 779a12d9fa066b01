"""From what a user asks for to a run: new, or going on with one that is there. Nothing is trained yet, nor a framework loaded."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from harness import tasks
from harness.data import Dataset
from harness.data.written import aside, things
from harness.frameworks import FRAMEWORKS
from harness.messages import WorkbookError
from harness.processes.machine import cores
from harness.tasks import ROOT, Task
from harness.training import checkpoint as checkpoints
from harness.training import task_data
from harness.training.checkpoint import Checkpoint

RUNS = Path("out") / "train"    # where runs are, by default
SHEETS = 24                     # of samples in one run, by default
DEVICES = ("cpu", "cuda")
MOST = {"--steps": 10**9, "--epochs": 10**6, "--batch": 2**16, "--sheets": 1000}
LEFT = ("losses.csv", "sheets", "events")       # by a run that was killed before its first checkpoint


@dataclass
class Run:
    """What is trained, where it is written, and how far it is to go. ``path``: another file than the reference answer."""

    task: Task
    framework: str
    data: Dataset
    folder: Path
    steps: int
    seed: int = 0
    device: str = "cpu"
    sheets: int = SHEETS
    path: Path | None = None

    @property
    def answer(self) -> str:
        """The name of the file that is trained, "" for the reference answer."""
        reference = tasks.answer_path(self.task, self.framework)
        return self.path.name if self.path and self.path.resolve() != reference.resolve() else ""


@dataclass(frozen=True)
class Wish:
    """What was asked for. None: what the question has, or what the run had that is gone on with."""

    size: str | None = None
    steps: int | None = None
    epochs: float | None = None
    batch: int | None = None
    data: str | None = None
    data_dir: Path | None = None
    seed: int | None = None
    device: str = "cpu"
    sheets: int = SHEETS
    file: Path | None = None
    resume: bool = False
    force: bool = False
    root: Path = ROOT


@dataclass
class Plan:
    """``begun``: the checkpoint that the run goes on from, or None; ``notes``: what the user should know; ``kept``: where
    a run is now that was in its folder before."""

    run: Run
    begun: Checkpoint | None = None
    notes: list[str] = field(default_factory=list)
    kept: Path | None = None

    @property
    def done(self) -> bool:
        """Whether the run has come to its end already: there is nothing to train."""
        return self.begun is not None and self.begun.step >= self.run.steps


def plan(name: str, framework: str, folder: Path, wish: Wish) -> Plan:
    """Raises WorkbookError where the wish contradicts itself, the run in ``folder``, or what there is."""
    if wish.device not in DEVICES:
        raise WorkbookError(f"--device must be {' or '.join(DEVICES)}, not '{wish.device}'")
    if wish.steps and wish.epochs:
        raise WorkbookError("--steps and --epochs both set the length of the run; give only one")
    if wish.resume and wish.force:
        raise WorkbookError("--resume continues a run, --force starts again; give only one")
    if wish.size not in (None, *tasks.SIZES):
        raise WorkbookError(f"--size must be one of {', '.join(tasks.SIZES)}, not '{wish.size}'")
    _in_range({"--steps": wish.steps, "--epochs": wish.epochs, "--batch": wish.batch, "--sheets": wish.sheets})
    _check_file(wish.file)
    begun = _begun(name, framework, folder, wish) if wish.resume and (folder / checkpoints.NAME).exists() else None
    if begun:
        wish = replace(wish, size=begun.size, batch=begun.batch_size, data=begun.data, seed=begun.seed)
    task = tasks.load(name, wish.size or "full", wish.root, data=wish.data)
    task = replace(task, batch_size=wish.batch or task.batch_size)
    data = task_data.load(task, wish.data, wish.data_dir)
    steps = _steps(task, len(data.images), wish)
    _in_range({"--steps": steps})
    found = Plan(Run(task, framework, data, folder, steps, wish.seed or 0, wish.device, wish.sheets, wish.file), begun, list(data.notes))
    if begun:
        if begun.answer not in (None, found.run.answer):
            raise WorkbookError(f"the run in {folder} trains {f'the file {begun.answer}' if begun.answer else 'the reference answer'}: "
                                f"continue it {f'with --file {begun.answer}' if begun.answer else 'without --file'}")
        found.notes += _changed(begun, task, wish.device)
    elif wish.resume:
        kept = [aside(folder / name) for name in LEFT if (folder / name).exists()]
        found.notes.append(f"there is no checkpoint in {folder} to continue from, so a new run starts"
                           + (f"; the old files are kept: {', '.join(path.name for path in kept)}" if kept else ""))
    elif things(folder):
        if not wish.force:
            raise WorkbookError(f"there is already a run in {folder}: --resume continues it, --force starts again and keeps it as "
                                "a backup, --out names another folder")
        found.kept = aside(folder)
    return found


def _in_range(given: dict[str, float | None]) -> None:
    for option, value in given.items():
        least = 0 if option == "--sheets" else math.ulp(0)
        if value is not None and not least <= value <= MOST[option]:        # nan neither
            raise WorkbookError(f"{option} {value:,}: must be {'at least' if not least else 'more than'} 0 and at most "
                                f"{MOST[option]:,}")


def _check_file(path: Path | None) -> None:
    if path and not path.is_file():
        raise WorkbookError(f"there is no file {path}")
    if path and path.suffix == ".ipynb":
        raise WorkbookError(f"{path} is a notebook, but train needs a Python file; `jupytext --to py {path}` makes one")


def _begun(name: str, framework: str, folder: Path, wish: Wish) -> Checkpoint:
    begun = checkpoints.load(folder)
    if begun.task != name:
        raise WorkbookError(f"the run in {folder} trains '{begun.task}', not '{name}'; --out names another folder")
    if begun.framework != framework:
        raise WorkbookError(f"the run in {folder} uses {FRAMEWORKS[begun.framework]} and cannot continue in another framework")
    for option, given, was in (("--size", wish.size, begun.size), ("--batch", wish.batch, begun.batch_size),
                               ("--data", wish.data, begun.data), ("--seed", wish.seed, begun.seed)):
        if given not in (None, was):
            raise WorkbookError(f"the run in {folder} has {option} {was}; it cannot continue with {given}")
    return begun


def _steps(task: Task, images: int, wish: Wish) -> int:
    if wish.epochs:
        return max(1, round(wish.epochs * images / (task.batch_size * (task.repeat or 1))))
    return wish.steps or task.steps


def _changed(begun: Checkpoint, task: Task, device: str) -> Iterator[str]:
    """What is not as it was when the run began."""
    if begun.version != checkpoints.version_of(task):
        yield "the question's task.toml has changed since this run started"
    if device == "cpu" and begun.threads != cores():
        yield (f"this run started on {begun.threads} cores and continues on {cores()}: the frameworks may add numbers in another "
               "order, so the last bits may differ from those of a run without a stop")
