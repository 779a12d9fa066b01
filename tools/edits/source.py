"""An answer as text and tree: what stands where, which networks and losses it belongs to; and edits of it.

Only the edited segment changes: all other text keeps its line numbers.
"""

import ast
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from harness.tasks import Task, answer_path

# What a task's program calls a quantity, and what a statement that computes it has in it.
QUANTITIES = {"z": "eps", "mixed images": "alpha *", "skip1 skip2 skip3 skip4": "noise"}
Node = tuple[str, str]


@dataclass(frozen=True)
class Change:
    """Characters ``begin`` .. ``end`` become ``text``."""

    begin: int
    end: int
    text: str


@dataclass(frozen=True)
class Edit:
    """One mistake at one place. ``line`` .. ``last``: of the edited segment; ``place``: where that is, as one says it. What a finding
    must be about to be right: ``networks`` and kinds of ``layers``, or ``names`` of losses, quantities and optimizers; and what its
    kind and words must have (``says``, a pattern of "kind: words")."""

    task: str
    framework: str
    kind: str
    words: str
    line: int
    last: int
    place: str
    changes: tuple[Change, ...]
    says: str
    networks: frozenset[str] = frozenset()
    layers: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()

    def made(self, text: str) -> str:
        """``text`` with the edit."""
        for change in sorted(self.changes, key=lambda c: -c.begin):
            text = text[:change.begin] + change.text + text[change.end:]
        return text


@dataclass
class Answer:
    """Our answer to a task in a framework."""

    task: Task
    framework: str
    text: str = ""
    parents: dict[ast.AST, ast.AST] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.text = self.text or answer_path(self.task, self.framework).read_text(encoding="utf-8")
        self.tree = ast.parse(self.text)
        for node in ast.walk(self.tree):
            for child in ast.iter_child_nodes(node):
                self.parents[child] = node
        [self.main] = [n for n in self.tree.body if isinstance(n, ast.ClassDef) and n.name == self.task.class_name]
        self.methods = {n.name: n for n in self.main.body if isinstance(n, ast.FunctionDef)}

    # Text

    @cached_property
    def _starts(self) -> list[int]:
        starts = [0]
        for line in self.text.splitlines(keepends=True):
            starts.append(starts[-1] + len(line))
        return starts

    def span(self, node: ast.AST) -> tuple[int, int]:
        """Where its characters begin and end."""
        lines = self.text.splitlines()

        def at(line: int, byte: int) -> int:
            return self._starts[line - 1] + len(lines[line - 1].encode()[:byte].decode())

        assert isinstance(node, ast.expr | ast.stmt | ast.keyword | ast.arg) and node.end_lineno and node.end_col_offset is not None
        return at(node.lineno, node.col_offset), at(node.end_lineno, node.end_col_offset)

    def of(self, node: ast.AST) -> str:
        """Its text."""
        begin, end = self.span(node)
        return self.text[begin:end]

    def name(self, node: ast.AST) -> str:
        """Of a function or a value: "nn.Conv2d"; "" where it is more than names and dots."""
        return ast.unparse(node) if isinstance(node, ast.Name | ast.Attribute) and all(
            isinstance(n, ast.Name | ast.Attribute | ast.expr_context) for n in ast.walk(node)) else ""

    def put(self, node: ast.AST, text: str) -> Change:
        """``text`` in its place, over as many lines."""
        begin, end = self.span(node)
        return Change(begin, end, text + "\n" * (self.text.count("\n", begin, end) - text.count("\n")))

    # Places

    def above(self, node: ast.AST) -> Iterator[ast.AST]:
        """What it stands in, the innermost first."""
        while node in self.parents:
            node = self.parents[node]
            yield node

    def statement(self, node: ast.AST) -> ast.stmt:
        """The statement it stands in, or is."""
        return next(n for n in (node, *self.above(node)) if isinstance(n, ast.stmt))

    def function(self, node: ast.AST) -> ast.FunctionDef | None:
        """The function it stands in."""
        return next((n for n in self.above(node) if isinstance(n, ast.FunctionDef)), None)

    def method(self, node: ast.AST) -> str:
        """The method of the answer's class that it stands in, or ""."""
        return next((n.name for n in self.above(node) if isinstance(n, ast.FunctionDef) and self.parents[n] is self.main), "")

    @cached_property
    def units(self) -> dict[str, ast.AST]:
        """What networks are made of: functions and classes beside the answer's own, and functions in its constructor."""
        own = [n for n in self.tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef) and n is not self.main]
        return {n.name: n for n in [*own, *(n for n in ast.walk(self.methods["__init__"]) if isinstance(n, ast.FunctionDef))]
                if n is not self.methods["__init__"]}

    @cached_property
    def built(self) -> dict[str, list[ast.stmt]]:
        """Where the constructor makes each network."""
        found: dict[str, list[ast.stmt]] = {name: [] for name in self.task.networks}
        for node in ast.walk(self.methods["__init__"]):
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    name = self.name(target).removeprefix("self.")
                    if name in found:
                        found[name].append(node)
        local = [(n, {t.id for t in ast.walk(n.targets[0]) if isinstance(t, ast.Name) and isinstance(t.ctx, ast.Store)})
                 for n in ast.walk(self.methods["__init__"]) if isinstance(n, ast.Assign)]
        for statements in found.values():       # Keras: layers first, keras.Model(...) after them
            for statement in statements:
                for name in _names(statement):
                    before = [n for n, targets in local if name in targets and n.lineno < statement.lineno and n not in statements]
                    statements += sorted(before, key=lambda n: -n.lineno)[:1]       # the last: names are used again
        return found

    def networks(self, node: ast.AST) -> frozenset[str]:
        """The networks that it is a part of."""
        inside = [node, *self.above(node)]
        unit = next((name for name, n in self.units.items() if n in inside), None)
        for name, n in self.units.items():      # the innermost
            if unit and n in inside and inside.index(n) < inside.index(self.units[unit]):
                unit = name
        if unit is None:
            return frozenset(name for name, statements in self.built.items() if any(s in inside for s in statements))
        return frozenset(name for name, statements in self.built.items() if unit in self._reached(statements))

    def _reached(self, statements: list[ast.stmt]) -> set[str]:
        reached: set[str] = set()
        left = [name for s in statements for name in _names(s) if name in self.units]
        while left:
            name = left.pop()
            if name not in reached:
                reached.add(name)
                left += [n for n in _names(self.units[name]) if n in self.units]
        return reached

    def where(self, node: ast.AST) -> str:
        """As one says it: class or function, and the attribute or variable."""
        outer = [n.name for n in self.above(node) if isinstance(n, ast.FunctionDef | ast.ClassDef) and n.name != "__init__"]
        statement = self.statement(node)
        target = self.of(statement.targets[0]) if isinstance(statement, ast.Assign) else ""
        target = target.removeprefix("self.") if target.replace(".", "").replace("_", "").isalnum() else ""
        return ".".join([*outer[::-1], *([target] if target else [])])

    # Losses

    @cached_property
    def trains(self) -> dict[str, ast.FunctionDef]:
        """train_step, and the functions that it calls; no network, and no ability."""
        found, left = {}, ["train_step"]
        functions = {n.name: n for n in self.tree.body if isinstance(n, ast.FunctionDef)} | self.methods
        while left:
            name = left.pop()
            if name in found or name not in functions or name in self.task.abilities or name == "__init__":
                continue
            found[name] = functions[name]
            left += [n.rpartition(".")[2] for call in ast.walk(functions[name]) if isinstance(call, ast.Call)
                     if (n := self.name(call.func)) and n.removeprefix("self.").isidentifier()]
        return found

    @cached_property
    def _flow(self) -> dict[Node, set[Node]]:
        flow: dict[Node, set[Node]] = {}

        def add(function: str, value: ast.AST, *to: Node) -> None:
            sources = [(function, name) for name in _names(value)]
            sources += [("return", n.rpartition(".")[2]) for call in ast.walk(value) if isinstance(call, ast.Call)
                        if (n := self.name(call.func)).rpartition(".")[2] in self.trains]
            for source in sources:
                flow.setdefault(source, set()).update(to)

        for name, function in self.trains.items():
            for node in ast.walk(function):
                if isinstance(node, ast.Assign):
                    targets = [n.id for t in node.targets for n in ast.walk(t) if isinstance(n, ast.Name)]
                    add(name, node.value, *((name, target) for target in targets))
                elif isinstance(node, ast.Return) and node.value and not isinstance(node.value, ast.Dict):
                    add(name, node.value, ("return", name))
                elif isinstance(node, ast.Dict):
                    for key, value in zip(node.keys, node.values):
                        if isinstance(key, ast.Constant) and key.value in self.task.losses:
                            add(name, value, ("loss", str(key.value)))
        return flow

    def losses(self, node: ast.AST) -> frozenset[str]:
        """What it is a part of, as the question calls it: the nearest losses, and quantities."""
        function, statement = self.function(node), self.statement(node)
        if function is None:
            return frozenset()
        assigned = statement.targets if isinstance(statement, ast.Assign) else []
        targets = [n.id for t in assigned for n in ast.walk(t) if isinstance(n, ast.Name)]
        begin: list[Node] = [(function.name, t) for t in targets] if targets else [("return", function.name)]
        found = {t for _, t in begin} | {t.removesuffix("_loss") for _, t in begin}
        if isinstance(statement, ast.Return) and isinstance(statement.value, ast.Dict):
            found |= {str(k.value) for k in statement.value.keys if isinstance(k, ast.Constant)}
        for names, having in QUANTITIES.items():
            if having in self.of(statement):
                found |= {names} if names == "mixed images" else set(names.split())
        queue, seen = deque(begin), set(begin)
        while queue:
            following = self._flow.get(queue.popleft(), set())
            nearest = {name for kind, name in following if kind == "loss"}
            found |= nearest
            if not nearest:             # what a loss is a part of is farther away
                queue.extend(following - seen)
                seen |= following
        return frozenset(found)

    def abilities(self, node: ast.AST) -> frozenset[str]:
        """The abilities whose methods it stands in, or in what these call; of what networks are made of, none."""
        if self.networks(node):
            return frozenset()
        function = self.function(node)
        return frozenset(name for name in self.task.abilities if function in self._called(name))

    def _called(self, method: str) -> list[ast.FunctionDef]:
        """A method, and all functions that it calls."""
        functions = {n.name: n for n in self.tree.body if isinstance(n, ast.FunctionDef)} | self.methods
        reached, left = [], [method]
        while left:
            function = functions.get(left.pop())
            if function is not None and function not in reached:
                reached.append(function)
                left += [name.rpartition(".")[2] for call in ast.walk(function) if isinstance(call, ast.Call)
                         if (name := self.name(call.func))]
        return reached


def _names(node: ast.AST) -> list[str]:
    return [n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)]
