"""All submissions are judged, each once, whatever dies on the way; nobody is blamed for another."""

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import BrokenExecutor, Future

import pytest

from harness.feedback.verdict import OUT_OF_TIME
from harness.grading import judge, queue
from harness.grading.judge import BROKE
from harness.grading.queue import GRADING, RESULTS, TRIES, Grading, judge_all, pieces
from harness.grading.submission import Submission
from harness.messages import WorkbookError
from harness.runner.bench import PASSED


class Played:
    """A pool whose judges do what the submission's file is called."""

    def __init__(self, size=3):
        self.size, self.mended, self.seen, self.in_hand, self.most = size, 0, [], [], 0

    def submit(self, piece):
        future, name = Future(), piece.submission.student
        self.seen.append(name)
        self.in_hand.append((future, piece))
        self.most = max(self.most, len(self.in_hand))
        if len(self.in_hand) >= self.size or len(self.seen) >= self.all:
            self.end()
        return future

    def end(self):
        """All that are in hand end; one that kills its judge takes the others along."""
        dies = any(piece.submission.student.startswith("kills") for _, piece in self.in_hand)
        for future, piece in self.in_hand:
            if dies:
                future.set_exception(BrokenExecutor("died"))
            else:
                name = piece.submission.student
                fault = name == "always broken" or (name == "broken once" and self.seen.count(name) == 1)
                state = OUT_OF_TIME if name.startswith("slow") else BROKE if fault else PASSED
                future.set_result(judge.blank(piece, state))
        self.in_hand = []

    def mend(self):
        self.mended += 1


def of(*students):
    return pieces([Submission(student, "vae", "chainer", "vae_chainer.py", b"x") for student in students], Grading(None, "s"), "each")


def run(pool, *students):
    pool.all = len(students)
    return {result["student"]: result for result in judge_all(of(*students), pool)}


def test_every_piece_has_one_result():
    pool = Played()
    results = run(pool, *map(str, range(10)))
    assert len(results) == 10 and {r["state"] for r in results.values()} == {PASSED}
    assert sorted(pool.seen) == sorted(map(str, range(10))) and pool.most == 3


def test_who_kills_its_judge_is_found_and_nobody_else_is_blamed():
    pool = Played()
    results = run(pool, "a", "kills", "b", "c", "d")
    assert results["kills"]["state"] == BROKE and "died 3 times" in results["kills"]["message"]
    assert {results[name]["state"] for name in "abcd"} == {PASSED}
    assert pool.seen.count("kills") == TRIES and pool.mended >= TRIES
    assert all(pool.seen.count(name) <= 2 for name in "abcd")


def test_what_a_fault_of_ours_broke_is_judged_again_and_alone():
    """A process that was killed from outside, say, as it started: that says nothing about a submission."""
    pool = Played()
    results = run(pool, "a", "broken once", "always broken", "b")
    assert results["broken once"]["state"] == PASSED and results["always broken"]["state"] == BROKE
    assert pool.seen.count("broken once") == 2 and pool.seen.count("always broken") == TRIES and pool.mended == 0


def test_what_ran_out_of_time_is_judged_once_more_and_alone():
    pool = Played()
    results = run(pool, "a", "slow", "b", "slow too")
    assert results["slow"]["state"] == results["slow too"]["state"] == OUT_OF_TIME
    assert pool.seen.count("slow") == pool.seen.count("slow too") == 2 and pool.seen.count("a") == 1
    assert pool.seen[-2:] == ["slow", "slow too"]


def test_a_result_is_on_the_disk_before_it_is_given_out(tmp_path):
    grading, pool = Grading.begin(tmp_path), Played(1)
    pool.all = 3
    for number, result in enumerate(grading.run(of("a", "b", "c"), pool), 1):
        lines = (tmp_path / RESULTS).read_text().splitlines()
        assert len(lines) == number and json.loads(lines[-1])["student"] == result["student"]


def test_going_on_does_what_is_missing(tmp_path):
    grading, pool = Grading.begin(tmp_path), Played(1)
    pool.all = 4
    running = grading.run(of("a", "b", "c", "d"), pool)
    next(running), next(running)
    running.close()
    with open(tmp_path / RESULTS, "a") as file:
        file.write('{"name": "c/vae/chainer/1", "sta')          # a kill cut it off
    again, pool = Grading.resume(tmp_path), Played(1)
    pool.all = 2
    assert again.secret == grading.secret
    assert [result["student"] for result in again.run(of("a", "b", "c", "d"), pool)] == ["c", "d"]
    assert {name for name, _ in again.results()} == {f"{student}/vae/chainer/1" for student in "abcd"}


def test_a_result_of_an_older_program_is_judged_again(tmp_path):
    grading, pool = Grading.begin(tmp_path), Played(1)
    pool.all = 1
    list(grading.run(of("a"), pool))
    path = tmp_path / "results.jsonl"
    path.write_text(path.read_text().replace(f'"version": {judge.VERSION}', '"version": 0'), encoding="utf-8")
    assert [piece.submission.student for piece in grading.left(of("a"))] == ["a"]


def test_what_broke_its_judge_is_judged_again(tmp_path):
    grading, pool = Grading.begin(tmp_path), Played(1)
    pool.all = 2
    assert [r["state"] for r in grading.run(of("kills", "a"), pool)] == [PASSED, BROKE]
    assert [piece.submission.student for piece in grading.left(of("kills", "a"))] == ["kills"]


def test_another_file_is_another_verdict(tmp_path):
    grading, pool = Grading.begin(tmp_path), Played(1)
    pool.all = 1
    list(grading.run(of("a"), pool))
    changed = pieces([Submission("a", "vae", "chainer", "vae_chainer.py", b"changed")], grading, "each")
    assert len(list(grading.run(changed, pool))) == 1 and len(grading.results()) == 2


def test_a_grading_with_another_secret(tmp_path):
    Grading.begin(tmp_path, "one")
    assert Grading.resume(tmp_path, "one").secret == Grading.resume(tmp_path).secret == "one"
    with pytest.raises(WorkbookError, match="another secret"):
        Grading.resume(tmp_path, "other")


def test_seeds_are_secret_and_stay(tmp_path):
    grading = Grading.begin(tmp_path)
    assert (tmp_path / GRADING).stat().st_mode & 0o077 == 0
    assert grading.seed("a") == Grading.resume(tmp_path).seed("a") != grading.seed("b")
    assert Grading(None, "1").seed("a") != Grading(None, "2").seed("a") and 0 <= grading.seed("é\udc80") < queue.SEEDS
    one = pieces([Submission("a"), Submission("b")], grading, "one")
    assert one[0].seed == one[1].seed == grading.seed("")


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"version": 1}'])
def test_a_grading_that_cannot_be_read(tmp_path, content):
    (tmp_path / GRADING).write_text(content)
    with pytest.raises(WorkbookError, match="cannot be read"):
        Grading.resume(tmp_path)


def test_a_fault_of_ours_is_a_result(monkeypatch):
    monkeypatch.setattr(judge, "judged", lambda piece, oracle: 1 / 0)
    monkeypatch.setattr(queue, "Oracle", lambda framework: None)
    result = queue.judged(of("a")[0])
    assert (result["state"], result["message"]) == (BROKE, "ZeroDivisionError: division by zero") and "1 / 0" in result["log"]


PROGRAM = """
import sys
from pathlib import Path
from harness.grading.queue import Grading, Processes, pieces
from harness.grading.submission import Submission
from harness import tasks
from harness.tasks import mistakes
from harness.work import stub
task = tasks.load("ae")
right = stub.solution(tasks.answer_path(task, "chainer").read_text())
found = [Submission("right", "ae", "chainer", "ae_chainer.py", right.encode())]
for name, edits in list(mistakes.edits(task, "chainer").items())[:7]:
    found.append(Submission(name, "ae", "chainer", "ae_chainer.py", mistakes.edited(right, edits).encode()))
found.append(Submission("dies", "ae", "chainer", "ae_chainer.py", b"import os\\nos.kill(os.getpid(), 11)"))
if __name__ == "__main__":
    folder = Path(sys.argv[1])
    grading = Grading.resume(folder) if (folder / "grading.json").exists() else Grading.begin(folder, "secret")
    pool = Processes(2)
    print("pool", *[process.pid for process in pool._pool._processes.values()], flush=True)
    for result in grading.run(pieces(found, grading, "each"), pool):
        print(result["student"], [process.pid for process in pool._pool._processes.values()], flush=True)
    pool.close()
"""


def graded(folder, kills):
    """The grades, with kills of the grader ("grader") and of judges ("judge") after so many results."""
    program = folder / "program.py"
    program.write_text(PROGRAM)
    out = folder / "out"
    out.mkdir()
    while True:
        process = subprocess.Popen([sys.executable, str(program), str(out)], stdout=subprocess.PIPE, text=True,
                                   env={**os.environ, "PYTHONPATH": os.getcwd()})
        for line in process.stdout:
            if line.startswith("pool") or not kills:
                continue
            who = kills.pop(0)
            if who == "grader":
                process.send_signal(signal.SIGKILL)
                break
            pids = json.loads(line[line.index("["):])
            if who == "judge" and pids:
                os.kill(pids[0], signal.SIGKILL)
        if process.wait(timeout=300) == 0:
            break
    results = Grading.resume(out).results().values()
    return {r["student"]: (r["state"], [rung["status"] for rung in r["rungs"]], [m["name"] for m in r["mistakes"]]) for r in results}


@pytest.mark.rare
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_kills_change_no_grade(tmp_path):
    (tmp_path / "1").mkdir(), (tmp_path / "2").mkdir()
    quiet = graded(tmp_path / "1", [])
    started = time.monotonic()
    noisy = graded(tmp_path / "2", ["", "judge", "", "grader", "judge", "grader"])
    assert noisy == quiet and time.monotonic() - started < 600
    assert quiet["right"][0] == PASSED and quiet["dies"][0] == "raised"
    named = [student for student, (_, _, names) in quiet.items() if student in names]
    assert len(named) == len(quiet) - 2         # every mistake by its name, at a seed of its own
