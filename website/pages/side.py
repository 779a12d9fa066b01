"""Two answers of a task side by side: each part in all frameworks, and which lines of which two stand in one row.

The page holds each part's code once a framework, so that it is read without a script, too; static/side.js makes two columns of it.
"""

import itertools
import json
from collections.abc import Sequence
from typing import Any

from harness.frameworks import FRAMEWORKS
from website.align.beside import Beside, Row
from website.align.notes import Note, notes
from website.align.parts import Answer
from website.pages.pieces import coloured, filled, inline, without_indent
from website.repository import answer, stations, task


def pages() -> dict[str, str]:
    """A page a task, and a list of them."""
    return {**{f"side/{station.task}": page(station.task) for station in stations()},
            "side/index": filled("side_index.md", stations=stations())}


def answers(name: str) -> dict[str, Answer]:
    """All answers of a task, by framework."""
    return {framework: Answer(answer(name, framework), task(name)) for framework in FRAMEWORKS}


def page(name: str) -> str:
    """The page of a task."""
    found = answers(name)
    lines = {framework: ["", *coloured(of.source)] for framework, of in found.items()}
    keys = _keys(found)
    data = {"frameworks": FRAMEWORKS, "notes": [_note(note) for note in notes(task(name), found)],
            "pairs": {f"{a} {b}": {key: [_row(row) for row in pair.rows(key)] for key in keys}
                      for a, b in itertools.combinations(FRAMEWORKS, 2) for pair in [Beside(found[a], found[b])]}}
    # In a script's text "<" is the one character that could end it.
    rows = json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")
    parts = [{"key": key, "title": title, "code": {framework: _code(found[framework], lines[framework], key) for framework in FRAMEWORKS}}
             for key, title in keys.items()]
    return filled("side.md", name=name, title=task(name).title, frameworks=FRAMEWORKS, parts=parts, rows=rows)


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


def _code(of: Answer, lines: list[str], key: str) -> list[dict[str, Any]]:
    """The lines of a part, in colour; none where the framework has no such part."""
    numbers = of.parts[key].lines if key in of.parts else ()
    return [{"number": n, "cut": spaces, "html": without_indent(lines[n], spaces)}
            for run in (_runs(of, numbers) if key != "constructor" else [[*numbers]]) for spaces in [_indent(of, run)] for n in run]


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
