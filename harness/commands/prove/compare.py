"""``compare``. Exit codes: 0 the frameworks agree, 1 they disagree, 2 bad input or a framework that failed, 130 interrupted."""

from pathlib import Path
from typing import Annotated, Optional

import typer
from rich.progress import Progress, TimeElapsedColumn
from rich.text import Text

from harness import tasks
from harness.commands.console import bars, err, out, say_error, say_notes
from harness.commands.terminal import (
    INTERRUPTED,
    DataDir,
    DataName,
    InPrecision,
    Patience,
    Precision,
    ProofSize,
    Root,
    Seed,
    Several,
    Size,
    Steps,
    Tolerance,
    listed,
)
from harness.data import DataError
from harness.data.written import prepare
from harness.frameworks import FRAMEWORKS, installed, named, require
from harness.lockstep import report
from harness.lockstep.compare import Comparer, Comparison, Settings
from harness.lockstep.equivalence import MARGIN
from harness.messages import WorkbookError, command
from harness.tasks import ROOT, Task

MAX_SEEDS = 1000


def chosen_frameworks(text: str | None) -> tuple[str, ...]:
    """Two or more: those named, or all that are installed; then it is said which are not."""
    if text is None:
        names = installed()
        if missing := [title for name, title in FRAMEWORKS.items() if name not in names]:
            say_notes([f"not installed, so left out: {', '.join(missing)}"])
    else:
        names = tuple(dict.fromkeys(map(named, listed(text))))
        require(names)
    if len(names) < 2:
        there = f"installed: {', '.join(FRAMEWORKS[name] for name in installed()) or 'none'}"
        raise WorkbookError(f"a comparison needs two frameworks or more, such as --frameworks pytorch,chainer; {there}")
    return names


def compare(
    names: Annotated[Optional[list[str]], typer.Argument(metavar="TASK...", help="Tasks, such as ae.")] = None,
    every: Annotated[bool, typer.Option("--all", help="All tasks.")] = False,
    frameworks: Several = None,
    precision: InPrecision = Precision.float64,
    steps: Steps = 100,
    size: ProofSize = Size.check,
    data: DataName = None,
    data_dir: DataDir = None,
    seed: Seed = 0,
    tolerance: Tolerance = None,
    native: Annotated[bool, typer.Option("--native", help="Each framework keeps its own initial weights and constants, "
                                                          "so the curves differ.")] = False,
    seeds: Annotated[int, typer.Option(min=1, max=MAX_SEEDS, help=(
        "With --native: the number of trainings per framework, to test whether the frameworks are statistically equivalent."))] = 1,
    margin: Annotated[float, typer.Option(help="Two losses are equivalent if they differ by less than this share of the loss.")] = MARGIN,
    timeout: Patience = 300,
    out_dir: Annotated[Path, typer.Option("--out", metavar="DIR", help="The folder for pictures and reports.")] = Path("out/compare"),
    json_file: Annotated[Optional[str], typer.Option("--json", metavar="FILE", help="Also write it as JSON; -: standard output.")] = None,
    draw: Annotated[bool, typer.Option("--pictures/--no-pictures", help="Draw curves and samples.")] = True,
    root: Root = ROOT,
) -> None:
    """Train the answers to a task in several frameworks, on the same weights, batches and noise, and compare the curves.

    Exit code: 0 they agree, 1 they disagree, 2 bad input or a framework that failed, 70 the workbook itself failed.
    """
    if every == bool(names):
        raise WorkbookError(f"name one task or more, or use --all; `{command('list')}` shows them")
    if seeds > 1 and not native:
        raise WorkbookError("--seeds needs --native: in lockstep one seed is enough")
    if not 0 < margin < 1:
        raise WorkbookError(f"--margin {margin:g}: must be between 0 and 1")
    tasks.require_answers(root)
    wanted = tasks.names(root) if every else dict.fromkeys(tasks.named(name, root) for name in names or ())
    chosen = tasks.load_all(wanted, size.value, root, data)
    settings = Settings(chosen_frameworks(frameworks), size.value, precision.value, steps, seed, data, data_dir, native,
                        tolerance, timeout, seeds=seeds, margin=margin, root=root.resolve())
    prepare(out_dir)
    if json_file == "":
        raise WorkbookError("--json needs the name of a file; - is standard output")
    if json_file and json_file != "-":
        with open(json_file, "a", encoding="utf-8"):        # a path that cannot be written fails before the training
            pass

    console = err if json_file == "-" else out
    done: list[Comparison] = []
    code = 0
    try:
        with Comparer(settings) as comparer:
            for task in chosen:
                done.append(_with_bars(comparer, task))
                report.show(done[-1], console)
    except DataError as error:
        say_error(error)
        code = 2
    except KeyboardInterrupt:
        err.print(f"interrupted: {len(done)} of {len(chosen)} tasks were compared")
        code = INTERRUPTED
    if done:                                    # what was done is written in any case
        text = report.dumps(report.as_dict(done))
        written = report.write(done, text, out_dir, draw)
        if json_file == "-":
            print(text)
        elif json_file:
            Path(json_file).write_text(text + "\n", encoding="utf-8")
        console.print(Text(f"written: {written}"), soft_wrap=True)
    raise typer.Exit(code or report.exit_code(done))


def _with_bars(comparer: Comparer, task: Task) -> Comparison:
    """Compare ``task`` with a live line for each framework, on standard error."""
    with Progress(*bars("{task.fields[state]}", TimeElapsedColumn()), console=err, disable=not err.is_terminal, transient=True) as progress:
        steps = comparer.settings.steps
        shown = {f: progress.add_task(FRAMEWORKS[f], total=steps, state="waiting") for f in comparer.workers}
        return comparer.compare(task, lambda f, step, losses: progress.update(
            shown[f], completed=step, state=" ".join(f"{name} {value:.4g}" for name, value in losses.items())))
