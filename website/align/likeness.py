"""How like two lines of code are: from the names, numbers and statements in them, as the syntax tree has them.

A name counts by its groups of three letters, so that ``Conv2d``, ``Conv2D`` and ``Convolution2D`` are near one another without a table
of who calls what how. What is in many lines (``self``) says little about any of them.
"""

import ast
import functools
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

Features = Mapping[str, float]

TARGET, DEFINED, STATEMENT, AROUND, NUMBER, WORD = 2.0, 3.0, 0.5, 0.5, 0.7, 0.5       # weights, beside a name's 1


@functools.cache
def features(source: str) -> dict[int, dict[str, float]]:
    """For each line (from 1) of a Python file what is in it, with weights."""
    found: dict[int, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for node in ast.walk(ast.parse(source)):
        for line, name, weight in _of(node):
            for gram in _grams(name):
                found[line][gram] += weight / (len(name) or 1)
    for number, text in enumerate(source.splitlines(), 1):
        comment = text.strip().lstrip("#").split() if text.lstrip().startswith("#") else []
        for word in comment:
            found[number]["# " + word.lower().strip(".,:;")] += WORD
    return {line: dict(counted) for line, counted in found.items()}


def _of(node: ast.AST) -> Iterator[tuple[int, str, float]]:
    """(line, what, weight) of one node."""
    if isinstance(node, ast.Name):
        yield node.lineno, node.id, TARGET if isinstance(node.ctx, ast.Store) else 1
    elif isinstance(node, ast.Attribute):
        yield node.end_lineno or node.lineno, node.attr, TARGET if isinstance(node.ctx, ast.Store) else 1
    elif isinstance(node, (ast.keyword, ast.arg)) and node.arg:
        yield node.lineno, node.arg, 1
    elif isinstance(node, ast.Constant):
        if isinstance(node.value, str) and " " in node.value:
            for word in node.value.split():
                yield node.lineno, f"'{word}", WORD
        else:
            yield node.lineno, f"={node.value!r}", NUMBER
    elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        yield node.lineno, f"def {node.name}", DEFINED
    if isinstance(node, ast.stmt):
        yield node.lineno, f"<{type(node).__name__}>", STATEMENT
        if isinstance(node, ast.Assign):        # its further lines belong to what it assigns
            for target in ast.walk(node.targets[0]):
                if isinstance(target, (ast.Name, ast.Attribute)) and isinstance(target.ctx, ast.Store):
                    name = target.attr if isinstance(target, ast.Attribute) else target.id
                    for line in range(node.lineno + 1, (node.end_lineno or node.lineno) + 1):
                        yield line, f"in {name}", AROUND


def _grams(name: str) -> list[str]:
    """What a name is counted by: groups of three letters, its ends marked; each ``name`` gives as many as it has letters."""
    if not name[0].isalpha() and name[0] != "_":
        return [name] * len(name)
    plain = name.lower().replace("_", "") or name
    if name.startswith(("def ", "in ")):
        return [name.lower()] * len(name)
    marked = f"^{plain}$"
    grams = [marked[i:i + 3] for i in range(len(plain))]
    return grams + grams[-1:] * (len(name) - len(grams))


def commonness(*files: Mapping[int, Features]) -> dict[str, float]:
    """What each feature counts: the less, the more lines have it."""
    counted = Counter(feature for lines in files for line in lines.values() for feature in line)
    return {feature: number ** -0.5 for feature, number in counted.items()}


def likeness(a: Features, b: Features, counts: Mapping[str, float]) -> float:
    """From 0, nothing in common, to 1."""
    both = sum(min(a[f], b[f]) * counts.get(f, 1) for f in a.keys() & b.keys())
    all_ = sum(max(a.get(f, 0), b.get(f, 0)) * counts.get(f, 1) for f in a.keys() | b.keys())
    return both / all_ if all_ else 0.0
