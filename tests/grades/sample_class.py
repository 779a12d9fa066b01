"""Results to make grades of: some from the judge itself, and others written by hand."""

import copy
import functools
import json
from datetime import datetime
from types import SimpleNamespace

from harness.grading import judge
from harness.grading.assignment import Assignment
from harness.grading.equal import OURS
from harness.grading.judge import BROKE, Piece
from harness.grading.oracle import Oracle
from harness.grading.submission import Submission
from harness.tasks import answer_path, load, mistakes
from harness.work import stub

NASTY = "<script>alert(1)</script>\x1b[31m\x00\u202e\ud800&\"'</pre>"     # markup, ANSI, NUL, right to left, half a pair


def handed_in(student, task="vae", framework="chainer", edits=(), change=lambda source: source, **more):
    source = stub.solution(answer_path(load(task, "check"), framework).read_text(encoding="utf-8"))
    for name in edits:
        source = mistakes.edited(source, mistakes.edits(load(task, "check"), framework)[name])
    return Submission(student, task, framework, f"{task}_{framework}.py", change(source).encode(), **more)


@functools.cache
def judged_once():
    """By student, from the judge: all is right; one mistake; an error in the file, after something was printed; a loss that is no
    number in the third step."""
    infinite = "\n        self.calls = getattr(self, 'calls', 0) + 1\n        return {k: v * (float('nan') if self.calls == 3 else 1) for k, v in losses.items()}"
    submissions = [
        handed_in("Ada Lovelace", submitted="2026-11-30T12:00:00+09:00"),
        handed_in("Bob", edits=["kl-sign"], submitted="2026-12-02T12:00:00+09:00"),
        handed_in("Carol", change=lambda source: "print('hello <b>\\x1b[31m')\n" + source.replace("class Var", "class Other")),
        handed_in("Dan", change=lambda source: source + "\n\n_step = VariationalAutoencoder.train_step\n\n\ndef _other(self, batch):\n"
                  "    losses = _step(self, batch)" + infinite.replace("\n        ", "\n    ") + "\n\n\nVariationalAutoencoder.train_step = _other\n"),
    ]
    with Oracle("chainer") as oracle:
        return {s.student: judge.judged(Piece(s, 7 + i), oracle) for i, s in enumerate(submissions)}


def sample():
    """``results`` as they come back from results.jsonl: those, and by hand more attempts, in time and out of it, nasty texts, a broken
    grader; with an ``assignment``, and what is ``equal``: Ada has our answer, Bob and the nasty one have each other's."""
    found = json.loads(json.dumps(list(judged_once().values())))
    again = made(found[1], "Bob", attempt=2, submitted="2026-12-03T12:00:00+09:00")
    nasty = made(found[1], NASTY, task="ae", message=NASTY, printed=NASTY, file=NASTY, facts=[NASTY], mistakes=[], lines=[[1, NASTY]])
    for rung in nasty["rungs"][5:]:
        rung.update(message=NASTY, facts=[NASTY], lines=[[3, NASTY]])
    unknown = judge.blank(Piece(Submission("Eva Quist", file="notes.py"), 1), message="nobody can say which task it answers")
    broken = judge.blank(Piece(Submission("Eva Quist", "ae", "keras", "ae_keras.py"), 1), BROKE, "its judge died 3 times") | {"log": "<b>log</b>"}
    assignment = Assignment("Sheet <3>", ("vae", "ae"), deadline=datetime.fromisoformat("2026-12-01T23:59:00+09:00"), penalty=(0.1, 0.5))
    equal = {found[0]["name"]: [OURS], found[1]["name"]: [NASTY], nasty["name"]: ["Bob", "and 3 more"]}
    return SimpleNamespace(results=[*found, again, nasty, unknown, broken], assignment=assignment, equal=equal)


def made(result, student, **other):
    """A copy of a result, for another submission."""
    copied = copy.deepcopy(result) | {"student": student, **other}
    return copied | {"name": "/".join((student, copied["task"] or copied["file"], copied["framework"], str(copied["attempt"])))}
