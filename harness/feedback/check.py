"""Check one answer: start a worker, take the file up the ladder there, and make a verdict of what comes back."""

import math
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from harness import frameworks
from harness.feedback import diagnosis, ladder
from harness.feedback.diagnosis import Reference
from harness.feedback.ladder import PASSED, RAISED, WRONG, Rung
from harness.feedback.verdict import OUT_OF_TIME, Verdict
from harness.processes.child import Session
from harness.processes.machine import environment
from harness.processes.worker import Event, Worker
from harness.tasks import ROOT, Task, TaskError
from harness.tasks import mistakes as known

SECONDS = 60            # without a rung, after which the learner's code is ended
GIGABYTES = 4.0         # more than the framework itself has


def worker(framework: str, seconds: float = SECONDS) -> Worker:
    """A process for the learner's code, that may run for so long without a word."""
    return Worker(framework, threads=1, timeout=seconds)        # so small: two threads would only wait for each other


class Here:
    """In place of a worker: this very process, so that a debugger works. Nothing limits the learner's code, or ends it."""

    timeout = math.inf

    def __init__(self, framework: str):
        self.framework = framework
        os.environ.update(environment(threads=1))       # before the framework is imported

    def run(self, job: str, on_event: Callable[[Event], None], **request: Any) -> Event:
        """What a worker does."""
        session = Session(self.framework, frameworks.load(self.framework), lambda **event: on_event(event))
        return {"event": "done", **ladder.job(session, **{**request, "memory": None})}


def check(process: Worker | Here, task: Task, file: Path, *, gigabytes: float = GIGABYTES,
          on_rung: Callable[[Rung], None] = lambda rung: None, root: Path = ROOT) -> Verdict:
    """Take ``file``, an answer to ``task``, up the ladder in ``process``. The process may die of it, and starts anew."""
    rungs: list[Rung] = []

    def hear(event: Event) -> None:
        rungs.append(Rung(**{key: value for key, value in event.items() if key != "event"}))
        on_rung(rungs[-1])

    with _as_python(file) as (path, place):
        source = path.read_text(encoding="utf-8", errors="replace").splitlines()
        event = process.run("harness.feedback.ladder:job", hear, task=task.name, root=str(root), file=str(path),
                            folder=str(file.resolve().parent), memory=gigabytes)
    for rung in rungs:
        rung.lines = [[place(number), line] for number, line in rung.lines]
    verdict = Verdict(task, process.framework, file, PASSED, rungs)
    if event["event"] == "done":
        verdict.printed = event["printed"]
        if verdict.failed:
            verdict.state, verdict.message = verdict.failed.status, verdict.failed.message
        if verdict.state == WRONG:
            verdict.diagnosis = diagnosis.diagnose(event["fingerprint"], Reference(task))
            verdict.mistakes = diagnosis.explain(verdict.diagnosis, known.load(task))
    elif event.get("hung"):
        verdict.state = OUT_OF_TIME
        verdict.message = f"your code finished no rung for {process.timeout:g} s, so it was stopped; --timeout sets this limit"
    else:
        verdict.state, verdict.message = RAISED, event["message"]
    if event["event"] != "done":
        verdict.lines = [[place(n), source[n - 1].strip()] for n in _frames(event.get("traceback", ""), path)
                         if n <= len(source)]
    return verdict


def _frames(traceback: str, path: Path) -> list[int]:
    """Lines of ``path`` in what faulthandler wrote when the process hung or died, outermost first."""
    return [int(n) for n in re.findall(rf'File "{re.escape(str(path))}", line (\d+)', traceback)][::-1]


@contextmanager
def _as_python(file: Path) -> Iterator[tuple[Path, Callable[[int], int | str]]]:
    """(the file that a worker can load, what it calls a line of it). Raises TaskError for a notebook that is none."""
    if file.suffix != ".ipynb":
        yield file.resolve(), lambda line: line
        return
    from harness.work import notebook

    try:
        source = notebook.to_source(file)
    except ValueError as error:
        raise TaskError(str(error)) from None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder).resolve() / f"{file.stem}.py"
        path.write_text(source, encoding="utf-8")
        yield path, lambda line: notebook.place(source, line)
