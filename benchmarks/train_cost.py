"""What `train` costs above the bare loop of the same answer, at full size: logs, batches, the check for nan; and a checkpoint.

    .venv/bin/python benchmarks/train_cost.py [TASK ...] [--frameworks pytorch,keras] [--seconds 20]

The bare loop is what one writes by hand: all images lie in memory as the framework's tensor, a batch is taken out of it at
random indices, noise comes from the framework's own generator, then train_step, and the losses are read. `ready` is a loop
without even that: it goes around a few batches that were made before. All run in one process, in turns, so that a noisy
machine slows all; a ratio is the median over the turns. Where a step takes a second, a noisy machine still hides what `train`
adds, so that is measured without the step as well: `train`'s own work and the bare loop's, around a step that does nothing.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks import apart
from harness import tasks
from harness.tasks import Noise, Task
from harness.training import run as training
from harness.training import task_data
from harness.training.plan import Run
from harness.training.trainer import Trainer

READY = 8           # batches of the loop that makes none
IDLE = 200          # steps that do nothing
PAUSE = 0.01        # seconds between the turns: a thread pool that waits for work keeps a core busy for a while


def measure(name: str, framework: str, seconds: float) -> str:
    task = tasks.load(name, "full")
    with tempfile.TemporaryDirectory() as folder:
        run = Run(task, framework, task_data.load(task), Path(folder), 10**9, sheets=0)
        ours = training.Training(run)
        trainer, adapter = ours.trainer, ours.trainer.adapter
        make = by_hand(framework, task, trainer)
        ready = [make() for _ in range(READY)]

        def steps(batches: Iterable[dict[str, Any]]) -> None:
            for batch in batches:
                for value in trainer._step(batch).values():
                    float(adapter.array(value))

        loops: dict[str, Callable[[int], object]] = {"bare": lambda number: steps(make() for _ in range(number)),
                 "ready": lambda number: steps(ready[i % READY] for i in range(number)),
                 "train": lambda number: [ours.advance(time.perf_counter()) for _ in range(number)]}
        for loop in loops.values():
            loop(2)
        turn = max(1, round(30 / max(clocked(loops["bare"], 2), 0.1)))
        times: dict[str, list[float]] = {name: [] for name in loops}
        begun = time.perf_counter()
        while time.perf_counter() - begun < seconds or len(times["bare"]) < 5:
            for which in sorted(loops, reverse=len(times["bare"]) % 2 == 1):
                time.sleep(PAUSE)
                times[which].append(clocked(loops[which], turn))
        losses = trainer._step(ready[0])
        trainer._step = lambda batch: losses
        own = {which: clocked(loops[which], IDLE) for which in ("bare", "train")}
        above = {which: np.median(np.divide(times["train"], times[which])) - 1 for which in ("bare", "ready")}
        started = time.perf_counter()
        ours.save()
        saved = time.perf_counter() - started
        ours.recorder.file.close()
    step = np.median(times["bare"])
    return (f"{name:17} {framework:11} bare {step:8.1f} ms   train {above['bare']:+6.1%} (above batches that are ready "
            f"{above['ready']:+6.1%})   without the step {own['bare']:.2f} and {own['train']:.2f} ms: "
            f"{(own['train'] - own['bare']) / step:+.2%}   checkpoint {saved:.2f} s: "
            f"{min(saved / training.CHECKPOINT_SECONDS, training.CHECKPOINT_SHARE):+.1%}")


def clocked(loop: Callable[[int], object], number: int) -> float:
    """Milliseconds a step."""
    started = time.perf_counter()
    loop(number)
    return (time.perf_counter() - started) / number * 1e3


def by_hand(framework: str, task: Task, trainer: Trainer) -> Callable[[], dict[str, Any]]:
    """A function that makes a batch as one would by hand."""
    size, repeat, rng = task.batch_size, task.repeat or 1, np.random.default_rng(0)
    example, everything = trainer.batches(0), trainer.batches.samples(len(trainer.batches.images))
    sources: dict[str, Any] = {name: everything[name] for name, what in task.batch.items() if not isinstance(what, Noise)}
    take: Callable[[Any, np.ndarray], Any]
    normal: Callable[[tuple[int, ...]], Any]
    if framework == "pytorch":
        import torch
        sources = {name: torch.from_numpy(array) for name, array in sources.items()}
        take, normal = lambda array, i: array[torch.from_numpy(i)], torch.randn
    elif framework == "chainer":
        take, normal = lambda array, i: array[i], lambda shape: rng.standard_normal(shape, np.float32)
    else:
        import tensorflow as tf
        sources = {name: tf.constant(array) for name, array in sources.items()}
        take, normal = tf.gather, tf.random.normal

    def make() -> dict[str, Any]:
        chosen = rng.integers(len(trainer.batches.images), size=repeat * size)
        if task.repeat:
            chosen = chosen.reshape(repeat, size)
        return {name: take(sources[name], chosen) if name in sources else normal(example[name].shape) for name in task.batch}

    return make


if __name__ == "__main__":
    apart.main(__file__, __doc__, ["ae", "vae", "dcgan", "pix2pix"], 20, measure)
