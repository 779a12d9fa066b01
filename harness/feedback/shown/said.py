"""What is told of a verdict, part by part: first what is wrong, then where, why, what the question says, and what to do next.

Terminal and page set the same parts. Each is worth something: where there is no room for all, the least goes first.
"""

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from harness.feedback import fingerprint, quote
from harness.feedback.ladder import RUNGS, Rung
from harness.feedback.verdict import OUT_OF_TIME, Verdict
from harness.frameworks import FRAMEWORKS
from harness.messages import command, short
from harness.runner.bench import NOT_ATTEMPTED, PASSED, RAISED, WRONG
from harness.tasks import in_root, question

if TYPE_CHECKING:       # what shows findings needs nothing of what finds them
    from harness.diagnosis.finding import Finding

MARKS = {PASSED: ("✓", "green"), WRONG: ("✗", "bold red"), NOT_ATTEMPTED: ("○", "yellow"), RAISED: ("!", "bold red"),
         OUT_OF_TIME: ("!", "bold red")}
SAYS = {
    "loads": "the file loads, and the class can be built",
    "networks": "each network has the layers that the question asks for",
    "initial": "the initial weights are distributed as the question asks",
    "shapes": "what the abilities give has the right shapes",
    "forward": "from common weights, the networks give the right numbers",
    "first losses": "the losses of the first training step are right",
    "curve": "losses and parameters of the first steps are right",
    "abilities": "after these steps, the abilities give the right numbers",
    "float32": "a training step in float32 gives the same losses, but for rounding",
}
RIGHT = "Everything that was compared is right."
# How a part is set.
HEAD, WHAT, PLACE, FORMULAS, TEXT, QUOTE, RUNG, FACT, PRINTED, NEXT, GAP = (
    "headline", "what", "place", "formulas", "text", "quote", "rung", "fact", "printed", "next", "gap")
MORE = " --verbose shows more."
MUST = 100              # worth of what is never left out
PRINTED_LINES = 4
PLACES = 3              # of an exception, innermost last
FACTS = 4               # of a rung, and of what can be said without a name; all of them with --verbose
FINDINGS = 2
LONG = 300              # characters of a headline
DIGITS = 1e-12          # what is stored of a right answer has as many
AROUND = 1              # rows of a table before and after the first that differs


@dataclass(frozen=True)
class Part:
    """``kind``: how it is set; ``state``: of a rung or headline, whose mark it begins with."""

    kind: str
    text: str = ""
    worth: int = MUST
    state: str = ""


def parts(verdict: Verdict, verbose: bool = False) -> list[Part]:
    """All that there is to tell; ``verbose``: every rung, fact and finding, and all that the code printed."""
    why, rungs = list(_why(verdict, verbose)), list(_rungs(verdict, verbose))
    groups = [[*why, *([Part(GAP, worth=10)] if why and rungs else []), *rungs], list(_printed(verdict, verbose)), list(_next(verdict))]
    told = [part for group in groups if group for part in (Part(GAP, worth=10), *group)]
    return [_headline(verdict, verbose), *told[1:]]


def reasons(verdict: Verdict) -> list[Part]:
    """What is wrong, all that was found, and what to read: what is told where the rungs and what the code printed have their places."""
    return [_headline(verdict, verbose=True), *_why(verdict, verbose=True), *_next(verdict)]


def fitted(told: Sequence[Part], height: Callable[[Part], int], room: int) -> list[Part]:
    """As many parts as have room together: the least worth go first, and of these the last. ``height``: lines that one has."""
    kept = list(told)
    while sum(map(height, kept)) > room:
        least = min(range(len(kept)), key=lambda i: (kept[i].worth, -i))
        if kept[least].worth >= MUST:
            break
        if kept.pop(least).kind != GAP:
            kept = [replace(part, text=part.text.removesuffix(MORE) + MORE) if part.kind == NEXT else part for part in kept]
    return kept


def section(verdict: Verdict) -> str:
    """The heading of the question's section to read: of what is wrong, and only where that is not known of the rung."""
    found = verdict.diagnosis.findings
    if found:
        return quote.section_of(found[0])
    if verdict.mistakes:
        return verdict.mistakes[0].section
    return quote.SECTIONS[verdict.failed.name] if verdict.failed else "What to hand in"


def _headline(verdict: Verdict, verbose: bool) -> Part:
    name, found = f"{verdict.task.name}, {FRAMEWORKS[verdict.framework]}", verdict.diagnosis
    what = verdict.message
    if verdict.state == PASSED:
        what = f"passed, {verdict.seconds:.1f} s"
    elif len(verdict.mistakes) > 1:
        what = "one of these mistakes (a check cannot tell which one)"
    elif verdict.mistakes:
        what = verdict.mistakes[0].title
    elif found.findings:
        what = _words(found.findings[0])
    elif verdict.state == NOT_ATTEMPTED:
        what = f"{verdict.state}: {what}"
    elif verdict.state != WRONG and not verdict.failed and verdict.rungs:
        what += f" (after '{verdict.rungs[-1].name}')"
    if not verbose:
        what = "\n".join(what[:LONG].splitlines()[:PLACES]) + (" ..." if len(what) > LONG or what.count("\n") >= PLACES else "")
    return Part(HEAD, f"{name}: {what}", state=verdict.state)


def _words(finding: "Finding") -> str:
    return f"{finding.place}: {finding.words}"


def _why(verdict: Verdict, verbose: bool) -> Iterator[Part]:
    """What there is to say of the headline: where, what is computed there, and what should be."""
    found = verdict.diagnosis
    if verdict.state == PASSED:
        yield Part(TEXT, proven(verdict))
        return
    if not verdict.failed:
        yield from _places(verdict.lines, verdict, verbose)
    for finding in found.findings[:1]:
        yield from _formulas(finding, verdict, 90)
    for mistake in verdict.mistakes:
        if len(verdict.mistakes) > 1:
            yield Part(WHAT, mistake.title)
        yield Part(TEXT, " ".join(mistake.explanation.split()), 85)
    # What a named mistake brings with it is found as well: the name says it.
    for finding in found.findings[1:None if verbose else 1 if verdict.mistakes else FINDINGS]:
        yield Part(WHAT, _words(finding), 60)
        yield from _formulas(finding, verdict, 55)
    if not verdict.mistakes and not found.findings:
        for fact in _first(found.facts, verbose):
            yield Part(FACT, fact, 75)
    if found.findings and (said := quote.sentence(verdict.task, found.findings[0])):
        yield Part(QUOTE, f"The question says: {said}", 50)


def _formulas(finding: "Finding", verdict: Verdict, worth: int) -> Iterator[Part]:
    if finding.line:
        yield Part(PLACE, where(finding.line, verdict), worth)
    if finding.yours and finding.question:
        yield Part(FORMULAS, f"yours:     {finding.yours}\nquestion:  {finding.question}", worth)


def _rungs(verdict: Verdict, verbose: bool) -> Iterator[Part]:
    passed: list[str] = []
    for rung in verdict.rungs:
        if rung.status == PASSED and not verbose:
            passed.append(rung.name)
            continue
        yield from _passed(passed)
        passed = []
        yield from _rung(rung, verdict, verbose)
        if not verbose:
            break
    if verdict.state != PASSED or verbose:
        yield from _passed(passed)


def _passed(names: list[str]) -> Iterator[Part]:
    if names:
        yield Part(RUNG, f"all {len(RUNGS)} rungs" if len(names) == len(RUNGS) else ", ".join(names), 45, PASSED)


def _rung(rung: Rung, verdict: Verdict, verbose: bool) -> Iterator[Part]:
    known = bool(verdict.mistakes or verdict.diagnosis.findings)
    # What the headline says already is not said again, but for the name of the rung.
    said = rung.message if known or verbose else ""
    yield Part(RUNG, f"{rung.name}: {said}" if said else rung.name, 80, rung.status)
    facts = _around(rung.facts) if rung.name == "networks" and not verbose else _first(rung.facts, verbose, 1 if known else FACTS)
    for i, fact in enumerate(facts):
        yield Part(FACT, fact, 70 if rung.name == "networks" else 65 if not i else 20 if known else 35)
    yield from _places(rung.lines, verdict, verbose)


def _places(lines: list[list[Any]], verdict: Verdict, verbose: bool) -> Iterator[Part]:
    for number, line in lines if verbose else lines[-PLACES:]:
        yield Part(PLACE, f"{where(number, verdict)}: {line}", 82)


def where(number: int | str, verdict: Verdict) -> str:
    """A line of the learner's file."""
    return f"{verdict.file}:{number}" if isinstance(number, int) else f"{verdict.file}, {number}"


def _first(facts: list[str], verbose: bool, most: int = FACTS) -> list[str]:
    return facts if verbose or len(facts) <= most else [*facts[:most], f"... and {len(facts) - most} more: --verbose shows all"]


def _around(rows: list[str]) -> list[str]:
    """Of tables in two columns the first that differs: its heading, and the rows around the difference."""
    if not rows:
        return []
    first = next((i for i, row in enumerate(rows) if row.startswith(">")), 0)
    head = next((i for i in range(first, -1, -1) if not re.match(r"[> ] ", rows[i])), first)
    kept = sorted({head, *range(max(head, first - AROUND), min(len(rows), first + AROUND + 1))})
    left = len(rows) - len(kept)
    return [rows[i] for i in kept] + ([f"  ... and {left} more rows: --verbose shows all"] if left else [])


def _printed(verdict: Verdict, verbose: bool) -> Iterator[Part]:
    lines, half = verdict.printed.rstrip().splitlines(), PRINTED_LINES // 2
    if not verdict.printed.strip() or verdict.state == PASSED:
        return
    yield Part(PRINTED, "your code printed:", 41)
    for line in lines if verbose or len(lines) <= PRINTED_LINES else [*lines[:half], "...", *lines[-half:]]:
        yield Part(PRINTED, f"  {line}", 40)


def _next(verdict: Verdict) -> Iterator[Part]:
    if verdict.state == WRONG:
        task = verdict.task
        hint = command("hint", task.name, *in_root(task.root))
        yield Part(NEXT, f"Read \"{section(verdict)}\" in {short(question.path_of(task))}; `{hint}` gives a hint.")


def proven(verdict: Verdict) -> str:
    """What a check that passed has shown."""
    ladder = verdict.ladder
    assert ladder and ladder.right
    task, specs = verdict.task, [p for of in ladder.specs.values() for p in of]
    digits = max(fingerprint.difference(ladder.found, ladder.right), DIGITS)
    *most, last = task.abilities
    abilities = f"{', '.join(most)} and {last} give" if most else f"{last} gives"
    return (f"Proven in {FRAMEWORKS[verdict.framework]}: {len(task.losses) * fingerprint.STEPS} losses of {fingerprint.STEPS} training "
            f"steps, then all {sum(math.prod(p.shape) for p in specs):,} numbers of {len(specs)} parameter arrays, and what {abilities}, "
            f"agree with the question's own computation to {digits:.0e}.")
