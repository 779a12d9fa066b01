"""``grade``. Exit codes: 0 all are graded, 1 a submission broke its judge, 2 bad input, 130 interrupted (what is done is kept)."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer
from rich.progress import Progress, TimeRemainingColumn
from rich.text import Text

from harness import tasks
from harness.commands.console import bars, err, out, say_notes
from harness.commands.terminal import MAX_SECONDS, Memory, Root, finite
from harness.data import written
from harness.feedback import check as checks
from harness.frameworks import FRAMEWORKS, named, require
from harness.messages import WorkbookError, did_you_mean, short
from harness.processes import machine, sandbox
from harness.runner.bench import PASSED
from harness.tasks import ROOT

if TYPE_CHECKING:           # what only grading needs is imported by it alone
    from harness.grading.assignment import Assignment
    from harness.grading.judge import Piece, Result
    from harness.grading.queue import Grading, Pool

MAX_WORKERS = 1024


def grade(
    submissions: Annotated[Path, typer.Argument(metavar="SUBMISSIONS", help=(
        "A folder, a .zip, or a .csv with the columns student and file."))],
    sheet: Annotated[Optional[Path], typer.Option("--assignment", metavar="FILE", help=(
        "A TOML file: tasks, frameworks, points, deadline; docs/grading.md has it."))] = None,
    task: Annotated[Optional[str], typer.Option("--task", help="The task of all, where their files do not say it.")] = None,
    framework: Annotated[Optional[str], typer.Option("--framework", "-f", help="The framework of all, the same way.")] = None,
    student: Annotated[Optional[str], typer.Option("--student", metavar="PATTERN", help=(
        "Of flat files: a regular expression that finds (?P<student>...) in a file's name."))] = None,
    out_dir: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where grades and pages go.")] = Path("out/grades"),
    resume: Annotated[bool, typer.Option("--resume", help="Go on: what is graded already stays.")] = False,
    workers: Annotated[Optional[int], typer.Option("--workers", min=1, max=MAX_WORKERS, help=(
        "Submissions at one time; one a core by default."))] = None,
    dask: Annotated[Optional[str], typer.Option("--dask", metavar="ADDRESS", help="A Dask scheduler, e.g. tcp://10.0.0.1:8786.")] = None,
    export: Annotated[Optional[list[str]], typer.Option("--export", metavar="FORMAT", help=(
        "For another system: gradescope, classroom, nbgrader, otter, moodle, canvas or prairielearn; several times for several."))] = None,
    timeout: Annotated[float, typer.Option("--timeout", min=1, max=MAX_SECONDS, callback=finite, help=(
        "Seconds without a word after which a submission is ended."))] = checks.SECONDS,
    memory: Memory = checks.GIGABYTES,
    oracle: Annotated[Optional[str], typer.Option("--oracle", metavar="FRAMEWORK", help=(
        "Whose answer computes the right numbers; the fastest that is installed by default."))] = None,
    root: Root = ROOT,
) -> None:
    """Grade many submissions: verdicts that cannot be forged, points, a page for each student and one for the class."""
    from harness.grades import exports, table
    from harness.grading import assignment as assignments
    from harness.grading import equal, intake, queue
    from harness.grading.judge import BROKE

    tasks.require_answers(root)
    for name in export or ():
        if name not in exports.FORMATS:
            raise WorkbookError(f"unknown format '{name}': {did_you_mean(name, exports.FORMATS)}")
    require([named(oracle)] if oracle else [])
    assignment = assignments.load(sheet, root) if sheet else assignments.Assignment()
    found = intake.submissions(submissions, assignment, task=task and tasks.named(task, root), framework=framework and named(framework),
                               pattern=student, root=root)
    if not found:
        raise WorkbookError(f"{submissions} has no submission in it: see docs/grading.md for the layouts that are known")
    require({submission.framework for submission in found if not submission.problem})
    if reason := sandbox.why_not():
        say_notes([f"no sandbox: {reason}. Verdicts stay sound, but a submission can read and write files of this machine."])
    with written.alone(out_dir), _pool(dask, workers) as pool:
        grading = _grading(out_dir, resume, assignment.secret)
        pieces = queue.pieces(found, grading, assignment.seed, timeout=timeout, gigabytes=memory, oracle=oracle and named(oracle),
                              root=str(root))
        _judge(grading, pieces, pool, assignment)
        kept = grading.results()
        results = [kept[submission.name, submission.digest] for submission in found]
        equals = equal.groups(found, root)
        made = table.write(out_dir, results, assignment, equals)
        for name in export or ():
            _write(out_dir / name, exports.FORMATS[name](made, assignment))
    broken = sum(result["state"] == BROKE for result in results)
    _summary(results, out_dir)
    if broken:
        out.print(Text(f"{broken} broke the grader; see their \"log\" in {short(out_dir / queue.RESULTS)}. --resume judges them again.",
                       style="yellow"), soft_wrap=True)
    raise typer.Exit(1 if broken else 0)


def _grading(folder: Path, resume: bool, secret: str | None) -> "Grading":
    """What is begun or gone on with; ``--resume`` begins where there is nothing."""
    from harness.grading.queue import GRADING, Grading

    if (folder / GRADING).is_file():
        if not resume:
            raise WorkbookError(f"{folder} has a grading already: --resume goes on with it, and --out names another folder")
        return Grading.resume(folder, secret)
    return Grading.begin(folder, secret)


@contextmanager
def _pool(dask: str | None, workers: int | None) -> "Iterator[Pool]":
    from harness.grading.queue import Processes

    pool: Pool
    if dask:
        from harness.grading.cluster import Cluster  # Dask is an extra

        pool = Cluster(dask)
    else:
        pool = Processes(workers or machine.cores())
    try:
        yield pool
    finally:
        pool.close()


def _judge(grading: "Grading", pieces: "list[Piece]", pool: "Pool", assignment: "Assignment") -> None:
    """Judge all; a line a result, and the time that is left."""
    left = grading.left(pieces)
    if len(left) < len(pieces):
        out.print(Text(f"{len(pieces) - len(left)} of {len(pieces)} are graded already", style="dim"))
    with Progress(*bars("", TimeRemainingColumn()), console=err, disable=not err.is_terminal, transient=True) as progress:
        bar = progress.add_task("grading", total=len(left))
        for result in grading.run(left, pool):
            out.print(_line(result, assignment), soft_wrap=True)
            progress.advance(bar)


def _line(result: "Result", assignment: "Assignment") -> Text:
    from harness.grading import judge

    points, possible = judge.points(result, assignment.points)
    where = " ".join(filter(None, (result["student"], result["task"] or result["file"], FRAMEWORKS.get(result["framework"], ""))))
    style = "green" if result["state"] == PASSED else "red"
    return Text.assemble(f"{where}: ", (result["state"], style), f", {points:g} of {possible:g}, {result['seconds']:.1f} s")


def _write(folder: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    out.print(Text(f"for {folder.name}: {short(folder)}"), soft_wrap=True)


def _summary(results: "list[Result]", folder: Path) -> None:
    states = Counter(result["state"] for result in results)
    counted = ", ".join(f"{number} {state}" for state, number in states.most_common())
    out.print(Text(f"\n{len(results)} submissions: {counted}"), soft_wrap=True)
    out.print(Text(f"grades: {short(folder / 'grades.csv')}; the class: {short(folder / 'index.html')}; a page for each student: "
                   f"{short(folder / 'pages')}"), soft_wrap=True)
