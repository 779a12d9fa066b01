"""Checkpoints to look at: small, of some networks only, and no training goes on from them."""

import numpy as np
import pytest
from typer.testing import CliRunner

from harness import frameworks, tasks
from harness.commands import app
from harness.training import checkpoint as checkpoints
from harness.training import run as training
from harness.training import task_data
from harness.training.plan import Run
from harness.views.model import load

runner = CliRunner()


@pytest.fixture(scope="module")
def gan(tmp_path_factory):
    """The folder of a finished run of gan."""
    folder, task = tmp_path_factory.mktemp("gan"), tasks.load("gan")
    frameworks.load("pytorch").configure("float32", 0)
    training.Training(Run(task, "pytorch", task_data.load(task), folder, steps=2, sheets=0)).train()
    return folder


@pytest.fixture
def small(gan, tmp_path):
    path = tmp_path / "run" / checkpoints.NAME
    path.parent.mkdir()
    checkpoints.save(checkpoints.to_look_at(checkpoints.load(gan), ["generator"]), path)
    return path


def test_what_it_holds(gan, small):
    whole, kept = checkpoints.load(gan), checkpoints.load(small)
    assert kept.optimizers == {} and {name.partition(".")[0] for name in kept.parameters} == {"generator"}
    for name, array in kept.parameters.items():
        assert array.dtype == np.float32
        np.testing.assert_array_equal(array, whole.parameters[name].astype(np.float16).astype(np.float32))
    assert small.stat().st_size < 2.2 * sum(array.size for array in kept.parameters.values()) + 4096


@pytest.mark.sampled(2)
@pytest.mark.parametrize("framework", frameworks.installed())
def test_any_framework_shows_the_same(small, framework):
    pictures = load(small, framework=framework)[0].trainer.outputs(4)["generate"]
    reference = load(small, framework="pytorch")[0].trainer.outputs(4)["generate"]
    np.testing.assert_allclose(pictures, reference, atol=1e-6)


def test_no_training_goes_on_from_it(small):
    result = runner.invoke(app, ["train", "gan", "--framework", "pytorch", "--size", "check", "--steps", "3", "--resume",
                                 "--out", str(small.parent)])
    assert result.exit_code == 2
    assert "no discriminator: it is made to look at, and no training can continue from it" in " ".join(result.output.split())


def test_no_loss_is_told_of_what_lacks_a_network(small, tmp_path):
    result = runner.invoke(app, ["evaluate", "--checkpoint", str(small), "--n", "20", "--cache", str(tmp_path)])
    assert result.exit_code == 0, result.output
    assert "the checkpoint has no discriminator, so there are no losses" in " ".join(result.output.split())


@pytest.mark.parametrize("name", [name for name in tasks.names() if tasks.trained_path(name).is_file()])
def test_what_comes_with_a_task_fits_it(name):
    begun = checkpoints.load(tasks.trained_path(name))
    checkpoints.fits(begun, tasks.load(name, begun.size, data=begun.data), looking=True)
    assert begun.task == name and begun.answer == "" and all(np.isfinite(a).all() for a in begun.parameters.values())


def test_they_are_small():
    assert sum(tasks.trained_path(name).stat().st_size for name in tasks.names() if tasks.trained_path(name).is_file()) < 12 * 2**20


def test_explore_takes_what_comes_with_a_task(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = runner.invoke(app, ["explore", "ae", "--only", "samples"])
    assert result.exit_code == 0, result.output
    assert (tmp_path / "out" / "explore" / "ae" / "samples.png").is_file()


def test_explore_says_where_there_is_none(tmp_path, monkeypatch):
    monkeypatch.setattr(tasks, "trained_path", lambda name, root: tmp_path / "none")
    result = runner.invoke(app, ["explore", "ae"])
    assert result.exit_code == 2
    assert "no trained network comes with 'ae': train one" in " ".join(result.output.split())
