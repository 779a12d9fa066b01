"""All commands in one, in the order of a day's work."""

import signal
from collections.abc import Callable
from typing import Annotated

import typer

from harness import __version__
from harness.commands.console import print_in_any_encoding
from harness.commands.learn import check, hint, progress, question, reset, solution, start, watch
from harness.commands.make import evaluate, explore, train
from harness.commands.prepare import data, install, list_tasks
from harness.commands.prove import compare, trace
from harness.commands.teach import grade, release
from harness.commands.terminal import Command, Commands

app = typer.Typer(cls=Commands, no_args_is_help=True, pretty_exceptions_enable=False, help=(
    "Exercises in image generation, in four frameworks: solve one, see what is wrong, and compare the answers step by step."))

PANELS: dict[str, tuple[Callable[..., None], ...]] = {
    "Prepare": (list_tasks.list_tasks, install.install),
    "Learn": (question.question, start.start, check.check, watch.watch, hint.hint, solution.solution, progress.progress, reset.reset),
    "Make": (train.train, explore.explore, evaluate.evaluate),
    "Prove": (compare.compare, trace.trace),
    "Teach": (release.release, grade.grade),
}
NAMES: dict[Callable[..., None], str] = {list_tasks.list_tasks: "list"}
for panel, commands in PANELS.items():
    for command in commands:
        app.command(NAMES.get(command), cls=Command, rich_help_panel=panel)(command)
app.add_typer(data.app, name="data", rich_help_panel="Prepare")


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"workbook {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")] = False,
) -> None:
    print_in_any_encoding()
    signal.signal(signal.SIGTERM, signal.default_int_handler)       # as Ctrl-C: what is done is written, workers end


def main() -> None:
    """The command ``workbook``."""
    app()
