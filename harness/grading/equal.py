"""Submissions that are the same text, or ours, once comments, docstrings, names, annotations and layout are taken away.

Names that a file binds are numbered in the order of their use, a function's own within it; what it imports is called what it is
called where it comes from. Whatever cannot be parsed is compared as text without white space.
"""

import ast
import contextlib
import hashlib
import json
import re
import warnings
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from harness import tasks
from harness.frameworks import FRAMEWORKS
from harness.grading.submission import Submission
from harness.messages import WorkbookError
from harness.tasks import ROOT, answer_path
from harness.work import stub

OURS = "the reference answer"
MOST_NAMES = 20             # of those to whom a submission is equal; the others are counted
LARGEST = 1 << 18           # letters that are parsed; an answer has some thousands
# In the first or second line (PEP 263). Of scripts only: others, such as punycode, can take for ever.
CODING = re.compile(rb"(?:[ \t\f]*(?:#[^\n]*)?\n)?[ \t\f]*#[^\n]*?coding[:=][ \t]*((?i:iso|latin|cp|euc|shift|gb|big5|koi8)[-\w.]*)")
IMPORTS = (ast.Import, ast.ImportFrom)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
SCOPES = (*FUNCTIONS, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
LEFT_OUT = {"annotation", "returns", "type_comment", "type_ignores", "ctx", "kind", "simple"}


def groups(submissions: list[Submission], root: Path = ROOT) -> dict[str, list[str]]:
    """For the name of each submission, with whose it is equal: students, or OURS. What nobody wrote, a stub, is equal to none."""
    prints: dict[bytes, str] = {}
    ours: dict[str, tuple[set[str], set[str]]] = {}
    alike: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)       # their students, each once, in order
    keys: dict[str, tuple[str, str]] = {}
    for submission in submissions:
        if submission.problem or not submission.task:
            continue
        kept = hashlib.sha256(submission.file.lower().endswith(".ipynb").to_bytes() + submission.source).digest()
        if kept not in prints:
            prints[kept] = fingerprint(text_of(submission))
        keys[submission.name] = key = submission.task, prints[kept]
        if submission.task not in ours:
            ours[submission.task] = _ours(submission.task, root)
        if prints[kept] not in ours[submission.task][1]:
            alike[key][submission.student] = None
    found: dict[str, list[str]] = {submission.name: [] for submission in submissions}
    for submission in submissions:
        if submission.name in keys:
            key = keys[submission.name]
            found[submission.name] = [OURS] * (key[1] in ours[key[0]][0]) + _others(alike.get(key, {}), submission.student)
    return found


def _others(students: dict[str, None], own: str) -> list[str]:
    """Few of many: where all are equal, each with all would be too much to say."""
    names = [name for _, name in zip(range(MOST_NAMES + 1), students) if name != own][:MOST_NAMES]
    more = len(students) - (own in students) - len(names)
    return [*names, f"and {more} more"] if more else names


def _ours(task: str, root: Path) -> tuple[set[str], set[str]]:
    """The fingerprints of the answers to a task, and of its stubs and of nothing. An edition for students has no answers."""
    answers, stubs = set(), {fingerprint("")}
    for framework in FRAMEWORKS:
        try:
            source = answer_path(tasks.load(task, "check", root), framework).read_text(encoding="utf-8")
            answers.add(fingerprint(source))
            stubs.add(fingerprint(stub.stub(source)))
        except (OSError, WorkbookError):
            continue
    return answers, stubs


def text_of(submission: Submission) -> str:
    """What a submission holds, as Python."""
    if submission.file.lower().endswith(".ipynb"):
        # Not by work.notebook: what is made for it can take half a minute there, and a usual notebook takes a hundred times as long.
        with contextlib.suppress(ValueError, TypeError, LookupError, AttributeError, RecursionError):
            cells = json.loads(submission.source)["cells"]
            text = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
            return re.sub(r"^[ \t]*[%!?].*", "", text, flags=re.MULTILINE)         # what is IPython's and not Python's
    coding = CODING.match(submission.source)
    try:
        return submission.source.decode(coding[1].decode() if coding else "utf-8-sig", errors="replace")
    except LookupError:         # no such coding
        return submission.source.decode("utf-8-sig", errors="replace")


def fingerprint(text: str) -> str:
    """The same for two texts that differ in comments, docstrings, names, annotations and layout alone."""
    if len(text) <= LARGEST:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(text)
            return _Normal(tree).digest()
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            pass
    left = re.sub(r"#[^\n]*|\s+", "", text)
    return "text " + hashlib.sha256(left.encode("utf-8", "surrogatepass")).hexdigest() if left else fingerprint("")


@dataclass
class _Scope:
    """``bound``: the names that are its own; ``numbers``: of those that were used; ``imported``: name here -> name there."""

    depth: int = 0
    outer: "_Scope | None" = None
    bound: set[str] = field(default_factory=set)
    numbers: dict[str, int] = field(default_factory=dict)
    imported: dict[str, str] = field(default_factory=dict)


class _Normal:
    """A file without what does not matter. Nothing here calls itself: a tree may be deeper than Python's stack."""

    def __init__(self, tree: ast.Module):
        self.scopes: dict[ast.AST, _Scope] = {}         # of what opens one
        self.attributes: set[str] = set()               # that the file sets or defines: self.encoder, methods
        self.parameters: set[str] = set()               # of its functions, that are called by their names
        self.numbers: dict[str, int] = {}
        self.hash = hashlib.sha256()
        self.tree = tree
        self._collect()

    def _collect(self) -> None:
        waiting: list[tuple[ast.AST, _Scope]] = [(self.tree, _Scope())]
        elsewhere: list[tuple[_Scope, list[str]]] = []
        called = set()
        while waiting:
            node, scope = waiting.pop()
            inner = scope
            if isinstance(node, SCOPES):
                inner = self.scopes[node] = _Scope(scope.depth + 1, scope)
            elif node is self.tree:
                self.scopes[node] = scope
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                scope.bound.add(node.name)
                self.attributes.add(node.name)
            elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
                scope.bound.add(node.id)
            elif isinstance(node, ast.arg):
                scope.bound.add(node.arg)
                self.parameters.add(node.arg)
            elif isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
                self.attributes.add(node.attr)
            elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
                scope.bound.add(node.name)
            elif isinstance(node, ast.MatchMapping) and node.rest:
                scope.bound.add(node.rest)
            elif isinstance(node, ast.keyword):
                called.add(node.arg)
            elif isinstance(node, ast.Global | ast.Nonlocal):
                elsewhere.append((scope, node.names))
            elif isinstance(node, IMPORTS):
                base = "." * node.level + (node.module or "") + "." if isinstance(node, ast.ImportFrom) else ""
                for alias in node.names:
                    name = alias.asname or alias.name.partition(".")[0]
                    scope.imported[name] = base + (alias.name if alias.asname or base else name)
            waiting += [(child, inner) for child in ast.iter_child_nodes(node)]
        self.parameters &= called
        for scope, names in elsewhere:
            scope.bound.difference_update(names)

    def digest(self) -> str:
        """Each node in turn, with what is left of it."""
        waiting: list[tuple[object, _Scope]] = [(self.tree, _Scope())]
        while waiting:
            node, scope = waiting.pop()
            if isinstance(node, str):
                self._say(node)
            elif isinstance(node, list):
                self._say(f"[{len(node)}")
                waiting += [(child, scope) for child in reversed(node)]
            elif isinstance(node, ast.AST):
                inner = self.scopes.get(node, scope)
                self._say("Assign" if isinstance(node, ast.AnnAssign) else type(node).__name__)
                waiting += [(child, inner) for child in reversed(self._parts(node, inner))]
        return self.hash.hexdigest()

    def _say(self, word: str) -> None:
        self.hash.update(word.encode("utf-8", "surrogatepass") + b"\0")

    def _parts(self, node: ast.AST, scope: _Scope) -> list[object]:
        """What is to be said of a node: words, nodes, lists of nodes."""
        if isinstance(node, ast.Name):
            return [self._named(node.id, scope)]
        if isinstance(node, ast.arg):
            return [self._named(node.arg, scope), self._numbered(node.arg, self.parameters, "=") if node.arg in self.parameters else ""]
        if isinstance(node, ast.Attribute):
            return [node.value, self._numbered(node.attr, self.attributes, ".")]
        if isinstance(node, ast.Constant):
            return [_constant(node.value)]
        if isinstance(node, ast.AnnAssign):
            return [[node.target], node.value or "None"]
        if isinstance(node, ast.Call):
            # Only a function of this file has arguments that can be called otherwise.
            callee = node.func.id if isinstance(node.func, ast.Name) else node.func.attr if isinstance(node.func, ast.Attribute) else ""
            own = self.parameters if callee in self.attributes else set()
            words = [part for keyword in node.keywords
                     for part in (self._numbered(keyword.arg, own, "=") if keyword.arg else "**", keyword.value)]
            return [node.func, node.args, *words]
        parts: list[object] = []
        for name, value in ast.iter_fields(node):
            if name in LEFT_OUT:
                continue
            if isinstance(value, list):
                parts.append(self._statements(value, node) if name in ("body", "orelse", "finalbody") else
                             [self._named(item, scope) if isinstance(item, str) else "None" if item is None else item for item in value])
            elif isinstance(value, ast.AST):
                parts.append(value)
            elif isinstance(value, str) and name in ("name", "rest"):
                outer = scope.outer if isinstance(node, FUNCTIONS) and scope.outer else scope
                parts.append(self._named(value, outer))
            else:
                parts.append(str(value))
        return parts

    def _statements(self, body: list[ast.stmt], around: ast.AST) -> list[ast.stmt]:
        """Without docstrings and other texts that stand alone, imports, declarations, and what runs a file by itself."""
        kept = []
        for statement in body:
            alone = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
            declared = isinstance(statement, ast.AnnAssign) and statement.value is None
            imports = isinstance(statement, IMPORTS) and statement.names[0].name != "*"
            runs = around is self.tree and isinstance(statement, ast.If) and "__main__" in {
                part.value for part in ast.walk(statement.test) if isinstance(part, ast.Constant) and isinstance(part.value, str)}
            if not (alone or declared or imports or runs or isinstance(statement, ast.Pass | ast.Global | ast.Nonlocal)):
                kept.append(statement)
        return kept

    def _named(self, name: str, scope: _Scope) -> str:
        at: _Scope | None = scope
        while at:
            if name in at.imported:
                return at.imported[name]
            if name in at.bound:
                return f"{at.depth}:{at.numbers.setdefault(name, len(at.numbers))}"
            at = at.outer
        return name

    def _numbered(self, name: str, own: set[str], sign: str) -> str:
        return f"{sign}{self.numbers.setdefault(sign + name, len(self.numbers))}" if name in own else name


def _constant(value: object) -> str:
    # hex: a number may have more digits than Python writes out.
    return f"{type(value).__name__} {hex(value) if type(value) is int else repr(value)}"
