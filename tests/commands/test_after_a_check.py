"""What a check prints below its verdict: the page, what comes next, and what the network makes."""

import pytest

from harness import tasks
from harness.commands import console
from harness.commands.learn import check
from harness.feedback.shown import page, trained
from harness.runner.client import Stopped
from harness.tasks import ROOT
from harness.work import files, progress, stub


@pytest.fixture
def solved(tmp_path, monkeypatch):
    """A right answer in an empty folder."""
    monkeypatch.chdir(tmp_path)
    path = files.file_of("ae", "chainer", files.WORK)
    path.parent.mkdir(parents=True)
    path.write_text(stub.solution(tasks.answer_path(tasks.load("ae"), "chainer").read_text(encoding="utf-8")), encoding="utf-8")
    return path


@pytest.fixture
def terminal(monkeypatch):
    monkeypatch.setattr(console.Terminal, "is_terminal", True)
    monkeypatch.delenv("CI", raising=False)
    for each in (console.out, console.err):
        monkeypatch.setattr(each, "_width", 100)


def test_in_a_pipe_there_is_no_picture(inside, solved, monkeypatch):
    monkeypatch.setattr(trained, "made", None)
    done = inside("check", "ae")
    assert done.returncode == 0, done.stderr
    assert "Proven in Chainer" in done.stdout and "expected: work/checks/ae_chainer.html" in done.stdout
    for line in ("train it: ", "train ae -f chainer --file work/ae/ae_chainer.py --size short", "explore ae --checkpoint out/train/ae_chainer",
                 "solution ae -f chainer --diff", "the next question: ", "start convae -f chainer"):
        assert line in done.stdout, line
    assert (solved.parent.parent / "checks" / "ae_chainer.html").is_file()


def test_on_a_terminal_there_is_one(inside, solved, terminal, monkeypatch):
    monkeypatch.setattr(trained.made, "__defaults__", (0.2, trained.made.__defaults__[1]))
    done = inside("check", "ae")
    assert done.returncode == 0 and "Chainer after " in done.stdout and "larger: work/checks/ae_chainer.png" in done.stdout
    assert done.stdout.index("Proven") < done.stdout.index("Chainer after ")
    assert "What your network makes" in (solved.parent.parent / "checks" / "ae_chainer.html").read_text(encoding="utf-8")
    assert "Chainer after" not in inside("check", "ae", "--no-picture").stdout


@pytest.mark.parametrize(("error", "said"), [(KeyboardInterrupt(), "skipped"), (Stopped("raised", "ValueError: in\nstep 9", []), "ValueError: in step 9")])
def test_a_picture_that_is_skipped_or_fails(inside, solved, terminal, monkeypatch, error, said):
    """... is no fault of the answer."""
    def made(*_, **__):
        raise error
    monkeypatch.setattr(trained, "made", made)
    done = inside("check", "ae")
    assert done.returncode == 0 and f"no picture: {said}" in done.stdout
    assert progress.load(files.WORK).entry("ae", "chainer").solved


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), TypeError("ours")])
def test_a_page_that_cannot_be_made(inside, solved, monkeypatch, error):
    def write(*_, **__):
        raise error
    monkeypatch.setattr(page, "write", write)
    done = inside("check", "ae")
    assert done.returncode == 0 and "Proven" in done.stdout and str(error) in done.stderr and "beside what" not in done.stdout
    monkeypatch.setattr(page, "write", None)
    assert inside("check", "ae", "--no-page").stderr == inside("check", "ae", "--json").stderr == ""


def test_the_next_question(solved):
    """The first whose needs are solved, in any framework."""
    def after(name):
        return next((how.split()[-3] for what, how in check.next_steps(tasks.load(name), "keras", solved, files.WORK, ROOT) if "next" in what), None)
    assert after("ae") == "convae" and after("conv_vae") == "ae"
    for name, framework in (("ae", "chainer"), ("convae", "keras"), ("conv_vae", "keras")):
        progress.note(files.WORK, lambda done: done.checked(name, framework, "passed"))
    assert after("conv_vae") == "gan" and after("latent_ae") == "vae"
    for name in tasks.names():
        progress.note(files.WORK, lambda done: done.checked(name, "keras", "passed"))
    assert after("vae") is None
