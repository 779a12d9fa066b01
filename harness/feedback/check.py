"""Check one answer: start a process for it, take it up the ladder, and make a verdict of what comes back."""

import math
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np

from harness.feedback import diagnosis
from harness.feedback.diagnosis import Reference, data_path
from harness.feedback.ladder import Ladder, Rung
from harness.feedback.verdict import OUT_OF_TIME, Verdict
from harness.frameworks import Arrays
from harness.processes import sandbox
from harness.processes.sandbox import Sandbox
from harness.processes.tree import Limits
from harness.processes.worker import Worker
from harness.runner.bench import PASSED, RAISED, WRONG
from harness.runner.client import Ended, Here, Stopped
from harness.runner.source import Source
from harness.tasks import ROOT, Task, TaskError
from harness.tasks import mistakes as known

Place = Callable[[int], int | str]
SECONDS = 60            # without a reply, after which the learner's code is ended
GIGABYTES = 4.0         # more than the framework itself has
DECLARED = ("some layers have equal shapes and are declared in another order than in the question's table, so that it cannot be seen "
            "which is which: declare them in the table's order, and a check says more")
ALL_GIGABYTES = 2.0     # more than that, with the framework's own and what it starts: then it is ended from outside


def worker(framework: str, folder: Path, seconds: float = SECONDS, gigabytes: float = GIGABYTES, root: Path = ROOT,
           cpu_seconds: float = math.inf, life: float = math.inf) -> Worker:
    """A process for the learner's code, which may import what lies in ``folder``, and may run for so long without a word.

    It is shut into a sandbox where the system has one; ``sandbox.why_not`` says why it has none.
    """
    hidden = tuple((root / name).resolve() for name in ("answers", "questions", "notebooks"))
    shut = None if sandbox.why_not() else Sandbox((folder.resolve(),), hidden)
    # So small: two threads would only wait for each other.
    limits = Limits(gigabytes + ALL_GIGABYTES, seconds=cpu_seconds, life=life)
    return Worker(framework, threads=1, timeout=seconds, sandbox=shut, limits=limits)


def check(process: Worker | Here, task: Task, file: Path, *, gigabytes: float = GIGABYTES,
          on_rung: Callable[[Rung], None] = lambda rung: None) -> Verdict:
    """Take ``file``, an answer to ``task``, up the ladder in ``process``. The process may die of it, and starts anew."""
    source, place = source_of(file)
    reference = Reference.stored(task)
    ladder = Ladder(task, process, source, data_of(task), reference.right,
                    gigabytes=gigabytes, terminal=isinstance(process, Here))
    verdict = judged(ladder, file, place, on_rung)
    verdict.sandbox = "none: in this process" if isinstance(process, Here) else sandbox.name()
    if verdict.state == WRONG:
        verdict.diagnosis = diagnosis.diagnose(ladder.found, reference)
        verdict.mistakes = diagnosis.explain(verdict.diagnosis, known.load(task))
        solve(verdict, ladder, place)
    return verdict


def solve(verdict: Verdict, ladder: Ladder, place: Place) -> None:
    """Find out what a wrong answer computes; its process builds it anew. Whatever becomes of that, the verdict stands."""
    from harness.diagnosis.investigation import why  # with autograd, which a right answer has no use for

    found = verdict.diagnosis
    failed = verdict.failed
    if not ladder.begin or (failed and failed.name == "float32"):       # there is nothing to go beside, or all is right in float64
        return
    try:
        able = not any(rung.name == "forward" and rung.status != PASSED for rung in ladder.rungs)
        found.findings, facts = why(ladder.task, ladder.subject, ladder.begin, ladder.first_losses(), able)
    except (Stopped, Ended):    # it does something else than before
        return
    except Exception as error:  # a fault of ours: without it there is less to read, and nothing wrong
        found.findings, found.fault = [], f"{type(error).__name__}: {error}"
        return
    for finding in found.findings:
        finding.line = place(finding.line) if isinstance(finding.line, int) and finding.line else finding.line
    # In whatever order they are taken: a formula that gives the answer's numbers is right. That something parts is not told, then.
    if not ladder.ordered:
        facts = [] if found.findings else [DECLARED]
    found.facts = facts + found.facts


def data_of(task: Task) -> Arrays:
    """The images, labels and masks of a check, by name."""
    with np.load(data_path(task)) as data:
        return dict(data)


def judged(ladder: Ladder, file: Path, place: Place = lambda line: line, on_rung: Callable[[Rung], None] = lambda rung: None) -> Verdict:
    """What came of a climb: the verdict, without a diagnosis. ``place``: what ``file`` calls a line of the ladder's source."""
    process, source = ladder.runner.process, ladder.source
    verdict = Verdict(ladder.task, process.framework, file, PASSED, ladder.rungs, ladder=ladder)

    def hear(rung: Rung) -> None:
        rung.lines = [[place(number), line] for number, line in rung.lines]
        on_rung(rung)

    try:
        ladder.climb(hear)
        verdict.printed = ladder.printed()
    except Ended as ended:
        event = ended.event
        verdict.state, verdict.message = RAISED, event["message"]
        if event.get("hung"):
            verdict.state = OUT_OF_TIME
            verdict.message = f"your code finished no rung for {process.timeout:g} s, so it was stopped; --timeout sets this limit"
        lines = source.content.decode("utf-8", errors="replace").splitlines()
        verdict.lines = [[place(n), lines[n - 1].strip()] for n in _frames(event.get("traceback", ""), source.path) if 0 < n <= len(lines)]
        verdict.ended = event
        return verdict
    if verdict.failed:
        verdict.state, verdict.message = verdict.failed.status, verdict.failed.message
    return verdict


def _frames(traceback: str, path: Path) -> list[int]:
    """Lines of ``path`` in what faulthandler wrote when the process hung or died, outermost first."""
    return [int(n) for n in re.findall(rf'File "{re.escape(str(path))}", line (\d+)', traceback)][::-1]


def source_of(file: Path) -> tuple[Source, Place]:
    """(what a learner's file or notebook holds, what it calls a line of it). Raises TaskError for a notebook that is none."""
    if file.suffix != ".ipynb":
        return Source.of(file), lambda line: line
    from harness.work import notebook

    try:
        source = notebook.to_source(file)
        content = source.encode()
    except UnicodeEncodeError:
        raise TaskError(f"{file} has half a character, which is none") from None
    except ValueError as error:
        raise TaskError(str(error)) from None
    path = file.resolve()
    return Source(path, content, path.parent), lambda line: notebook.place(source, line)
