"""Where commands print. On a terminal of any width no word and no number is broken; in a file or a pipe, no line."""

import codecs
import io
import os
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NoReturn

from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType
from rich.measure import Measurement
from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, TextColumn
from rich.segment import Segment
from rich.table import Column, Table
from rich.text import Text

from harness.messages import command

BAR = 70                # columns that a bar with numbers beside it needs
NO_READER = 141         # what a shell has for a program that SIGPIPE ended


class Terminal(Console):
    """rich's, but that a table which is too wide becomes lines, that lines end between words, and that whoever stops reading
    (``| head``) gets an exit code of its own."""

    def print(self, *objects: Any, **settings: Any) -> None:
        """``soft_wrap``: a line is as long as it is in a file, and ends between words on a terminal."""
        if settings.get("soft_wrap") and self.is_terminal:
            objects = tuple(between_words(each, self.width) if isinstance(each, Text) else each for each in objects)
        cut = self.is_terminal and not any(isinstance(each, Table) for each in objects)     # rich fills Markdown beyond the line
        super().print(*objects, **{"crop": cut, **settings})

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Tables as they fit, also those in a text with Markdown."""
        options = options or self.options
        if isinstance(renderable, Table) and renderable.show_header and renderable.columns:
            needed = Measurement.get(self, options.update(width=10_000), renderable).maximum
            if needed > options.max_width and not self.is_terminal:
                options = options.update(width=needed)          # a file is as wide as it must be
            elif needed > options.max_width and not self._whole(renderable, options):
                return self._lines(renderable, options)
        return super().render(renderable, options)

    def on_broken_pipe(self) -> None:
        """Nobody reads what is printed: leave quietly."""
        nobody_reads()

    def _whole(self, table: Table, options: ConsoleOptions) -> bool:
        """Whether the table has its words whole when its cells are wrapped."""
        shown = Counter("".join(segment.text for segment in super().render(table, options)).split())
        return not Counter(word for row in _cells(table) for cell in row for word in cell.plain.split()) - shown

    def _lines(self, table: Table, options: ConsoleOptions) -> Iterator[Segment]:
        headings, *rows = _cells(table)
        for row, about in zip(rows, table.rows):
            lines = [Text(row[0].plain, style="bold")]
            for heading, cell in zip(headings[1:], row[1:]):
                if "\n" in cell.plain:
                    lines += [Text(f"  {heading.plain}:"), *(Text.assemble("    ", part) for part in cell.split("\n"))]
                elif cell.plain:
                    lines.append(Text.assemble(f"  {heading.plain}: ", cell))
            for line in lines:
                line.stylize_before(about.style or "")
                yield from super().render(between_words(line, options.max_width, hang=2), options.update(no_wrap=True, overflow="ignore"))


out = Terminal()
err = Terminal(stderr=True)


def show_table(headings: Sequence[str], rows: Iterable[Sequence[str | Text]]) -> None:
    """Print a table with a line of headings."""
    table = Table(*headings, header_style="bold", box=box.SIMPLE_HEAD)
    for row in rows:
        table.add_row(*(cell if isinstance(cell, Text) else Text(cell) for cell in row))
    out.print(table)


def bars(last: str, *between: ProgressColumn) -> tuple[ProgressColumn, ...]:
    """The columns of a progress bar; ``last``, which may be long, is wrapped, and a narrow terminal has no more than the numbers."""
    wrapped = Column()
    if err.width < BAR:
        return MofNCompleteColumn(), TextColumn("{task.description} " + last, table_column=wrapped)
    return (TextColumn("{task.description}"), BarColumn(err.width // 5), MofNCompleteColumn(), *between,
            TextColumn(last, table_column=wrapped))


def _cells(table: Table) -> list[list[Text]]:
    """The headings, and each row, as text."""
    columns = [[column.header, *column.cells] for column in table.columns]
    return [[cell if isinstance(cell, Text) else Text(str(cell)) for cell in row] for row in zip(*columns)]


def between_words(text: Text, width: int, hang: int = 0) -> Text:
    """The text with its lines ended between words; what follows is as far to the right as its line begins, or ``hang`` farther.

    A word that is longer than a line is left whole, for the terminal to break, and so is a command: what is copied from there
    has no end of line in it.
    """
    run = rf"(?:(?<=: )|(?<=    )){re.escape(command())} .*"      # a command that is not in backticks, to the end of its line
    lines = []
    for line in text.split("\n", allow_blank=True):
        margin = re.match(r" *(?:- )?", line.plain)
        indent = (len(margin[0]) if margin else 0) + hang
        cuts: list[int] = []
        begin = 0
        for word in re.finditer(rf"{run}|(?:`[^`]*`|\S)+", line.plain):
            room = width - (indent if cuts else 0)
            if word.start() > max(begin, indent - hang) and cell_len(line.plain[begin:word.end()]) > room:
                cuts.append(begin := word.start())
        for i, part in enumerate(line.divide(cuts)):
            part.rstrip()
            lines.append(Text.assemble(" " * indent, part) if i else part)
    return Text("\n", style=text.style).join(lines)


def nobody_reads() -> NoReturn:
    """Leave, since standard output is closed; Python must not try it once more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    raise SystemExit(NO_READER)


def say_error(error: object) -> None:
    """One line on standard error, whatever is in the names of files that it speaks of."""
    said = str(error)
    if isinstance(error, OSError) and error.strerror and isinstance(error.filename, (str, bytes)):
        said = f"{os.fsdecode(error.filename)}: {error.strerror}"       # without Python's [Errno 2]
    err.print(Text.assemble(("error: ", "bold red"), in_one_line(said)), soft_wrap=True)


def in_one_line(text: object) -> str:
    """With what no terminal shows, such as the end of a line in the name of a file, as Python writes it."""
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in str(text))


def say_notes(notes: tuple[str, ...] | list[str]) -> None:
    """Remarks that are no errors, on standard error."""
    for note in notes:
        err.print(Text(note, style="yellow"), soft_wrap=True)


# What a terminal or a file in another encoding (cp1252, cp932, ASCII) cannot hold
PLAIN = {"\N{CHECK MARK}": "+", "\N{BALLOT X}": "x", "\N{WHITE CIRCLE}": "o", "\N{BULLET}": "*", "\N{HORIZONTAL ELLIPSIS}": "...",
         "\N{EN DASH}": "-", "\N{EM DASH}": "-", "\N{MULTIPLICATION SIGN}": "x", "\N{MINUS SIGN}": "-"}


def _plain(error: UnicodeError) -> tuple[str, int]:
    """For ``codecs``: a character that the encoding lacks as one that it has, else as Python would write it."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start:error.end]
    return "".join(PLAIN.get(c) or c.encode("ascii", "backslashreplace").decode("ascii") for c in lacking), error.end


codecs.register_error("workbook-plain", _plain)


def print_in_any_encoding() -> None:
    """Let nothing that is printed fail for its characters."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="workbook-plain")
