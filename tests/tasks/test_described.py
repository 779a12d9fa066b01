"""task.toml with nonsense: one line that names file, key and what is allowed."""

import copy
import tomllib

import pytest

from harness import tasks
from harness.tasks import SIZES, Task, TaskError, described

BAD = [0, -1, 10 ** 30, 1.5, float("nan"), float("inf"), True, "", "nonsense", "[red]x", "1 / 0", "latent - latent", "9 ** 9 ** 9",
       [], [0], ["nonsense"], [[]], {}, {"nonsense": 0}, None]


def places(value, path=()):
    """Every key and index in a table, outermost first."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, entry in entries:
        yield (*path, key)
        yield from places(entry, (*path, key))


def put(toml, path, value):
    """A copy of ``toml`` with ``value`` at ``path``; None takes what is there away."""
    toml = copy.deepcopy(toml)
    at = toml
    for key in path[:-1]:
        at = at[key]
    if value is None:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return toml


@pytest.mark.sampled
@pytest.mark.parametrize("name", ["conv_vae", "wgan_gp", "unet_vae_gan", "sampling_decoder"])
def test_whatever_stands_there_is_taken_or_refused_in_one_line(name, monkeypatch):
    toml = tomllib.loads((tasks.ROOT / "questions" / name / "task.toml").read_text(encoding="utf-8"))
    refused = 0
    for path in places(toml):
        for value in BAD:
            monkeypatch.setattr("harness.tasks.task.read", lambda _: put(toml, path, value))
            try:
                assert isinstance(tasks.load(name, SIZES[len(path) % 3]), Task)
            except TaskError as error:
                assert "\n" not in str(error) and str(error).startswith(str(tasks.ROOT / "questions" / name / "task.toml")), (path, value)
                refused += 1
    assert refused > 2000


@pytest.mark.parametrize(("old", "new", "said"), [
    ('title = "Variational', "title = 7 # ", "title is 7, but must be a text in quotes"),
    ('distribution = "normal"', 'distribution = "cauchy"', "distribution is 'cauchy', but must be one of normal, uniform, bernoulli"),
    ('units = "hidden"', "units = 0", "dense1: its options give the shape (0,)"),
    ("batch_size = ", "batch_size = -", "batch_size is -"),
    ("learning_rate = ", "learning_rate = nan # ", "learning_rate is nan, but must be a finite number"),
    ("[samples]", "[nonsense]", "samples is missing"),
    ("[samples]", "[samples", "not valid TOML"),
])
def test_it_is_said_by_every_command(workbook, inside, old, new, said):
    workbook.edit("questions/vae/task.toml", old, new)
    for command in (["list"], ["question", "vae"], ["start", "vae", "-f", "pytorch", "--work", workbook.root / "work"],
                    ["compare", "vae", "--frameworks", "pytorch,chainer"], ["train", "vae", "-f", "pytorch"]):
        process = inside(*command, "--root", workbook.root)
        assert process.returncode == 2 and process.stderr.count("\n") == 1, (command, process.stderr)
        assert said in process.stderr and "vae/task.toml" in process.stderr


def test_not_utf_8(workbook):
    (workbook.root / "questions" / "ae" / "task.toml").write_bytes(b'title = "\xff"')
    with pytest.raises(TaskError, match="not valid TOML"):
        tasks.load("ae", "check", workbook.root)


def test_all_that_is_there_is_as_it_must_be():
    for name in tasks.names():
        described.check(tomllib.loads((tasks.ROOT / "questions" / name / "task.toml").read_text(encoding="utf-8")))


@pytest.mark.parametrize("name", ["ae/", "../questions/ae", "./ae", "", "a" * 300, "ae\n", "AE"])
def test_what_is_no_name_is_no_task(name):
    with pytest.raises(TaskError, match="unknown task"):
        tasks.load(name)
