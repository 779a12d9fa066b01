"""Run an answer by itself: ``python answers/ae/ae_pytorch.py --help``. Trains on the default data, saves a picture."""

import inspect
import time
from pathlib import Path
from typing import Annotated, Optional

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

import datasets
from harness import compare, frameworks, pictures
from harness import task as tasks
from harness.trainer import Trainer

console = Console()


def run(answer_class: type) -> None:
    """The command line of the answer ``answer_class``, whose file is answers/<task>/<task>_<framework>.py."""
    path = Path(inspect.getfile(answer_class)).resolve()
    name, framework = path.parent.name, path.stem.rpartition("_")[2]
    root = path.parent.parent.parent

    def main(steps: Annotated[Optional[int], typer.Option(min=1, help="Training steps; the question's by default.")] = None,
             size: Annotated[str, typer.Option(help="full, short or check")] = "full",
             data: Annotated[Optional[str], typer.Option(help="Data set; the question's by default.")] = None,
             data_dir: Annotated[Optional[Path], typer.Option(exists=True, file_okay=False)] = None,
             seed: Annotated[int, typer.Option(min=0)] = 0,
             out: Annotated[Optional[Path], typer.Option(help="A PNG; out/TASK_FRAMEWORK.png by default.")] = None):
        try:
            task = tasks.load(name, size, root)
            images = compare.load_data(task, data, data_dir)
        except (tasks.TaskError, datasets.DataError, KeyError) as error:
            console.print(f"[bold red]error:[/] {error}")
            raise typer.Exit(2) from None
        _train(task, framework, images, steps or task.steps, seed, out or Path("out") / f"{path.stem}.png")

    main.__doc__ = f"{tasks.load(name, 'full', root).title} in {frameworks.FRAMEWORKS[framework]}."
    typer.run(main)


def _train(task, framework, data, steps, seed, out) -> None:
    trainer = Trainer(task, framework, frameworks.load(framework), data.arrays, precision="float32", seed=seed, native=True)
    started = time.perf_counter()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
               TextColumn("{task.fields[losses]}"))
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task(f"{task.title}, {frameworks.FRAMEWORKS[framework]}", total=steps, losses="")
        try:
            for step in range(steps):
                losses = trainer.step(step)
                progress.update(bar, advance=1, losses=" ".join(f"{k} {v:.4g}" for k, v in losses.items()))
        except KeyboardInterrupt:
            console.print(f"stopped after {step} steps")
    console.print(f"{(step + 1) / (time.perf_counter() - started):.1f} steps/s")
    outputs = trainer.outputs(task.samples["number"])
    out.parent.mkdir(parents=True, exist_ok=True)
    pictures.grid(pictures.sample_rows(task, {frameworks.FRAMEWORKS[framework]: outputs}), out, title=task.title)
    console.print(f"written: {out}")
