"""Make the edits, have each checked, print a line for each and a table."""

import argparse
import json
import os
import random
import sys
import tempfile
from collections import Counter
from pathlib import Path

from harness.processes.machine import THREAD_VARIABLES

os.environ.update(dict.fromkeys(THREAD_VARIABLES, "1"))     # such small networks: two threads only wait for each other

from harness import tasks
from harness.frameworks import FRAMEWORKS
from tools.edits import layers, steps
from tools.edits.judge import CLASSES, Judge, Result
from tools.edits.source import Answer, Edit

BAD = ("missed", "explained wrongly", "not explained", "timed out", "fault")


def made(frameworks: list[str], names: list[str], kinds: list[str]) -> list[tuple[Answer, Edit]]:
    """All edits of these answers; of ``kinds`` those that begin so."""
    found = []
    for framework in frameworks:
        for name in names:
            answer = Answer(tasks.load(name), framework)
            found += [(answer, edit) for edit in [*layers.edits(answer), *steps.edits(answer)] if edit.kind.startswith(tuple(kinds))]
    return found


def sampled(edits: list[tuple[Answer, Edit]], number: int, seed: int) -> list[tuple[Answer, Edit]]:
    """``number`` of them, of as many kinds as there are; another seed, others."""
    rng = random.Random(seed)
    edits = rng.sample(edits, len(edits))
    turn, order = Counter[str](), {}
    for i, (_, edit) in enumerate(edits):
        order[i] = turn[edit.kind]
        turn[edit.kind] += 1
    return [edits[i] for i in sorted(order, key=lambda i: (order[i], i))[:number]]


def line(result: Result) -> str:
    """One line."""
    edit = result.edit
    head = f"{result.what:20} {edit.task}_{edit.framework}:{edit.line} {edit.kind}: {edit.words} [{edit.place}] ({result.seconds} s)"
    return head + "".join(
        f"\n        {'! ' if said in result.wrong else '  '}{said[:240]}" for said in result.said)


def table(results: list[Result]) -> str:
    """How many of each class, by framework and kind."""
    columns = [name for name in CLASSES if any(r.what == name for r in results)]
    rows = [["", "edits", *columns]]
    for framework in dict.fromkeys(r.edit.framework for r in results):
        of = [r for r in results if r.edit.framework == framework]
        for kind in [*sorted({r.edit.kind for r in of}), ""]:
            counts = Counter(r.what for r in of if kind in ("", r.edit.kind))
            rows.append([f"{framework}  {kind or 'all'}", str(counts.total()), *(str(counts[c] or "") for c in columns)])
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join("  ".join(cell.ljust(w) if i == 0 else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, widths))) for row in rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--framework", default=",".join(FRAMEWORKS), help="with commas between them")
    parser.add_argument("--task", default=",".join(tasks.names()))
    parser.add_argument("--kind", default="", help="how kinds begin")
    parser.add_argument("--sample", type=int, metavar="N", help="so many of them, of all kinds")
    parser.add_argument("--seed", type=int, default=0, help="of the sample")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all results there")
    arguments = parser.parse_args()
    edits = made(arguments.framework.split(","), arguments.task.split(","), arguments.kind.split(","))
    if arguments.sample:
        edits = sampled(edits, arguments.sample, arguments.seed)
    results = []
    with tempfile.TemporaryDirectory() as folder:
        judge = Judge(Path(folder))
        for answer, edit in edits:
            results.append(judge.judge(answer, edit))
            print(line(results[-1]), flush=True)
            if arguments.json:
                arguments.json.write_text(json.dumps([r.as_dict() for r in results], indent=1), encoding="utf-8")
        judge.close()
    print(f"\n{table(results)}")
    sys.exit(any(r.what in BAD for r in results))


if __name__ == "__main__":
    main()
