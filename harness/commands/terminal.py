"""What all commands share: where they print, how they fail, and the options that several of them have."""

import shlex
import sys
from collections.abc import Callable, Iterable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Optional

import typer
import typer.core
from rich.console import Console
from rich.text import Text

from harness import data, tasks
from harness.frameworks import FRAMEWORKS
from harness.frameworks.installation import DISTRIBUTION
from harness.messages import WorkbookError, short
from harness.training.batches import MAX_SEED

out = Console()
err = Console(stderr=True)
INTERRUPTED = 130
EXTRAS = {"jinja2": "compare", "torchmetrics": "evaluate", "jupytext": "notebooks"}      # of what is imported; else train


class Commands(typer.core.TyperGroup):
    """An error that the user can mend is one line on standard error, and ends with code 2; Ctrl-C ends with 130."""

    def invoke(self, ctx: Any) -> Any:          # a context of click's, which some versions of typer bring along
        """Run the command that was asked for, or the callback alone."""
        try:
            return super().invoke(ctx)
        except (WorkbookError, OSError) as error:
            say_error(error)
            raise typer.Exit(2) from None
        except ModuleNotFoundError as error:        # of an extra that is not installed
            name = (error.name or "").partition(".")[0]
            if name in ("", "harness"):
                raise
            extra = EXTRAS.get(name, "train")
            say_error(f"this needs {name}, which is not installed here: "
                      + shlex.join([short(sys.executable), "-m", "pip", "install", f"{DISTRIBUTION}[{extra}]"]))
            raise typer.Exit(2) from None
        except KeyboardInterrupt:
            err.print("interrupted")
            raise typer.Exit(INTERRUPTED) from None


def say_error(error: object) -> None:
    """One line on standard error."""
    err.print(Text.assemble(("error: ", "bold red"), str(error)), soft_wrap=True)


def say_notes(notes: tuple[str, ...] | list[str]) -> None:
    """Remarks that are no errors, on standard error."""
    for note in notes:
        err.print(Text(note, style="yellow"), soft_wrap=True)


def _completer(known: Callable[[], Iterable[str]]) -> Callable[[str], list[str]]:
    """For typer: what is known and begins as what was typed; looked up when a shell asks."""
    def complete(incomplete: str) -> list[str]:
        return [name for name in known() if name.startswith(incomplete)]
    return complete


_tasks, _frameworks, _data = _completer(tasks.names), _completer(lambda: FRAMEWORKS), _completer(data.names)


class Size(StrEnum):
    """``tasks.SIZES``, as typer reads a choice."""

    check, short, full = tasks.SIZES


class Precision(StrEnum):
    """Floating point types, the same way."""

    float64, float32 = "float64", "float32"


Root = Annotated[Path, typer.Option("--root", help="The folder that holds questions/ and answers/.", hidden=True)]
TaskName = Annotated[str, typer.Argument(metavar="TASK", help="A task, e.g. ae; `list` shows them.", autocompletion=_tasks)]
What = Annotated[Optional[str], typer.Argument(metavar="[TASK]", help="The last one by default.", autocompletion=_tasks)]
FileOrTask = Annotated[Optional[str], typer.Argument(metavar="[FILE or TASK]", help="The last one by default.",
                                                     autocompletion=_tasks)]
InFramework = Annotated[str, typer.Option("--framework", "-f", help="In which framework.", autocompletion=_frameworks)]
Framework = Annotated[Optional[str], typer.Option("--framework", "-f", autocompletion=_frameworks, help=(
    "pytorch, tensorflow, keras or chainer; can be left out where only one was started."))]
Work = Annotated[Path, typer.Option("--work", metavar="DIR", help="Where your answers and your progress are.")]
Seconds = Annotated[float, typer.Option("--timeout", min=1, help="Seconds without a word after which your code is ended.")]
Memory = Annotated[float, typer.Option("--memory", min=0.1, help="GiB that your code may use.")]
DataName = Annotated[Optional[str], typer.Option("--data", help="A data set; each task has a default.", autocompletion=_data)]
DataDir = Annotated[Optional[Path], typer.Option("--data-dir", exists=True, file_okay=False, metavar="DIR", help=(
    "Where data sets are looked for first; the environment variable WORKBOOK_DATA names another."))]
Seed = Annotated[int, typer.Option("--seed", min=0, max=MAX_SEED, help="Of weights, batches and noise.")]
Several = Annotated[Optional[str], typer.Option("--frameworks", help="Which, with commas between; all that are installed by default.")]
Steps = Annotated[int, typer.Option("--steps", min=1, help="Training steps.")]
ProofSize = Annotated[Size, typer.Option("--size", help=(
    "check: tiny networks, for proof in seconds; short: small ones; full: those of the question."))]
InPrecision = Annotated[Precision, typer.Option("--precision", help="Of all arithmetic.")]
Tolerance = Annotated[Optional[float], typer.Option(
    "--tolerance", help="Largest relative difference that agrees; 1e-9 in float64, 1e-3 in float32.")]
Patience = Annotated[float, typer.Option("--timeout", min=1, help="Seconds without a step after which a framework is ended.")]
