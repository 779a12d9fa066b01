"""``check``: is it right? Exit codes: 0 passed, 1 wrong, 2 bad usage, 3 not attempted, 4 the learner's code raised, 5 out of time."""

import json
import os
import time
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer
from rich.progress import BarColumn, Progress, TextColumn
from rich.text import Text

from harness import tasks
from harness.commands.console import err, out, say_notes
from harness.commands.learn.progress import mended, note
from harness.commands.terminal import FileOrTask, Framework, Memory, Root, Seconds, Work
from harness.feedback import check as checks
from harness.feedback import display
from harness.feedback.verdict import EXIT_CODES, Verdict, as_dict
from harness.frameworks import FRAMEWORKS, require
from harness.messages import command
from harness.processes.worker import Worker
from harness.runner.bench import PASSED, WRONG
from harness.runner.client import Ended, Here, Stopped
from harness.tasks import ROOT, Task, in_root
from harness.training.plan import RUNS
from harness.work import actions, files

if TYPE_CHECKING:       # only what is shown needs what shows it
    from harness.feedback.shown.trained import Made

Second = Annotated[Optional[str], typer.Argument(metavar="[FILE]", help="The file, if the first argument is the task.")]
OfTask = Annotated[Optional[str], typer.Option("--task", metavar="TASK", help=(
    "The task, if the name of the file does not start with it."))]
NoPage = Annotated[bool, typer.Option("--no-page", help="Write no page that shows yours beside what is expected.")]
Steps = list[tuple[str, str]]           # what comes next, and its command


def check(what: FileOrTask = None, file: Second = None, framework: Framework = None, name: OfTask = None,
          verbose: Annotated[bool, typer.Option("--verbose", "-v", "--all-rungs", help=(
              "Show all rungs, all that was found, and the section of the question."))] = False,
          as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON, and write no page.")] = False,
          no_page: NoPage = False,
          no_picture: Annotated[bool, typer.Option("--no-picture", help=(
              "On a terminal: do not train an answer that passed for some seconds, to show what it makes. Ctrl-C skips it."))] = False,
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
            note(path, work, verdict)
        else:
            steps = tell(verdict, path, work, root, verbose, not no_page)
            seen = out.is_terminal and err.is_terminal and not os.environ.get("CI")
            if seen and verdict.state == PASSED and not (no_picture or debug):
                show_made(process, verdict, steps, None if no_page else work)
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


def tell(verdict: Verdict, path: Path, work: Path, root: Path, verbose: bool, page: bool) -> Steps:
    """Show a verdict and note it; then its page, and after a right answer what comes next, which is returned."""
    display.show(verdict, out, verbose)
    note(path, work, verdict)
    steps = next_steps(verdict.task, verdict.framework, path, work, root) if verdict.state == PASSED else []
    if page and verdict.state in (PASSED, WRONG) and (written := write_page(verdict, work, steps)):
        display.show_page(verdict, written, out)
    if steps:
        out.print(Text("\n".join(["", *(f"{what}: {how}" for what, how in steps)])), soft_wrap=True)
    return steps


def write_page(verdict: Verdict, work: Path, steps: Steps, made: "Made | None" = None) -> Path | None:
    """The page, or None: whatever becomes of it, the verdict stands."""
    from harness.feedback.shown import page

    try:
        return page.write(verdict, work / "checks", steps, (made.picture, made.words) if made else None)
    except OSError as error:
        say_notes([f"the page was not written: {error}"])
    except Exception as error:      # a fault of ours, which says nothing about the answer
        say_notes([f"the page could not be made ({type(error).__name__}: {error}); the verdict is right all the same"])
    return None


def next_steps(task: Task, framework: str, path: Path, work: Path, root: Path) -> Steps:
    """After an answer that passed: train it, look at what it makes, see ours, and the next question."""
    steps, where = [], [*files.in_work(work), *in_root(root)]
    if path.suffix == ".py":            # what `train` takes
        steps.append(("train it", command("train", task.name, "-f", framework, "--file", path, "--size", "short", *in_root(root))))
        steps.append(("look at what it learnt", command(
            "explore", task.name, "--checkpoint", RUNS / f"{task.name}_{framework}", "--file", path, *in_root(root))))
    if tasks.answer_path(task, framework).is_file() and files.inside(path, work):
        steps.append(("ours beside yours", command("solution", task.name, "-f", framework, "--diff", *where)))
    following = actions.next_question(task, work, root)
    if following:
        begun = files.file_of(following, framework, work).is_file()
        steps.append(("the next question", command("check" if begun else "start", following, "-f", framework, *where)))
    return steps


def show_made(process: Worker | Here, verdict: Verdict, steps: Steps, work: Path | None) -> None:
    """Train for some seconds, and show what the answer makes then; ``work``: where its page is, None for none. Ctrl-C skips it."""
    from harness.feedback.shown import trained
    from harness.pictures import png

    assert verdict.ladder
    columns = TextColumn("{task.description}"), BarColumn(20), TextColumn("Ctrl-C skips this")
    try:
        with Progress(*columns, console=err, transient=True) as progress:
            bar = progress.add_task("your network trains for some seconds", total=1.0)
            made = trained.made(process, verdict.ladder, on_step=lambda share: progress.update(bar, completed=share))
    except KeyboardInterrupt:
        process.kill()
        out.print(Text("no picture: skipped", style="dim"))
        return
    except (Stopped, Ended) as error:
        out.print(Text(f"no picture: {' '.join(str(error).split())}", style="dim"), soft_wrap=True)
        return
    if out.color_system:
        out.print(Text("\n").append_text(png.blocks(made.small, out.width)))
    out.print(Text(made.words, style="dim"), soft_wrap=True)
    if work and (written := write_page(verdict, work, steps, made)):
        out.print(Text(f"larger: {written.with_suffix('.png')}", style="dim"), soft_wrap=True)
