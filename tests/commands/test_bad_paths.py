"""Every option and argument that is a path, with paths that are none: one line, exit code 2, and before the work."""

import os
from pathlib import Path

import pytest
from conftest import ROOT
from test_bad_options import GIVEN as BESIDE
from test_bad_options import options

from harness.messages import WorkbookError

REACHED = "the work begins"
NONE = ["", "/", "-", "..", "x" * 300 + ".py", "x" * 300 + "/y.py", "file.txt", "file.txt/x.py", "folder.py", "missing/parent/x.py", "/dev/full",
        "/dev/full/x", "dangling.py", "loop.py", "loop.py/x", "closed.py", "closed/x.py", "closed", "\udcff.py", "two\nlines.py", "[red].py"]
NOWHERE = {"x" * 300 + ".py", "x" * 300 + "/y.py", "file.txt/x.py", "/dev/full/x", "loop.py", "loop.py/x"}       # ... can be written
GIVEN = {**BESIDE, "train": ["ae", "-f", "pytorch"], "compare": ["ae", "--frameworks", "pytorch,chainer"],
         "trace": ["ae", "--frameworks", "pytorch,chainer"], "explore": ["ae"], "evaluate": ["ae"], "data fetch": ["newts"],
         "data show": ["digits", "--number", "1"]}
# What is written there, and what would cost: where nothing can be, that is said before it begins.
WRITTEN = {("train", "--out"), ("compare", "--out"), ("compare", "--json"), ("explore", "--out"), ("data show", "--out"), ("start", "--work")}
ROOT_MAY = {"--work", "--out", "--cache"}           # write into /
ARGUMENTS = ["check", "watch", "hint", "solution", "reset"]


def paths():
    return [(" ".join(words), option) for words, option, kind in options()
            if kind in (Path, list[Path]) or (option == "--json" and kind is str)]


@pytest.fixture(scope="module")
def run_of_ae(tmp_path_factory):
    """A checkpoint, of one step."""
    from harness.training.plan import Wish, plan
    from harness.training.run import Training
    folder = tmp_path_factory.mktemp("run")
    planned = plan("ae", "pytorch", folder / "ae", Wish("check", 1, None, None, "newts", None, 0, "cpu", 1, None, False, False, ROOT))
    Training(planned.run, planned.begun).train()
    return folder / "ae"


@pytest.fixture
def place(tmp_path, monkeypatch):
    """The working folder, with what the paths mean; what takes long says that it begins, and does not."""
    monkeypatch.chdir(tmp_path)
    Path("file.txt").write_text("no answer, and no checkpoint\n")
    Path("closed.py").write_text("import torch\n")
    Path("dangling.py").symlink_to("nowhere/x.py")
    Path("loop.py").symlink_to("loop.py")
    for folder in ("folder.py", "closed"):
        Path(folder).mkdir()
    for closed in ("closed.py", "closed"):
        os.chmod(closed, 0)

    def begins(*_, **__):
        raise WorkbookError(REACHED)
    for work in ("harness.lockstep.compare.Comparer.compare", "harness.lockstep.divergence.find", "harness.feedback.check.check",
                 "harness.training.run.Training.__init__", "harness.views.evaluate.evaluate", "harness.views.features.Classifier._train",
                 "harness.commands.learn.watch.verdicts", "harness.pictures.plots.contact_sheet"):
        monkeypatch.setattr(work, begins)
    monkeypatch.setattr("harness.views.explore.views", lambda model: {"samples": begins})
    yield tmp_path
    os.chmod("closed", 0o700)


def refused(inside, arguments, before=False):
    """... or it was no bad path for this option; ``before``: it is one, and is refused before the work."""
    process = inside(*arguments)
    said = (arguments, process.returncode, process.stdout, process.stderr)
    assert process.returncode in (0, 2) and "Traceback" not in process.stderr, said
    if process.returncode == 2:
        assert 0 < len(process.stderr.strip().splitlines()) <= 12, said
        assert not process.stderr.startswith("error: ") or process.stderr.count("\n") == 1, said
        assert "[Errno" not in process.stderr, said
    assert not before or (process.returncode == 2 and REACHED not in process.stderr), said


def test_all_paths_are_found():
    assert len(paths()) >= 35 and {option for _, option in paths()} == {
        "--root", "--work", "--data-dir", "--file", "--out", "--checkpoint", "--inception", "--cache", "--json", "--assignment"}


@pytest.mark.sampled
@pytest.mark.parametrize(("name", "option"), paths(), ids=lambda v: v.replace(" ", "-"))
def test_options(inside, place, run_of_ae, monkeypatch, name, option):
    given = GIVEN.get(name, [])
    if name in ("explore", "evaluate") and option != "--checkpoint":
        given = [*given, "--checkpoint", run_of_ae]
    if option in ("--out", "--cache", "--inception") and name in ("explore", "evaluate"):       # what is the same each time is read once
        from harness.views import evaluate, model
        loaded = model.load(run_of_ae, "ae", number=8)
        for module in (evaluate, model):
            monkeypatch.setattr(module, "load", lambda *_, **__: loaded)
    for value in NONE:
        if not (value == "/" and os.geteuid() == 0 and option in ROOT_MAY):
            refused(inside, [*name.split(), *given, f"{option}={value}"], (name, option) in WRITTEN and value in NOWHERE)
    assert Path("file.txt").is_file() and Path("folder.py").is_dir() and Path("loop.py").is_symlink() and os.path.lexists("dangling.py")


@pytest.mark.parametrize("name", ARGUMENTS)
def test_arguments(inside, place, name):
    for value in NONE:
        if not value.startswith("-"):
            refused(inside, [name, value])
            refused(inside, [name, value, "-f", "pytorch"])
