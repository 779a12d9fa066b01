"""The learner's commands: start, check, watch, hint, solution, progress, reset.

Exit codes of check: 0 passed, 1 wrong, 2 bad usage, 3 not attempted, 4 the learner's code raised, 5 out of time.
"""

import json
import time
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from typing import Annotated, Optional

import typer
from rich import box
from rich.markdown import Markdown
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from harness import contract, progress, stub, verdicts
from harness import task as tasks
from harness.frameworks import FRAMEWORKS
from harness.task import ROOT, TaskError
from harness.terminal import BadInput, Root, err, fail, out
from harness.workplace import file_of, find, framework_of, hints, keep, write

WORK = Path("work")

TaskName = Annotated[str, typer.Argument(metavar="TASK", help="A task, e.g. ae; `list` shows them.")]
Framework = Annotated[Optional[str], typer.Option("--framework", "-f", help="pytorch, tensorflow, keras or chainer; "
                                                                            "can be left out where only one was started.")]
Work = Annotated[Path, typer.Option("--work", metavar="DIR", help="Where your answers and your progress are.")]


def register(app: typer.Typer) -> None:
    for command in (start, check, watch, hint, solution, reset):
        app.command()(command)
    app.command("progress")(show_progress)


def start(name: TaskName, framework: Annotated[str, typer.Option("--framework", "-f", help="In which framework.")],
          as_notebook: Annotated[bool, typer.Option("--notebook", help="As a Jupyter notebook.")] = False,
          force: Annotated[bool, typer.Option("--force", help="Begin anew; what was there is kept as a backup.")] = False,
          work: Work = WORK, root: Root = ROOT):
    """Begin a task: write work/TASK/TASK_F.py (or .ipynb), with the parts left out that are yours to write."""
    try:
        task, chosen = tasks.load(name, "check", root), framework_of(framework)
        path = file_of(task.name, chosen, work)
        text = stub.of(task, chosen)
        done = progress.load(work)
        if path.exists() and not force:
            raise BadInput(f"{path} is there already; --force begins anew, and keeps what is there as a backup")
        path.parent.mkdir(parents=True, exist_ok=True)
        kept = keep(path) if path.exists() else None
        write(path.with_suffix(".ipynb" if as_notebook else ".py"), text, task)
        done.entry(task.name, chosen).state = "started"
        done.last = [task.name, chosen]
        done.save()
    except (BadInput, TaskError, OSError, progress.ProgressError, stub.StubError) as error:
        raise fail(error) from None
    if kept:
        out.print(Text(f"kept: {kept}"))
    path = file_of(task.name, chosen, work)
    out.print(Text(f"written: {path}\nthe question: {task.folder}/README.md\nthen: python -m harness check {task.name} "
                   f"--framework {chosen}"), soft_wrap=True)


def check(what: Annotated[Optional[str], typer.Argument(metavar="[FILE or TASK]", help="The last one by default.")] = None,
          framework: Framework = None,
          every_rung: Annotated[bool, typer.Option("--all-rungs", help="Show what comes after the first that fails.")] = False,
          as_json: Annotated[bool, typer.Option("--json", help="The result as JSON.")] = False,
          timeout: Annotated[float, typer.Option(min=1, help="Seconds without a word after which your code is ended.")] = 60,
          memory: Annotated[float, typer.Option(min=0.1, help="GiB that your code may use.")] = 4,
          work: Work = WORK, root: Root = ROOT):
    """Is it right? Takes your answer up the ladder, and says at the first rung that fails what is wrong, and why."""
    from harness import check as checks

    try:
        task, chosen, path = find(what, framework, work, root)
        done = progress.load(work)
        process = checks.worker(chosen, timeout)
        try:
            verdict = _checked(process, task, path, memory, root, quiet=as_json)
        finally:
            process.close()
        done.checked(task.name, chosen, verdict.state)
        done.save()
    except (BadInput, TaskError, OSError, progress.ProgressError) as error:
        raise fail(error) from None
    except KeyboardInterrupt:
        err.print("interrupted")
        raise typer.Exit(130) from None
    if as_json:
        print(json.dumps(verdicts.as_dict(verdict), indent=1))
    else:
        verdicts.show(verdict, out, every_rung)
    raise typer.Exit(checks.EXIT_CODES[verdict.state])


def _checked(process, task, path, memory, root, quiet=False):
    from harness import check as checks

    started = time.perf_counter()
    with err.status(f"{path}: loading {FRAMEWORKS[process.framework]}") if err.is_terminal and not quiet else nullcontext() as status:
        verdict = checks.check(process, task, path, gigabytes=memory, root=root,
                               on_rung=lambda rung: status and status.update(f"{path}: {rung.name}"))
    verdict.seconds = time.perf_counter() - started
    return verdict


def watch(what: Annotated[Optional[str], typer.Argument(metavar="[FILE or TASK]", help="The last one by default.")] = None,
          framework: Framework = None,
          timeout: Annotated[float, typer.Option(min=1, help="Seconds without a word after which your code is ended.")] = 60,
          memory: Annotated[float, typer.Option(min=0.1, help="GiB that your code may use.")] = 4,
          work: Work = WORK, root: Root = ROOT):
    """Check again whenever the file is saved, with the framework loaded already. Ctrl-C ends it."""
    from harness import check as checks

    try:
        task, chosen, path = find(what, framework, work, root)
    except (BadInput, TaskError, OSError, progress.ProgressError) as error:
        raise fail(error) from None
    process, seen = checks.worker(chosen, timeout), None
    try:
        while True:
            stamp = path.stat().st_mtime_ns if path.exists() else seen
            if stamp == seen:
                time.sleep(0.1)
                continue
            seen = stamp
            try:
                verdict = _checked(process, task, path, memory, root)
            except (TaskError, OSError) as error:       # gone, or half a notebook: the next save may be whole
                err.print(Text.assemble(("error: ", "bold red"), str(error)), soft_wrap=True)
                continue
            done = progress.load(work)
            done.checked(task.name, chosen, verdict.state)
            done.save()
            out.rule(f"{datetime.now():%H:%M:%S}  {path}")
            verdicts.show(verdict, out)
            out.print(Text("waiting for the next save; Ctrl-C ends", style="dim"))
    except KeyboardInterrupt:
        pass
    except progress.ProgressError as error:
        raise fail(error) from None
    finally:
        process.close()


def hint(what: Annotated[Optional[str], typer.Argument(metavar="[TASK]", help="The last one by default.")] = None,
         number: Annotated[Optional[int], typer.Argument(metavar="[N]", min=1, help="Which; the next by default.")] = None,
         framework: Framework = None, work: Work = WORK, root: Root = ROOT):
    """The next hint, or hint N. Hints go from a nudge to nearly the answer."""
    try:
        if what is not None and what.isdigit():
            what, number = None, int(what)
        task, chosen, _ = find(what, framework, work, root)
        done, found = progress.load(work), hints(task)
        entry = done.entry(task.name, chosen)
        number = number or min(entry.hints + 1, len(found))
        if number > len(found):
            raise BadInput(f"'{task.name}' has {len(found)} hints; `solution {task.name} --anyway` shows the answer")
        entry.hints = max(entry.hints, number)
        done.save()
    except (BadInput, TaskError, OSError, progress.ProgressError) as error:
        raise fail(error) from None
    out.print(Text(f"hint {number} of {len(found)}", style="dim"))
    out.print(Markdown(found[number - 1]))


def solution(what: Annotated[Optional[str], typer.Argument(metavar="[TASK]", help="The last one by default.")] = None,
             framework: Framework = None,
             anyway: Annotated[bool, typer.Option("--anyway", help="Before it has passed.")] = False,
             work: Work = WORK, root: Root = ROOT):
    """Show the reference answer: after yours has passed, or with --anyway."""
    try:
        framework = framework_of(framework)
        if what is not None and framework is not None:
            task, chosen = tasks.load(what, "check", root), framework
        else:
            task, chosen, _ = find(what, framework, work, root)
        if not anyway and not progress.load(work).entry(task.name, chosen).solved:
            raise BadInput(f"your answer to '{task.name}' in {FRAMEWORKS[chosen]} has not passed yet; --anyway shows it all the same")
        source = stub.solution(contract.path_of(task, chosen).read_text(encoding="utf-8"))
    except (BadInput, TaskError, OSError, progress.ProgressError) as error:
        raise fail(error) from None
    out.print(Syntax(source, "python", word_wrap=True) if out.is_terminal else Text(source))


def show_progress(work: Work = WORK, root: Root = ROOT):
    """What is solved, tried and open, in which framework."""
    try:
        done = progress.load(work)
        names = tasks.names(root)
    except (TaskError, progress.ProgressError) as error:
        raise fail(error) from None
    table = Table(box=box.SIMPLE_HEAD, header_style="bold")
    table.add_column("Task")
    for name in FRAMEWORKS.values():
        table.add_column(name)
    for name in names:
        cells = []
        for framework in FRAMEWORKS:
            entry = done.entries.get(name, {}).get(framework)
            tries = f", {entry.tries} tries" if entry and entry.tries > 1 else ""
            hinted = f", {entry.hints} hints" if entry and entry.hints else ""
            cells.append("" if not entry else f"[green]solved[/]{tries}{hinted}" if entry.solved else
                         f"[yellow]{entry.state}[/]{tries}{hinted}")
        table.add_row(name, *cells)
    out.print(table)
    solved = sum(bool(entry.solved) for of in done.entries.values() for entry in of.values())
    out.print(f"{solved} of {len(names) * len(FRAMEWORKS)} solved")


def reset(what: Annotated[Optional[str], typer.Argument(metavar="[TASK]", help="The last one by default.")] = None,
          framework: Framework = None, work: Work = WORK, root: Root = ROOT):
    """Begin a task afresh. The old file is kept beside the new one."""
    try:
        task, chosen, path = find(what, framework, work, root)
        text, done = stub.of(task, chosen), progress.load(work)
        kept = keep(path)
        write(path, text, task)
        done.entries[task.name][chosen] = progress.Entry()
        done.save()
    except (BadInput, TaskError, OSError, progress.ProgressError, stub.StubError) as error:
        raise fail(error) from None
    out.print(Text(f"kept: {kept}\nwritten: {path}"))
