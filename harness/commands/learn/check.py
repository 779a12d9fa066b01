"""``check``: is it right? Exit codes: 0 passed, 1 wrong, 2 bad usage, 3 not attempted, 4 the learner's code raised, 5 out of time."""

import json
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Optional

import typer

from harness.commands.console import err, out
from harness.commands.learn.progress import mended, note
from harness.commands.terminal import FileOrTask, Framework, Memory, Root, Seconds, Work
from harness.feedback import check as checks
from harness.feedback import display
from harness.feedback.verdict import EXIT_CODES, Verdict, as_dict
from harness.frameworks import FRAMEWORKS, require
from harness.processes.worker import Worker
from harness.runner.client import Here
from harness.tasks import ROOT, Task
from harness.work import files

Second = Annotated[Optional[str], typer.Argument(metavar="[FILE]", help="The file, if the first argument is the task.")]
OfTask = Annotated[Optional[str], typer.Option("--task", metavar="TASK", help=(
    "The task, if the name of the file does not start with it."))]


def check(what: FileOrTask = None, file: Second = None, framework: Framework = None, name: OfTask = None,
          verbose: Annotated[bool, typer.Option("--verbose", "-v", "--all-rungs", help=(
              "Show all rungs, all that was found, and the section of the question."))] = False,
          as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
          debug: Annotated[bool, typer.Option("--debug", help=(
              "Run your code in this terminal, so that input() and breakpoint() work; time and memory are not limited."))] = False,
          timeout: Seconds = checks.SECONDS, memory: Memory = checks.GIGABYTES,
          work: Work = files.WORK, root: Root = ROOT) -> None:
    """Check whether your answer is right. If it is not, show the first error and what may cause it."""
    mended(work)
    task, chosen, path = found(what, file, framework, name, work, root)
    require([chosen])
    with nullcontext(Here(chosen)) if debug else checks.worker(chosen, path.parent, timeout, memory, root) as process:
        verdict = checked(process, task, path, memory, quiet=as_json or debug)
    if as_json:
        print(json.dumps(as_dict(verdict), indent=1))
    else:
        display.show(verdict, out, verbose)
    note(path, work, verdict)
    raise typer.Exit(EXIT_CODES[verdict.state])


def found(what: str | None, file: str | None, framework: str | None, name: str | None, work: Path, root: Path) -> tuple[Task, str, Path]:
    """What is to be checked: FILE, TASK, or both in either order. Raises WorkbookError."""
    if file is not None and what is not None:
        what, file = (what, file) if files.is_answer(what) else (file, what)
        name = name or file
    return files.find(what, framework, work, root, name)


def checked(process: Worker | Here, task: Task, path: Path, memory: float, quiet: bool = False) -> Verdict:
    """The verdict, with its seconds; on a terminal the rungs are seen as they are climbed."""
    started = time.perf_counter()
    with nullcontext() if quiet or not err.is_terminal else err.status(f"{path}: loading {FRAMEWORKS[process.framework]}") as status:
        verdict = checks.check(process, task, path, gigabytes=memory,
                               on_rung=lambda rung: status.update(f"{path}: {rung.name}") if status else None)
    verdict.seconds = time.perf_counter() - started
    return verdict
