"""An answer cut into parts that all frameworks' answers have, by what is assigned, called and returned where.

- *network*: the statements that make ``self.<network>``, and the class or function that they call once for it;
- *layers*: what networks are made of: classes and functions that are called more than once, or inside those, and initial weights;
- *optimizers*: the statements that make them;
- *losses*: the functions that only training uses, and the statements of the training step that give the losses it returns;
- *training step*, each *ability* and each other method: a method of the answer's class;
- *constructor*: what is left of it.

Each line of code belongs to one part; only a loss in the training step is shown in two.
"""

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from harness.tasks import Task

Definition = ast.FunctionDef | ast.ClassDef
SOLUTION = re.compile(r"\s*### (BEGIN|END) SOLUTION")       # marks for the student edition


@dataclass(frozen=True)
class Part:
    """``lines``: their numbers in the file, from 1, without blank ones."""

    key: str
    title: str
    lines: tuple[int, ...]


class Answer:
    """An answer's file, read. Raises SyntaxError or KeyError if it is no answer to ``task``."""

    def __init__(self, source: str, task: Task):
        self.source, self.task = source, task
        self.text = source.splitlines()
        self.tree = ast.parse(source)
        self.top = {node.name: node for node in self.tree.body if isinstance(node, Definition)}
        self.main = self.top[task.class_name]
        self.methods = {node.name: node for node in self.main.body if isinstance(node, ast.FunctionDef)}
        self.parts = {part.key: part for part in _cut(self)}

    def code(self) -> list[int]:
        """The numbers of all lines between the imports and the end that say something."""
        first = min(_first(node) for node in self.top.values())
        ends = [node.lineno for node in self.tree.body if isinstance(node, ast.If)]
        return [n for n in range(first, min([*ends, len(self.text) + 1]))
                if self.text[n - 1].strip() and not SOLUTION.match(self.text[n - 1])]


def _cut(answer: Answer) -> Iterator[Part]:
    task, owner = answer.task, dict[int, str]()
    statements = list(_leaves(answer.methods["__init__"].body))
    slices = _networks(statements, list(task.networks))
    made_by = {network: _called_once(answer, of) for network, of in slices.items()}
    constructed = _reached(answer, [answer.methods["__init__"], *_bases(answer)])
    trained = _reached(answer, [answer.methods["train_step"]])

    def claim(nodes: Iterable[ast.stmt], key: str) -> None:
        for node in nodes:
            for line in range(_first(node), (node.end_lineno or node.lineno) + 1):
                owner.setdefault(line, key)

    for name, node in answer.top.items():
        if node is answer.main:
            continue
        makers = [network for network, made in made_by.items() if name in made]
        if len(makers) == 1:
            claim([node], f"network-{makers[0]}")
        else:
            claim([node], "losses" if name in trained and name not in constructed else "layers")
    for network, of in slices.items():
        claim(of, f"network-{network}")
    claim((s for s in statements if (_stored(s) | _keywords(s)) & set(task.optimizers)), "optimizers")
    claim((s for s in statements if isinstance(s, Definition)), "layers")
    for name, method in answer.methods.items():
        if name != "__init__":
            claim([method], _key_of(name, task))
    lines = _with_the_rest(answer, owner)
    lines["losses"] = sorted({*lines.get("losses", []), *_losses(answer)})
    for key, title in _titles(answer).items():
        if lines.get(key):
            yield Part(key, title, tuple(lines[key]))


def _key_of(method: str, task: Task) -> str:
    if method == "train_step":
        return "training-step"
    return f"{'ability' if method in task.abilities else 'method'}-{method.replace('_', '-')}"


def _titles(answer: Answer) -> dict[str, str]:
    """All parts that there can be, in the order in which they are shown."""
    task = answer.task
    others = [name for name in answer.methods if name not in task.abilities and name not in ("__init__", "train_step")]
    return {"layers": "Layers", **{f"network-{n}": f"Network: {n}" for n in task.networks},
            "constructor": "Constructor", "optimizers": "Optimizers", "losses": "Losses", "training-step": "Training step",
            **{_key_of(n, task): f"Ability: {n}" for n in task.abilities}, **{_key_of(n, task): f"Method: {n}" for n in others}}


def _first(node: ast.stmt) -> int:
    decorators = node.decorator_list if isinstance(node, Definition) else []
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def _leaves(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements in order; of ``with``, ``if``, ``for`` what is inside; a function or class is one."""
    for node in body:
        inside = [] if isinstance(node, Definition) else [getattr(node, name, []) for name in ("body", "orelse", "finalbody")]
        if any(inside):
            for nested in inside:
                yield from _leaves(nested)
        else:
            yield node


def _stored(node: ast.AST) -> set[str]:
    """What is assigned: x of ``self.x = ...``, and x of ``x = ...``."""
    return {found.attr if isinstance(found, ast.Attribute) else found.id for found in ast.walk(node)
            if isinstance(found, (ast.Attribute, ast.Name)) and isinstance(found.ctx, ast.Store)}


def _attributes(node: ast.AST) -> set[str]:
    """x of ``self.x = ...``"""
    return {found.attr for found in ast.walk(node) if isinstance(found, ast.Attribute) and isinstance(found.ctx, ast.Store)}


def _keywords(node: ast.AST) -> set[str]:
    """What is given by name to what is called: Keras takes its optimizer so."""
    return {found.arg for found in ast.walk(node) if isinstance(found, ast.keyword) and found.arg}


def _locals(node: ast.AST, context: type[ast.expr_context]) -> set[str]:
    return {found.id for found in ast.walk(node) if isinstance(found, ast.Name) and isinstance(found.ctx, context)}


def _networks(statements: list[ast.stmt], networks: list[str]) -> dict[str, list[ast.stmt]]:
    """For each network what makes it: the statements that store it, and before them those that only it needs."""
    needed: dict[str, list[int]] = {}
    for network in networks:
        found = [i for i, s in enumerate(statements) if network in _attributes(s)]
        names = set().union(*(_locals(statements[i], ast.Load) for i in found))
        for i in range(max(found, default=0) - 1, -1, -1):
            if i not in found and names & _locals(statements[i], ast.Store):
                found.append(i)
                names |= _locals(statements[i], ast.Load)
        needed[network] = found
    return {network: [statements[i] for i in sorted(found) if sum(i in others for others in needed.values()) == 1
                      or network in _stored(statements[i])] for network, found in needed.items()}


def _bases(answer: Answer) -> list[ast.AST]:
    return list(answer.main.bases) if isinstance(answer.main, ast.ClassDef) else []


def _reached(answer: Answer, nodes: Iterable[ast.AST]) -> set[str]:
    """The file's own functions and classes that ``nodes`` use, and those that these use."""
    reached: set[str] = set()
    ahead = list(nodes)
    while ahead:
        for node in ast.walk(ahead.pop()):
            if isinstance(node, ast.Name) and node.id in answer.top and node.id not in reached:
                reached.add(node.id)
                ahead.append(answer.top[node.id])
    return reached


def _called_once(answer: Answer, statements: Iterable[ast.stmt]) -> set[str]:
    """The file's own functions and classes that ``statements`` name once, and not for each of several."""
    counted: Counter[str] = Counter()
    for node in (node for statement in statements for node in ast.walk(statement)):
        often = 2 if isinstance(node, (ast.comprehension, ast.ListComp, ast.GeneratorExp, ast.For)) else 1
        for found in ast.walk(node) if often == 2 else [node]:
            if isinstance(found, ast.Name) and found.id in answer.top:
                counted[found.id] += often
    return {name for name, times in counted.items() if times == 1}


def _losses(answer: Answer) -> set[int]:
    """The lines of the training step that give a loss which it returns, also in the methods that it calls for that."""
    lines, ahead, seen = set[int](), ["train_step"], {"__init__", *answer.task.abilities}
    while ahead:
        if (name := ahead.pop()) in seen:
            continue
        seen.add(name)
        method = answer.methods[name]
        names = {n for value in _returned(method) for n in _locals(value, ast.Load)}
        given = [s for s in _leaves(method.body) if isinstance(s, (ast.Assign, ast.AugAssign))]
        for s in given:                     # the losses were put into a dict before
            if names & _locals(s, ast.Store) and isinstance(s.value, ast.Dict):
                names |= {n for value in s.value.values for n in _locals(value, ast.Load)}
        for s in given:
            if names & _locals(s, ast.Store) and not isinstance(s.value, ast.Dict):
                lines |= {n for n in range(s.lineno, (s.end_lineno or s.lineno) + 1) if answer.text[n - 1].strip()}
                ahead += _called(answer, s)
        ahead += [called for value in _returned(method) for called in _called(answer, value)]
    return lines


def _returned(method: ast.FunctionDef) -> Iterator[ast.expr]:
    """What it returns; of a dict the values."""
    for node in ast.walk(method):
        if isinstance(node, ast.Return) and node.value:
            yield from node.value.values if isinstance(node.value, ast.Dict) else [node.value]


def _called(answer: Answer, node: ast.AST) -> list[str]:
    """Methods of the answer that are called for what ``node`` gives: in ``a = self.m(...)``, not in an argument of another call."""
    value = node.value if isinstance(node, (ast.Assign, ast.AugAssign)) else node
    while isinstance(value, (ast.BinOp, ast.UnaryOp)):
        value = value.left if isinstance(value, ast.BinOp) else value.operand
    function = value.func if isinstance(value, ast.Call) else None
    return [function.attr] if isinstance(function, ast.Attribute) and function.attr in answer.methods else []


def _with_the_rest(answer: Answer, owner: dict[int, str]) -> dict[str, list[int]]:
    """By part its lines. What is in none: a comment goes with the line below it, all else is the constructor's."""
    lines: dict[str, list[int]] = defaultdict(list)
    below = "constructor"
    for number in reversed(answer.code()):
        comment = answer.text[number - 1].lstrip().startswith("#")
        below = owner.get(number, below if comment else "constructor")
        lines[below].append(number)
    return {key: sorted(numbers) for key, numbers in lines.items()}
