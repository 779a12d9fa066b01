"""What is there, what is missing, and how it is installed; nothing is installed here."""

import subprocess
import sys
from importlib import metadata

import pytest

from harness import frameworks
from harness.frameworks import installation
from harness.messages import WorkbookError

DECLARED = ['torch>=2.4; extra == "pytorch"', "keras>=3.4 ; extra == 'keras'", 'tensorflow>=2.16; (python_version < "4") and extra == "keras"',
            'six>=1.9; extra == "chainer"', "numpy>=1.24", 'image-generation-workbook[pytorch,train]; extra == "evaluate"']


@pytest.fixture
def pip(monkeypatch):
    """What pip would be asked for, and with which constraints."""
    calls = []

    def run(arguments, env, check):
        calls.append((arguments, env))
        return subprocess.CompletedProcess(arguments, 0)

    monkeypatch.setattr(installation.subprocess, "run", run)
    monkeypatch.setattr(metadata, "requires", lambda name: DECLARED)
    return calls


def test_a_framework_is_its_extra(pip):
    installation.install(["pytorch", "keras"])
    (arguments, _), = pip
    assert arguments == [sys.executable, "-m", "pip", "install", "torch>=2.4", "keras>=3.4", "tensorflow>=2.16"]


def test_chainer_is_built_with_the_constraint(pip, monkeypatch, tmp_path):
    """The constraint is a URI, since pip splits at spaces; one that the user has set holds as well."""
    folder = tmp_path / "a folder"
    folder.mkdir()
    (folder / "constraints-build.txt").write_text("setuptools<81\n")
    assert installation.environment(folder / "constraints-build.txt")["PIP_CONSTRAINT"].endswith("/a%20folder/constraints-build.txt")
    monkeypatch.setenv("PIP_CONSTRAINT", "/etc/mine.txt")
    installation.install(["chainer"])
    (arguments, env), = pip
    assert arguments[4:] == ["six>=1.9", "chainer==7.8.1"]
    assert env["PIP_CONSTRAINT"] == f"/etc/mine.txt {installation.CONSTRAINTS.as_uri()}"
    assert env["PIP_BUILD_CONSTRAINT"] == installation.CONSTRAINTS.as_uri()
    assert "setuptools<81" in installation.CONSTRAINTS.read_text()


def test_without_the_distribution_it_is_said(monkeypatch):
    def missing(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "requires", missing)
    with pytest.raises(WorkbookError, match="not installed in this environment; run `make setup`"):
        installation.install(["pytorch"])


def test_the_command(pip, inside):
    assert "installed: PyTorch" in inside("install", "PyTorch").stdout
    refused = inside("install", "torch")
    assert refused.returncode == 2 and "did you mean 'pytorch'?" in refused.stderr


def test_the_command_says_that_pip_failed(pip, inside, monkeypatch):
    monkeypatch.setattr(installation, "install", lambda names: 1)
    refused = inside("install", "chainer")
    assert refused.returncode == 2 and "pip could not install Chainer" in refused.stderr


# One framework is enough.

@pytest.fixture
def only(monkeypatch):
    def choose(*names):
        monkeypatch.setattr(frameworks, "installed", lambda: names)
        from harness.commands.make import train
        from harness.commands.prove import compare
        for module in (train, compare):
            monkeypatch.setattr(module, "installed", lambda: names)
    return choose


def test_compare_takes_those_that_are_there(only, inside, tmp_path):
    only("pytorch", "chainer")
    done = inside("compare", "ae", "--steps", 2, "--no-pictures", "--out", tmp_path)
    assert done.returncode == 0 and "not installed, so left out: TensorFlow, Keras" in done.stderr
    assert "1 pairs of 2 frameworks" in done.stdout


def test_compare_needs_two(only, inside):
    only("keras")
    refused = inside("compare", "ae")
    assert refused.returncode == 2 and "needs two frameworks or more" in refused.stderr and "installed: Keras" in refused.stderr


@pytest.mark.parametrize("arguments", [
    ["compare", "ae", "--frameworks", "pytorch,chainer"], ["trace", "ae", "--frameworks", "pytorch,chainer"],
    ["train", "ae", "-f", "chainer", "--size", "check"], ["check", "answers/ae/ae_chainer.py"]])
def test_what_is_named_and_missing_is_said(arguments, only, inside, tmp_path):
    only("pytorch")
    refused = inside(*arguments)
    assert refused.returncode == 2 and "Chainer is not installed; install with `" in refused.stderr and "install chainer`" in refused.stderr


def test_none_is_imported_to_see_what_is_there():
    code = "import sys; from harness import frameworks; frameworks.installed(); print(*{'torch', 'tensorflow', 'keras', 'chainer'} & set(sys.modules))"
    assert not subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
