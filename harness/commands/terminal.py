"""What all commands share: how they fail, and the options that several of them have."""

import math
import platform
import shlex
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Optional

import typer
import typer.core
from rich.text import Text

from harness import __version__, data, tasks
from harness.commands.console import between_words, err, nobody_reads, say_error
from harness.frameworks import FRAMEWORKS
from harness.frameworks.installation import DISTRIBUTION
from harness.messages import WorkbookError, short
from harness.training.batches import MAX_SEED

MAX_SECONDS, MAX_GIGABYTES, MAX_STEPS = 7 * 24 * 3600, 1024, 10 ** 9       # beyond these it is a slip of the keyboard
NARROW = 80             # columns, below which typer's help breaks words
INTERRUPTED = 130
CRASHED = 70            # sysexits.h, EX_SOFTWARE: a fault of the workbook's own, and never a word on an answer
EXTRAS = {"jinja2": "compare", "torchmetrics": "evaluate", "jupytext": "notebooks"}      # of what is imported; else train

# How click ends a command, and that the command line is wrong; wherever this typer has click from.
CLICKS_OWN: tuple[type[Exception], ...] = (
    typer.Exit, typer.Abort, *(cls for cls in typer.BadParameter.__mro__ if cls.__name__ == "ClickException"))


class _Help:
    """On a terminal that is too narrow for typer's table of options, each stands on a line of its own, above what it does."""

    rich_markup_mode: Any

    def format_help(self, ctx: Any, formatter: Any) -> None:        # click's, which some versions of typer bring along
        """Write the help of a command."""
        width = shutil.get_terminal_size().columns
        if width >= NARROW:
            super().format_help(ctx, formatter)     # type: ignore[misc]
            return

        def write_dl(rows: Iterable[tuple[str, str]], *_: Any, **__: Any) -> None:
            for name, what in rows:
                formatter.write(f"  {name}\n      {' '.join(what.split())}\n")
        self.rich_markup_mode, formatter.width, formatter.write_dl = None, 10_000, write_dl
        super().format_help(ctx, formatter)         # type: ignore[misc]
        formatter.buffer = [between_words(Text(formatter.getvalue()), width).plain]


class Command(_Help, typer.core.TyperCommand):
    """Each command."""


class Group(_Help, typer.core.TyperGroup):
    """Several in one."""


class Commands(Group):
    """What a command raises is one line on standard error and an exit code: 2 for what the user can mend, 130 for Ctrl-C,
    70 for a fault of the workbook, whose details go to a file."""

    def invoke(self, ctx: Any) -> Any:          # a context of click's, which some versions of typer bring along
        """Run the command that was asked for, or the callback alone."""
        try:
            return super().invoke(ctx)
        except CLICKS_OWN:
            raise
        except BrokenPipeError:
            nobody_reads()
        except (WorkbookError, OSError) as error:
            say_error(error)
            raise typer.Exit(2) from None
        except KeyboardInterrupt:
            err.print("interrupted")
            raise typer.Exit(INTERRUPTED) from None
        except Exception as error:
            if isinstance(error, RuntimeError) and str(error).startswith("Symlink loop"):       # Path.resolve() before Python 3.13
                say_error(error)
                raise typer.Exit(2) from None
            if isinstance(error, ModuleNotFoundError) and (name := (error.name or "").partition(".")[0]) not in ("", "harness"):
                say_error(f"this needs {name}, which is not installed; install it with: "
                          + shlex.join([short(sys.executable), "-m", "pip", "install", f"{DISTRIBUTION}[{EXTRAS.get(name, 'train')}]"]))
                raise typer.Exit(2) from None
            say_error(f"the workbook itself failed ({type(error).__name__}); this says nothing about your answer. "
                      f"Details for a bug report: {_details()}")
            raise typer.Exit(CRASHED) from None


def _details() -> str:
    """The file that the exception in hand is written to."""
    text = (f"workbook {__version__}, Python {platform.python_version()}, {platform.platform()}\n"
            f"{shlex.join(sys.argv)}\n{time.strftime('%Y-%m-%d %H:%M:%S')}\n\n{traceback.format_exc()}")
    try:
        with tempfile.NamedTemporaryFile("w", prefix="workbook-crash-", suffix=".txt", delete=False, encoding="utf-8",
                                         errors="backslashreplace") as file:
            file.write(text)
        return file.name
    except OSError:
        err.print(text, markup=False, soft_wrap=True)
        return "above"


def _completer(known: Callable[[], Iterable[str]]) -> Callable[[str], list[str]]:
    """For typer: what is known and begins as what was typed; looked up when a shell asks."""
    def complete(incomplete: str) -> list[str]:
        return [name for name in known() if name.startswith(incomplete)]
    return complete


_tasks, _frameworks, _data = _completer(tasks.names), _completer(lambda: FRAMEWORKS), _completer(data.names)


def listed(text: str) -> list[str]:
    """The names in "a, b", each once."""
    return list(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))


def finite(value: float | None) -> float | None:
    """For typer: neither inf nor nan, which a range lets through."""
    if value is not None and not math.isfinite(value):
        raise typer.BadParameter(f"{value} is not a finite number")
    return value


def _share(value: float | None) -> float | None:
    if value is not None and not 0 < value <= 1:
        raise typer.BadParameter(f"{value:g} must be above 0 and at most 1")
    return value


class Size(StrEnum):
    """``tasks.SIZES``, as typer reads a choice."""

    check, short, full = tasks.SIZES


class Precision(StrEnum):
    """Floating point types, the same way."""

    float64, float32 = "float64", "float32"


Root = Annotated[Path, typer.Option("--root", help="The folder that holds questions/ and answers/.", hidden=True)]
TaskName = Annotated[str, typer.Argument(metavar="TASK", help="A task, such as ae; `list` shows all.", autocompletion=_tasks)]
What = Annotated[Optional[str], typer.Argument(metavar="[TASK]", help="By default the last one that you worked on.", autocompletion=_tasks)]
FileOrTask = Annotated[Optional[str], typer.Argument(metavar="[FILE or TASK]", help="By default the last one that you worked on.",
                                                     autocompletion=_tasks)]
InFramework = Annotated[str, typer.Option("--framework", "-f", help="pytorch, tensorflow, keras or chainer.", autocompletion=_frameworks)]
Framework = Annotated[Optional[str], typer.Option("--framework", "-f", autocompletion=_frameworks, help=(
    "pytorch, tensorflow, keras or chainer; not needed if you started only one."))]
Work = Annotated[Path, typer.Option("--work", metavar="DIR", help="The folder of your answers and your progress.")]
Seconds = Annotated[float, typer.Option("--timeout", min=1, max=MAX_SECONDS, callback=finite, help=(
    "Your code is stopped if it finishes no rung for this number of seconds."))]
Memory = Annotated[float, typer.Option("--memory", min=0.1, max=MAX_GIGABYTES, callback=finite, help="Memory for your code, in GiB.")]
DataName = Annotated[Optional[str], typer.Option("--data", help="A data set; each task has a default.", autocompletion=_data)]
DataDir = Annotated[Optional[Path], typer.Option("--data-dir", exists=True, file_okay=False, metavar="DIR", help=(
    "The first directory to look for data sets; the environment variable WORKBOOK_DATA names another one."))]
Seed = Annotated[int, typer.Option("--seed", min=0, max=MAX_SEED, help="Seed of weights, batches and noise.")]
Several = Annotated[Optional[str], typer.Option("--frameworks", help="Frameworks, separated by commas; by default all installed ones.")]
Steps = Annotated[int, typer.Option("--steps", min=1, max=MAX_STEPS, help="Training steps.")]
ProofSize = Annotated[Size, typer.Option("--size", help=(
    "check: tiny networks, a few seconds; short: small networks; full: those of the question."))]
InPrecision = Annotated[Precision, typer.Option("--precision", help="The precision of all computation.")]
Tolerance = Annotated[Optional[float], typer.Option(
    "--tolerance", callback=_share, help="The largest relative difference that is accepted; by default 1e-9 in float64, 1e-3 in float32.")]
Patience = Annotated[float, typer.Option("--timeout", min=1, max=MAX_SECONDS, callback=finite, help=(
    "A framework is stopped if it finishes no step for this number of seconds."))]
