"""Before anything runs: a wrong Python, no environment, the version."""

import ast
import os
import shutil
import subprocess
import sys

import pytest
from conftest import ROOT

import harness


@pytest.mark.parametrize("name", ["__init__.py", "__main__.py"])
def test_an_old_python_can_read_what_refuses_it(name):
    ast.parse((ROOT / "harness" / name).read_text(encoding="utf-8"), feature_version=(3, 4))


@pytest.mark.parametrize("python", ["python2.7", "python3.6", "python3.8", "python3.9", "python3.10"])
def test_an_old_python_is_refused_in_one_sentence(python):
    """The older Pythons that this machine happens to have; the reading is tested above on any machine."""
    path = shutil.which(python)
    if path is None or subprocess.run([path, "-c", ""], capture_output=True).returncode:
        pytest.skip(f"no {python} here")
    done = subprocess.run([path, "-m", "harness", "list"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and "needs Python 3.11 or later" in done.stderr


def test_without_the_environment_it_is_said_in_one_sentence():
    done = subprocess.run([sys.executable, "-S", "-m", "harness", "list"], cwd=ROOT, capture_output=True, text=True,
                          env={"PATH": "/nowhere"})
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and "is not installed for" in done.stderr and "make setup" in done.stderr


def test_version(inside):
    assert inside("--version").stdout == f"workbook {harness.__version__}\n"


@pytest.mark.parametrize("line, found", [("workbook check va", {"vae", "vae_gan"}), ("workbook start ae -f k", {"keras"}),
                                         ("workbook comp", {"compare"}), ("workbook train ae --data di", {"digits"})])
def test_a_shell_completes_commands_tasks_frameworks_and_data_sets(line, found):
    """As bash asks for it."""
    asked = {"_WORKBOOK_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(line.count(" "))}
    done = subprocess.run([sys.executable, "-c", "from harness.commands import app; app(prog_name='workbook')"], cwd=ROOT,
                          capture_output=True, text=True, env={**os.environ, **asked})
    assert set(done.stdout.split()) == found


def test_the_command_line_needs_little():
    """What only some commands need is imported by them: without extras there is less, and the others start faster."""
    code = "import sys, harness.commands; print(*{m.partition('.')[0] for m in sys.modules})"
    found = set(subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split())
    assert not found & {"torch", "tensorflow", "keras", "chainer", "PIL", "scipy", "sklearn", "matplotlib", "jinja2", "safetensors",
                        "pooch", "requests", "tensorboardX", "jupytext", "IPython", "torchmetrics"}


@pytest.mark.sampled
@pytest.mark.parametrize("lacking, arguments, extra", [
    ("pooch", ["data", "list"], "train"), ("safetensors", ["train", "vae", "-f", "chainer"], "train"),
    ("jinja2", ["compare", "ae", "--frameworks", "pytorch,chainer", "--steps", "1", "--no-pictures"], "compare")])
def test_an_extra_that_lacks_is_named_in_one_sentence(lacking, arguments, extra, tmp_path):
    """A module of that name that cannot be found stands before the real one."""
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\nclass Lacking:\n    def find_spec(self, name, path=None, target=None):\n"
        f"        if name == {lacking!r}: raise ModuleNotFoundError(f'No module named {{name!r}}', name=name)\n"
        "sys.meta_path.insert(0, Lacking())\n")
    done = subprocess.run([sys.executable, "-m", "harness", *arguments], cwd=tmp_path, capture_output=True, text=True,
                          env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}", "COLUMNS": "200"})
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert f"this needs {lacking}, which is not installed" in done.stderr and f"image-generation-workbook[{extra}]" in done.stderr
