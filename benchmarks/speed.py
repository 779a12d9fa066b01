"""How fast the answers are: milliseconds a step at full size, beside the machine's peak and beside plain public-style loops.

    .venv/bin/python benchmarks/speed.py [TASK ...] [--frameworks pytorch,keras] [--batch 16] [--seconds 4]

For each task and framework, in one process and in turns, so that a noisy machine slows all three alike:

- our answer, trained by the harness;
- the same network in the plainest public-style loop of that framework (benchmarks/plain);
- a product of two 1536 x 1536 matrices by NumPy, the machine's peak.

*Share* is the operations that task.toml counts (harness/tasks/cost.py), done in a step's time, as a share of that peak; its
median over the turns. Memory-bound tasks (small dense networks, whose time goes into Adam) cannot come near 100 %.
Both loops run in float32 on two threads, or as many as there are cores. Writes out/speed.json as well.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from rich import box
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from harness import frameworks, tasks
from harness.processes import machine
from harness.tasks import cost
from harness.training import task_data
from harness.training.trainer import Trainer

SIDE = 1536
WARM_UP = 2         # steps that compile and settle
PAUSE = 0.1         # seconds between the loops: thread pools that wait for work keep a core busy for a while


def measure(framework: str, name: str, batch: int | None, seconds: float, folder: str) -> dict[str, Any]:
    """In a process of its own: milliseconds a step of both loops, the peak in GFLOP/s, the share of it."""
    task = tasks.load(name, "full")
    task = replace(task, batch_size=batch or task.batch_size)
    adapter = frameworks.load(framework)
    data = {path.stem: np.load(path, mmap_mode="r") for path in Path(folder).glob("*.npy")}
    trainer = Trainer(task, framework, adapter, data, precision="float32")
    plain_step = import_module(f"benchmarks.plain.{framework}").build(task)
    batches = [trainer.batches(i) for i in range(4)]
    matrix = np.random.default_rng(0).random((SIDE, SIDE), np.float32)

    def plain(step: int) -> None:
        for value in plain_step(adapter.batch(batches[step % len(batches)])).values():
            float(adapter.array(value))

    loops: dict[str, Callable[[int], object]] = {"answer": trainer.step, "plain": plain, "peak": lambda step: matrix @ matrix}
    for step in range(WARM_UP):
        for loop in loops.values():
            loop(step)
    times: dict[str, list[float]] = {which: [] for which in loops}
    counts = {}
    for which, loop in loops.items():           # how many steps make a turn of about a thirtieth of the time
        started = time.perf_counter()
        loop(0)
        counts[which] = max(1, int(seconds / 30 / (time.perf_counter() - started)))
    step, end, turns = WARM_UP, time.perf_counter() + seconds, 0
    while turns < 3 or time.perf_counter() < end:
        order = list(loops)[turns % 3:] + list(loops)[:turns % 3]       # none always comes after the same other
        for which in order:
            time.sleep(PAUSE)
            loops[which](step)                      # wakes its threads, untimed
            started = time.perf_counter()
            for i in range(counts[which]):
                loops[which](step + i)
            times[which].append((time.perf_counter() - started) / counts[which])
        step, turns = step + max(counts.values()), turns + 1
    answer, plain_times, product = (np.array(times[which]) for which in ("answer", "plain", "peak"))
    peaks = 2 * SIDE**3 / product
    return {"task": name, "framework": framework, "batch": task.batch_size, "gflop": cost.of_step(task) / 1e9,
            "answer_ms": float(np.median(answer)) * 1000, "plain_ms": float(np.median(plain_times)) * 1000,
            "ratio": float(np.median(answer / plain_times)), "peak_gflops": float(np.median(peaks)) / 1e9,
            "share": float(np.median(cost.of_step(task) / answer / peaks)), "turns": turns}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tasks", nargs="*", default=None, help="all by default")
    parser.add_argument("--frameworks", default=",".join(frameworks.FRAMEWORKS))
    parser.add_argument("--batch", type=int, help="batch size; the question's by default")
    parser.add_argument("--seconds", type=float, default=4, help="of measuring, for each task and framework")
    parser.add_argument("--out", type=Path, default=ROOT / "out" / "speed.json")
    parser.add_argument("--one", nargs=3, metavar=("FRAMEWORK", "TASK", "FOLDER"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        framework, name, folder = arguments.one
        print(json.dumps(measure(framework, name, arguments.batch, arguments.seconds, folder)))
        return
    console = Console(width=120)
    table = Table(box=box.SIMPLE_HEAD, title="Float32, full size: ms a step")
    for heading in ("Task", "Framework", "Batch", "GFLOP", "Answer", "Plain", "Answer / plain", "GFLOP/s", "Peak", "Share"):
        table.add_column(heading, justify="left" if heading in ("Task", "Framework") else "right")
    rows = []
    for name in arguments.tasks or tasks.names():
        with tempfile.TemporaryDirectory() as folder:
            task_data.stage(task_data.load(tasks.load(name, "full")), Path(folder))
            for framework in arguments.frameworks.split(","):
                command = [sys.executable, __file__, "--one", framework, name, folder, "--seconds", str(arguments.seconds)]
                command += ["--batch", str(arguments.batch)] if arguments.batch else []
                console.print(f"{name}, {framework} ...", style="dim")
                done = subprocess.run(command, env=machine.environment(machine.cores()), capture_output=True, text=True)
                if done.returncode:
                    raise SystemExit(f"{name}, {framework} failed:\n{done.stderr[-2000:]}")
                r = json.loads(done.stdout.splitlines()[-1])
                rows.append(r)
                table.add_row(name, framework, str(r["batch"]), f"{r['gflop']:.1f}", f"{r['answer_ms']:.1f}",
                              f"{r['plain_ms']:.1f}", f"{r['ratio']:.2f}",
                              f"{r['share'] * r['peak_gflops']:.0f}", f"{r['peak_gflops']:.0f}", f"{r['share']:.0%}")
                arguments.out.parent.mkdir(parents=True, exist_ok=True)
                arguments.out.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    console.print(table)


if __name__ == "__main__":
    main()
