"""Make questions/<task>/reference/: the fingerprints of the right answer and of every named mistake.

    .venv/bin/python tools/fingerprints.py [TASK ...]

All are made in PyTorch, in float64, at check size, and hold in every framework. To be run whenever a task.toml, a
PyTorch answer, the mistakes or their edits change; a test says so when they have.
"""

import argparse
import io
import json
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
from rich.progress import track

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from harness.processes.machine import THREAD_VARIABLES

os.environ.update(dict.fromkeys(THREAD_VARIABLES, "1"))     # such small networks: two threads only wait for each other

from harness import tasks
from harness.feedback import diagnosis, fingerprint
from harness.feedback.fingerprint import Fingerprint
from harness.feedback.ladder import RUNGS, Ladder
from harness.runner.client import Here
from harness.runner.source import Source
from harness.tasks import Task, mistakes
from harness.training import task_data
from harness.work import stub

FRAMEWORK = "pytorch"


def take(task: Task, source: str, data: dict[str, np.ndarray], framework: str = FRAMEWORK,
         last: str = RUNGS[-1]) -> Fingerprint:
    """The fingerprint of an answer with this source, as far as the rung ``last``."""
    path = Path(f"{task.name}_{framework}.py").resolve()
    ladder = Ladder(task, Here(framework), Source(path, source.encode(), path.parent), data, None)
    ladder.climb(last=last)
    return ladder.found


def data_of(task: Task) -> dict[str, np.ndarray]:
    arrays = task_data.load(task).arrays
    return {name: array for name, array in arrays.items() if array is not None}


def make(task: Task, progress: Callable[[list[Any], str], Iterable[Any]] = lambda names, description: names,
         ) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """(all fingerprints of ``task``, the data they were made with)"""
    data = data_of(task)
    source = stub.solution(tasks.answer_path(task, FRAMEWORK).read_text(encoding="utf-8"))
    changes = mistakes.edits(task, FRAMEWORK)
    right = take(task, source, data)
    found = {}
    for name in progress(list(changes), f"{task.name}: mistakes"):
        found[name] = take(task, mistakes.edited(source, changes[name]), data)
        if found[name].get("shapes") == right["shapes"]:
            del found[name]["shapes"]
        found[name].pop("initial", None)
    return fingerprint.rounded({"right": right, "mistakes": found}), data


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tasks", nargs="*", help="all by default")
    arguments = parser.parse_args()
    for name in arguments.tasks or tasks.names():
        task = tasks.load(name)
        made, data = make(task, lambda items, description: track(items, description))
        path = diagnosis.path_of(task)
        path.parent.mkdir(exist_ok=True)
        path.write_text(dumps(made), encoding="utf-8")
        buffer = io.BytesIO()
        np.savez_compressed(buffer, allow_pickle=False, **data)
        diagnosis.data_path(task).write_bytes(buffer.getvalue())


def dumps(made: dict[str, Any]) -> str:
    """JSON, a line for each mistake, so that a change shows where it is."""
    parts = [f'"right": {json.dumps(made["right"])}']
    lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(value)}" for name, value in made["mistakes"].items())
    parts.append(f'"mistakes": {{\n{lines}\n}}')
    return "{\n" + ",\n".join(parts) + "\n}\n"


if __name__ == "__main__":
    main()
