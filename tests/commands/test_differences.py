"""A learner's answer beside ours: side by side where there is room, one after the other where there is not, a patch in a file."""

import io
import re
import subprocess

import pytest

from harness import tasks
from harness.commands import console
from harness.commands.learn import differences
from harness.tasks import mistakes
from harness.work import progress, stub

AE = tasks.load("ae")
OURS = stub.solution(tasks.answer_path(AE, "chainer").read_text(encoding="utf-8"))
CHANGES = mistakes.edits(AE, "chainer")["l1-for-l2"]
YOURS = mistakes.edited(OURS, CHANGES)
OLD, NEW = CHANGES[0]


def on_a_terminal(width, yours=YOURS):
    terminal = console.Terminal(file=io.StringIO(), force_terminal=True, width=width, color_system=None)
    differences.show(yours, OURS, "work/ae/ae_chainer.py", terminal)
    return terminal.file.getvalue()


def test_side_by_side():
    """The changed lines on one line of the screen, with their numbers; what is far from them is left out."""
    text = on_a_terminal(200)
    number = next(i for i, line in enumerate(OURS.splitlines(), 1) if OLD in line)
    (line,) = (line for line in text.splitlines() if OLD in line)
    assert NEW in line and re.findall(rf"\b{number}\b", line) == [f"{number}"] * 2 and line.index(NEW) < line.index(OLD)
    assert "class Autoencoder" not in text and len(text.splitlines()) < 30
    assert max(map(len, text.splitlines())) <= 200


def test_one_after_the_other():
    text = on_a_terminal(80)
    assert [line[0] for line in text.splitlines() if OLD in line or NEW in line] == ["-", "+"]
    assert max(map(len, text.splitlines())) <= 80


def test_lines_that_only_one_has():
    text = on_a_terminal(200, OURS.replace('"""', '"""# mine\n', 1))
    assert "# mine" in text and differences.OURS in text
    assert "letter by letter" in on_a_terminal(80, OURS)


@pytest.mark.parametrize("ending", [".py", ".ipynb"])
def test_in_a_pipe_it_is_a_patch(inside, monkeypatch, tmp_path, ending):
    monkeypatch.chdir(tmp_path)
    assert inside("start", "ae", "-f", "chainer", *(["--notebook"] if ending == ".ipynb" else [])).returncode == 0
    assert "has not passed yet" in inside("solution", "--diff").stderr
    progress.note(tmp_path / "work", lambda done: done.checked("ae", "chainer", "passed"))
    shown = inside("solution", "--diff")
    assert shown.returncode == 0 and "+++ our answer" in shown.stdout and "-        raise NotImplementedError" in shown.stdout
    if ending == ".py":
        subprocess.run(["patch", "-s", "work/ae/ae_chainer.py"], input=shown.stdout, text=True, check=True)
        assert (tmp_path / "work" / "ae" / "ae_chainer.py").read_text() == OURS
