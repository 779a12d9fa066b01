"""From what a user asks for to a run: new, or going on with one that is there. Nothing is trained yet, nor a framework loaded."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from harness import tasks
from harness.data import Dataset
from harness.frameworks import FRAMEWORKS
from harness.messages import WorkbookError
from harness.processes.machine import cores
from harness.tasks import ROOT, Task
from harness.training import checkpoint as checkpoints
from harness.training import task_data
from harness.training.checkpoint import Checkpoint

SHEETS = 24                     # of samples in one run, by default
DEVICES = ("cpu", "cuda")


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


@dataclass(frozen=True)
class Wish:
    """What was asked for. None: what the question has, or what the run had that is gone on with."""

    size: str = "full"
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


def plan(name: str, framework: str, folder: Path, wish: Wish) -> Plan:
    """Raises WorkbookError where the wish contradicts itself, the run in ``folder``, or what there is."""
    if wish.device not in DEVICES:
        raise WorkbookError(f"--device is {' or '.join(DEVICES)}, not '{wish.device}'")
    if wish.steps and wish.epochs:
        raise WorkbookError("--steps and --epochs say the same; give one")
    if wish.file and not wish.file.is_file():
        raise WorkbookError(f"there is no file {wish.file}")
    begun = _begun(folder, framework, wish) if wish.resume else None
    if begun:
        wish = replace(wish, size=begun.size, batch=begun.batch_size, data=begun.data, seed=begun.seed)
    if wish.size not in tasks.SIZES:
        raise WorkbookError(f"--size is {', '.join(tasks.SIZES)}, not '{wish.size}'")
    task = tasks.load(name, wish.size, wish.root)
    task = replace(task, batch_size=wish.batch or task.batch_size)
    data = task_data.load(task, wish.data, wish.data_dir)
    steps = _steps(task, len(data.images), wish)
    found = Plan(Run(task, framework, data, folder, steps, wish.seed or 0, wish.device, wish.sheets, wish.file), begun, list(data.notes))
    if begun:
        found.notes += _changed(begun, task, wish.device)
        if begun.step >= steps:
            raise WorkbookError(f"the run in {folder} has done {begun.step:,} steps already; --steps asks for {steps:,}")
    elif any(folder.glob("*")):
        found.kept = _keep(folder, wish.force)
    return found


def _begun(folder: Path, framework: str, wish: Wish) -> Checkpoint:
    begun = checkpoints.load(folder)
    for option, given, was in (("--batch", wish.batch, begun.batch_size), ("--data", wish.data, begun.data),
                               ("--seed", wish.seed, begun.seed)):
        if given not in (None, was):
            raise WorkbookError(f"the run in {folder} has {option} {was}; it cannot go on with {given}")
    if begun.framework != framework:
        raise WorkbookError(f"the run in {folder} is in {FRAMEWORKS[begun.framework]}; it goes on in no other framework")
    return begun


def _steps(task: Task, images: int, wish: Wish) -> int:
    if wish.epochs:
        return max(1, round(wish.epochs * images / (task.batch_size * (task.repeat or 1))))
    return wish.steps or task.steps


def _changed(begun: Checkpoint, task: Task, device: str) -> Iterator[str]:
    """What is not as it was when the run began."""
    if begun.version != checkpoints.version_of(task):
        yield "the question's task.toml has changed since this run began"
    if device == "cpu" and begun.threads != cores():
        yield (f"this run began on {begun.threads} cores and goes on on {cores()}: the frameworks may add up in another "
               "order, so that last bits differ from a run that was never stopped")


def _keep(folder: Path, force: bool) -> Path:
    if not force:
        raise WorkbookError(f"there is a run in {folder}: --resume goes on with it, --force begins anew and keeps it as a "
                            "backup, --out names another folder")
    kept = folder.with_name(f"{folder.name}.{datetime.now():%Y%m%d-%H%M%S}")
    shutil.move(folder, kept)
    return kept
