"""How fast the answers are: milliseconds a step at full size, beside the machine's peak and beside plain public-style loops.

    .venv/bin/python benchmarks/speed.py [TASK ...] [--frameworks pytorch,keras] [--batch 16] [--seconds 4] [--again] [--busy]

For each task and framework, in one process and in turns, so that a noisy machine slows all three alike:

- our answer, trained by the harness;
- the same network in the plainest public-style loop of that framework (benchmarks/plain);
- a product of two 1536 x 1536 matrices by NumPy.

The machine's peak is the best of such a product by NumPy, PyTorch and TensorFlow. How much faster than NumPy's it is, is measured
first, in a process that has all three.

*Share* is the operations that task.toml counts (harness/tasks/cost.py), done in a step's time, as a share of that peak; its
median over the turns. Memory-bound tasks (small dense networks, whose time goes into Adam) cannot come near 100 %.
Both loops run in float32 on two threads, or as many as there are cores. *Memory* is the most that a fresh process which trains
our answer had in memory at any time, the framework itself included.

Where other work keeps the cores busy, the threads of a step wait for one another, and even ratios are of no use. For such a machine
there is --busy: one thread each, and the time that the processor worked for this process in place of the time that passed.

Writes out/speed.json (out/speed_busy.json) after each pair. What is there already is not measured anew, so a run can be stopped
and started again; --again measures it anew.
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
from harness.frameworks import Adapter
from harness.frameworks.memory import kept
from harness.processes import machine
from harness.tasks import Task, cost
from harness.training import task_data
from harness.training.trainer import Trainer

SIDE = 1536
LEAST_TURNS = 5
SMALLER = {"wgan_gp": 4}    # batches of tasks whose step takes a minute
WARM_UP = 2         # steps that compile and settle
STEPS = 4           # of a process whose memory is looked at
PAUSE = 0.1         # seconds between the loops: thread pools that wait for work keep a core busy for a while


def clock(busy: bool) -> Callable[[], float]:
    """Seconds: that passed, or that the processor worked for this process."""
    return time.process_time if busy else time.perf_counter


def prepare(framework: str, name: str, batch: int | None, folder: str) -> tuple[Task, Adapter, Trainer]:
    task = tasks.load(name, "full")
    task = replace(task, batch_size=batch or SMALLER.get(name, task.batch_size))
    adapter = frameworks.load(framework)
    data = {path.stem: np.load(path, mmap_mode="r") for path in Path(folder).glob("*.npy")}
    return task, adapter, Trainer(task, framework, adapter, data, precision="float32")


def memory(framework: str, name: str, batch: int | None, seconds: float, folder: str, busy: bool) -> dict[str, Any]:
    """In a process of its own: the most memory that it had, in MB, once our answer has trained for a few steps."""
    _, _, trainer = prepare(framework, name, batch, folder)
    for step in range(STEPS):
        trainer.step(step)
    status = Path("/proc/self/status")      # getrusage's number begins with that of the process which started this one
    if status.exists():
        kilobytes = int(status.read_text(encoding="utf-8").partition("VmHWM:")[2].split()[0])
    else:
        import resource
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        kilobytes = most // 1024 if sys.platform == "darwin" else most
    return {"memory_mb": kilobytes * 1024 / 1e6}


def peaks(framework: str, name: str, batch: int | None, seconds: float, folder: str, busy: bool) -> dict[str, Any]:
    """In a process of its own: the library whose product of matrices is the fastest, and how many times faster than NumPy's."""
    a = np.random.default_rng(0).random((SIDE, SIDE), np.float32)
    products: dict[str, Callable[[], object]] = {"NumPy": lambda: a @ a}
    installed = frameworks.installed()
    if "pytorch" in installed:
        import torch
        of_torch = torch.from_numpy(a)
        products["PyTorch"] = lambda: of_torch @ of_torch
    if "tensorflow" in installed:
        import tensorflow as tf
        of_tensorflow = tf.constant(a)
        products["TensorFlow"] = lambda: tf.matmul(of_tensorflow, of_tensorflow).numpy()
    times: dict[str, list[float]] = {which: [] for which in products}
    now = clock(busy)
    for turn in range(16):
        for which in sorted(products, reverse=turn % 2 == 1):
            time.sleep(PAUSE)
            products[which]()
            started = now()
            products[which]()
            times[which].append(now() - started)
    faster = {which: float(np.median(np.divide(times["NumPy"], of))) for which, of in times.items()}
    best = max(faster, key=lambda which: faster[which])
    return {"library": best, "above_numpy": faster[best]}


def measure(framework: str, name: str, batch: int | None, seconds: float, folder: str, busy: bool) -> dict[str, Any]:
    """In a process of its own: milliseconds a step of both loops, NumPy's peak in GFLOP/s, the share of it."""
    task, adapter, trainer = prepare(framework, name, batch, folder)
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
    counts, now = {}, clock(busy)
    for which, loop in loops.items():           # how many steps make a turn of about a thirtieth of the time
        started = now()
        loop(0)
        counts[which] = max(1, int(seconds / 30 / max(now() - started, 1e-4)))
    step, end, turns = WARM_UP, time.perf_counter() + seconds, 0
    while turns < LEAST_TURNS or time.perf_counter() < end:
        order = list(loops)[turns % 3:] + list(loops)[:turns % 3]       # none always comes after the same other
        for which in order:
            if not busy:
                time.sleep(PAUSE)
                loops[which](step)                  # wakes its threads, untimed
            started = now()
            for i in range(counts[which]):
                loops[which](step + i)
            times[which].append((now() - started) / counts[which])
        step, turns = step + max(counts.values()), turns + 1
    answer, plain_times, product = (np.array(times[which]) for which in ("answer", "plain", "peak"))
    peaks = 2 * SIDE**3 / product
    return {"task": name, "framework": framework, "batch": task.batch_size, "gflop": cost.of_step(task) / 1e9,
            "answer_ms": float(np.median(answer)) * 1000, "plain_ms": float(np.median(plain_times)) * 1000,
            "ratio": float(np.median(answer / plain_times)), "peak_gflops": float(np.median(peaks)) / 1e9,
            "share": float(np.median(cost.of_step(task) / answer / peaks)), "turns": turns, "busy": busy}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tasks", nargs="*", default=None, help="all by default")
    parser.add_argument("--frameworks", default=",".join(frameworks.FRAMEWORKS))
    parser.add_argument("--batch", type=int, help="batch size; the question's by default, 4 for wgan_gp")
    parser.add_argument("--seconds", type=float, default=4, help="of measuring, for each task and framework")
    parser.add_argument("--out", type=Path, help="out/speed.json by default, out/speed_busy.json with --busy")
    parser.add_argument("--again", action="store_true", help="measure what the file has already, too")
    parser.add_argument("--busy", action="store_true", help="one thread, and its processor's time: where other work runs, too")
    parser.add_argument("--one", nargs=4, metavar=("WHAT", "FRAMEWORK", "TASK", "FOLDER"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        what, framework, name, folder = arguments.one
        with kept():                    # as `train` does; of the plain loop, too
            print(json.dumps(JOBS[what](framework, name, arguments.batch, arguments.seconds, folder, arguments.busy)))
        return
    arguments.out = arguments.out or ROOT / "out" / ("speed_busy.json" if arguments.busy else "speed.json")
    console = Console(width=120)
    rows = json.loads(arguments.out.read_text(encoding="utf-8")) if arguments.out.exists() else []
    wanted = [(name, framework) for name in arguments.tasks or tasks.names() for framework in arguments.frameworks.split(",")]
    if arguments.again:
        rows = [row for row in rows if (row["task"], row["framework"]) not in wanted]
    peak = {key: rows[0][key] for key in ("library", "above_numpy")} if rows else {}
    there = {(row["task"], row["framework"]) for row in rows}
    for name in dict.fromkeys(name for name, framework in wanted if (name, framework) not in there):
        with tempfile.TemporaryDirectory() as folder:
            task_data.stage(task_data.load(tasks.load(name, "full")), Path(folder))
            for framework in (framework for one, framework in wanted if one == name and (name, framework) not in there):
                console.print(f"{name}, {framework} ...", style="dim")
                options = ["--seconds", str(arguments.seconds), *(["--busy"] if arguments.busy else []),
                           *(["--batch", str(arguments.batch)] if arguments.batch else [])]
                peak = peak or apart("peaks", framework, name, folder, options)
                row = apart("measure", framework, name, folder, options) | apart("memory", framework, name, folder, options)
                row["peak_gflops"] *= peak["above_numpy"]
                row["share"] /= peak["above_numpy"]
                rows.append(row | peak)
                arguments.out.parent.mkdir(parents=True, exist_ok=True)
                arguments.out.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    console.print(as_table([row for row in rows if (row["task"], row["framework"]) in wanted]))


def apart(what: str, framework: str, name: str, folder: str, options: list[str]) -> dict[str, Any]:
    """What one of JOBS gives in a process of its own."""
    done = subprocess.run([sys.executable, __file__, "--one", what, framework, name, folder, *options],
                          env=machine.environment(1 if "--busy" in options else machine.cores()), capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{what}, {name}, {framework} failed:\n{done.stderr[-2000:]}")
    row: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return row


def as_table(rows: list[dict[str, Any]]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, title="Float32, full size: ms a step")
    for heading in ("Task", "Framework", "Batch", "GFLOP", "Answer", "Plain", "Answer / plain", "GFLOP/s", "Peak", "Share", "MB"):
        table.add_column(heading, justify="left" if heading in ("Task", "Framework") else "right")
    for r in rows:
        table.add_row(r["task"], r["framework"], str(r["batch"]), f"{r['gflop']:.1f}", f"{r['answer_ms']:.1f}",
                      f"{r['plain_ms']:.1f}", f"{r['ratio']:.2f}", f"{r['share'] * r['peak_gflops']:.0f}",
                      f"{r['peak_gflops']:.0f} ({r['library']})", f"{r['share']:.0%}", f"{r['memory_mb']:,.0f}")
    return table


JOBS: dict[str, Callable[[str, str, int | None, float, str, bool], dict[str, Any]]] = {
    "measure": measure, "memory": memory, "peaks": peaks}


if __name__ == "__main__":
    main()
