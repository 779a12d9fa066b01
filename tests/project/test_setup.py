"""make setup: done once, skipped when nothing changed, repaired when interrupted, for some frameworks or all, in any folder; and what
is pinned for it. With a small requirements.txt, and with small wheels from a folder: nothing is downloaded.
"""

import os
import re
import shutil
import subprocess
import sys
import tomllib

import pytest
from conftest import ROOT
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PYPROJECT["optional-dependencies"]


BACKEND = """\
import os, sys, zipfile
from importlib import metadata

def wheel(folder, name, version, files):
    about = f"{name.replace('-', '_')}-{version}.dist-info"
    files |= {f"{about}/METADATA": f"Metadata-Version: 2.1\\nName: {name}\\nVersion: {version}\\n", f"{about}/RECORD": "",
              f"{about}/WHEEL": "Wheel-Version: 1.0\\nGenerator: a test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"}
    file_name = about.replace(".dist-info", "-py3-none-any.whl")
    with zipfile.ZipFile(f"{folder}/{file_name}", "w") as file:
        for path, text in files.items():
            file.writestr(path, text)
    return file_name

def build_wheel(folder, settings=None, metadata_folder=None):
    return wheel(folder, "source", metadata.version("something"), {})       # its version is that of what it was built with

def build_editable(folder, settings=None, metadata_folder=None):
    return wheel(folder, "workbook", "1", {"workbook.pth": os.getcwd(), "workbook-1.dist-info/entry_points.txt":
                                           "[console_scripts]\\nworkbook = harness.commands:main\\n"})
"""


class Project:
    """A copy of what set-up needs, with nothing to install, and with a build that needs nothing. ``project()`` runs make setup there."""

    def __init__(self, path):
        self.path, self.venv, self.wheels = path, path / ".venv", path / "wheels"
        for folder in (path / "tools", self.wheels):
            folder.mkdir(parents=True)
        for name in ("Makefile", "constraints-build.txt", "tools/setup.sh"):
            shutil.copy(ROOT / name, path / name)
        self.builds(path, (ROOT / "pyproject.toml").read_text(encoding="utf-8").partition("\n\n")[2])
        self.requires("# nothing")

    def builds(self, folder, project, needs=()):
        """Let there be a project in ``folder`` that is built with ``needs``."""
        (folder / "pyproject.toml").write_text(f'[build-system]\nrequires = {list(needs)}\nbuild-backend = "backend"\nbackend-path = ["."]\n\n'
                                               + project, encoding="utf-8")
        (folder / "backend.py").write_text(BACKEND)

    def __call__(self, target="setup", **variables):
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("PIP_", "FRAMEWORKS"))}
        environment |= {"PYTHON": sys.executable, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": self.wheels.as_uri(), "PIP_CONFIG_FILE": os.devnull}
        return subprocess.run(["make", target, *(f"{k}={v}" for k, v in variables.items())], cwd=self.path, text=True,
                              capture_output=True, env=environment)

    def requires(self, *lines):
        (self.path / "requirements.txt").write_text("\n".join(lines) + "\n")

    def wheel(self, name, *versions):
        """Wheels with nothing in them."""
        built = {}
        exec(BACKEND, built)
        for version in versions:
            built["wheel"](self.wheels, name, version, {})

    def run(self, *command):
        return subprocess.run(command, capture_output=True, text=True)

    def installed(self):
        """{name: version} of what is installed beside pip, setuptools and the project itself."""
        names = self.run(self.venv / "bin" / "python", "-c", "from importlib.metadata import distributions as all\n"
                         "for one in all(): print(one.name, one.version)").stdout
        return {name: version for name, version in map(str.split, names.splitlines()) if name not in ("pip", "setuptools", "workbook")}

    def stamps(self):
        return list(self.venv.glob("ready-*"))


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path / "project")


def test_once_then_skipped(project):
    first = project()
    assert first.returncode == 0, first.stderr
    assert "making .venv" in first.stdout and len(project.stamps()) == 1
    assert "setup:" not in project().stdout


@pytest.mark.slow
def test_changed_requirements_are_installed_into_the_same_environment(project):
    project()
    (project.venv / "kept").touch()
    project.requires("# changed")
    again = project()
    assert again.returncode == 0 and "installing" in again.stdout and "making" not in again.stdout
    assert (project.venv / "kept").exists() and len(project.stamps()) == 1


@pytest.mark.rare
@pytest.mark.slow
def test_an_interrupted_setup_is_repaired(project):
    project.requires("this-is-not-there==0 ; python_version > '3'", "./nowhere")
    failed = project()
    assert failed.returncode != 0 and not project.stamps()
    os.remove(project.venv / "bin" / "python")                      # and it left half of an environment
    project.requires("# nothing")
    repaired = project()
    assert repaired.returncode == 0 and "making .venv" in repaired.stdout, repaired.stderr
    assert project.run(project.venv / "bin" / "python", "-c", "import pip").returncode == 0


def test_a_wrong_python_is_said(project):
    wrong = project(PYTHON="/nowhere/python")
    assert wrong.returncode == 2 and "not a Python 3.11 or 3.12" in wrong.stderr


@pytest.mark.parametrize("target, command", [("compare", "-m harness compare"), ("test", "-m pytest"), ("quick", "-m pytest"),
                                             ("lint", "-m ruff"), ("notebooks", "tools/notebooks.py")])
def test_any_target_can_come_first(project, target, command):
    planned = subprocess.run(["make", "-n", target], cwd=project.path, capture_output=True, text=True).stdout
    assert planned.index("tools/setup.sh") < planned.index(command)


@pytest.mark.parametrize("name", ["a folder", pytest.param("it's 50%41 #1 ünï", marks=pytest.mark.slow)])
@pytest.mark.sampled(2)
def test_a_folder_of_any_name(tmp_path, name):
    """The build constraint is read there, for what is installed and for what that is built with; and the command runs."""
    project = Project(tmp_path / name)
    project.wheel("something", "1", "2")
    (project.path / "constraints-build.txt").write_text("something<2\n")
    (project.path / "source").mkdir()
    project.builds(project.path / "source", '[project]\nname = "source"\nversion = "1"\n', ["something"])
    project.requires("something", "./source")
    made = project()
    assert made.returncode == 0, made.stderr
    assert project.installed() == {"something": "1", "source": "1"}
    (project.path / "harness").mkdir()
    (project.path / "harness" / "__init__.py").touch()
    (project.path / "harness" / "commands.py").write_text("import sys\ndef main(): print(sys.argv); return 3\n")
    command = project.run(project.venv / "bin" / "workbook", "a b", "--c")
    assert (command.stdout, command.returncode) == (f"{[str(project.venv / 'bin' / 'workbook'), 'a b', '--c']}\n", 3), command.stderr


@pytest.fixture
def small(project):
    """The project, where a wheel of each framework and of a few others can be installed, in two versions."""
    names = "torch", "tensorflow-cpu", "tensorflow", "keras", "chainer", "numpy", "pytest", "torchmetrics", "six"
    for name in names:
        project.wheel(name, "1", "2")
    where = {"tensorflow": " ; python_version < '3'", "tensorflow-cpu": " ; python_version > '3'"}
    project.requires("# a list", *(f"{name}==1{where.get(name, '')}  # via something" for name in names))
    return project


@pytest.mark.slow
@pytest.mark.parametrize("frameworks, expected", [
    ("pytorch", {"torch", "torchmetrics"}),
    ("keras,chainer", {"tensorflow-cpu", "keras", "chainer", "six"}),
    ("", {"torch", "torchmetrics", "chainer", "six", "tensorflow-cpu", "keras"}),
])
@pytest.mark.sampled
def test_frameworks(small, frameworks, expected):
    made = small(FRAMEWORKS=frameworks)
    assert made.returncode == 0, made.stderr
    assert small.installed() == dict.fromkeys(expected | {"numpy", "pytest"}, "1")


@pytest.mark.rare
@pytest.mark.slow
def test_frameworks_are_remembered_and_can_be_changed(small):
    small(FRAMEWORKS="pytorch")
    (small.venv / "kept").touch()
    assert "setup:" not in small().stdout and "chainer" not in small.installed()        # the choice stays
    assert "setup:" not in small(FRAMEWORKS="pytorch").stdout
    assert small(FRAMEWORKS="chainer,pytorch").returncode == 0                          # one more: it is added
    assert {"torch", "chainer"} <= small.installed().keys() and (small.venv / "kept").exists()
    assert "setup:" not in small(FRAMEWORKS="pytorch chainer").stdout                   # in whatever order
    assert small(FRAMEWORKS="chainer").returncode == 0                                  # one less: the environment is made anew
    assert "chainer" in small.installed() and "torch" not in small.installed() and not (small.venv / "kept").exists()
    assert small(FRAMEWORKS="all").returncode == 0 and "keras" in small.installed()
    assert len(small.stamps()) == 1


def test_an_unknown_framework_is_said(project):
    wrong = project(FRAMEWORKS="pytroch")
    assert wrong.returncode == 2 and "FRAMEWORKS=pytroch: choose from pytorch tensorflow keras chainer, or all" in wrong.stderr
    assert not project.venv.exists()


def pinned(name):
    lines = (line.split("#")[0].strip() for line in (ROOT / name).read_text(encoding="utf-8").splitlines())
    return [Requirement(line) for line in lines if line and not line.startswith("-r ")]


@pytest.mark.parametrize("name", ["requirements.txt", "requirements.in", "requirements-gpu.txt", "requirements-inception.txt",
                                  "requirements-site.in", "requirements-site.txt"])
def test_requirements_are_pinned(name):
    assert pinned(name)
    for requirement in pinned(name):
        assert re.fullmatch(r"==[^,*]+", str(requirement.specifier)), requirement


def test_requirements_hold_what_pyproject_and_requirements_in_ask_for():
    have = {canonicalize_name(requirement.name): requirement for requirement in pinned("requirements.txt")}
    assert len(have) == len(pinned("requirements.txt"))
    asked = [Requirement(line) for lines in (PYPROJECT["dependencies"], *EXTRAS.values()) for line in lines]
    for requirement in asked + pinned("requirements.in"):
        if requirement.name != PYPROJECT["name"]:
            version = str(have[canonicalize_name(requirement.name)].specifier).removeprefix("==")
            assert requirement.specifier.contains(version), f"{requirement}, but {version}: make requirements"


def test_the_sites_requirements_go_with_the_others():
    """What both files have, they have in one version; what requirements-site.in asks for is there."""
    site, others = ({canonicalize_name(r.name): str(r.specifier) for r in pinned(name)} for name in ("requirements-site.txt", "requirements.txt"))
    assert {name: version for name, version in site.items() if name in others} == {name: others[name] for name in site if name in others}
    assert all(site[canonicalize_name(r.name)] == str(r.specifier) for r in pinned("requirements-site.in"))


def test_requirements_leave_torchs_cuda_libraries_to_torch():
    assert not [str(r) for r in pinned("requirements.txt") if re.match("nvidia|cuda|triton", r.name)]


def test_extras_can_be_had_together():
    inner = {extra for line in EXTRAS["all"] for extra in Requirement(line).extras}
    assert inner == EXTRAS.keys() - {"all", "test", "lint"}


def test_the_workflow_runs_what_the_makefile_has():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
    asked = re.search(r"target: \[(.*)\]", workflow)[1].split(", ")
    assert {"lint", "quick", "test", "validate"} <= {*asked, *re.findall(r"make ([a-z]+)", workflow)} <= targets
