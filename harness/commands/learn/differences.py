"""Two answers beside each other on a wide terminal, one after the other on a narrow one, as a patch in a file or a pipe."""

import difflib
from collections.abc import Iterator

from rich.console import Console
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

WIDE = 160              # columns that two answers need
CONTEXT = 3             # lines around a difference
OURS = "our answer"
CHANGED = "on rgb(84,24,28)", "on rgb(20,66,36)"       # yours, ours
GAP = "\N{HORIZONTAL ELLIPSIS}"


def show(yours: str, ours: str, name: str, console: Console) -> None:
    """Print how ``yours``, which is called ``name``, differs from ``ours``."""
    if yours == ours:
        console.print(f"yours is {OURS}, letter by letter", highlight=False)
    elif not console.is_terminal:
        print(unified(yours, ours, name), end="")
    elif console.width < WIDE:
        console.print(Syntax(unified(yours, ours, name), "diff", word_wrap=True))
    else:
        console.print(_beside(yours, ours, name))


def unified(yours: str, ours: str, name: str) -> str:
    """A patch that makes ``yours`` to ``ours``."""
    return "".join(f"{line}\n" for line in difflib.unified_diff(yours.splitlines(), ours.splitlines(), name, OURS, n=CONTEXT, lineterm=""))


def _beside(yours: str, ours: str, name: str) -> Table:
    table = Table.grid(padding=(0, 1), expand=True)
    for width in (4, None, 4, None):
        table.add_column(width=width, ratio=None if width else 1, justify="right" if width else "left")
    table.add_row("", Text(name, style="bold"), "", Text(OURS, style="bold"))
    left, right = (Syntax("", "python").highlight(text).split("\n") for text in (yours, ours))
    for mine, theirs, differs in _rows(yours.splitlines(), ours.splitlines()):
        cells: list[Text] = []
        for number, lines, style in ((mine, left, CHANGED[0]), (theirs, right, CHANGED[1])):
            line = lines[number].copy() if number is not None else Text()
            if differs and number is not None:
                line.stylize(style)
            cells += [Text("" if number is None else f"{number + 1}", style="dim"), line]
        table.add_row(*cells if mine is not None or theirs is not None else ["", Text(GAP, style="dim"), "", Text(GAP, style="dim")])
    return table


def _rows(yours: list[str], ours: list[str]) -> Iterator[tuple[int | None, int | None, bool]]:
    """(line of yours, line of ours, whether they differ), each line from 0, None where there is none; both None: what is equal is
    left out here."""
    for i, group in enumerate(difflib.SequenceMatcher(None, yours, ours, autojunk=False).get_grouped_opcodes(CONTEXT)):
        if i:
            yield None, None, False
        for what, a, b, c, d in group:
            for k in range(max(b - a, d - c)):
                yield a + k if a + k < b else None, c + k if c + k < d else None, what != "equal"
