"""A benchmark of tasks and frameworks, each pair in a process of its own: frameworks in one process disturb one another."""

import argparse
import os
import subprocess
import sys
from collections.abc import Callable, Sequence

from harness import frameworks


def main(file: str, about: str, tasks: Sequence[str], seconds: float, measure: Callable[[str, str, float], str]) -> None:
    """Print the line that ``measure(task, framework, seconds)`` gives for each pair; ``tasks``, ``seconds``: by default. ``file`` is the
    benchmark's, which is started anew for each."""
    parser = argparse.ArgumentParser(description=about.splitlines()[0])
    parser.add_argument("tasks", nargs="*", default=list(tasks))
    parser.add_argument("--frameworks", default=",".join(frameworks.FRAMEWORKS))
    parser.add_argument("--seconds", type=float, default=seconds)
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    for name in arguments.tasks:
        for framework in arguments.frameworks.split(","):
            if arguments.one:
                print(measure(name, framework, arguments.seconds), flush=True)
            else:
                subprocess.run([sys.executable, file, name, "--frameworks", framework, "--seconds", str(arguments.seconds), "--one"],
                               check=True, env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"})
