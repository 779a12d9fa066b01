"""Wrong answers made by small random edits, which no library has: is any called right, or by a wrong name?

    .venv/bin/python tools/mutants.py [--number 200] [--seed 0] [--framework pytorch] [TASK ...]

An edit changes an operator, a number, two arguments' places, or a name for another of the same function. What is
called right is printed with its line, to be looked at: it must be the same computation. What gets a name, too.
"""

import argparse
import ast
import copy
import random
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import tools.fingerprints  # noqa: F401  pins the threads
from harness import tasks
from harness.feedback import diagnosis
from harness.feedback.ladder import Ladder
from harness.runner.bench import PASSED
from harness.runner.client import Here
from harness.runner.source import Source
from harness.work import stub

OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult,
    ast.Pow: ast.Mult, ast.MatMult: ast.Mult}


def sites(tree: ast.Module, class_name: str) -> list[tuple[Any, Any]]:
    """All (node, what to do to it) of an answer's functions; not its constructor's defaults, which no check uses."""
    found: list[tuple[Any, Any]] = []
    [answer] = (n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == class_name)
    defaults = {default for n in answer.body if isinstance(n, ast.FunctionDef) and n.name == "__init__"
                for default in n.args.defaults}
    for function in (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)):
        names = sorted({n.id for n in ast.walk(function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
                       | {a.arg for a in function.args.args} - {"self"})
        for node in ast.walk(function):
            match node:
                case _ if node in defaults:
                    pass
                case ast.BinOp() if type(node.op) in OPERATORS:
                    found.append((node, "operator"))
                case ast.UnaryOp(op=ast.USub()):
                    found.append((node, "sign"))
                case ast.Constant(value=bool()):
                    found.append((node, "flag"))
                case ast.Constant(value=int() | float()):
                    found.append((node, "number"))
                case ast.Call() if len(node.args) > 1:
                    found.append((node, "arguments"))
                case ast.Name(ctx=ast.Load()) if node.id in names and len(names) > 1:
                    found.append((node, ("name", names)))
    return found


def mutate(tree: ast.Module, class_name: str, rng: random.Random) -> tuple[ast.Module, int, str]:
    """A copy of ``tree`` with one edit; the line and what was done."""
    tree = copy.deepcopy(tree)
    node, what = rng.choice(sites(tree, class_name))
    before = ast.unparse(node)
    match what:
        case "operator":
            node.op = OPERATORS[type(node.op)]()
        case "sign":
            node.op = ast.UAdd()
        case "flag":
            node.value = not node.value
        case "number":
            node.value = rng.choice([v for v in (node.value + 1, node.value * 2, -node.value, node.value / 2 if
                                                 isinstance(node.value, float) else 0) if v != node.value])
        case "arguments":
            i = rng.randrange(len(node.args) - 1)
            node.args[i], node.args[i + 1] = node.args[i + 1], node.args[i]
        case (_, names):
            node.id = rng.choice([name for name in names if name != node.id])
    return tree, node.lineno, f"{before}  ->  {ast.unparse(node)}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tasks", nargs="*", default=None)
    parser.add_argument("--number", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--framework", default="pytorch")
    arguments = parser.parse_args()
    rng, counts = random.Random(arguments.seed), Counter[str]()
    here, folder = Here(arguments.framework), Path("out") / "mutants"
    folder.mkdir(parents=True, exist_ok=True)
    names = arguments.tasks or tasks.names()
    for i in range(arguments.number):
        task = tasks.load(names[i % len(names)])
        reference = diagnosis.Reference.stored(task)
        with np.load(diagnosis.data_path(task)) as stored:
            data = dict(stored)
        source = stub.solution(tasks.answer_path(task, arguments.framework).read_text(encoding="utf-8"))
        tree, line, what = mutate(ast.parse(source), task.class_name, rng)
        path = folder / f"{task.name}_{arguments.framework}.py"
        path.write_text(ast.unparse(ast.fix_missing_locations(tree)), encoding="utf-8")
        ladder = Ladder(task, here, Source.of(path), data, reference.right)
        rungs = ladder.climb()
        failed = next((rung for rung in rungs if rung.status != PASSED), None)
        if failed is None:
            counts["called right"] += 1
            print(f"RIGHT  {task.name}:{line}: {what}", flush=True)
            continue
        found = diagnosis.diagnose(ladder.found, reference)
        counts[f"{failed.status} at {failed.name}"] += 1
        if found.names:
            counts["named"] += 1
            print(f"NAMED  {task.name}:{line}: {what}: {found.names}", flush=True)
    print(dict(counts))


if __name__ == "__main__":
    main()
