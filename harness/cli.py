"""The command line, ``python -m harness``: list, compare, trace, data; the others are in learner.py, making.py, looking.py.

Exit codes: 0 all is well (compare, trace: agree), 1 disagree, 2 bad input or a framework that failed, 130 interrupted.
"""

import json
import signal
from enum import Enum
from pathlib import Path
from typing import Annotated, Optional

import typer
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

import datasets
from harness import contract, learner, looking, making, report
from harness import task as tasks
from harness.compare import Comparer, Settings, load_tasks
from harness.equivalence import MARGIN
from harness.frameworks import FRAMEWORKS
from harness.task import ROOT, TaskError, did_you_mean
from harness.terminal import BadInput, DataDir, Root, Seed, err, fail, out

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=(
    "Exercises in image generation, in four frameworks: compare the answers, step by step."))
data_app = typer.Typer(no_args_is_help=True, help="The data sets: list them, fetch one, look at one.")
app.add_typer(data_app, name="data")
learner.register(app)
making.register(app)
looking.register(app)


Size = Enum("Size", {name: name for name in tasks.SIZES}, type=str)
Precision = Enum("Precision", {name: name for name in ("float64", "float32")}, type=str)


@app.callback()
def _main():
    signal.signal(signal.SIGTERM, signal.default_int_handler)       # as Ctrl-C: what is done is written, workers end


@app.command("list")
def list_tasks(as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False, root: Root = ROOT):
    """Show the tasks, and in which frameworks there is an answer."""
    try:
        found = load_tasks(tasks.names(root), "check", root)
    except TaskError as error:
        raise fail(error) from None
    present = {t.name: {f: contract.path_of(t, f).is_file() for f in FRAMEWORKS} for t in found}
    if as_json:
        rows = [{"task": t.name, "title": t.title, "answers": present[t.name]} for t in found]
        print(json.dumps({"version": 1, "frameworks": list(FRAMEWORKS), "tasks": rows}, indent=1))
        return
    table = Table(header_style="bold", box=box.SIMPLE_HEAD)
    table.add_column("Task")
    table.add_column("Title")
    for name in FRAMEWORKS.values():
        table.add_column(name, justify="center")
    for t in found:
        table.add_row(t.name, t.title, *("[green]yes[/]" if there else "[red]-[/]" for there in present[t.name].values()))
    out.print(table)
    answers = sum(sum(there.values()) for there in present.values())
    out.print(f"{answers} of {len(found) * len(FRAMEWORKS)} answers are there")


def _frameworks(text: str | None) -> tuple[str, ...]:
    if text is None:
        return tuple(FRAMEWORKS)
    names = [name.strip().lower() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in FRAMEWORKS:
            raise BadInput(f"unknown framework '{name}': {did_you_mean(name, list(FRAMEWORKS))}")
    if len(set(names)) < 2:
        raise BadInput("a comparison needs two frameworks or more, e.g. --frameworks pytorch,chainer")
    return tuple(dict.fromkeys(names))


@app.command()
def compare(
    names: Annotated[Optional[list[str]], typer.Argument(metavar="TASK...", help="Tasks, e.g. ae.")] = None,
    every: Annotated[bool, typer.Option("--all", help="All tasks.")] = False,
    frameworks: Annotated[Optional[str], typer.Option(help="Which, with commas between; all by default.")] = None,
    precision: Annotated[Precision, typer.Option(help="Of all arithmetic.")] = Precision.float64,
    steps: Annotated[int, typer.Option(min=1, help="Training steps.")] = 100,
    size: Annotated[Size, typer.Option(help="check: tiny networks, for proof in seconds; short: small ones; full: those of the question.")] = Size.check,
    data: Annotated[Optional[str], typer.Option(help="Data set; each task has a default.")] = None,
    data_dir: DataDir = None,
    seed: Seed = 0,
    tolerance: Annotated[Optional[float], typer.Option(
        help="Largest relative difference that agrees; 1e-9 in float64, 1e-3 in float32.")] = None,
    native: Annotated[bool, typer.Option("--native", help="Each framework keeps its own initial weights and epsilon: "
                                                          "shows how the curves drift.")] = False,
    seeds: Annotated[int, typer.Option(min=1, help="With --native: train each framework so many times, and test whether "
                                                   "the frameworks are statistically equivalent.")] = 1,
    margin: Annotated[float, typer.Option(help="What is equivalent: a difference within this share of the loss.")] = MARGIN,
    timeout: Annotated[float, typer.Option(min=1, help="Seconds without a step after which a framework is ended.")] = 300,
    out_dir: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where pictures and reports go.")] = Path("out/compare"),
    json_file: Annotated[Optional[str], typer.Option("--json", metavar="FILE", help="The report as JSON; - is standard output.")] = None,
    draw: Annotated[bool, typer.Option("--pictures/--no-pictures", help="Draw curves and samples.")] = True,
    root: Root = ROOT,
):
    """Train the answers to a task in several frameworks, on the same weights, batches and noise, and compare the curves.

    Exit code: 0 they agree, 1 they disagree, 2 bad input or a framework that failed.
    """
    console = err if json_file == "-" else out
    try:
        if every == bool(names):
            raise BadInput("name one task or more, or say --all; `python -m harness list` shows them")
        if data is not None and data not in datasets.names():
            raise BadInput(f"unknown data set '{data}': {did_you_mean(data, datasets.names())}")
        if tolerance is not None and not tolerance > 0:
            raise BadInput(f"--tolerance must be above 0, not {tolerance:g}")
        if seeds > 1 and not native:
            raise BadInput("--seeds goes with --native: in lockstep one seed is proof")
        if not 0 < margin < 1:
            raise BadInput(f"--margin must lie between 0 and 1, not {margin:g}")
        chosen = load_tasks(tasks.names(root) if every else dict.fromkeys(names), size.value, root)
        settings = Settings(_frameworks(frameworks), size.value, precision.value, steps, seed, data, data_dir, native,
                            tolerance, timeout, seeds=seeds, margin=margin, root=root.resolve())
        out_dir.mkdir(parents=True, exist_ok=True)
    except (BadInput, TaskError, OSError) as error:
        raise fail(error) from None

    done, code = [], 0
    try:
        with Comparer(settings) as comparer:
            for task in chosen:
                done.append(_compare_one(comparer, task))
                report.show(done[-1], console)
    except datasets.DataError as error:
        code = fail(error).exit_code
    except KeyboardInterrupt:
        err.print(f"interrupted: {len(done)} of {len(chosen)} tasks were compared")
        code = 130
    if done:
        _write(done, out_dir, json_file, console, draw)
    if not code:
        code = 2 if any(c.failed for c in done) else 0 if all(c.agree for c in done) else 1
    raise typer.Exit(code)


def _compare_one(comparer: Comparer, task):
    """Compare ``task`` with a live line for each framework, on standard error."""
    columns = (TextColumn("{task.description:<10}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
               TextColumn("{task.fields[state]}"))
    with Progress(*columns, console=err, disable=not err.is_terminal, transient=True) as progress:
        steps = comparer.settings.steps
        bars = {f: progress.add_task(FRAMEWORKS[f], total=steps, state="waiting") for f in comparer.workers}
        return comparer.compare(task, lambda f, step, losses: progress.update(
            bars[f], completed=step, state=" ".join(f"{name} {value:.4g}" for name, value in losses.items())))


@app.command()
def trace(
    name: Annotated[str, typer.Argument(metavar="TASK", help="A task, e.g. ae.")],
    frameworks: Annotated[Optional[str], typer.Option(help="Which, with commas between; the first is compared with "
                                                           "each of the others.")] = None,
    precision: Annotated[Precision, typer.Option(help="Of all arithmetic.")] = Precision.float64,
    steps: Annotated[int, typer.Option(min=1, help="Training steps to search.")] = 100,
    size: Annotated[Size, typer.Option(help="check: tiny networks, for proof in seconds; short: small ones; full: those of the question.")] = Size.check,
    data: Annotated[Optional[str], typer.Option(help="Data set; each task has a default.")] = None,
    data_dir: DataDir = None,
    seed: Seed = 0,
    tolerance: Annotated[Optional[float], typer.Option(
        help="Largest relative difference that agrees; 1e-9 in float64, 1e-3 in float32.")] = None,
    timeout: Annotated[float, typer.Option(min=1, help="Seconds without an answer after which a framework is ended.")] = 300,
    root: Root = ROOT,
):
    """Find where frameworks part: the first step, and in it the first layer, loss or update that is not the same.

    Exit code: 0 they agree in all steps, 1 they part, 2 bad input or a framework that failed.
    """
    from harness import divergence

    try:
        (task,) = load_tasks([name], size.value, root)
        settings = Settings(_frameworks(frameworks), size.value, precision.value, steps, seed, data, data_dir,
                            tolerance=tolerance, timeout=timeout, root=root.resolve())
        with Comparer(settings) as comparer, Progress(*Progress.get_default_columns(), console=err, transient=True,
                                                      disable=not err.is_terminal) as progress:
            bar = progress.add_task(name, total=steps)
            found = divergence.find(comparer, task, lambda step: progress.update(bar, completed=step))
    except (BadInput, TaskError, datasets.DataError, divergence.TraceFailed) as error:
        raise fail(error) from None
    except KeyboardInterrupt:
        err.print("interrupted")
        raise typer.Exit(130) from None
    for d in found:
        report.show_divergence(d, out)
    if not found:
        out.print(f"{', '.join(FRAMEWORKS[f] for f in settings.frameworks)} agree in every layer, loss and update of "
                  f"{steps} steps (tolerance {settings.tolerance:g})", style="bold green", soft_wrap=True)
    raise typer.Exit(1 if found else 0)


def _write(done, out_dir: Path, json_file: str | None, console: Console, draw: bool) -> None:
    made = _draw(done, out_dir) if draw else {c.task.name: [] for c in done}
    text = report.dumps(report.as_dict(done))
    (out_dir / "report.json").write_text(text + "\n", encoding="utf-8")
    (out_dir / "report.html").write_text(report.html(done, made), encoding="utf-8")
    if json_file == "-":
        print(text)
    elif json_file:
        Path(json_file).write_text(text + "\n", encoding="utf-8")
    console.print(Text(f"written: {out_dir}/report.html, report.json{', curves.png, samples.png' if draw else ''}"))


def _draw(done, out_dir: Path) -> dict[str, list[Path]]:
    from harness import pictures        # Matplotlib takes half a second to import

    made = {}
    for c in done:
        folder = out_dir if len(done) == 1 else out_dir / c.task.name
        folder.mkdir(parents=True, exist_ok=True)
        made[c.task.name] = [folder / "curves.png", folder / "samples.png"] if any(r.status == "ok" for r in c.runs) else []
        for path, draw in zip(made[c.task.name], (pictures.curves, pictures.samples)):
            draw(c, path)
    return made


@data_app.command("list")
def list_data(data_dir: DataDir = None):
    """Show the data sets and where each was found."""
    table = Table(header_style="bold", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for heading in ("Name", "What", "Size", "Images", "Where"):
        table.add_column(heading)
    try:
        for name in datasets.names():
            info = datasets.describe(name, data_dir)
            images = " + ".join(f"{number:,} {split}" for split, number in info.images.items())
            table.add_row(name, info.summary, info.size, images, escape(info.where))
    except datasets.DataError as error:
        raise fail(error) from None
    out.print(table)


@data_app.command("fetch")
def fetch_data(name: str, data_dir: DataDir = None):
    """Make sure that a data set is at hand: download it if it is nowhere to be found."""
    try:
        paths = datasets.fetch(name, data_dir)
    except datasets.DataError as error:
        raise fail(error) from None
    for path in paths:
        out.print(Text(str(path)))
    out.print(f"{name}: {len(paths)} files" if paths else f"{name}: embedded, nothing to fetch")


@data_app.command("show")
def show_data(
    name: str,
    split: Annotated[str, typer.Option(help="train or test")] = "train",
    number: Annotated[int, typer.Option(min=1, help="How many images.")] = 32,
    height: Annotated[Optional[int], typer.Option(min=1)] = None,
    width: Annotated[Optional[int], typer.Option(min=1)] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of drawn data sets.")] = 0,
    data_dir: DataDir = None,
    path: Annotated[Optional[Path], typer.Option("--out", metavar="FILE", help="A PNG; out/NAME.png by default.")] = None,
):
    """Write a labelled contact sheet as PNG."""
    path = path or Path("out") / f"{name}.png"
    try:
        data = datasets.load(name, split, number=number, height=height, width=width, seed=seed, data_dir=data_dir)
        from harness import pictures

        path.parent.mkdir(parents=True, exist_ok=True)
        pictures.contact_sheet(data, path, number=number)
    except (datasets.DataError, OSError) as error:
        raise fail(error) from None
    for note in data.notes:
        err.print(Text(note, style="yellow"), soft_wrap=True)
    out.print(Text(f"written: {path}"))
