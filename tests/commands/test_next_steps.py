"""Each next step that a command prints works as printed, in a shell, in a folder with a space in its name."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

from harness import tasks
from harness.messages import command
from harness.work import stub

COLUMNS = {"COLUMNS": "200"}


@pytest.fixture
def shell(tmp_path):
    """Run a line in a shell, in an empty folder with a space in its name; returns the finished process."""
    folder = tmp_path / "a folder"
    folder.mkdir()

    def run(line, **variables):
        return subprocess.run(line, shell=True, cwd=folder, capture_output=True, text=True, timeout=240,
                              env={**os.environ, "PYTHONPATH": str(ROOT), **COLUMNS, **variables})
    run.folder = folder
    return run


@pytest.fixture
def workbook(shell, monkeypatch):
    """The same for a command of the workbook, as the harness would print it there."""
    monkeypatch.chdir(shell.folder)

    def run(*arguments, **variables):
        return shell(command(*arguments), **variables)
    return run


def printed(text, before):
    """What stands behind ``before`` on its line, or on the next."""
    return re.search(rf"{re.escape(before)}\s*(.+)", text)[1]


def test_from_start_to_the_question_and_the_check(shell, workbook):
    begun = workbook("start", "ae", "-f", "chainer", "--work", "my work")
    assert begun.returncode == 0, begun.stderr
    asked = shell(printed(begun.stdout, "the question:"))
    assert asked.returncode == 0 and asked.stdout.startswith("# ")
    checked = shell(printed(begun.stdout, "then:"))
    assert checked.returncode == 3 and "yours to write" in checked.stdout
    progress = workbook("progress", "--work", "my work")
    assert "not attempted" in progress.stdout


def test_where_nothing_was_started(shell, workbook):
    refused = workbook("check", "ae", "-f", "chainer")
    assert refused.returncode == 2
    assert shell(printed(refused.stderr, "`").split("`")[0]).returncode == 0
    assert workbook("check", "ae").returncode == 3


def test_the_hint_after_the_last(shell, workbook):
    workbook("start", "ae", "-f", "chainer")
    refused = workbook("hint", "ae", "99")
    shown = shell(printed(refused.stderr, "`").split("`")[0])
    assert shown.returncode == 0 and shown.stdout == stub.solution(tasks.answer_path(tasks.load("ae"), "chainer").read_text())


@pytest.mark.rare
@pytest.mark.slow
def test_a_training_is_gone_on_with_and_looked_at(shell, workbook):
    """Stopped at its first line of progress, a tenth of the way."""
    line = command("train", "vae", "-f", "chainer", "--size", "check", "--steps", 8000, "--sheets", 1, "--out", "a run")
    with subprocess.Popen(["sh", "-c", f"exec {line}"], cwd=shell.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          env={**os.environ, "PYTHONPATH": str(ROOT), **COLUMNS}) as process:
        assert process.stderr.readline().startswith("step 800 of")
        process.terminate()
        stopped, _ = process.communicate(timeout=120)
    assert process.returncode == 130
    again = printed(stopped, "To continue:")
    done = int(re.search(r"stopped after ([\d,]+) of", stopped)[1].replace(",", ""))
    went_on = shell(again.replace("--steps 8000", f"--steps {done + 2}"))
    assert went_on.returncode == 0, went_on.stderr
    looked = shell(printed(went_on.stdout, "to look at it:"))
    assert looked.returncode == 0 and (shell.folder / "a run" / "explore" / "samples.png").is_file()


@pytest.mark.slow
def test_from_a_disagreement_to_its_place(shell, workbook, tmp_path):
    """Where frameworks disagree, the trace that is named finds where."""
    import shutil
    for folder in ("questions", "answers"):
        shutil.copytree(ROOT / folder, tmp_path / "book" / folder, ignore=shutil.ignore_patterns("__pycache__"))
    path = tmp_path / "book" / "answers" / "ae" / "ae_chainer.py"
    path.write_text(path.read_text().replace("F.mean_squared_error(", "1.01 * F.mean_squared_error("))
    apart = workbook("compare", "ae", "--frameworks", "pytorch,chainer", "--steps", "3", "--no-pictures", "--root", tmp_path / "book")
    assert apart.returncode == 1, apart.stderr
    found = shell(printed(apart.stdout, "to find the first difference:"))
    assert found.returncode == 1 and "differ first in step 1" in found.stdout


def test_what_is_missing_is_named_with_its_command(monkeypatch):
    """The command itself, `install`, would change this environment: its words are tested, and tests/frameworks tests the rest."""
    from harness import frameworks

    monkeypatch.setattr(frameworks, "installed", lambda: ("pytorch",))
    with pytest.raises(frameworks.NotInstalled, match=r"Chainer is not installed; install with `.*workbook install chainer`|-m harness install"):
        frameworks.require(["chainer"])


@pytest.mark.parametrize("place", ["on the path", "beside Python", "nowhere"])
def test_how_the_command_is_called(place, monkeypatch, tmp_path):
    """By its name where the shell finds it, by its path where only this environment has it, by Python else."""
    here = tmp_path / "an env" / "bin"
    here.mkdir(parents=True)
    monkeypatch.setattr(sys, "executable", str(here / "python"))
    monkeypatch.setenv("PATH", str(here) if place == "on the path" else "/nowhere")
    if place != "nowhere":
        (here / "workbook").write_text("#!/bin/sh\n")
        (here / "workbook").chmod(0o755)
    monkeypatch.chdir(tmp_path)
    assert command("list", "a b") == {"on the path": "workbook list 'a b'", "beside Python": "'an env/bin/workbook' list 'a b'",
                                      "nowhere": "'an env/bin/python' -m harness list 'a b'"}[place]


def test_another_environments_command_is_not_ours(monkeypatch, tmp_path):
    for name in ("ours", "theirs"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "workbook").write_text("#!/bin/sh\n")
        (tmp_path / name / "workbook").chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "ours" / "python"))
    monkeypatch.setenv("PATH", str(tmp_path / "theirs"))
    monkeypatch.chdir(tmp_path)
    assert command("list") == f"{Path('ours') / 'workbook'} list"
