"""A verdict shown on the terminal."""

from typing import Any

from rich.console import Console
from rich.markdown import Markdown
from rich.padding import Padding
from rich.text import Text

from harness.feedback.ladder import Rung
from harness.feedback.verdict import OUT_OF_TIME, Verdict
from harness.frameworks import FRAMEWORKS
from harness.messages import short
from harness.runner.bench import NOT_ATTEMPTED, PASSED, RAISED, WRONG
from harness.tasks import question

MARKS = {PASSED: ("✓", "green"), WRONG: ("✗", "bold red"), NOT_ATTEMPTED: ("○", "yellow"), RAISED: ("!", "bold red")}
PRINTED_LINES = 12
# Which section of the question a rung is about.
SECTIONS = {"loads": "What to hand in", "networks": "The network", "initial": "The network", "shapes": "What to hand in",
            "forward": "The network", "first losses": "The loss", "curve": "Training", "abilities": "What to hand in"}


def show(verdict: Verdict, console: Console, every_rung: bool = False) -> None:
    """Print the rungs as far as the first that is not passed, or all; what is wrong, and why; what the learner's code printed."""
    for rung in verdict.rungs:
        _show_rung(rung, verdict, console)
        if rung.status != PASSED and not every_rung:
            break
    if verdict.state == OUT_OF_TIME or (verdict.state == RAISED and not verdict.failed):
        after = f" after '{verdict.rungs[-1].name}'" if verdict.rungs else ""
        console.print(Text(f"! {verdict.message}{after}", style="bold red"), soft_wrap=True)
        _show_lines(verdict.lines, verdict, console)
    _show_diagnosis(verdict, console)
    if verdict.printed.strip() and verdict.state != PASSED:
        console.print(Text("\nyour code printed:", style="dim"))
        lines = verdict.printed.rstrip().splitlines()
        shown = lines if len(lines) <= PRINTED_LINES else [*lines[:PRINTED_LINES // 2], "...", *lines[-PRINTED_LINES // 2:]]
        console.print(Text("\n".join("  " + line for line in shown)))
    style = "bold green" if verdict.state == PASSED else "bold red" if verdict.state != NOT_ATTEMPTED else "bold yellow"
    console.print(Text(f"\n{verdict.task.name}, {FRAMEWORKS[verdict.framework]}: {verdict.state}, {verdict.seconds:.1f} s",
                       style=style))


def _show_rung(rung: Rung, verdict: Verdict, console: Console) -> None:
    mark, style = MARKS[rung.status]
    console.print(Text.assemble((f"{mark} {rung.name}", style), f": {rung.message}" if rung.message else ""), soft_wrap=True)
    for fact in rung.facts:
        console.print(Text(f"    {fact}"), soft_wrap=True)
    _show_lines(rung.lines, verdict, console)


def _show_lines(lines: list[list[Any]], verdict: Verdict, console: Console) -> None:
    for number, line in lines:
        where = f"{verdict.file}:{number}" if isinstance(number, int) else f"{verdict.file}, {number}"
        console.print(Text(f"    {where}: {line}"), soft_wrap=True)


def _show_diagnosis(verdict: Verdict, console: Console) -> None:
    found = verdict.diagnosis
    if verdict.mistakes:
        joined = "Both of these mistakes:" if found.both else "One of these mistakes (a check cannot tell which one):" \
            if len(verdict.mistakes) > 1 else "The mistake:"
        console.print(Text(f"\n{joined}", style="bold"))
        for mistake in verdict.mistakes:
            console.print(Padding(Text(mistake.title, style="bold cyan"), (0, 0, 0, 2)))
            console.print(Padding(Text(" ".join(mistake.explanation.split())), (0, 0, 0, 2)))
        sections = dict.fromkeys(mistake.section for mistake in verdict.mistakes)
        console.print(Text(f"  See {short(question.path_of(verdict.task))}, \"{', '.join(sections)}\"", style="dim"), soft_wrap=True)
    elif found.facts:
        console.print(Text("\nThis is not one of the known mistakes. What the check can say:", style="bold"))
        for fact in found.facts:
            console.print(Text(f"  - {fact}"), soft_wrap=True)
    if verdict.state == WRONG and verdict.failed and not verdict.mistakes:
        heading = SECTIONS[verdict.failed.name]
        console.print(Text(f"\nWhat the question says ({short(question.path_of(verdict.task))}, \"{heading}\"):", style="bold"),
                      soft_wrap=True)
        console.print(Padding(Markdown(question.section(verdict.task, heading)), (0, 0, 0, 2)))
