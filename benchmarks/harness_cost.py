"""What the harness costs: per step against the bare loop of the same answer, and from command to first loss.

    .venv/bin/python benchmarks/harness_cost.py [TASK] [--steps 200] [--precision float32]

The bare loop is what a reader of the answer would write: index the prepared images, make them tensors, train_step, read
the loss. Both run in one process, in turns of ten steps, so that a noisy machine slows both; the ratio is the median
over the turns. Start-up is measured from the start of a process to its first loss, beside the bare import.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from rich import box
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from harness import frameworks, tasks
from harness.processes import machine
from harness.processes.worker import Worker
from harness.training import contract, job, task_data
from harness.training.trainer import Trainer

MODULES = {"pytorch": "torch", "tensorflow": "tensorflow", "keras": "keras", "chainer": "harness.chainer_numpy2"}
TURN = 10


def measure_steps(framework: str, task_name: str, steps: int, precision: str, folder: str) -> dict[str, float]:
    """In a process of its own: milliseconds a step of the bare loop and of the harness's."""
    task = tasks.load(task_name, "full")
    adapter = frameworks.load(framework)
    data = {path.stem: np.load(path, mmap_mode="r") for path in Path(folder).glob("*.npy")}
    trainer = Trainer(task, framework, adapter, data, precision=precision)
    answer = contract.load_class(task, framework)(**task.hyperparameters)
    step = adapter.training_step(answer)
    images = trainer.batches.floats             # the whole set as floats, prepared once
    assert images is not None
    rng = np.random.default_rng(0)

    def bare(number: int) -> None:
        for _ in range(number):
            losses = step(adapter.batch({"images": images[rng.integers(0, len(images), task.batch_size)]}))
            for value in losses.values():
                float(adapter.array(value))

    events = open(os.devnull, "w", encoding="utf-8")

    def emit(**event: Any) -> None:
        events.write(json.dumps(event))

    def harnessed(first: int) -> None:
        job.run_steps(trainer, range(first, first + TURN), emit)

    bare(3)                                     # the first steps compile
    job.run_steps(trainer, range(3), lambda **event: None)
    turns = []
    for turn in range(steps // TURN):
        order = [lambda: bare(TURN), lambda: harnessed(3 + turn * TURN)]        # noqa: B023  called in this turn
        marks = [0.0, 0.0]
        for which in ((0, 1), (1, 0))[turn % 2]:
            started = time.perf_counter()
            order[which]()
            marks[which] = (time.perf_counter() - started) / TURN * 1000
        turns.append(marks)
    times = np.array(turns)
    return {"bare": float(np.median(times[:, 0])), "harness": float(np.median(times[:, 1])),
            "overhead": float(np.median(times[:, 1] / times[:, 0]) - 1)}


def measure_start(framework: str, task_name: str, size: str, data_folder: str) -> dict[str, float]:
    """Seconds from the start of a worker to its first loss, and of a process that only imports the framework."""
    code = f"import {MODULES[framework]}"
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], env=machine.environment(1), check=True, capture_output=True)
    bare_import = time.perf_counter() - started
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        first: list[float] = []
        with Worker(framework) as process:
            event = process.run("harness.training.job:train", lambda event: first.append(time.perf_counter() - started),
                                task=task_name, size=size, root=str(tasks.ROOT), data=data_folder, seed=0, precision="float64",
                                native=False, steps=1, result=f"{folder}/result.npz")
    return {"bare_import": bare_import, "first_loss": first[0], "import": process.import_seconds or 0.0, **event["seconds"]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("task", nargs="?", default="ae")
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--precision", default="float32", choices=["float32", "float64"])
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--data-folder", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps(measure_steps(arguments.one, arguments.task, arguments.steps, arguments.precision,
                                       arguments.data_folder)))
        return
    console = Console()
    steps_table = Table("Framework", "Bare loop ms", "Harness ms", "Overhead", box=box.SIMPLE_HEAD,
                        title=f"{arguments.task}, full size, {arguments.precision}: one step")
    start_table = Table("Framework", "Bare import", "To first loss", "of it import", "build", "first step",
                        box=box.SIMPLE_HEAD, title=f"{arguments.task}, check size: seconds from command to first loss")
    with tempfile.TemporaryDirectory() as folder:
        for size in ("check", "full"):
            data = task_data.load(tasks.load(arguments.task, size))
            os.makedirs(f"{folder}/{size}")
            np.save(f"{folder}/{size}/images.npy", data.images)
            np.save(f"{folder}/{size}/labels.npy", data.labels)
        for framework, name in frameworks.FRAMEWORKS.items():
            command = [sys.executable, __file__, arguments.task, "--one", framework, "--steps", str(arguments.steps),
                       "--precision", arguments.precision, "--data-folder", f"{folder}/full"]
            output = subprocess.run(command, env=machine.environment(1), check=True, stdout=subprocess.PIPE,
                                    stderr=subprocess.DEVNULL, text=True).stdout
            m = json.loads(output.splitlines()[-1])
            steps_table.add_row(name, f"{m['bare']:.2f}", f"{m['harness']:.2f}", f"{m['overhead']:+.1%}")
            s = measure_start(framework, arguments.task, "check", f"{folder}/check")
            start_table.add_row(name, *(f"{s[k]:.2f}" for k in ("bare_import", "first_loss", "import", "build",
                                                                "first_step")))
            console.print(f"{name} measured")
    console.print(steps_table)
    console.print(start_table)


if __name__ == "__main__":
    main()
