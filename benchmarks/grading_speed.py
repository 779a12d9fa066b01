"""Submissions a minute: each framework, right and wrong ones, with one judge and with several.

    .venv/bin/python benchmarks/grading_speed.py [--task vae] [--number 8] [--workers 1,2]

Every submission has a seed of its own, as in a grading. Beside the rate: the most memory that judges and runners had at one time, and
the bytes of a result. The first submission of each judge, whose oracle is imported with it, is not counted.
"""

import argparse
import json
import os
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from rich.console import Console
from rich.table import Table

from harness import frameworks, tasks
from harness.grading.judge import Result
from harness.grading.queue import Grading, Processes, judge_all, pieces
from harness.grading.submission import Submission
from harness.processes import tree
from harness.tasks import mistakes
from harness.work import stub


class Memory:
    """The most that a process and all below it had at one time, in bytes; what they share counts once."""

    def __init__(self, pid: int):
        self.pid, self.most, self.ended = pid, 0, False
        threading.Thread(target=self._look, daemon=True).start()

    def _look(self) -> None:
        while not self.ended:
            self.most = max(self.most, sum(tree.memory_of(pid) for pid in tree.members(self.pid)[1:]))
            time.sleep(0.2)


def measure(sources: list[str], task: str, framework: str, workers: int) -> tuple[float, int, int]:
    """(submissions a minute, bytes of memory, bytes of a result)"""
    pool, grading = Processes(workers), Grading(Path(), "secret")

    def judge(name: str, sources: list[str]) -> list[Result]:
        found = [Submission(f"{name}{i}", task, framework, f"{task}_{framework}.py", source.encode()) for i, source in enumerate(sources)]
        return list(judge_all(pieces(found, grading, "each"), pool))

    judge("warm", sources[:workers])
    memory, started = Memory(os.getpid()), time.perf_counter()
    results = judge("", sources)
    seconds = time.perf_counter() - started
    memory.ended = True
    pool.close()
    return 60 * len(results) / seconds, memory.most, sum(len(json.dumps(result)) for result in results) // len(results)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--task", default="vae")
    parser.add_argument("--number", type=int, default=8)
    parser.add_argument("--workers", default="1,2")
    arguments = parser.parse_args()
    table = Table("framework", "submissions", "workers", "a minute", "GiB", "KiB of a result")
    for framework in frameworks.installed():
        task = tasks.load(arguments.task)
        right = stub.solution(tasks.answer_path(task, framework).read_text(encoding="utf-8"))
        edits = list(mistakes.edits(task, framework).values())
        wrong = [mistakes.edited(right, edits[i % len(edits)]) for i in range(arguments.number)]
        for kind, sources in (("right", [right] * arguments.number), ("wrong", wrong)):
            for workers in map(int, arguments.workers.split(",")):
                rate, memory, size = measure(sources, task.name, framework, workers)
                table.add_row(framework, kind, str(workers), f"{rate:.1f}", f"{memory / 2**30:.2f}", f"{size / 1024:.0f}")
    Console().print(table)


if __name__ == "__main__":
    main()
