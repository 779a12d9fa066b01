"""make setup: done once, skipped when nothing changed, repaired when interrupted; with a small requirements.txt."""

import os
import shutil
import subprocess
import sys

import pytest
from conftest import ROOT


@pytest.fixture
def project(tmp_path):
    """A copy of what set-up needs, with nothing to install: ``project()`` runs make setup there."""
    (tmp_path / "tools").mkdir()
    for name in ("Makefile", "constraints-build.txt", "tools/setup.sh"):
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "requirements.txt").write_text("# nothing\n")

    def make(target="setup", **variables):
        return subprocess.run(["make", target, *(f"{k}={v}" for k, v in variables.items())], cwd=tmp_path, text=True,
                              capture_output=True, env={**os.environ, "PYTHON": sys.executable})
    make.path = tmp_path
    return make


def test_once_then_skipped(project):
    first = project()
    assert first.returncode == 0, first.stderr
    assert "making .venv" in first.stdout and len(list((project.path / ".venv").glob("ready-*"))) == 1
    assert "setup:" not in project().stdout


def test_changed_requirements_are_installed_into_the_same_environment(project):
    project()
    (project.path / ".venv" / "kept").touch()
    (project.path / "requirements.txt").write_text("# changed\n")
    again = project()
    assert again.returncode == 0 and "installing" in again.stdout and "making" not in again.stdout
    assert (project.path / ".venv" / "kept").exists() and len(list((project.path / ".venv").glob("ready-*"))) == 1


def test_an_interrupted_setup_is_repaired(project):
    (project.path / "requirements.txt").write_text("this-is-not-there==0 ; python_version > '3'\n./nowhere\n")
    failed = project()
    assert failed.returncode != 0 and not list((project.path / ".venv").glob("ready-*"))
    os.remove(project.path / ".venv" / "bin" / "python")            # and it left half of an environment
    (project.path / "requirements.txt").write_text("# nothing\n")
    repaired = project()
    assert repaired.returncode == 0 and "making .venv" in repaired.stdout, repaired.stderr
    assert subprocess.run([project.path / ".venv" / "bin" / "python", "-c", "import pip"]).returncode == 0


def test_a_wrong_python_is_said(project):
    wrong = project(PYTHON="/nowhere/python")
    assert wrong.returncode == 2 and "not a Python 3.11 or 3.12" in wrong.stderr


@pytest.mark.parametrize("target", ["compare", "test"])
def test_any_target_can_come_first(project, target):
    planned = subprocess.run(["make", "-n", target], cwd=project.path, capture_output=True, text=True).stdout
    assert planned.index("tools/setup.sh") < planned.index("-m harness compare" if target == "compare" else "-m pytest")


def test_requirements_are_pinned():
    for name in ("requirements.txt", "requirements-gpu.txt"):
        for line in (ROOT / name).read_text().splitlines():
            line = line.split("#")[0].strip()
            assert not line or line.startswith("-r ") or "==" in line, line
