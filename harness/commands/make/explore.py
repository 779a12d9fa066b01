"""``explore``: the pictures that a question asks to look at."""

from pathlib import Path
from typing import Annotated, Optional

import typer
from rich.progress import track
from rich.text import Text

from harness import tasks
from harness.commands.console import err, out
from harness.commands.terminal import DataDir, DataName, Root, TaskName
from harness.data.written import prepare
from harness.frameworks import FRAMEWORKS, named
from harness.messages import WorkbookError, command, did_you_mean
from harness.tasks import ROOT
from harness.training.batches import MAX_SEED

IMAGES = 512            # that are looked at, of the test split
LOOKED_AT = Path("out") / "explore"     # pictures of the networks that come with the tasks

File = Annotated[Optional[Path], typer.Option("--file", exists=True, dir_okay=False, metavar="FILE", help=(
    "Your answer, instead of the reference; in an edition without answers, the one in work/ by default."))]
AnyFramework = Annotated[Optional[str], typer.Option("--framework", "-f", help=(
    "The framework that computes; by default the one that trained, but any one can."))]


def explore(
    name: TaskName,
    checkpoint: Annotated[Optional[Path], typer.Option(metavar="FILE", help=(
        "A checkpoint, or the folder of a run; by default a small network that comes trained with the task."))] = None,
    framework: AnyFramework = None,
    file: File = None,
    only: Annotated[Optional[list[str]], typer.Option(metavar="VIEW", help="Only this view; can be given several times.")] = None,
    data: DataName = None,
    data_dir: DataDir = None,
    seed: Annotated[int, typer.Option(min=0, max=MAX_SEED, help="Chooses the end points of walks.")] = 0,
    folder: Annotated[Optional[Path], typer.Option("--out", metavar="DIR", help=(
        "By default 'explore' beside the checkpoint; out/explore/TASK for the network that comes with the task."))] = None,
    root: Root = ROOT,
) -> None:
    """Make the pictures that a question asks to look at: latent plane, walks, interpolations, classes, resolutions, ..."""
    from harness.views import explore as views
    from harness.views.model import load

    name = tasks.named(name, root)
    folder = folder or (_beside(checkpoint) if checkpoint else LOOKED_AT / name)
    checkpoint = checkpoint or _trained(name, root)
    model, begun = load(checkpoint, name, framework and named(framework), data=data, data_dir=data_dir, folder=folder, seed=seed,
                        number=IMAGES, root=root, file=file)
    found = views.views(model)
    for wanted in only or ():
        if wanted not in found:
            raise WorkbookError(f"'{name}' has no view '{wanted}': {did_you_mean(wanted, found)}")
    prepare(folder)
    out.print(Text(f"{name}, {FRAMEWORKS[begun.framework]} after {begun.step:,} steps, on {len(model.data.images):,} images of "
                   f"{model.data.name} ({model.data.split})"), soft_wrap=True)
    for view in track([found[n] for n in only or found], "views", console=err, disable=not err.is_terminal):
        for path in view(model):
            out.print(Text(f"written: {path}"), soft_wrap=True)


def _beside(checkpoint: Path) -> Path:
    return (checkpoint if checkpoint.is_dir() else checkpoint.parent) / "explore"


def _trained(name: str, root: Path) -> Path:
    path = tasks.trained_path(name, root)
    if not path.is_file():
        raise WorkbookError(f"no trained network comes with '{name}': train one (`{command('train', name, '--framework', 'pytorch')}`), "
                            "and name its folder with --checkpoint")
    return path
