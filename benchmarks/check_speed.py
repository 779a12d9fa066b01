"""How long a learner waits: from `check` to the verdict, how much longer where it is solved what a wrong answer computes, and in
`watch` from a save to the verdict.

    .venv/bin/python benchmarks/check_speed.py [TASK ...] [--frameworks pytorch,chainer] [--wrong 3]

Check and watch are measured with the right answer, since it goes up all rungs, beside the bare import. That is measured anew for
each task, in turns with the check, and the smaller of two times counts, so that files are in the cache. Wrong answers are our own
with a mistake of the task's list; so many of them, from all over the list; the longest counts, with what is imported for it. The
limits, in seconds: check 1.5 above the import (PyTorch, Chainer) or 3 (TensorFlow, Keras), solving 3 or 6 more, watch 2.
"""

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from harness import tasks
from harness.diagnosis.investigation import why
from harness.feedback.check import data_of, judged, worker
from harness.feedback.diagnosis import Reference
from harness.feedback.ladder import Ladder
from harness.frameworks import FRAMEWORKS
from harness.processes.worker import Worker
from harness.runner.client import Ended, Stopped
from harness.runner.source import Source
from harness.tasks import mistakes
from harness.work import stub


@dataclass(frozen=True)
class Times:
    """Seconds: of a check above the import, of solving, from a save to the verdict."""

    check: float
    solving: float
    watch: float


MODULES = {"pytorch": "torch", "tensorflow": "tensorflow", "keras": "keras", "chainer": "harness.chainer_numpy2, chainer"}
LIMITS = {name: Times(check, solving, 2.0) for name, check, solving in (
    ("pytorch", 1.5, 3.0), ("tensorflow", 3.0, 6.0), ("keras", 3.0, 6.0), ("chainer", 1.5, 3.0))}
ENVIRONMENT = dict(os.environ, PYTHONPATH=str(ROOT), KERAS_BACKEND="tensorflow")


def seconds(*command: str, cwd: str) -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, *command], cwd=cwd, env=ENVIRONMENT, check=True, capture_output=True)
    return time.perf_counter() - started


def watched(task: str, framework: str, path: Path, folder: str, saves: int = 3) -> float:
    """Seconds from a save to the last line of the verdict; the median of a few."""
    process = subprocess.Popen([sys.executable, "-m", "harness", "watch", task, "-f", framework], cwd=folder, text=True,
                               env=dict(ENVIRONMENT, PYTHONUNBUFFERED="1"), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def verdict() -> float:
        for line in process.stdout or ():
            if line.startswith("waiting"):
                return time.perf_counter()
        raise RuntimeError("watch ended")

    try:
        verdict()
        times = []
        for _ in range(saves):
            time.sleep(0.5)
            started = time.perf_counter()
            path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
            times.append(verdict() - started)
        return sorted(times)[len(times) // 2]
    finally:
        process.terminate()
        process.wait()


def measure(task: str, framework: str) -> tuple[float, float, float]:
    """Seconds: (the bare import, check, watch)"""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "work" / task / f"{task}_{framework}.py"
        path.parent.mkdir(parents=True)
        path.write_text(right(task, framework), encoding="utf-8")
        imported, checked = [], []
        for _ in range(2):
            imported.append(seconds("-c", f"import {MODULES[framework]}", cwd=folder))
            checked.append(seconds("-m", "harness", "check", task, "-f", framework, cwd=folder))
        return min(imported), min(checked), watched(task, framework, path, folder)


def right(task: str, framework: str) -> str:
    """Our answer."""
    return stub.solution(tasks.answer_path(tasks.load(task), framework).read_text(encoding="utf-8"))


def solved(process: Worker, folder: Path, name: str, number: int) -> Iterator[tuple[float, str]]:
    """Seconds to find out what each of ``number`` wrong answers computes, and which it is. ``folder``: what the process may see."""
    task = tasks.load(name)
    edits = mistakes.edits(task, process.framework)
    chosen = list(edits)[::max(1, -(-len(edits) // number))] if number else list(edits)
    for mistake in chosen:
        content = mistakes.edited(right(name, process.framework), edits[mistake]).encode()
        source = Source(folder / f"{name}_{process.framework}.py", content, folder)
        ladder = Ladder(task, process, source, data_of(task), Reference.stored(task).right)
        judged(ladder, source.path)
        if ladder.begin:                # or it has other layers: nothing is solved
            started = time.perf_counter()
            with contextlib.suppress(Stopped, Ended):
                why(task, ladder.subject, ladder.begin, ladder.first_losses())
            yield time.perf_counter() - started, mistake


def imports() -> float:
    """Seconds that what solves takes to be imported."""
    one, more = (min(seconds("-c", f"import {module}", cwd=str(ROOT)) for _ in range(2))
                 for module in ("harness.feedback.check", "harness.feedback.check, harness.diagnosis.investigation"))
    return more - one


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tasks", nargs="*", help="all by default")
    parser.add_argument("--frameworks", default=",".join(FRAMEWORKS))
    parser.add_argument("--wrong", type=int, default=3, help="wrong answers of each; 0: all")
    parser.add_argument("--solving-only", action="store_true", help="neither check nor watch")
    arguments = parser.parse_args()
    table = Table("Task", "Framework", "Import", "Check", "above", "Solving", "of them the longest", "Watch", "")
    over, first = 0, imports()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        processes = {framework: worker(framework, folder) for framework in arguments.frameworks.split(",")}
        for task in arguments.tasks or tasks.names():
            for framework, process in processes.items():
                imported, checked, watch = (0.0, 0.0, 0.0) if arguments.solving_only else measure(task, framework)
                longest, which = max(solved(process, folder, task, arguments.wrong), default=(0.0, ""))
                took, limit = Times(checked - imported, longest + first if which else 0.0, watch), LIMITS[framework]
                late = [name for name in ("check", "solving", "watch") if getattr(took, name) > getattr(limit, name)]
                over += bool(late)
                row = (f"{imported:.2f}", f"{checked:.2f}", f"{took.check:.2f}", f"{took.solving:.2f}", which, f"{watch:.2f}",
                       f"over: {', '.join(late)}" if late else "")
                table.add_row(task, framework, *row)
                print(task, framework, *row, flush=True)
        for process in processes.values():
            process.close()
    Console().print(table)
    print(f"{over} over the limit; {first:.2f} s of solving is to import what solves")


if __name__ == "__main__":
    main()
