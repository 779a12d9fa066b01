"""Grade the same submissions several times, with the grader, its judges and its runners killed at random: are the grades the same?

    .venv/bin/python tools/grading_trial.py [--number 300] [--times 3] [--seed 0] [--out out/trial]

Submissions are our answers, our named mistakes, mutants of our answers, stubs, and some that end their process. What comes out is
a line a grading, and the differences; exit code 1 if there are any.
"""

import argparse
import ast
import csv
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from harness import frameworks, tasks
from harness.processes import tree
from harness.tasks import mistakes
from harness.work import stub
from tools.mutants import mutate

SMALL = ("ae", "vae", "gan", "wgan", "latent_ae", "sampling_decoder")        # so that it is the grader that takes the time
WEIGHTS = {"chainer": 5, "pytorch": 4, "keras": 1, "tensorflow": 1}         # of frameworks, by the time their import takes
DEATHS = ("import os\nos._exit(3)\n", "import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n", "def f(): f()\nf()\n")
SAME = ("student", "task", "framework", "points", "state", "mistakes")      # columns of grades.csv that may not differ


def make(folder: Path, number: int, rng: random.Random) -> Counter[str]:
    """A folder a student; how many there are of each kind."""
    kinds: Counter[str] = Counter()
    there = [name for name in WEIGHTS if name in frameworks.installed()]
    for i in range(number):
        task = tasks.load(SMALL[i % len(SMALL)])
        framework = rng.choices(there, [WEIGHTS[name] for name in there])[0]
        answer = tasks.answer_path(task, framework).read_text(encoding="utf-8")
        source, kind = stub.solution(answer), rng.choices(("right", "mistake", "mutant", "stub", "death"), (3, 5, 5, 1, 1))[0]
        if kind == "mistake":
            source = mistakes.edited(source, rng.choice(list(mistakes.edits(task, framework).values())))
        elif kind == "mutant":
            source = ast.unparse(ast.fix_missing_locations(mutate(ast.parse(source), task.class_name, rng)[0]))
        elif kind == "stub":
            source = stub.stub(answer)
        elif kind == "death":
            source = rng.choice(DEATHS) + source
        place = folder / f"student{i:03d}"
        place.mkdir(parents=True)
        (place / f"{task.name}_{framework}.py").write_text(source, encoding="utf-8")
        kinds[kind] += 1
    return kinds


def grade(submissions: Path, out: Path, workers: int, rng: random.Random | None,
          pause: float) -> tuple[list[tuple[str, ...]], Counter[str]]:
    """(the grades, what was killed); nothing is where there is no ``rng``."""
    killed: Counter[str] = Counter()
    while True:
        command = [sys.executable, "-m", "harness", "grade", str(submissions), "--assignment", str(submissions.with_suffix(".toml")),
                   "--out", str(out), "--workers", str(workers), "--resume"]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, start_new_session=True)
        while process.poll() is None:
            try:
                process.wait(rng.uniform(pause / 2, 2 * pause) if rng else None)
            except subprocess.TimeoutExpired:
                killed[_kill(process.pid, rng)] += 1
        if process.returncode in (0, 1):
            break
        time.sleep(0.5)
    with open(out / "grades.csv", encoding="utf-8-sig", newline="") as file:
        return sorted(tuple(row[name] for name in SAME) for row in csv.DictReader(file)), killed


def _kill(grader: int, rng: random.Random | None) -> str:
    """Kill the grader, one of its judges, or what one of them runs; which it was."""
    assert rng
    below = [pid for pid in tree.members(grader) if pid != grader]
    commands = {pid: _command(pid) for pid in below}
    kinds = {"judge": [pid for pid, line in commands.items() if "multiprocessing.spawn" in line],
             "runner": [pid for pid, line in commands.items() if "harness.processes.child" in line and "bwrap" not in line],
             "grader": [grader]}
    kind = rng.choice([name for name, pids in kinds.items() if pids])
    try:
        os.kill(rng.choice(kinds[kind]), signal.SIGKILL)
    except ProcessLookupError:
        return "nothing"
    return kind


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--number", type=int, default=300)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--pause", type=float, default=30, help="seconds between two kills, on average")
    parser.add_argument("--out", type=Path, default=ROOT / "out" / "trial")
    arguments = parser.parse_args()
    shutil.rmtree(arguments.out, ignore_errors=True)
    print(dict(make(arguments.out / "submissions", arguments.number, random.Random(arguments.seed))), flush=True)
    (arguments.out / "submissions.toml").write_text(f'secret = "trial {arguments.seed}"\n', encoding="utf-8")      # the same numbers
    found = []
    for number in range(arguments.times):
        started = time.monotonic()
        grades, killed = grade(arguments.out / "submissions", arguments.out / f"grades{number}", arguments.workers,
                               random.Random(arguments.seed + number) if number else None, arguments.pause)
        found.append(grades)
        print(f"{number + 1}: {len(grades)} grades in {time.monotonic() - started:.0f} s, killed: {dict(killed) or 'nothing'}; "
              f"{dict(Counter(row[SAME.index('state')] for row in grades))}", flush=True)
    differ = [pair for grades in found[1:] for pair in zip(found[0], grades) if pair[0] != pair[1]]
    for first, other in differ:
        print(f"DIFFER {first} {other}")
    print(f"{len(differ)} grades differ")
    return 1 if differ or any(len(grades) != len(found[0]) for grades in found) else 0


if __name__ == "__main__":
    sys.exit(main())
