"""What all commands share: where they print, how they fail, and the options that several of them have."""

from pathlib import Path
from typing import Annotated, Optional

import typer
from rich.console import Console
from rich.text import Text

from harness.batches import MAX_SEED

out = Console()
err = Console(stderr=True)

Root = Annotated[Path, typer.Option("--root", help="The folder that holds questions/ and answers/.", hidden=True)]
DataDir = Annotated[Optional[Path], typer.Option("--data-dir", exists=True, file_okay=False, metavar="DIR", help=(
    "Where data sets are looked for first; the environment variable WORKBOOK_DATA names another."))]
Seed = Annotated[int, typer.Option(min=0, max=MAX_SEED, help="Of weights, batches and noise.")]


class BadInput(Exception):
    """The user asked for something that cannot be; one line says what and what to do."""


def fail(error: Exception) -> typer.Exit:
    """Say ``error`` in one line on standard error; raise what comes back to end with code 2."""
    err.print(Text.assemble(("error: ", "bold red"), str(error)), soft_wrap=True)
    return typer.Exit(2)
