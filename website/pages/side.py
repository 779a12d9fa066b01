"""Two answers of a task side by side: each part in all frameworks, and which lines of which two stand in one row.

The page holds each part's code once a framework, so that it is read without a script, too; static/side.js makes two columns of it.
"""

import html
import itertools
import json
from collections.abc import Sequence
from typing import Any

from harness.frameworks import FRAMEWORKS
from website.align.beside import Beside, Row
from website.align.notes import Note, notes
from website.align.parts import Answer
from website.pages.pieces import coloured, front, inline, raw, without_indent
from website.repository import answer, stations, task


def pages() -> dict[str, str]:
    """A page a task, and a list of them."""
    tree = "\n".join(f"{station.title} <{station.task}>" for station in stations())
    return {**{f"side/{station.task}": page(station.task) for station in stations()},
            "side/index": f"""# Side by side

Two answers to one question, line by line: what they share stands in one row, what differs is marked. And each part in four frameworks at once,
as large as a projector can show it: press *Slides* on a page.

The parts are found by the structure of the code (what is assigned, called and returned where), and so are the rows and the places of the notes.
These pages show whole answers.

```{{toctree}}
:maxdepth: 1

{tree}
```
"""}


def answers(name: str) -> dict[str, Answer]:
    """All answers of a task, by framework."""
    return {framework: Answer(answer(name, framework), task(name)) for framework in FRAMEWORKS}


def page(name: str) -> str:
    """The page of a task."""
    found = answers(name)
    lines = {framework: [""] + coloured(of.source) for framework, of in found.items()}
    keys = _keys(found)
    data = {"frameworks": FRAMEWORKS, "notes": [_note(note) for note in notes(task(name), found)],
            "pairs": {f"{a} {b}": {key: [_row(row) for row in pair.rows(key)] for key in keys}
                      for a, b in itertools.combinations(FRAMEWORKS, 2) for pair in [Beside(found[a], found[b])]}}
    title = task(name).title
    parts = "\n\n".join(f"## {heading}\n\n{raw(_part(key, found, lines))}" for key, heading in keys.items())
    links = "".join(f'<li><a href="#{key}">{html.escape(heading)}</a></li>' for key, heading in keys.items())
    # In a script's text "<" is the one character that could end it.
    rows = json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")
    return front(hide_toc="true", scripts="side.js slides.js") + f"""# {title}, side by side

{raw(f'''<div class="wide"></div>
<p>These are our answers to <a href="../tasks/{name}.html">the question</a> (spoiler). Choose two frameworks.</p>
<div class="choose" hidden><label>Left <select id="left"></select></label> <label>Right <select id="right"></select></label>
<button type="button" id="swap">Swap</button> <button type="button" id="slides">Slides</button>
<label><input type="checkbox" id="notes" checked> Notes</label> <span id="said" role="status"></span></div>
<nav aria-label="Parts"><ul class="parts">{links}</ul></nav>''')}

{parts}

{raw(f'<script type="application/json" id="beside">{rows}</script>')}
"""


def _keys(found: dict[str, Answer]) -> dict[str, str]:
    """The parts that any answer has, with their titles, in order."""
    titles: dict[str, str] = {}
    for of in found.values():
        for i, (key, part) in enumerate(of.parts.items()):
            if key not in titles:
                before = [k for k in list(of.parts)[:i] if k in titles]
                at = list(titles).index(before[-1]) + 1 if before else 0
                items = list(titles.items())
                titles = dict([*items[:at], (key, part.title), *items[at:]])
    return titles


def _part(key: str, found: dict[str, Answer], lines: dict[str, list[str]]) -> str:
    """The code of a part in each framework that has it; its anchor is that of the heading above."""
    columns = []
    for framework, title in FRAMEWORKS.items():
        numbers = found[framework].parts[key].lines if key in found[framework].parts else ()
        code = "\n".join(f'<span data-line="{n}" data-cut="{spaces}">{without_indent(lines[framework][n], spaces)}</span>'
                         for run in _runs(found[framework], numbers) for spaces in [_indent(found[framework], run)] for n in run)
        body = f'<div class="highlight"><pre tabindex="0" aria-label="{title}">{code}</pre></div>' if numbers else "<p>Nothing of its own here.</p>"
        columns.append(f'<div class="of {framework}" data-framework="{framework}"><p class="name">{title}</p>{body}</div>')
    return f'<div class="part" data-part="{key}">{"".join(columns)}</div>'


def _runs(of: Answer, numbers: Sequence[int]) -> list[list[int]]:
    """Stretches of lines with no other code between them: each is moved to the left by itself."""
    code, runs = of.code(), list[list[int]]()
    for number in numbers:
        if runs and code.index(number) == code.index(runs[-1][-1]) + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return runs


def _indent(of: Answer, run: list[int]) -> int:
    return min(len(of.text[n - 1]) - len(of.text[n - 1].lstrip()) for n in run)


def _row(row: Row) -> list[Any]:
    """[left, right], and the marks of both where there are any; columns are those of the file."""
    marks = [[list(span) for span in side] for side in row.marks]
    return [row.left or 0, row.right or 0, *(marks if any(marks) else [])]


def _note(note: Note) -> dict[str, Any]:
    return {"topic": inline(note.topic), "cells": {name: inline(cell) for name, cell in note.cells.items()}, "lines": note.lines}
