"""What a user is told: errors of one line, the nearest known word, and the next command as it works from here."""

import difflib
import os
import shlex
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path


class WorkbookError(Exception):
    """What the user can mend. One line: what happened, where, and what to do next. The command line ends with code 2."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """"did you mean 'ae'?" if something known is close to ``word``, else "choose one of" all that is known."""
    known = list(known)
    close = difflib.get_close_matches(word.lower(), known, n=1, cutoff=0.5)
    return f"did you mean '{close[0]}'?" if close else f"choose one of {', '.join(known)}"


def command(*arguments: object) -> str:
    """The command line ``workbook ARGUMENTS`` as it can be given to a shell in the current folder."""
    return shlex.join([*_program(), *map(str, arguments)])


def _program() -> list[str]:
    """``workbook`` where the shell finds that of this environment; its path, or this Python, where it does not."""
    here = Path(sys.executable).parent
    found = shutil.which("workbook")
    if found and os.path.samefile(Path(found).parent, here):
        return ["workbook"]
    script = shutil.which("workbook", path=str(here))
    return [short(script)] if script else [short(sys.executable), "-m", "harness"]


def short(path: str | Path) -> str:
    """``path`` as it is shown: from the current folder on, where it lies in it."""
    path, here = Path(path), Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def some(names: list[str], most: int = 3) -> str:
    """The first of many names, and how many more there are."""
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
