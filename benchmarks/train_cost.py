"""What `train` costs above the bare loop of the same answer, at full size: logs, batches, the check for nan; and a checkpoint.

    .venv/bin/python benchmarks/train_cost.py [TASK ...] [--frameworks pytorch,keras] [--seconds 20]

The bare loop has its batches ready as the framework's tensors, and does nothing but train_step and read the losses. Both run
in one process, in turns, so that a noisy machine slows both; the ratio is the median over the turns.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from harness import compare, frameworks, training  # noqa: E402
from harness import task as tasks  # noqa: E402

READY = 8           # batches of the bare loop
PAUSE = 0.1         # seconds between the turns: a thread pool that waits for work keeps a core busy for a while


def measure(name: str, framework: str, seconds: float) -> str:
    task = tasks.load(name, "full")
    with tempfile.TemporaryDirectory() as folder:
        run = training.Run(task, framework, compare.load_data(task), Path(folder), 10**9, sheets=0)
        ours = training.Training(run)
        trainer, adapter = ours.trainer, ours.trainer.adapter
        ready = [adapter.batch(trainer.batches(i)) for i in range(READY)]

        def bare(number):
            for i in range(number):
                for value in trainer._step(ready[i % READY]).values():
                    float(adapter.array(value))

        def logged(number):
            for _ in range(number):
                ours.advance(0.0)

        bare(2), logged(2)
        started = time.perf_counter()
        bare(2)
        turn = max(1, round(1.0 / max((time.perf_counter() - started) / 2, 1e-4)))
        ratios, milliseconds, begun = [], [], time.perf_counter()
        while time.perf_counter() - begun < seconds or len(ratios) < 5:
            times = {}
            for loop in ((bare, logged) if len(ratios) % 2 else (logged, bare)):
                time.sleep(PAUSE)
                started = time.perf_counter()
                loop(turn)
                times[loop] = time.perf_counter() - started
            ratios.append(times[logged] / times[bare])
            milliseconds.append(times[bare] / turn * 1e3)
        started = time.perf_counter()
        ours.save()
        saved = time.perf_counter() - started
        ours.recorder.file.close()
    return (f"{name:17} {framework:11} bare {np.median(milliseconds):8.1f} ms   train {np.median(ratios) - 1:+6.1%}   "
            f"checkpoint {saved:.2f} s, once a minute: {saved / training.CHECKPOINT_SECONDS:+.1%}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tasks", nargs="*", default=["ae", "vae", "dcgan", "pix2pix"])
    parser.add_argument("--frameworks", default=",".join(frameworks.FRAMEWORKS))
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    for name in arguments.tasks:
        for framework in arguments.frameworks.split(","):
            if arguments.one:
                print(measure(name, framework, arguments.seconds), flush=True)
            else:           # a process each: frameworks in one process disturb one another
                subprocess.run([sys.executable, __file__, name, "--frameworks", framework, "--seconds", str(arguments.seconds),
                                "--one"], check=True)


if __name__ == "__main__":
    main()
