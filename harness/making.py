"""The commands that make pictures: train.

Exit codes of train: 0 it came to its end, 1 a loss was not a number, 2 bad usage, 130 interrupted (and saved).
"""

import shutil
import subprocess
import sys
import time
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Optional

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

import datasets
from harness import task as tasks
from harness.batches import MAX_SEED
from harness.contract import ContractError
from harness.frameworks import FRAMEWORKS
from harness.pool import cores
from harness.task import ROOT, TaskError
from harness.terminal import BadInput, DataDir, Root, err, fail, out
from harness.workplace import framework_of

RUNS = Path("out") / "train"
REFRESH = 4             # times a second that the bar moves


def register(app: typer.Typer) -> None:
    app.command()(train)


def train(
    name: Annotated[str, typer.Argument(metavar="TASK")],
    framework: Annotated[str, typer.Option("--framework", "-f", help="pytorch, tensorflow, keras, chainer; or all, one "
                                                                     "after the other.")],
    size: Annotated[str, typer.Option(help="full (the question's), short (smaller networks: minutes) or check.")] = "full",
    steps: Annotated[Optional[int], typer.Option(min=1, help="Training steps; the question's by default.")] = None,
    epochs: Annotated[Optional[float], typer.Option(min=0.01, help="... or so many times through the data set.")] = None,
    batch: Annotated[Optional[int], typer.Option(min=1, help="Images in a batch; the question's by default.")] = None,
    data: Annotated[Optional[str], typer.Option(help="A data set; the question's by default.")] = None,
    data_dir: DataDir = None,
    seed: Annotated[Optional[int], typer.Option(min=0, max=MAX_SEED, help="Of weights, batches and noise; 0 by default.")] = None,
    device: Annotated[str, typer.Option(help="cpu or cuda.")] = "cpu",
    sheets: Annotated[int, typer.Option(min=0, help="Sheets of samples, and frames of the animation.")] = 24,
    file: Annotated[Optional[Path], typer.Option(help="Your answer, instead of the reference.")] = None,
    folder: Annotated[Optional[Path], typer.Option("--out", metavar="DIR", help="out/train/TASK_F by default.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where the run in --out was stopped.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Begin anew; a run that is there is kept as a backup.")] = False,
    root: Root = ROOT,
):
    """Train an answer: losses, sheets of samples, an animation of how they grew, and a checkpoint to go on from.

    Ctrl-C ends it with a checkpoint; --resume then goes on, bit by bit as if it had never stopped.
    """
    if framework == "all":
        flags = {"--size": size, "--steps": steps, "--epochs": epochs, "--batch": batch, "--data": data, "--data-dir": data_dir,
                 "--seed": seed, "--device": device, "--sheets": sheets, "--resume": resume, "--force": force, "--root": root}
        raise typer.Exit(_train_all(name, folder or RUNS, flags))
    try:
        chosen = framework_of(framework)
        folder = folder or RUNS / f"{name}_{chosen}"
        run, begun = _run(name, chosen, folder, size, steps, epochs, batch, data, data_dir, seed, device, sheets, file,
                          resume, force, root)
        with err.status(f"loading {FRAMEWORKS[chosen]}") if err.is_terminal else nullcontext():
            from harness import training as trainings
            from harness.checkpoint import CheckpointError
        try:
            training = trainings.Training(run, begun)
        except (CheckpointError, ContractError, trainings.NoDevice) as error:
            raise BadInput(str(error)) from None
    except (BadInput, TaskError, datasets.DataError, OSError) as error:
        raise fail(error) from None
    try:
        ended = _with_bar(training)
    except trainings.NotFinite as error:
        err.print(Text.assemble(("stopped: ", "bold red"), str(error)), soft_wrap=True)
        raise typer.Exit(1) from None
    out.print(Text(f"written: {folder}/checkpoint.safetensors, losses.csv, curves.png, sheets/, growth.gif, events/"), soft_wrap=True)
    if not ended:
        options = {"--file": file, "--data-dir": data_dir, "--device": device if device != "cpu" else None,
                   "--root": root if root != ROOT else None}
        again = f"python -m harness train {name} --framework {chosen} --out {folder} --steps {run.steps} --resume"
        again += "".join(f" {option} {given}" for option, given in options.items() if given)
        out.print(Text(f"stopped after {training.step:,} of {run.steps:,} steps. To go on:\n    {again}"), soft_wrap=True)
        raise typer.Exit(130)


def _run(name, framework, folder, size, steps, epochs, batch, data, data_dir, seed, device, sheets, file, resume, force, root):
    """(the run, the checkpoint that it goes on from or None). Raises BadInput, TaskError, DataError."""
    from harness import checkpoint as checkpoints
    from harness import compare, training

    if device not in ("cpu", "cuda"):
        raise BadInput(f"--device is cpu or cuda, not '{device}'")
    if steps and epochs:
        raise BadInput("--steps and --epochs say the same; give one")
    if file and not file.is_file():
        raise BadInput(f"there is no file {file}")
    begun = None
    if resume:
        try:
            begun = checkpoints.load(folder)
        except checkpoints.CheckpointError as error:
            raise BadInput(str(error)) from None
        for option, given, was in (("--batch", batch, begun.batch_size), ("--data", data, begun.data), ("--seed", seed, begun.seed)):
            if given not in (None, was):
                raise BadInput(f"the run in {folder} has {option} {was}; it cannot go on with {given}")
        if begun.framework != framework:
            raise BadInput(f"the run in {folder} is in {FRAMEWORKS[begun.framework]}; it goes on in no other framework")
        size, batch, data, seed = begun.size, begun.batch_size, begun.data, begun.seed
    task = tasks.load(name, size, root) if size in tasks.SIZES else None
    if task is None:
        raise BadInput(f"--size is {', '.join(tasks.SIZES)}, not '{size}'")
    task = replace(task, batch_size=batch or task.batch_size)
    images = compare.load_data(task, data, data_dir)
    for note in images.notes:
        err.print(Text(note, style="yellow"), soft_wrap=True)
    if epochs:
        steps = max(1, round(epochs * len(images.images) / (task.batch_size * (task.repeat or 1))))
    steps = steps or task.steps
    if begun:
        if begun.version != checkpoints.version_of(task):
            err.print(Text("the question's task.toml has changed since this run began", style="yellow"))
        if device == "cpu" and begun.threads != cores():
            err.print(Text(f"this run began on {begun.threads} cores and goes on on {cores()}: the frameworks may add up in another "
                           "order, so that last bits differ from a run that was never stopped", style="yellow"), soft_wrap=True)
        if begun.step >= steps:
            raise BadInput(f"the run in {folder} has done {begun.step:,} steps already; --steps asks for {steps:,}")
    elif any(folder.glob("*")):
        if not force:
            raise BadInput(f"there is a run in {folder}: --resume goes on with it, --force begins anew and keeps it as a "
                           "backup, --out names another folder")
        kept = folder.with_name(f"{folder.name}.{datetime.now():%Y%m%d-%H%M%S}")
        shutil.move(folder, kept)
        out.print(Text(f"kept: {kept}"))
    return training.Run(task, framework, images, folder, steps, seed or 0, device, sheets, file), begun


def _with_bar(training) -> bool:
    """Train, with a bar on a terminal, and a line for each tenth of the run elsewhere."""
    run, begun = training.run, training.step
    images, tenth = run.task.batch_size * (run.task.repeat or 1), max(1, run.steps // 10)
    started, shown = time.monotonic(), 0.0
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
               TextColumn("{task.fields[speed]} {task.fields[losses]}"))
    with Progress(*columns, console=err, disable=not err.is_terminal, refresh_per_second=REFRESH) as progress:
        bar = progress.add_task(f"{run.task.name}, {FRAMEWORKS[run.framework]}", total=run.steps, completed=begun,
                                speed="", losses="")

        def on_step(step, losses):
            nonlocal shown
            lines = not err.is_terminal and (step % tenth == 0 or step == run.steps)
            if not lines and step < run.steps and time.monotonic() - shown < 1 / REFRESH:
                return                          # small networks make a step in less time than it takes to say so
            shown = time.monotonic()
            text = " ".join(f"{name} {value:.4g}" for name, value in losses.items())
            speed = f"{(step - begun) * images / (time.monotonic() - started):,.0f} images/s"
            progress.update(bar, completed=step, losses=text, speed=speed)
            if lines:
                err.print(Text(f"step {step:,} of {run.steps:,}: {text}, {speed}"), soft_wrap=True)

        return training.train(on_step)


def _train_all(name: str, folder: Path, flags: dict) -> int:
    """Each framework in a process of its own, with the same options; the first exit code that is not 0."""
    options = [f"{flag}={value}" for flag, value in flags.items() if value not in (None, False, True)]
    options += [flag for flag, value in flags.items() if value is True]
    for framework in FRAMEWORKS:
        out.rule(FRAMEWORKS[framework])
        command = ["train", name, f"--framework={framework}", f"--out={folder / f'{name}_{framework}'}", *options]
        code = subprocess.run([sys.executable, "-m", "harness", *command], check=False).returncode
        if code:
            return code
    return 0
