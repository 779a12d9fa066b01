"""How long a learner waits: from `check` to the verdict, and in `watch` from a save to the verdict, beside the bare import.

    .venv/bin/python benchmarks/check_speed.py [TASK ...] [--frameworks pytorch,chainer]

The checked file is the right answer, since it goes up all rungs. The bare import is measured anew for each task, in
turns with the check, and the smaller of two times counts, so that files are in the cache. The limits: check at most
1.5 s (PyTorch, Chainer) or 3 s (TensorFlow, Keras) above the import, watch at most 1 s or 2 s.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from harness import tasks
from harness.frameworks import FRAMEWORKS
from harness.work import stub

MODULES = {"pytorch": "torch", "tensorflow": "tensorflow", "keras": "keras", "chainer": "harness.chainer_numpy2, chainer"}
ABOVE_IMPORT = {"pytorch": 1.5, "tensorflow": 3.0, "keras": 3.0, "chainer": 1.5}
AFTER_SAVE = {"pytorch": 1.0, "tensorflow": 2.0, "keras": 2.0, "chainer": 1.0}
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
    """(bare import, check, watch), in seconds"""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "work" / task / f"{task}_{framework}.py"
        path.parent.mkdir(parents=True)
        source = tasks.answer_path(tasks.load(task), framework).read_text(encoding="utf-8")
        path.write_text(stub.solution(source), encoding="utf-8")
        imported, checked = [], []
        for _ in range(2):
            imported.append(seconds("-c", f"import {MODULES[framework]}", cwd=folder))
            checked.append(seconds("-m", "harness", "check", task, "-f", framework, cwd=folder))
        return min(imported), min(checked), watched(task, framework, path, folder)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tasks", nargs="*", help="all by default")
    parser.add_argument("--frameworks", default=",".join(FRAMEWORKS))
    arguments = parser.parse_args()
    table = Table("Task", "Framework", "Import", "Check", "Above import", "Limit", "Watch", "Limit", "")
    over = 0
    for task in arguments.tasks or tasks.names():
        for framework in arguments.frameworks.split(","):
            imported, checked, watch = measure(task, framework)
            limits = ABOVE_IMPORT[framework], AFTER_SAVE[framework]
            late = checked - imported > limits[0] or watch > limits[1]
            over += late
            row = (f"{imported:.2f}", f"{checked:.2f}", f"{checked - imported:.2f}", f"{limits[0]}", f"{watch:.2f}", f"{limits[1]}")
            table.add_row(task, framework, *row, "over" if late else "")
            print(task, framework, *row, "over" if late else "", flush=True)
    Console().print(table)
    print(f"{over} over the limit")


if __name__ == "__main__":
    main()
