"""Training in a worker process: what a request needs to say to have an answer trained there."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from harness import tasks
from harness.processes.child import Session
from harness.training.trainer import Trainer

PROGRESS_SECONDS = 0.1      # at most so often does a worker report a step


def trainer_of(session: Session, *, task: str, size: str, setting: str | None, root: str, data: str, precision: str, seed: int,
               native: bool) -> Trainer:
    """The answer in training. ``setting``: of a data set, see ``Task``; ``data``: the folder in which the arrays were staged."""
    arrays = {path.stem: np.load(path, mmap_mode="r") for path in Path(data).glob("*.npy")}
    return Trainer(tasks.load(task, size, Path(root), setting), session.framework, session.adapter, arrays, precision=precision,
                   seed=seed, native=native)


def train(session: Session, *, steps: int, result: str, **what: Any) -> dict[str, Any]:
    """Train for so many steps: the curves; parameters, and what the abilities then give, go into the .npz file ``result``."""
    started = time.perf_counter()
    trainer = trainer_of(session, **what)
    built = time.perf_counter()

    curves, first = run_steps(trainer, range(steps), session.emit)
    trained = time.perf_counter()

    outputs = trainer.outputs(trainer.task.samples["number"])
    arrays = {f"parameter:{k}": v for k, v in trainer.parameters().items()} | {f"output:{k}": v for k, v in outputs.items()}
    np.savez(result, allow_pickle=False, **arrays)
    return {"curves": curves, "seconds": {"build": built - started, "first_step": first - built, "training": trained - built}}


def run_steps(trainer: Trainer, steps: range, emit: Callable[..., None]) -> tuple[dict[str, list[float]], float]:
    """Train; emit "step" now and then. Returns the curve of each loss, and when the first step was done."""
    curves: dict[str, list[float]] = {name: [] for name in trainer.task.losses}
    reported = first = 0.0
    for step in steps:
        losses = trainer.step(step)
        for name, value in losses.items():
            curves[name].append(value)
        now = time.perf_counter()
        first = first or now
        if now - reported > PROGRESS_SECONDS:
            emit(event="step", step=step + 1, losses=losses)
            reported = now
    return curves, first
