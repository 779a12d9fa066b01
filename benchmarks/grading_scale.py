"""What one grader carries when a class is large: results that come, that are written down, read again, and made into grades.

    .venv/bin/python benchmarks/grading_scale.py [--number 10000]

Nothing is judged: results are those of a right and of a wrong submission, handed out at once under other names. So it is what remains
with any number of machines: the queue, results.jsonl (on the disk after each result), and the one process that makes all pages.
"""

import argparse
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from rich.console import Console
from rich.table import Table

from harness import frameworks, tasks
from harness.grades import table
from harness.grading import equal
from harness.grading.assignment import Assignment
from harness.grading.judge import Piece, Result
from harness.grading.queue import RESULTS, Grading, judged, pieces
from harness.grading.submission import Submission
from harness.tasks import mistakes
from harness.work import stub


class Known:
    """A pool that has judged everything already."""

    size = 64

    def __init__(self, results: list[Result]):
        self.results = results

    def submit(self, piece: Piece) -> "Future[Result]":
        submission, future = piece.submission, Future[Result]()
        result = self.results[submission.attempt - 1]
        future.set_result(result | {"name": submission.name, "student": submission.student, "digest": submission.digest})
        return future

    def mend(self) -> None: ...

    def close(self) -> None: ...


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--number", type=int, default=10_000)
    parser.add_argument("--task", default="vae")
    number, task = parser.parse_args().number, tasks.load(parser.parse_args().task)
    framework = frameworks.installed()[0]
    right = stub.solution(tasks.answer_path(task, framework).read_text(encoding="utf-8"))
    wrong = mistakes.edited(right, next(iter(mistakes.edits(task, framework).values())))
    two = [Submission("one", task.name, framework, f"{task.name}_{framework}.py", source.encode(), attempt=i + 1)
           for i, source in enumerate((right, wrong))]
    shown = Table("what", "seconds", "a minute", "GiB of this process")
    with tempfile.TemporaryDirectory() as folder:
        grading = Grading.begin(Path(folder), "secret")
        known = Known([judged(piece) for piece in pieces(two, grading, "each")])
        found = [replace(two[i % 2], student=f"student {i // 2}") for i in range(number)]

        def measure(what: str, work: Callable[[], Any]) -> Any:
            started = time.perf_counter()
            made = work()
            seconds = time.perf_counter() - started
            most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
            shown.add_row(what, f"{seconds:.1f}", f"{60 * number / seconds:,.0f}", f"{most:.2f}")
            return made

        measure("results come, and are written down", lambda: sum(1 for _ in grading.run(pieces(found, grading, "each"), known)))
        kept = measure("read again", grading.results)
        results = [kept[submission.name, submission.digest] for submission in found]
        equals = measure("equal submissions", lambda: equal.groups(found))
        measure("grades and pages", lambda: table.write(Path(folder) / "grades", results, Assignment(), equals))
        size = (Path(folder) / RESULTS).stat().st_size
        page = (Path(folder) / "grades" / "index.html").stat().st_size
        shown.caption = f"{number:,} results, {size / number / 1024:.1f} KiB each; the page of the class has {page / 2**20:.1f} MiB"
    Console().print(shown)


if __name__ == "__main__":
    main()
