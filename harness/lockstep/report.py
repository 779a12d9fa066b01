"""What a comparison found, for people and machines: a table for the terminal, report.json, report.html."""

import base64
import json
import math
import platform
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness import __version__
from harness.frameworks import FRAMEWORKS
from harness.lockstep.compare import Comparison
from harness.lockstep.divergence import Divergence
from harness.messages import command
from harness.tasks import in_root

TABLE = 100         # columns, below which the table of several losses does not fit
VERSION = 1         # of the JSON; report.schema.json describes it
TEMPLATE = Path(__file__).with_name("report.html.jinja")


def _number(value: float | None) -> float | None:
    """JSON has no infinity and no NaN: null stands for a number that is not finite."""
    return None if value is None or not math.isfinite(value) else float(value)


def as_dict(comparisons: list[Comparison]) -> dict[str, Any]:
    """The report as report.schema.json has it."""
    return {
        "version": VERSION,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "harness": __version__,
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
        "agree": all(c.agree for c in comparisons),
        "tasks": [_task_dict(c) for c in comparisons],
    }


def _task_dict(c: Comparison) -> dict[str, Any]:
    s = c.settings
    return {
        "task": c.task.name, "title": c.task.title, "size": s.size, "precision": s.precision, "native": s.native,
        "steps": s.steps, "seed": s.seed, "tolerance": s.allowed, "agree": c.agree,
        "data": {"name": c.data.name, "split": c.data.split, "images": len(c.data.images),
                 "shape": list(c.data.images.shape[1:]), "notes": list(c.data.notes)},
        "max_relative_difference": _number(c.largest("curve")),
        "max_parameter_difference": _number(c.largest("parameter")),
        "max_output_difference": _number(c.largest("output")),
        "frameworks": [{
            "name": r.framework, "version": r.version, "status": r.status, "message": r.message,
            "traceback": r.traceback, "seconds": r.seconds.get("training"),
            "steps_per_second": s.steps / r.seconds["training"] if r.seconds else None,
            "timing": r.seconds, "curves": {n: [_number(v) for v in curve] for n, curve in r.curves.items()},
        } for r in c.runs],
        "pairs": [{
            "frameworks": list(p.frameworks), "relative_difference": _number(p.curve),
            "parameter_difference": _number(p.parameter), "output_difference": _number(p.output),
            "first_step_exceeded": p.first_step, "worst_loss": p.worst_loss, "worst_parameter": p.worst_parameter,
        } for p in c.pairs],
        **({"equivalence": {"seeds": s.seeds, "margin": s.margin, "results": [{
            "frameworks": list(e.frameworks), "loss": e.loss, "step": e.step, "difference": _number(e.difference),
            "low": _number(e.low), "high": _number(e.high), "verdict": e.verdict} for e in c.equivalences]}}
           if c.equivalences else {}),
    }


def dumps(report: dict[str, Any]) -> str:
    """The report as JSON. Raises ValueError if a number in it is not finite."""
    return json.dumps(report, indent=1, allow_nan=False)


def difference(value: float | None) -> str:
    """A relative difference as people read it."""
    if value is None:
        return "-"
    return "not finite" if not math.isfinite(value) else "0" if value == 0 else f"{value:.1e}"


def largest_of(c: Comparison, framework: str) -> float | None:
    """The largest difference, curves, parameters and outputs, in any pair that has ``framework``."""
    return max((max(p.curve, p.parameter, p.output) for p in c.pairs if framework in p.frameworks), default=None)


def rows(c: Comparison, wide: bool = False) -> Iterator[tuple[str, ...]]:
    """The table's rows, see HEADINGS; the last is the largest relative difference in any pair with the framework.

    Of several losses, each has a line of its cell, with its name in the first column of losses; ``wide``: in both. A run that
    did not finish has its status instead of losses; the verdict says why.
    """
    for run in c.runs:
        if run.status != "ok":
            yield FRAMEWORKS[run.framework], run.version or "-", run.status, "", "", "", ""
            continue
        first, last = ("\n".join(f"{name} {curve[i]:.5g}" if len(run.curves) > 1 and named else f"{curve[i]:.5g}"
                                 for name, curve in run.curves.items()) for i, named in ((0, True), (-1, wide)))
        seconds = run.seconds["training"]
        yield (FRAMEWORKS[run.framework], run.version or "-", first, last, f"{seconds:.2f}",
               f"{c.settings.steps / seconds:,.0f}", difference(largest_of(c, run.framework)))


HEADINGS = ("Framework", "Version", "First loss", "Last loss", "Seconds", "Steps/s", "Difference")


def headline(c: Comparison) -> str:
    """What was compared, in one line."""
    s = c.settings
    return (f"{c.task.name}: {c.task.title}, {s.size} size, {s.steps} steps in {s.precision}, {c.data.name}, "
            f"seed {s.seed}{', native' if s.native else ''}")


def verdict(c: Comparison) -> str:
    """The verdict in words: what agrees or where it does not."""
    s = c.settings
    if c.equivalences:
        return _equivalence_verdict(c)
    if c.agree:
        count = len(c.runs)
        return (f"agree: {len(c.pairs)} pairs of {count} frameworks, curves within {difference(c.largest('curve'))}, "
                f"parameters within {difference(c.largest('parameter'))}, outputs within "
                f"{difference(c.largest('output'))} (tolerance {s.allowed:g})")
    lines = []
    for run in c.runs:
        if run.status == "differs":
            lines.append(f"{FRAMEWORKS[run.framework]}: the answer is not what the question asks for: {run.message}")
        if run.status == "failed":
            lines.append(f"{FRAMEWORKS[run.framework]} failed: {run.message}")
    for p in c.pairs:
        if p.agrees(s.allowed):
            continue
        names = " and ".join(FRAMEWORKS[f] for f in p.frameworks)
        where = (f"loss '{p.worst_loss}' differs by more from step {p.first_step} on, by {difference(p.curve)} at most"
                 if p.first_step else f"curves {difference(p.curve)}")
        lines.append(f"{names}: {where}; parameters {difference(p.parameter)}, the largest in {p.worst_parameter}")
    apart = next((p for p in c.pairs if not p.agrees(s.allowed)), None)
    if apart and not s.native:
        lines.append("to find the first difference: " + command("trace", c.task.name, "--frameworks", ",".join(apart.frameworks),
                                                  *(["--size", s.size] if s.size != "check" else []),
                                                  *in_root(s.root)))
    if s.native:
        lines.append("(native: each framework has its own initial weights and constants, so the curves need not be equal)")
    return f"disagree at tolerance {s.allowed:g}\n" + "\n".join(f"  - {line}" for line in lines)


def _equivalence_verdict(c: Comparison) -> str:
    s = c.settings
    lines = [f"  - {' and '.join(FRAMEWORKS[f] for f in e.frameworks)}: loss '{e.loss}' at step {e.step} differs by "
             f"{e.difference:+.1%}, 90 % interval {e.low:+.1%} to {e.high:+.1%}: {e.verdict}"
             for e in c.equivalences if e.verdict != "equivalent"]
    said = f"{len(c.equivalences) - len(lines)} of {len(c.equivalences)} comparisons"
    head = (f"{'agree' if c.agree else 'disagree'}: native, {s.seeds} seeds: {said} are equivalent within "
            f"{s.margin:.0%} of the loss (two one-sided tests at 5 %)")
    return "\n".join([head, *lines])


def show(c: Comparison, console: Console) -> None:
    """Print the table, the verdict and the tracebacks of what failed."""
    console.print(Text(headline(c), style="bold"), soft_wrap=True)
    table = Table(header_style="bold", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for i, heading in enumerate(HEADINGS):
        table.add_column(heading, justify="left" if i < 2 else "right", no_wrap=True)
    for row in rows(c, wide=console.is_terminal and console.width < TABLE):       # then each row becomes lines
        table.add_row(*map(Text, row))
    console.print(table)
    for note in c.data.notes:
        console.print(Text(note, style="yellow"), soft_wrap=True)
    for run in c.runs:
        if run.traceback:
            console.print(Text(f"{FRAMEWORKS[run.framework]}, its last lines:", style="bold"))
            console.print(Text("\n".join(run.traceback.rstrip().splitlines()[-12:]), style="dim"))
    console.print(Text(verdict(c), style="bold green" if c.agree else "bold red"), soft_wrap=True)


def show_divergence(d: Divergence, console: Console, before: int = 4, after: int = 3) -> None:
    """Print where two frameworks part: the events around, and what that means."""
    names = f"{FRAMEWORKS[d.reference]} and {FRAMEWORKS[d.framework]}"
    console.print(Text(f"{names}, step {d.step}, in order of computation", style="bold"), soft_wrap=True)
    table = Table(header_style="bold", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column("What")
    table.add_column("Difference", justify="right")
    start = max(0, d.first - before)
    if start:
        table.add_row(f"({start} before)", difference(max(e.difference for e in d.events[:start])), style="dim")
    for i, event in enumerate(d.events[start:d.first + after + 1], start):
        table.add_row(str(event), difference(event.difference), style="bold red" if i == d.first else "")
    if rest := d.events[d.first + after + 1:]:
        table.add_row(f"({len(rest)} after)", difference(max(e.difference for e in rest)), style="dim")
    console.print(table)
    console.print(Text(f"{names} differ first in step {d.step}: {d.events[d.first]}.", style="bold red"), soft_wrap=True)
    console.print(Text(d.explain()), soft_wrap=True)


def html(comparisons: list[Comparison], pictures: dict[str, list[Path]]) -> str:
    """One self-contained page. ``pictures``: PNG files of each task, which go into the page."""
    import jinja2  # only this needs it

    environment = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters["difference"] = difference
    environment.filters["inline"] = lambda path: (
        "data:image/png;base64," + base64.b64encode(Path(path).read_bytes()).decode())
    template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    return template.render(comparisons=comparisons, pictures=pictures, report=as_dict(comparisons), rows=rows,
                           headings=HEADINGS, headline=headline, verdict=verdict, names=FRAMEWORKS)


def write(comparisons: list[Comparison], text: str, folder: Path, draw: bool = True) -> str:
    """Write report.html, report.json (``text``: what ``dumps`` gave) and, of each task, curves.png and samples.png; says what
    was written."""
    made = _draw(comparisons, folder) if draw else {c.task.name: [] for c in comparisons}
    (folder / "report.json").write_text(text + "\n", encoding="utf-8")
    (folder / "report.html").write_text(html(comparisons, made), encoding="utf-8")
    return f"{folder}/report.html, report.json{', curves.png, samples.png' if draw else ''}"


def _draw(comparisons: list[Comparison], folder: Path) -> dict[str, list[Path]]:
    from harness.lockstep import curves  # Matplotlib takes half a second to import

    made = {}
    for c in comparisons:
        own = folder if len(comparisons) == 1 else folder / c.task.name
        own.mkdir(parents=True, exist_ok=True)
        made[c.task.name] = [own / "curves.png", own / "samples.png"] if any(r.status == "ok" for r in c.runs) else []
        for path, draw in zip(made[c.task.name], (curves.curves, curves.samples)):
            draw(c, path)
    return made


def exit_code(comparisons: list[Comparison]) -> int:
    """0 all agree, 1 some do not, 2 a framework failed."""
    return 2 if any(c.failed for c in comparisons) else 0 if all(c.agree for c in comparisons) else 1
