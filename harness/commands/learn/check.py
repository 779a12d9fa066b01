"""``check``: is it right? Exit codes: 0 passed, 1 wrong, 2 bad usage, 3 not attempted, 4 the learner's code raised, 5 out of time."""

import json
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from harness.commands.terminal import FileOrTask, Framework, Memory, Root, Seconds, Work, err, out
from harness.feedback import check as checks
from harness.feedback import display
from harness.feedback.verdict import EXIT_CODES, Verdict, as_dict
from harness.frameworks import FRAMEWORKS, require
from harness.processes.worker import Worker
from harness.tasks import ROOT, Task
from harness.work import files, progress


def check(what: FileOrTask = None, framework: Framework = None,
          every_rung: Annotated[bool, typer.Option("--all-rungs", help="Show what comes after the first that fails.")] = False,
          as_json: Annotated[bool, typer.Option("--json", help="The result as JSON.")] = False,
          timeout: Seconds = checks.SECONDS, memory: Memory = checks.GIGABYTES,
          work: Work = files.WORK, root: Root = ROOT) -> None:
    """Is it right? Takes your answer up the ladder, and says at the first rung that fails what is wrong, and why."""
    task, chosen, path = files.find(what, framework, work, root)
    require([chosen])
    done = progress.load(work)
    with checks.worker(chosen, timeout) as process:
        verdict = checked(process, task, path, memory, root, quiet=as_json)
    done.checked(task.name, chosen, verdict.state)
    done.save()
    if as_json:
        print(json.dumps(as_dict(verdict), indent=1))
    else:
        display.show(verdict, out, every_rung)
    raise typer.Exit(EXIT_CODES[verdict.state])


def checked(process: Worker, task: Task, path: Path, memory: float, root: Path, quiet: bool = False) -> Verdict:
    """The verdict, with its seconds; on a terminal the rungs are seen as they are climbed."""
    started = time.perf_counter()
    with nullcontext() if quiet or not err.is_terminal else err.status(f"{path}: loading {FRAMEWORKS[process.framework]}") as status:
        verdict = checks.check(process, task, path, gigabytes=memory, root=root,
                               on_rung=lambda rung: status.update(f"{path}: {rung.name}") if status else None)
    verdict.seconds = time.perf_counter() - started
    return verdict
