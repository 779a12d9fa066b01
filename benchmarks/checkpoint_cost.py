"""What checkpoints cost: a run of `train` at full size, as long as --seconds, and how much of it went into writing them.

    .venv/bin/python benchmarks/checkpoint_cost.py [TASK ...] [--frameworks pytorch,keras] [--seconds 300]

`train` promises 1 % (docs/train.md): after a checkpoint it waits a minute, or a hundred times as long as writing took. The first
checkpoint, after the first step, and the last are written in any case, so a run of a few minutes pays more. `long run` is what is
left of that where the run is long. Of a single checkpoint it shows where its time goes: reading the arrays out of the framework,
making the file in memory with its checksum, the checksum alone, and writing it to the disk.
"""

import hashlib
import io
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks import apart
from harness import tasks
from harness.data.files import whole
from harness.training import checkpoint as checkpoints
from harness.training import run as training
from harness.training import task_data
from harness.training.plan import Run

REPEATS = 5


def measure(name: str, framework: str, seconds: float) -> str:
    task = tasks.load(name, "full")
    with tempfile.TemporaryDirectory(dir=ROOT) as folder:           # on a disk, where /tmp may be memory
        run = Run(task, framework, task_data.load(task), Path(folder), 10**9, sheets=0)
        ours = training.Training(run)
        saves: list[float] = []
        save = ours.save
        ours.save = lambda: saves.append(clocked(save))             # type: ignore[method-assign]

        def on_step(step: int, losses: dict[str, float]) -> None:
            if time.perf_counter() - started > seconds:
                run.steps = step                                    # the last

        started = time.perf_counter()
        ours.train(on_step)
        took = time.perf_counter() - started
        path = run.folder / checkpoints.NAME
        size = path.stat().st_size
        parts = one(ours, path)
    each = float(np.median(saves))
    long_run = each / (each + max(training.CHECKPOINT_SECONDS, each / training.CHECKPOINT_SHARE))
    return (f"{name:15} {framework:11} {size / 1e6:4.0f} MB   {took:.0f} s, {run.steps:,} steps, {len(saves)} checkpoints of "
            f"{each:.2f} s: {sum(saves) / took:.2%}, long run {long_run:.2%}   "
            + ", ".join(f"{what} {value:.3f} s" for what, value in parts.items()))


def one(ours: training.Training, path: Path) -> dict[str, float]:
    """The parts of one checkpoint, each the median of some."""
    made, data = ours.checkpoint(), path.read_bytes()
    with mock.patch("harness.training.checkpoint.whole", memory):
        in_memory = often(lambda: checkpoints.save(made, path))
    return {"read": often(ours.checkpoint), "made": in_memory, "of it SHA-256": often(lambda: hashlib.sha256(data).digest()),
            "written": often(lambda: write(path, data))}


@contextmanager
def memory(path: Path) -> Iterator[io.BytesIO]:
    yield io.BytesIO()


def write(path: Path, data: bytes) -> None:
    with whole(path) as file:
        file.write(data)


def often(work: Callable[[], Any]) -> float:
    return float(np.median([clocked(work) for _ in range(REPEATS)]))


def clocked(work: Callable[[], Any]) -> float:
    """Seconds."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    apart.main(__file__, __doc__, ["gan"], 300, measure)
