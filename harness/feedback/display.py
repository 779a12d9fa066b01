"""A verdict shown on the terminal: what is wrong, where, what the question says, what to do next; at most a screen."""

from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markdown import Markdown
from rich.padding import Padding
from rich.text import Text

from harness.feedback import quote
from harness.feedback.ladder import RUNGS, Rung
from harness.feedback.verdict import OUT_OF_TIME, Verdict
from harness.frameworks import FRAMEWORKS
from harness.messages import command, short
from harness.runner.bench import NOT_ATTEMPTED, PASSED, RAISED, WRONG
from harness.tasks import in_root, question

if TYPE_CHECKING:       # what shows findings needs nothing of what finds them
    from harness.diagnosis.finding import Finding

MARKS = {PASSED: ("✓", "green"), WRONG: ("✗", "bold red"), NOT_ATTEMPTED: ("○", "yellow"), RAISED: ("!", "bold red")}
PRINTED_LINES = 4
FACTS = 4               # of a rung, and of what can be said without a name; all of them with --verbose
FINDINGS = 2            # that are told in full
# Which section of the question a rung is about.
SECTIONS = {"loads": "What to hand in", "networks": "The network", "initial": "The network", "shapes": "What to hand in",
            "forward": "The network", "first losses": "The loss", "curve": "Training", "abilities": "What to hand in",
            "float32": "What to hand in"}


def show(verdict: Verdict, console: Console, verbose: bool = False) -> None:
    """Print the rungs as far as the first that is not passed, what is wrong, and why. ``verbose``: every rung, all that was found,
    all that the learner's code printed, and the section of the question."""
    _show_rungs(verdict, console, verbose)
    if verdict.state == OUT_OF_TIME or (verdict.state == RAISED and not verdict.failed):
        after = f" after '{verdict.rungs[-1].name}'" if verdict.rungs else ""
        console.print(Text(f"! {verdict.message}{after}", style="bold red"), soft_wrap=True)
        _show_lines(verdict.lines, verdict, console)
    _show_diagnosis(verdict, console, verbose)
    if verdict.printed.strip() and verdict.state != PASSED:
        _show_printed(verdict.printed.rstrip().splitlines(), console, None if verbose else PRINTED_LINES)
    style = "bold green" if verdict.state == PASSED else "bold red" if verdict.state != NOT_ATTEMPTED else "bold yellow"
    console.print(Text(f"\n{verdict.task.name}, {FRAMEWORKS[verdict.framework]}: {verdict.state}, {verdict.seconds:.1f} s",
                       style=style))


def _show_rungs(verdict: Verdict, console: Console, verbose: bool) -> None:
    passed: list[str] = []
    for rung in verdict.rungs:
        if rung.status == PASSED and not verbose:
            passed.append(rung.name)
            continue
        _say_passed(passed, console)
        passed = []
        _show_rung(rung, verdict, console, verbose)
        if not verbose:
            break
    _say_passed(passed, console)


def _say_passed(names: list[str], console: Console) -> None:
    if names:
        mark, style = MARKS[PASSED]
        what = "all rungs" if len(names) == len(RUNGS) else ", ".join(names)
        console.print(Text(f"{mark} {what}", style=style))


def _show_rung(rung: Rung, verdict: Verdict, console: Console, verbose: bool) -> None:
    mark, style = MARKS[rung.status]
    console.print(Text.assemble((f"{mark} {rung.name}", style), f": {rung.message}" if rung.message else ""), soft_wrap=True)
    solved = bool(verdict.diagnosis.findings or verdict.mistakes)
    most = len(rung.facts) if verbose or rung.name in ("networks", "loads") else 1 if solved else FACTS
    for fact in _about_the_first(rung.facts, most):
        console.print(Text(f"    {fact}"), soft_wrap=True)
    _show_lines(rung.lines, verdict, console)


def _about_the_first(facts: list[str], most: int) -> list[str]:
    return facts if len(facts) <= most else [*facts[:most], f"... and {len(facts) - most} more: --verbose shows all"]


def _show_lines(lines: list[list[Any]], verdict: Verdict, console: Console) -> None:
    for number, line in lines:
        console.print(Text(f"    {_where(number, verdict)}: {line}"), soft_wrap=True)


def _where(number: int | str, verdict: Verdict) -> str:
    return f"{verdict.file}:{number}" if isinstance(number, int) else f"{verdict.file}, {number}"


def _show_printed(lines: list[str], console: Console, most: int | None) -> None:
    console.print(Text("\nyour code printed:", style="dim"))
    shown = lines if most is None or len(lines) <= most else [*lines[:most // 2], "...", *lines[-most // 2:]]
    console.print(Text("\n".join("  " + line for line in shown)))


def _show_diagnosis(verdict: Verdict, console: Console, verbose: bool) -> None:
    found = verdict.diagnosis
    if verdict.mistakes:
        joined = "One of these mistakes (a check cannot tell which one):" if len(verdict.mistakes) > 1 else "The mistake:"
        console.print(Text(f"\n{joined}", style="bold"))
        for mistake in verdict.mistakes:
            console.print(Padding(Text(mistake.title, style="bold cyan"), (0, 0, 0, 2), expand=False))
            console.print(Padding(Text(" ".join(mistake.explanation.split())), (0, 0, 0, 2), expand=False))
        for finding in found.findings[:None if verbose else 1]:
            _show_formulas(finding, verdict, console)
        _show_section(verdict, verdict.mistakes[0].section, console, verbose)
    elif found.findings:
        console.print(Text("\nWhat your answer computes:", style="bold"))
        for finding in found.findings[:None if verbose else FINDINGS]:
            console.print(Padding(Text(f"{finding.place}: {finding.words}", style="bold cyan"), (0, 0, 0, 2), expand=False))
            _show_formulas(finding, verdict, console)
        left = len(found.findings) - FINDINGS
        if left > 0 and not verbose:
            console.print(Text(f"  ... and {left} more: --verbose shows all", style="dim"))
        said = quote.sentence(verdict.task, found.findings[0])
        if said:
            console.print(Text("\nThe question says:", style="bold"))
            console.print(Padding(Text(said), (0, 0, 0, 2), expand=False))
        _show_section(verdict, quote.section_of(found.findings[0]), console, verbose)
    elif found.facts:
        console.print(Text("\nWhat the check can say:", style="bold"))
        for fact in _about_the_first(found.facts, len(found.facts) if verbose else FACTS):
            console.print(Padding(Text(f"- {fact}"), (0, 0, 0, 2), expand=False))
    if verdict.state == WRONG and verdict.failed and not verdict.mistakes and not found.findings:
        _show_section(verdict, SECTIONS[verdict.failed.name], console, verbose)


def _show_formulas(finding: "Finding", verdict: Verdict, console: Console) -> None:
    if finding.line:
        console.print(Text(f"    {_where(finding.line, verdict)}"), soft_wrap=True)
    if finding.yours and finding.question:
        console.print(Padding(Text(f"yours:     {finding.yours}"), (0, 0, 0, 4), expand=False))
        console.print(Padding(Text(f"question:  {finding.question}"), (0, 0, 0, 4), expand=False))


def _show_section(verdict: Verdict, heading: str, console: Console, verbose: bool) -> None:
    """Where to read on; with --verbose the section itself."""
    task = verdict.task
    hint = command("hint", task.name, *in_root(task.root))
    console.print(Text(f"\nRead \"{heading}\" in {short(question.path_of(task))}; `{hint}` gives a hint.", style="dim"), soft_wrap=True)
    if verbose:
        console.print(Padding(Markdown(question.section(task, heading)), (0, 0, 0, 2), expand=False))
