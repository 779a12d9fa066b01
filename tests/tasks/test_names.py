"""Names of tasks: each command takes them as people and shells write them, and refuses the others in the same words."""

import pytest

from harness import tasks
from harness.messages import WorkbookError
from harness.tasks import ROOT, TaskError

COMMANDS = {
    "question": [], "start": ["-f", "chainer"], "check": [], "watch": [], "hint": [], "solution": [], "reset": [],
    "train": ["-f", "chainer"], "explore": ["--checkpoint", "run"], "evaluate": ["--checkpoint", "run"], "compare": [], "trace": []}


@pytest.mark.parametrize("name, plain", [
    ("gan", "gan"), ("GAN", "gan"), ("WGAN-GP", "wgan_gp"), ("wgan-gp", "wgan_gp"), ("./gan", "gan"), ("gan/", "gan"), (" ./GAN/ ", "gan")])
def test_as_people_and_shells_write_them(name, plain):
    assert tasks.named(name) == plain


@pytest.mark.parametrize("name", ["../questions/gan", "./../questions/gan", "gan/../gan", str(ROOT / "questions" / "gan"), "", ".", "/", "gna", "\0",
                                  "questions/gan", "x" * 300])
def test_no_names(name):
    for of in (tasks.named, tasks.load):
        with pytest.raises(TaskError, match="unknown task"):
            of(name)


def test_a_folder_in_upper_case_has_its_name(workbook):
    """Somebody's own questions."""
    workbook.copy_task("ae", "MyTask")
    assert tasks.named("MyTask", workbook.root) == tasks.load("MyTask", root=workbook.root).name == "MyTask"


@pytest.mark.parametrize("name, said", [("questions/gan", "did you mean 'gan'?"), ("../questions/vae/", "did you mean 'vae'?"),
                                        ("WGAN-PG", "did you mean 'wgan_gp'?"), ("qqq", "choose one of ae,")])
def test_each_command_refuses_in_the_same_words(inside, tmp_path, monkeypatch, name, said):
    monkeypatch.chdir(tmp_path)
    for command, more in COMMANDS.items():
        done = inside(command, name, *more)
        assert done.returncode == 2 and done.stderr.startswith(f"error: unknown task '{name}': {said}"), (command, done.stderr)
        assert len(done.stderr.splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_what_trains_and_looks_takes_them(inside, tmp_path, monkeypatch):
    """... and its folder is called as the task is."""
    monkeypatch.chdir(tmp_path)
    assert inside("train", "./AE/", "-f", "chainer", "--size", "check", "--steps", 1, "--sheets", 0).returncode == 0
    assert [path.name for path in (tmp_path / "out" / "train").iterdir()] == ["ae_chainer"]
    for command, said in (("explore", "'ae' has no view 'nothing'"), ("evaluate", "No such option")):
        done = inside(command, "AE", "--checkpoint", "out/train/ae_chainer", "--only", "nothing")
        assert done.returncode == 2 and said in done.stderr, done.stderr


@pytest.mark.parametrize("command", ["compare", "trace"])
def test_what_compares_takes_them(inside, command):
    done = inside(command, "WGAN-GP", "--frameworks", "chainer")
    assert done.returncode == 2 and "needs two frameworks" in done.stderr


def test_a_task_that_is_named_twice_is_compared_once(inside, monkeypatch):
    asked = []

    def load_all(names, *_):
        asked.extend(names)
        raise WorkbookError("enough")

    monkeypatch.setattr(tasks, "load_all", load_all)
    assert "enough" in inside("compare", "ae", "./gan", "AE", "gan/").stderr and asked == ["ae", "gan"]


@pytest.mark.parametrize("command, more", [("start", ["-f", "chainer", "--force"]), ("check", []), ("hint", ["99", "-f", "chainer"])])
def test_the_next_step_has_the_root(workbook, inside, monkeypatch, tmp_path, command, more):
    """Where it is not the workbook's own; and the learner's folder, where it is not the usual one."""
    monkeypatch.chdir(tmp_path)
    if command == "hint":
        inside("start", "ae", "-f", "chainer", "--work", "mine")
    for root, shown in ((workbook.root, True), (ROOT, False)):
        done = inside(command, "ae", *more, "--root", root, "--work", "mine")
        said = done.stdout + done.stderr
        assert (f"--root {workbook.root}" in said) == shown and "--root" not in said.replace(f"--root {workbook.root}", ""), said
        assert "--work mine" in said


def test_a_training_says_where_it_is_looked_at(workbook, inside, tmp_path):
    """... with the root, without which the question would not be found."""
    workbook.copy_task("ae", "other")
    done = inside("train", "other", "-f", "chainer", "--size", "check", "--steps", 1, "--sheets", 0, "--out", tmp_path / "run", "--root", workbook.root)
    assert f"explore other --checkpoint {tmp_path / 'run'} --root {workbook.root}" in done.stdout
