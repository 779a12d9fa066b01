"""``train``. Exit codes: 0 it came to its end, 1 a loss was not a number, 2 bad usage, 130 interrupted (and saved)."""

import subprocess
import sys
import time
from contextlib import ExitStack, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Optional

import typer
from rich.progress import Progress, TimeRemainingColumn
from rich.text import Text

from harness import tasks
from harness.commands.console import bars, err, out, say_notes
from harness.commands.terminal import INTERRUPTED, DataDir, DataName, Root, TaskName
from harness.data.written import alone
from harness.frameworks import FRAMEWORKS, installed, named, require
from harness.messages import WorkbookError, command
from harness.tasks import ROOT, in_root, require_answers
from harness.training.batches import MAX_SEED
from harness.training.plan import RUNS, SHEETS, Plan, Run, Wish, plan

if TYPE_CHECKING:                               # it imports what draws
    from harness.training.run import Training

REFRESH = 4             # times a second that the bar moves


def train(
    name: TaskName,
    framework: Annotated[str, typer.Option("--framework", "-f", help="pytorch, tensorflow, keras or chainer; or all: every "
                                                                     "installed one, one after the other.")],
    size: Annotated[Optional[str], typer.Option(help="full (the question's; the default), short (smaller networks, some minutes) or "
                                                     "check (tiny networks).")] = None,
    steps: Annotated[Optional[int], typer.Option(help="Training steps; by default the question's.")] = None,
    epochs: Annotated[Optional[float], typer.Option(help="Passes through the data set, in place of --steps.")] = None,
    batch: Annotated[Optional[int], typer.Option(help="Images in a batch; by default the question's.")] = None,
    data: DataName = None,
    data_dir: DataDir = None,
    seed: Annotated[Optional[int], typer.Option(min=0, max=MAX_SEED, help="Seed of weights, batches and noise; by default 0.")] = None,
    device: Annotated[str, typer.Option(help="cpu or cuda.")] = "cpu",
    sheets: Annotated[int, typer.Option(help="The number of sheets of samples, which are also the frames of the animation.")] = SHEETS,
    file: Annotated[Optional[Path], typer.Option(help="Your answer, in place of the reference answer.")] = None,
    folder: Annotated[Optional[Path], typer.Option("--out", metavar="DIR", help="By default out/train/TASK_F.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Continue the run in --out; if there is none, start one.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Start again; the old run is kept as a backup.")] = False,
    root: Root = ROOT,
) -> None:
    """Train an answer. Write losses, sheets of samples, an animation of them, and a checkpoint.

    Ctrl-C stops the run and writes a checkpoint. --resume then continues it, with the same bits as without a stop.
    """
    name = tasks.named(name, root)
    if not file:
        require_answers(root, "--file trains yours")
    if framework == "all":
        if file:
            raise WorkbookError("--file is an answer in one framework; name this framework with -f")
        flags = {"--size": size, "--steps": steps, "--epochs": epochs, "--batch": batch, "--data": data, "--data-dir": data_dir,
                 "--seed": seed, "--device": device, "--sheets": sheets, "--resume": resume, "--force": force, "--root": root}
        raise typer.Exit(_train_all(name, folder or RUNS, flags))
    chosen = named(framework)
    require([chosen])
    where = folder or RUNS / f"{name}_{chosen}"
    with ExitStack() as held:
        held.enter_context(alone(where))
        planned = plan(name, chosen, where,
                       Wish(size, steps, epochs, batch, data, data_dir, seed, device, sheets, file, resume, force, root))
        if planned.done and planned.begun:
            out.print(Text(f"nothing to do: the run in {where} has done {planned.begun.step:,} steps already, and "
                           f"{planned.run.steps:,} are asked for; a larger --steps goes on with it"), soft_wrap=True)
            return
        say_notes(planned.notes)
        if planned.kept:
            out.print(Text(f"kept: {planned.kept}"), soft_wrap=True)
            held.enter_context(alone(where))            # the lock went with what is kept
        raise typer.Exit(_train(planned, data_dir, root))


def _train(planned: Plan, data_dir: Path | None, root: Path) -> int:
    run = planned.run
    with err.status(f"loading {FRAMEWORKS[run.framework]}") if err.is_terminal else nullcontext():
        from harness.training.run import NotFinite, Training
    training = Training(run, planned.begun)
    try:
        ended = _with_bar(training)
    except NotFinite as error:
        err.print(Text.assemble(("stopped: ", "bold red"), str(error)), soft_wrap=True)
        return 1
    finally:
        say_notes(training.recorder.notes)
    out.print(Text(f"written: {run.folder}/checkpoint.safetensors, losses.csv, curves.png, sheets/, growth.gif, events/"), soft_wrap=True)
    if ended:
        out.print(Text(f"to look at it: {command('explore', run.task.name, '--checkpoint', run.folder, *in_root(root))}"), soft_wrap=True)
        return 0
    out.print(Text(f"stopped after {training.step:,} of {run.steps:,} steps. To continue:\n"
                   f"    {_again(run, data_dir, root)}"), soft_wrap=True)
    return INTERRUPTED


def _again(run: Run, data_dir: Path | None, root: Path) -> str:
    """The command that goes on with a run."""
    options = {"--file": run.path, "--data-dir": data_dir, "--device": run.device if run.device != "cpu" else None}
    return command("train", run.task.name, "--framework", run.framework, "--out", run.folder, "--steps", run.steps, "--resume",
                   *(part for option, given in options.items() if given for part in (option, given)), *in_root(root))


def _with_bar(training: "Training") -> bool:
    """Train, with a bar on a terminal, and a line for each tenth of the run elsewhere."""
    run, begun = training.run, training.step
    images, tenth = run.task.batch_size * (run.task.repeat or 1), max(1, run.steps // 10)
    started, shown = time.monotonic(), 0.0
    columns = bars("{task.fields[speed]} {task.fields[losses]}", TimeRemainingColumn())
    with Progress(*columns, console=err, disable=not err.is_terminal, refresh_per_second=REFRESH) as progress:
        bar = progress.add_task(f"{run.task.name}, {FRAMEWORKS[run.framework]}", total=run.steps, completed=begun,
                                speed="", losses="")

        def on_step(step: int, losses: dict[str, float]) -> None:
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


def _train_all(name: str, folder: Path, flags: dict[str, Any]) -> int:
    """Each framework in a process of its own, with the same options; the first exit code that is not 0."""
    options = [f"{flag}={value}" for flag, value in flags.items() if value not in (None, False, True)]
    options += [flag for flag, value in flags.items() if value is True]
    for framework in installed():
        out.rule(FRAMEWORKS[framework])
        given = ["train", name, f"--framework={framework}", f"--out={folder / f'{name}_{framework}'}", *options]
        code = subprocess.run([sys.executable, "-m", "harness", *given], check=False).returncode
        if code:
            return code
    return 0
