"""``data list``, ``data fetch``, ``data show``: the data sets."""

from pathlib import Path
from typing import Annotated, Optional

import typer
from rich.text import Text

from harness import data as datasets
from harness.commands.console import in_one_line, out, say_notes, show_table
from harness.commands.terminal import Command, DataDir, Group, Root
from harness.messages import WorkbookError
from harness.tasks import ROOT
from harness.training.batches import MAX_SEED

app = typer.Typer(cls=Group, no_args_is_help=True, help="The data sets: list them, fetch one, look at one.")
Name = Annotated[str, typer.Argument(help="A data set; `data list` shows them.")]


@app.command("list", cls=Command)
def list_data(data_dir: DataDir = None, root: Root = ROOT) -> None:
    """Show the data sets and where each was found."""
    rows = []
    for name in datasets.names(root):
        info = datasets.describe(name, data_dir, root)
        images = " + ".join(f"{number:,} {split}" for split, number in info.images.items())
        rows.append((name, info.summary, info.size, images, info.where))
    show_table(("Name", "What", "Size", "Images", "Where"), rows)


@app.command(cls=Command)
def fetch(name: Name, data_dir: DataDir = None, root: Root = ROOT) -> None:
    """Find the files of a data set; download them if there are none."""
    paths = datasets.fetch(name, data_dir, root)
    for path in paths:
        out.print(Text(str(path)), soft_wrap=True)
    out.print(f"{name}: {len(paths)} files" if paths else f"{name}: part of the workbook, so there is nothing to fetch")


@app.command(cls=Command)
def show(
    name: Name,
    split: Annotated[str, typer.Option(help="train or test")] = "train",
    number: Annotated[int, typer.Option(min=1, max=10_000, help="The number of images.")] = 32,
    height: Annotated[Optional[int], typer.Option(min=1, max=4096)] = None,
    width: Annotated[Optional[int], typer.Option(min=1, max=4096)] = None,
    seed: Annotated[int, typer.Option(min=0, max=MAX_SEED, help="Seed of drawn data sets.")] = 0,
    data_dir: DataDir = None,
    path: Annotated[Optional[Path], typer.Option("--out", metavar="FILE", help="A PNG file; by default out/NAME.png.")] = None,
    root: Root = ROOT,
) -> None:
    """Write a labelled contact sheet as PNG."""
    path = _picture(path or Path("out") / f"{name}.png")
    found = datasets.load(name, split, number=number, height=height, width=width, seed=seed, data_dir=data_dir, root=root)
    from harness.pictures import plots

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        plots.contact_sheet(found, path, number=number)
    except OSError as error:
        raise _unwritable(path, error) from error
    say_notes(found.notes)
    out.print(Text(f"written: {in_one_line(path)}"), soft_wrap=True)


def _picture(path: Path) -> Path:
    """The path where a PNG is to be written; ``.png`` is added to a name without an ending. Raises WorkbookError."""
    try:
        folder = path.name in ("", "..") or path.is_dir()
    except OSError as error:        # a name is too long; a folder may not be entered
        raise _unwritable(path, error) from error
    if folder:
        raise WorkbookError(f"--out {in_one_line(path)} is a folder; name a file in it: {in_one_line(path / 'NAME.png')}")
    if not path.suffix:
        return path.with_name(path.name + ".png")
    if path.suffix.lower() != ".png":
        raise WorkbookError(f"--out {in_one_line(path)}: the picture is a PNG; give a name that ends with .png")
    return path


def _unwritable(path: Path, error: OSError) -> WorkbookError:
    return WorkbookError(f"--out {in_one_line(path)} cannot be written ({error.strerror or error}); name another file")
