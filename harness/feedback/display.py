"""A verdict shown on the terminal: what is wrong, where, what the question says, what to do next; at most a screen."""

from pathlib import Path

from rich.console import Console
from rich.markdown import Markdown
from rich.padding import Padding
from rich.text import Text

from harness.feedback.shown import said
from harness.feedback.shown.said import MARKS, Part
from harness.feedback.verdict import Verdict
from harness.runner.bench import PASSED, WRONG
from harness.tasks import question

LINES, COLUMNS = 19, 80         # that a verdict has, with a last line for its page; on a narrower terminal it has the same words
# By how a part is set: columns that it stands to the right, its style, and whether a pipe has it in one line.
SET = {said.HEAD: (0, "", True), said.WHAT: (2, "bold cyan", False), said.PLACE: (4, "", True), said.FORMULAS: (4, "", False),
       said.TEXT: (2, "", False), said.QUOTE: (2, "italic", False), said.RUNG: (0, "", True), said.FACT: (4, "", True),
       said.PRINTED: (0, "dim", True), said.NEXT: (0, "dim", True), said.GAP: (0, "", True)}


def show(verdict: Verdict, console: Console, verbose: bool = False) -> None:
    """Print what is wrong and why. ``verbose``: every rung, all that was found, all that the learner's code printed, and the section
    of the question."""
    told = said.parts(verdict, verbose)
    for part in told if verbose else said.fitted(told, lambda part: _height(part, console), LINES):
        text = _text(part)
        indent, _, whole = SET[part.kind]
        if whole:
            text = Text("\n").join(Text.assemble(" " * indent, line) for line in text.split("\n", allow_blank=True))
            console.print(text, soft_wrap=True)
        else:
            console.print(Padding(text, (0, 0, 0, indent), expand=False))
    if verbose and verdict.state == WRONG:
        console.print(Padding(Markdown(question.section(verdict.task, said.section(verdict))), (0, 0, 0, 2), expand=False))


def show_page(verdict: Verdict, page: Path, console: Console) -> None:
    """Print where the page of a verdict is: its last line."""
    took = f"{verdict.seconds:.1f} s; " if verdict.state != PASSED else ""      # else the first line has it
    console.print(Text(f"{took}yours beside what is expected: {page}", style="dim"), soft_wrap=True)


def _text(part: Part) -> Text:
    text = Text(part.text, style=SET[part.kind][1])
    if part.state:
        mark, style = MARKS[part.state]
        bold = part.kind == said.HEAD or part.state != PASSED
        name, colon, rest = part.text.partition(":") if part.kind == said.RUNG else ("", "", part.text)
        text = Text.assemble((f"{mark} {name}", style), (colon + rest, style if part.kind == said.HEAD else ""))
        text.stylize("bold" if bold and part.kind == said.HEAD else "")
    return text


def _height(part: Part, console: Console) -> int:
    """Lines that a part has on a terminal of 80 columns, whatever this one has."""
    indent = SET[part.kind][0]
    return len(_text(part).wrap(console, COLUMNS - 2 * indent if SET[part.kind][2] else COLUMNS - indent))
