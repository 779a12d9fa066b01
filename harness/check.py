"""Check one answer: start a worker, take the file up the ladder there, and make a verdict of what comes back."""

import re
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from harness import diagnosis
from harness import mistakes as known
from harness.diagnosis import Diagnosis, Reference
from harness.ladder import NOT_ATTEMPTED, PASSED, RAISED, WRONG, Rung
from harness.pool import Worker
from harness.task import ROOT, Task, TaskError

OUT_OF_TIME = "out of time"
EXIT_CODES = {PASSED: 0, WRONG: 1, NOT_ATTEMPTED: 3, RAISED: 4, OUT_OF_TIME: 5}
SECONDS = 60            # without a rung, after which the learner's code is ended
GIGABYTES = 4.0         # more than the framework itself has


@dataclass
class Verdict:
    """``state``: one of EXIT_CODES. ``rungs``: as far as the answer came; the first that is not passed decides."""

    task: Task
    framework: str
    file: Path
    state: str
    rungs: list[Rung]
    message: str = ""
    diagnosis: Diagnosis = field(default_factory=Diagnosis)
    mistakes: list[known.Mistake] = field(default_factory=list)      # what the diagnosis names
    printed: str = ""
    lines: list[list] = field(default_factory=list)     # where it hung or died
    seconds: float = 0.0

    @property
    def failed(self) -> Rung | None:
        return next((rung for rung in self.rungs if rung.status != PASSED), None)


def worker(framework: str, seconds: float = SECONDS) -> Worker:
    """A process for the learner's code, that may run for so long without a word."""
    return Worker(framework, threads=1, timeout=seconds)        # so small: two threads would only wait for each other


def check(process: Worker, task: Task, file: Path, *, gigabytes=GIGABYTES, on_rung=lambda rung: None,
          root: Path = ROOT) -> Verdict:
    """Take ``file``, an answer to ``task``, up the ladder in ``process``. The process may die of it, and starts anew."""
    rungs = []

    def hear(event):
        rungs.append(Rung(**{key: value for key, value in event.items() if key != "event"}))
        on_rung(rungs[-1])

    with _as_python(file) as (path, place):
        source = path.read_text(encoding="utf-8", errors="replace").splitlines()
        event = process.run({"do": "check", "task": task.name, "root": str(root), "file": str(path), "memory": gigabytes}, hear)
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
        verdict.state, verdict.message = OUT_OF_TIME, f"nothing came for {process.timeout:g} s, so it was ended"
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
def _as_python(file: Path):
    """(the file that a worker can load, what it calls a line of it). Raises TaskError for a notebook that is none."""
    if file.suffix != ".ipynb":
        yield file.resolve(), lambda line: line
        return
    from harness import notebook

    try:
        source = notebook.to_source(file)
    except ValueError as error:
        raise TaskError(str(error)) from None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder).resolve() / f"{file.stem}.py"
        path.write_text(source, encoding="utf-8")
        yield path, lambda line: notebook.place(source, line)
