"""A learner's answer as a notebook: made from a stub, and read back as a file that the check can load."""

import ast
from pathlib import Path

import jupytext

CELL = "# %%"
FORMAT = "py:percent"


def of_source(source: str, about: str) -> str:
    """The notebook (JSON) of an answer: ``about`` as its first cell, then a cell for each class and function."""
    tree, lines = ast.parse(source), source.splitlines()
    starts = {0}
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            starts.add(min(d.lineno for d in (*node.decorator_list, node)) - 1)
            starts.add(node.end_lineno or node.lineno)
        if isinstance(node, ast.If):            # run by itself: nothing for a notebook
            lines = lines[:node.lineno - 1]
    text = [f"{CELL} [markdown]", *(f"# {line}".rstrip() for line in about.splitlines())]
    for start, end in zip(sorted(starts), [*sorted(starts)[1:], len(lines)]):
        cell = "\n".join(lines[start:end]).strip("\n")
        text += ["", CELL, cell] if cell else []
    return str(jupytext.writes(jupytext.reads("\n".join(text) + "\n", fmt=FORMAT), fmt="ipynb"))


def to_source(notebook: Path) -> str:
    """The code of a notebook, cell by cell, each begun by CELL. Raises ValueError if it is no notebook."""
    try:
        return str(jupytext.writes(jupytext.read(notebook), fmt=FORMAT))
    except Exception as error:          # nbformat has many
        raise ValueError(f"{notebook} is not a notebook that can be read: {error}") from None


def place(source: str, line: int) -> str:
    """Where in the notebook line ``line`` (from 1) of ``to_source`` is: "cell 3, line 5"."""
    cell, begun = 0, 0
    for number, text in enumerate(source.splitlines()[:line], 1):
        if text.startswith(CELL):
            cell, begun = cell + 1, number
    return f"cell {cell}, line {line - begun}"
