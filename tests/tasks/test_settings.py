"""A question may have another setting for a data set than its own."""

import pytest
from typer.testing import CliRunner

from harness import tasks
from harness.commands import app
from harness.training import checkpoint as checkpoints
from harness.training import task_data
from harness.training.plan import Wish, plan


@pytest.mark.parametrize("data, shape, setting", [(None, (1, 28, 28), None), ("clothes", (1, 28, 28), None),
                                                  ("newts", (3, 64, 64), "newts")])
def test_of_gan(data, shape, setting):
    task = tasks.load("gan", "full", data=data)
    assert (task.image_shape, task.setting) == (shape, setting)
    assert task.networks["generator"].layers[-1].output_shape == shape
    assert tasks.load("gan", "full", data=data, height=32).image_shape == (shape[0], 32, shape[2])


def test_train_takes_it(tmp_path):
    newts = plan("gan", "pytorch", tmp_path, Wish(data="newts")).run
    assert newts.data.images.shape[1:] == (64, 64, 3) and newts.steps == tasks.load("gan", "full", data="newts").steps
    clothes = plan("gan", "pytorch", tmp_path, Wish()).run
    assert clothes.data.name == "clothes" and clothes.data.images.shape[1:] == (28, 28, 1)


def test_what_was_trained_so_is_looked_at_so(tmp_path):
    out = str(tmp_path / "run")
    runner = CliRunner()
    for more in ([], ["--steps", "2", "--resume"]):
        done = runner.invoke(app, ["train", "gan", "--framework", "pytorch", "--data", "newts", "--batch", "1", "--steps", "1",
                                   "--sheets", "0", "--out", out, *more])
        assert done.exit_code == 0, done.output
    assert checkpoints.load(tmp_path / "run").hyperparameters["height"] == 64
    shown = runner.invoke(app, ["explore", "gan", "--checkpoint", out, "--only", "samples"])
    assert shown.exit_code == 0, shown.output


@pytest.mark.parametrize("size, data", [("check", "newts"), ("short", "clothes"), ("full", "clothes")])
def test_a_check_may_have_data_of_its_own(size, data):
    assert task_data.load(tasks.load("gan", size), number=8).name == data


def test_compare_trains_in_it(tmp_path):
    done = CliRunner().invoke(app, ["compare", "gan", "--size", "full", "--data", "newts", "--steps", "1", "--frameworks", "pytorch,chainer",
                                    "--no-pictures", "--out", str(tmp_path), "--json", "-"])
    assert done.exit_code == 0, done.output
    assert "64" in done.output
