"""The learner's commands, as a learner runs them: what they write, say and exit with."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from conftest import ROOT

from harness import tasks
from harness.work import stub

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def learner(tmp_path):
    """Run a command in an empty folder: learner("check", "ae") -> the finished process."""
    def run(*arguments, timeout=120, typed=""):
        return subprocess.run([sys.executable, "-m", "harness", *map(str, arguments)], cwd=tmp_path, capture_output=True, input=typed,
                              text=True, timeout=timeout, env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "200"})
    run.folder = tmp_path
    run.file = tmp_path / "work" / "ae" / "ae_chainer.py"
    return run


def answer(edit=None):
    source = stub.solution(tasks.answer_path(tasks.load("ae"), "chainer").read_text(encoding="utf-8"))
    if edit:
        assert edit[0] in source
        source = source.replace(*edit, 1)
    return source


def test_from_start_to_solution(learner):
    done = learner("start", "ae", "--framework", "chainer")
    assert done.returncode == 0 and "work/ae/ae_chainer.py" in done.stdout
    done = learner("check", "ae")
    assert done.returncode == 3 and "yours to write" in done.stdout and "ae_chainer.py:" in done.stdout
    assert learner("solution", "ae").returncode == 2

    learner.file.write_text(answer(("F.mean_squared_error", "F.mean_absolute_error")))
    done = learner("check")                                 # the last one
    assert done.returncode == 1 and "The absolute error instead of the squared one" in done.stdout
    done = learner("check", learner.file, "--json")
    found = json.loads(done.stdout)
    assert done.returncode == 1 and found["version"] == 2 and found["diagnosis"]["mistakes"] == ["l1-for-l2"]
    assert [r["status"] for r in found["rungs"] if r["task_id"] == "ae/first losses"] == ["wrong"]

    assert "about 'first losses'" in learner("hint").stdout and "hint 7 of 7, about 'first losses'" in learner("hint").stdout
    assert "hint 6 of" in learner("hint", "6").stdout and learner("hint", "99").returncode == 2

    learner.file.write_text(answer())
    assert learner("check").returncode == 0
    assert "class Autoencoder" in learner("solution").stdout
    assert "solved, 4 tries, 2 hints" in learner("progress").stdout
    done = learner("reset", "ae")
    assert done.returncode == 0 and learner.file.read_text() == stub.of(tasks.load("ae"), "chainer")
    (kept,) = learner.file.parent.glob("*.bak")
    assert kept.read_text() == answer()


def test_start_never_overwrites(learner):
    learner("start", "ae", "-f", "chainer")
    learner.file.write_text("mine")
    done = learner("start", "ae", "-f", "chainer")
    assert done.returncode == 2 and "exists already" in done.stderr and learner.file.read_text() == "mine"
    done = learner("start", "ae", "-f", "chainer", "--force")
    (kept,) = learner.file.parent.glob("*.bak")
    assert done.returncode == 0 and kept.read_text() == "mine" and learner.file.read_text() != "mine"


@pytest.mark.parametrize("arguments, message", [
    (["check"], "no task was started yet"),
    (["check", "vea"], "did you mean 'vae'?"),
    (["check", "ae"], "was not started"),
    (["check", "none/ae_chainer.py"], "there is no file"),
    (["start", "ae", "-f", "torch"], "did you mean 'pytorch'?"),
    (["solution", "ae", "-f", "chainer"], "has not passed"),
])
def test_bad_usage(learner, arguments, message):
    done = learner(*arguments)
    assert done.returncode == 2 and message in done.stderr and "Traceback" not in done.stderr


def test_progress_that_cannot_be_read_is_kept_aside(learner):
    progress = learner.folder / "work" / "progress.json"
    progress.parent.mkdir()
    for number, arguments in enumerate((["start", "ae", "-f", "chainer"], ["progress"], ["check", "ae"], ["hint", "ae"], ["reset", "ae"]), 1):
        progress.write_text("null")
        done = learner(*arguments)
        assert done.returncode == (3 if arguments[0] == "check" else 0) and "Traceback" not in done.stderr
        assert done.stderr.count("\n") == 1 and "was damaged; it is kept as" in done.stderr
        assert len(list(progress.parent.glob("progress.json.*.bak"))) == number
    assert learner.file.exists()


def test_progress_that_was_removed(learner):
    learner("start", "ae", "-f", "chainer")
    learner.file.write_text("mine")
    (learner.folder / "work" / "progress.json").unlink()
    done = learner("reset", "ae")
    assert (done.returncode, done.stderr) == (0, "") and "[red]" not in learner("progress").stdout


def test_markup_in_progress_is_text(learner):
    learner("start", "ae", "-f", "chainer")
    file = learner.folder / "work" / "progress.json"
    file.write_text(file.read_text().replace('"started"', '"[/nothing]"'))
    done = learner("progress")
    assert done.returncode == 0 and "[/nothing]" in done.stdout


def test_a_verdict_is_said_where_progress_cannot_be_saved(learner):
    learner("start", "ae", "-f", "chainer")
    lock = learner.folder / "work" / ".progress.lock"
    lock.unlink()
    lock.mkdir()
    done = learner("check", "ae")
    assert done.returncode == 3 and "yours to write" in done.stdout
    assert done.stderr.startswith("your progress was not saved: ") and done.stderr.count("\n") == 1
    done = learner("hint", "ae")
    assert done.returncode == 0 and "hint 1 of" in done.stdout and "not saved" in done.stderr


def test_files_that_lie_elsewhere_are_no_tries_of_mine(learner):
    theirs = learner.folder / "theirs" / "s1234.py"
    theirs.parent.mkdir()
    theirs.write_text(answer())
    for arguments in ([theirs, "--task", "AE"], ["ae", theirs], [theirs, "ae"]):
        done = learner("check", *arguments)
        assert done.returncode == 0, done.stderr
    assert [path.name for path in (learner.folder / "work").iterdir()] == ["checks"]
    assert not learner("check", theirs, "--task", "ae", "--json").stderr and learner("check", theirs, "--task", "ae", "--no-page").returncode == 0


IMAGES = '        images = batch["images"]\n'


@pytest.mark.parametrize("line, code, message", [
    ("        while True: pass\n", 5, "ae_chainer.py:"),
    ("        import sys; sys.exit(0)\n", 4, "sys.exit(0)"),
    ("        import os; os._exit(0)\n", 4, "ended with code 0"),
    ("        import ctypes; ctypes.string_at(0)\n", 4, "SIGSEGV"),
    ("        import numpy; numpy.ones(10 ** 11)\n", 4, "memory"),
    ("        print('line\\n' * 10 ** 6)\n        raise KeyError('mine')\n", 4, "KeyError: 'mine'"),
    ("        raise NotImplementedError\n", 3, "not written yet"),
    ("        input('what? ')\n", 4, "asks for input, but a check has no terminal"),
    ("        breakpoint()\n", 4, "asks for input, but a check has no terminal"),
    ("        import pdb; pdb.set_trace()\n        pass\n", 4, "asks for input, but a check has no terminal"),
    ("        import os; assert not os.read(0, 9), 'a request'\n", 4, "'images'"),
    ("        import subprocess; subprocess.run(['cat'])\n", 4, "'images'"),
])
def test_whatever_the_code_does(learner, line, code, message):
    learner.file.parent.mkdir(parents=True)
    learner.file.write_text(answer((IMAGES, line)))
    done = learner("check", learner.file, "--timeout", 6)
    assert done.returncode == code and message in done.stdout, done.stdout + done.stderr
    assert len(done.stdout) < 20_000 and str(ROOT / "harness") not in done.stdout


@pytest.mark.parametrize("typed, code, seen", [
    ("p 40 + 2\n" + "c\n" * 9, 0, ["ae_chainer.py(", "42", "ae, Chainer: passed"]), ("q\n", 4, ["you left the debugger"])])
def test_debug_runs_the_code_in_this_terminal(learner, typed, code, seen):
    learner.file.parent.mkdir(parents=True)
    learner.file.write_text(answer((IMAGES, "        breakpoint()\n" + IMAGES)))
    done = learner("check", learner.file, "--debug", typed=typed)
    assert done.returncode == code and all(text in done.stdout for text in seen), done.stdout + done.stderr


@pytest.mark.parametrize("source", ["x = 1\n", "raise ValueError('mine')\n", "import sys; sys.exit()\n"])
def test_what_shadows_a_framework_is_said(learner, source):
    (learner.folder / "chainer.py").write_text(source)
    learner.file.parent.mkdir(parents=True)
    learner.file.write_text(answer())
    assert learner("check", learner.file).returncode == 0       # nothing of the current folder is in its way
    done = learner("train", "ae", "-f", "chainer", "--size", "check", "--steps", "1")
    assert done.returncode == 2 and "Traceback" not in done.stdout + done.stderr
    assert f"{learner.folder / 'chainer.py'} was imported in place of a library" in done.stderr, done.stderr


def test_a_package_that_shadows_is_said(learner):
    (learner.folder / "chainer").mkdir()
    (learner.folder / "chainer" / "__init__.py").write_text("")
    learner.file.parent.mkdir(parents=True)
    learner.file.write_text(answer())
    assert learner("check", learner.file).returncode == 0
    assert "was imported in place of a library" in learner("train", "ae", "-f", "chainer", "--size", "check", "--steps", "1").stderr


@pytest.mark.parametrize("notebook", [False, True])
def test_modules_beside_the_file_are_found_from_any_folder(learner, notebook):
    learner("start", "ae", "-f", "chainer", *(["--notebook"] if notebook else []))
    (learner.file.parent / "parts.py").write_text("from chainer.functions import mean_squared_error\n")
    source = answer(("F.mean_squared_error", "parts.mean_squared_error")).replace("import chainer\n", "import chainer\nimport parts\n", 1)
    if notebook:
        cell = {"cell_type": "code", "source": source.partition("if __name__")[0], "metadata": {}, "outputs": [], "execution_count": None,
                "id": "a"}
        path = learner.file.with_suffix(".ipynb")
        path.write_text(json.dumps({**json.loads(path.read_text()), "cells": [cell]}))
    else:
        learner.file.write_text(source)
    assert learner("check", "ae").returncode == 0


def test_an_exception_shows_the_learners_own_lines(learner):
    learner.file.parent.mkdir(parents=True)
    learner.file.write_text(answer(("self.cleargrads()", "undefined_name")))
    done = learner("check", learner.file)
    number = answer(("self.cleargrads()", "undefined_name")).splitlines().index("        undefined_name") + 1
    assert done.returncode == 4 and f"ae_chainer.py:{number}: undefined_name" in done.stdout
    assert "trainer.py" not in done.stdout + done.stderr


@pytest.mark.rare
def test_a_notebook(learner):
    assert learner("start", "ae", "-f", "chainer", "--notebook").returncode == 0
    notebook = learner.file.with_suffix(".ipynb")
    done = learner("check", "ae")
    assert done.returncode == 3 and "ae_chainer.ipynb, cell" in done.stdout
    content = json.loads(notebook.read_text())
    content["cells"] = [{"cell_type": "code", "source": answer().partition("if __name__")[0].splitlines(keepends=True),
                         "metadata": {}, "outputs": [], "execution_count": None, "id": "a"}]
    notebook.write_text(json.dumps(content))
    assert learner("check", "ae").returncode == 0
    notebook.write_text("{")
    done = learner("check", "ae")
    assert done.returncode == 2 and "is not a notebook" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_watch_checks_on_save(learner):
    learner.file.parent.mkdir(parents=True)
    learner.file.write_text(stub.of(tasks.load("ae"), "chainer"))
    process = subprocess.Popen([sys.executable, "-m", "harness", "watch", str(learner.file)], cwd=learner.folder,
                               stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
    try:
        def until(text):
            for line in process.stdout:
                if text in line:
                    return line
        assert until("ae, Chainer: not attempted")
        time.sleep(0.2)
        learner.file.write_text(answer())
        assert until("ae, Chainer: passed")
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0
