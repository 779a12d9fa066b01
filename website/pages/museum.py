"""The named mistakes: what each computes, its curve beside the right one, why, and the edit that makes it."""

import difflib
import json
import math
from typing import Any

from harness.frameworks import FRAMEWORKS
from harness.pictures.chart import chart
from harness.tasks import mistakes
from website.align.parts import SOLUTION
from website.pages.pieces import filled
from website.repository import answer, read, stations, task

Curves = dict[str, list[float]]
NEAR = 1e-6             # the digits that a check compares
SAID = "the mistake in colour, the right curve in grey"
BEFORE = "It stops before any loss: a network's parameters, or its outputs, are not those of the question."
LATER = ("All losses of these five steps are right. It shows in the weights after them, in the running averages, or in what the answer "
         "makes of an image.")


def pages() -> dict[str, str]:
    """A page a task, and a list of them with the numbers of their mistakes."""
    numbers = {s.task: len(mistakes.load(task(s.task))) for s in stations()}
    return {**{f"mistakes/{name}": page(name) for name in numbers},
            "mistakes/index": filled("museum_index.md", stations=stations(), numbers=numbers)}


def page(name: str) -> str:
    """The mistakes of a task."""
    stored = json.loads(read(f"questions/{name}/reference/fingerprints.json"))
    edits = {framework: mistakes.edits(task(name), framework) for framework in FRAMEWORKS}
    rooms = []
    for mistake in mistakes.load(task(name)):
        patches = {framework: _patch(name, framework, of[mistake.name]) for framework, of in edits.items() if mistake.name in of}
        shown = _shown(stored["mistakes"][mistake.name].get("curves", {}), stored["right"]["curves"])
        rooms.append({"mistake": mistake, "patches": patches, **shown})
    return filled("museum.md", name=name, title=task(name).title, frameworks=FRAMEWORKS, rooms=rooms)


def _shown(found: Curves, right: Curves) -> dict[str, Any]:
    """``first``: where a loss differs first, and ``charts`` of all that differ; or ``instead``, what is said where none does."""
    differing = [loss for loss in right if loss in found and any(not _near(a, b) for a, b in zip(found[loss], right[loss]))]
    if not differing:
        return {"first": None, "instead": LATER if found else BEFORE}
    step, loss = min((i, loss) for loss in differing for i, (a, b) in enumerate(zip(found[loss], right[loss])) if not _near(a, b))
    return {"first": {"step": step + 1, "loss": loss, "found": _number(found[loss][step]), "right": _number(right[loss][step])},
            "charts": {name: chart(name, found[name], right[name], "wrong", SAID) for name in differing}}


def _near(a: float | None, b: float | None) -> bool:
    return a is not None and b is not None and math.isfinite(a) and abs(a - b) <= NEAR * max(abs(a), abs(b))


def _number(value: float | None) -> str:
    return f"{value:.6g}" if value is not None and math.isfinite(value) else "not a number"


def _patch(name: str, framework: str, changes: list[list[str]]) -> str:
    """What the mistake changes in an answer, as a patch without its head."""
    source = answer(name, framework)
    right, wrong = ([line for line in text.splitlines() if not SOLUTION.match(line)] for text in (source, mistakes.edited(source, changes)))
    lines = list(difflib.unified_diff(right, wrong, n=1, lineterm=""))[2:]
    indent = min((len(line) - len(line[1:].lstrip()) - 1 for line in lines if not line.startswith("@@") and line[1:].strip()), default=0)
    return "\n".join("…" if line.startswith("@@") else line[0] + line[1 + indent:] for line in lines)
