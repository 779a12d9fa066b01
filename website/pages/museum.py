"""The named mistakes: what each computes, its curve beside the right one, why, and the edit that makes it."""

import difflib
import html
import json
import math

from harness.frameworks import FRAMEWORKS
from harness.pictures.chart import chart
from harness.tasks import mistakes
from harness.tasks.mistakes import Mistake
from website.align.parts import SOLUTION
from website.pages.pieces import raw
from website.repository import answer, read, stations, task

Curves = dict[str, list[float]]
NEAR = 1e-6             # the digits that a check compares


def pages() -> dict[str, str]:
    """A page a task, and a list of them with the numbers of their mistakes."""
    numbers = {s.task: len(mistakes.load(task(s.task))) for s in stations()}
    tree = "\n".join(f"{task(name).title} <{name}>" for name in numbers)
    return {**{f"mistakes/{name}": page(name) for name in numbers if numbers[name]},
            "mistakes/index": f"""# A museum of mistakes

{sum(numbers.values())} mistakes that a check knows by name. For each: what it computes, its curve beside the right one over the five steps of
a check, why it is one, and the lines that make it. A mistake leaves the same numbers in every framework, so the curve names it: see
{{doc}}`../docs/check`.

**Spoilers:** each room tells how an answer is *not* written, and so how it is. The explanations are folded.

{raw('<ul class="rooms">' + "".join(f'<li><a href="{name}.html">{html.escape(task(name).title)}</a> {number}</li>' for name, number in numbers.items()) + "</ul>")}

```{{toctree}}
:hidden:

{tree}
```
"""}


def page(name: str) -> str:
    """The mistakes of a task."""
    stored = json.loads(read(f"questions/{name}/reference/fingerprints.json"))
    right: Curves = stored["right"]["curves"]
    edits = {framework: mistakes.edits(task(name), framework) for framework in FRAMEWORKS}
    rooms = [_room(name, mistake, stored["mistakes"][mistake.name].get("curves", {}), right, edits)
             for mistake in mistakes.load(task(name)) if mistake.name in stored["mistakes"]]
    return f"""# Mistakes: {task(name).title}

{raw(f'<p>{len(rooms)} mistakes in <a href="../tasks/{name}.html">this task</a>. The grey line is the right curve.</p>')}

{chr(10).join(rooms)}
"""


def _room(name: str, mistake: Mistake, found: Curves, right: Curves, edits: dict[str, dict[str, list[list[str]]]]) -> str:
    tabs = []
    for framework, title in FRAMEWORKS.items():
        if mistake.name in edits[framework]:
            tabs.append(f"::::{{tab-item}} {title}\n:sync: {framework}\n\n``````diff\n{_patch(name, framework, edits[framework][mistake.name])}\n``````\n::::")
    lines = "\n\n".join(tabs)
    return f"""## {mistake.title}

{raw(_charts(found, right))}

::::::{{dropdown}} Why, and the lines (spoiler)
:class-container: spoiler

{html.escape(mistake.explanation, quote=False)}

:::::{{tab-set}}
:sync-group: framework

{lines}
:::::
::::::
"""


def _charts(found: Curves, right: Curves) -> str:
    """The losses that differ; and a sentence on the first of them, or on what differs instead."""
    differing = [loss for loss in right if loss in found and any(not _near(a, b) for a, b in zip(found[loss], right[loss]))]
    if not found:
        return "<p>It stops before any loss: a network's parameters, or its outputs, are not those of the question.</p>"
    if not differing:
        return "<p>All losses of these five steps are right. It shows in the weights after them, or in what the answer makes of an image.</p>"
    step = min(i for loss in differing for i, (a, b) in enumerate(zip(found[loss], right[loss])) if not _near(a, b))
    first = next(loss for loss in differing if not _near(found[loss][step], right[loss][step]))
    charts = "".join(f"<figure><figcaption>{html.escape(loss)}</figcaption>"
                     f'{chart(loss, found[loss], right[loss], "wrong", "the mistake in colour, the right curve in grey")}</figure>' for loss in differing)
    return (f"<p>It shows in step {step + 1}: <code>{html.escape(first)}</code> is {_number(found[first][step])}, right is "
            f'{_number(right[first][step])}.</p><div class="charts">{charts}</div>')


def _near(a: float | None, b: float | None) -> bool:
    return a is not None and b is not None and math.isfinite(a) and abs(a - b) <= NEAR * max(abs(a), abs(b))


def _number(value: float | None) -> str:
    return f"{value:.6g}" if value is not None and math.isfinite(value) else "not a number"


def _patch(name: str, framework: str, changes: list[list[str]]) -> str:
    """What the mistake changes in an answer, as a patch without its head."""
    source = answer(name, framework)
    plain = [[line for line in text.splitlines() if not SOLUTION.match(line)] for text in (source, mistakes.edited(source, changes))]
    lines = list(difflib.unified_diff(*plain, n=1, lineterm=""))[2:]
    return "\n".join("…" if line.startswith("@@") else line for line in lines)
