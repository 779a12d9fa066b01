"""What a question says under "How the frameworks differ here", at the lines that it is about.

A row of the table has a topic and a cell for each framework. Code in a cell is parsed like code, and belongs to the line of that
framework's answer which says it: the same call with the arguments that the cell names, the same keyword with the same value, or the same
name in a library. Where several lines say it, it belongs to the one that stands beside the line of another framework's cell. Where that
leaves it open, and where no line says it, it is placed nowhere: a wrong place is worse than none.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from harness.frameworks import FRAMEWORKS
from harness.tasks import Task, question
from website.align.beside import Beside
from website.align.parts import Answer

SECTION = "How the frameworks differ here"
CODE = re.compile(r"`([^`]+)`")
BAR = re.compile(r"(?<!\\)\|")
SHORT = 4               # letters: a name below that, such as "sum", is in too many places


@dataclass(frozen=True)
class Note:
    """A row of the table: ``cells`` as Markdown, by framework; ``lines``: where it belongs, by framework, in those where that is known."""

    topic: str
    cells: dict[str, str]
    lines: dict[str, int]


def notes(task: Task, answers: dict[str, Answer]) -> list[Note]:
    """The rows of the question's table that belong to a line in at least one answer, in the table's order."""
    found = []
    for topic, cells in rows(question.section(task, SECTION)):
        said = {name: places(cell, answers[name]) for name, cell in cells.items() if name in answers}
        sure = {name: min(lines) for name, lines in said.items() if len(lines) == 1}
        lines = {name: line for name, where in said.items() if (line := sure.get(name) or _beside(name, where, sure, answers))}
        if lines:
            found.append(Note(topic, cells, lines))
    return found


def _beside(name: str, where: set[int], sure: dict[str, int], answers: dict[str, Answer]) -> int | None:
    """Of the lines ``where`` the one that stands beside a line that is sure, if all of these say the same."""
    found = set()
    for other, line in sure.items() if where else ():
        rows = Beside(answers[other], answers[name]).rows(next(key for key, part in answers[other].parts.items() if line in part.lines))
        found |= {row.right for row in rows if row.left == line and row.right in where}
    return found.pop() if len(found) == 1 else None


def rows(section: str) -> Iterator[tuple[str, dict[str, str]]]:
    """The rows of all tables whose columns are the four frameworks."""
    columns: list[str] = []
    for line in section.splitlines():
        if not line.startswith("|"):
            columns = []
            continue
        first, *cells = [cell.strip() for cell in BAR.split(line.strip().strip("|"))]
        if set(cells) <= set(FRAMEWORKS.values()) and cells:
            columns = [name for cell in cells for name, title in FRAMEWORKS.items() if title == cell]
        elif columns and not set("".join(cells)) <= set("-: "):
            yield first, dict(zip(columns, cells))


def places(cell: str, answer: Answer) -> set[int]:
    """The lines of the answer that say what the cell's first piece of code says that any line has."""
    code = {line for part in answer.parts.values() for line in part.lines}
    for wanted in filter(None, map(_parsed, CODE.findall(cell))):
        lines = {(node.func.end_lineno if isinstance(node, ast.Call) else node.end_lineno) or node.lineno for node in ast.walk(answer.tree)
                 if isinstance(node, (ast.Call, ast.Attribute)) and _says(node, wanted)} & code
        if lines:
            return lines
    return set()


def _parsed(code: str) -> ast.expr | None:
    """A cell's code as an expression: a call, a name in a library, or keywords alone. None for a number, a word, or no Python."""
    for text in (code, f"_({code})"):
        try:
            tree = ast.parse(text.replace("(...)", "()"), mode="eval").body
        except SyntaxError:
            continue
        if isinstance(tree, ast.Call) and (_name(tree.func) == "_" or len(_name(tree.func)) >= SHORT):
            if _name(tree.func) != "_" or (tree.keywords and all(k.arg for k in tree.keywords) and not tree.args):
                return tree
        elif isinstance(tree, ast.Attribute) and len(tree.attr) >= SHORT:
            return tree
    return None


def _says(node: ast.Call | ast.Attribute, wanted: ast.expr) -> bool:
    if isinstance(wanted, ast.Attribute):
        return isinstance(node, ast.Attribute) and ast.unparse(node).endswith(ast.unparse(wanted))
    if not isinstance(node, ast.Call) or not isinstance(wanted, ast.Call):
        return False
    if _name(wanted.func) != "_" and not _same_function(node.func, wanted.func):
        return False
    given = {k.arg: k.value for k in node.keywords}
    constants = [a for a in wanted.args if isinstance(a, ast.Constant) and a.value is not ...]
    there = [ast.unparse(a) for a in (*node.args, *given.values())]
    return (all(k.arg in given and _same_value(given[k.arg], k.value) for k in wanted.keywords)
            and all(ast.unparse(a) in there for a in constants))


def _same_function(a: ast.expr, b: ast.expr) -> bool:
    """As far as both say where it comes from: ``nn.Linear`` is ``Linear``, and not ``L.Linear``."""
    one, other = (ast.unparse(x).split(".") for x in (a, b))
    return one[-min(len(one), len(other)):] == other[-min(len(one), len(other)):]


def _same_value(a: ast.expr, b: ast.expr) -> bool:
    """Equal as written; a name in the table (``eps``, ``...``) is whatever the answer puts there, a number is that number."""
    return ast.unparse(a) == ast.unparse(b) or not any(isinstance(n, ast.Constant) and n.value is not ... for n in ast.walk(b))


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
