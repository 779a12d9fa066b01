"""Training: it stops and goes on as if it had never stopped, whatever happens; checkpoints go from framework to framework."""

import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest
from conftest import ROOT
from PIL import Image

from harness import frameworks, tasks
from harness.pictures import arrays
from harness.training import checkpoint as checkpoints
from harness.training import log, task_data
from harness.training import run as training
from harness.training.trainer import Trainer

pytestmark = pytest.mark.timeout(600)


def trainer_of(task, framework, seed=0):
    return Trainer(task, framework, frameworks.load(framework), task_data.load(task).arrays, precision="float32", seed=seed, native=True)


def same(a, b):
    assert a.keys() == b.keys()
    for name in a:
        if isinstance(a[name], dict):
            same(a[name], b[name])
        else:
            assert a[name].dtype == b[name].dtype and a[name].tobytes() == b[name].tobytes(), name


@pytest.mark.parametrize("name", tasks.names())
@pytest.mark.slow
@pytest.mark.sampled
def test_going_on_is_exact(name, framework, adapter):
    """In every task and framework: parameters, running averages, the optimizers' state and the losses, bit by bit."""
    task = tasks.load(name)
    with adapter.eagerly():
        straight = trainer_of(task, framework)
        straight.step(0)
        parameters, state = straight.parameters(), straight.state()
        assert all(state.values())
        other = trainer_of(task, framework, seed=0)
        other.go_on(parameters, state)
        same(other.parameters(), parameters), same(other.state(), state)
        assert straight.step(1) == other.step(1)
    same(straight.parameters(), other.parameters()), same(straight.state(), other.state())


KILLED = """
import os, signal, sys
from harness.data import files
from harness import commands
from harness.training import run as training

class Half:
    def __init__(self, path, mode): self.file = open(path, mode)
    def __enter__(self): return self
    def __exit__(self, *_): pass
    def write(self, data):
        self.file.write(data[:len(data) // 2])
        self.file.flush()
        os.kill(os.getpid(), signal.SIGKILL)

training.CHECKPOINT_SECONDS, training.CHECKPOINT_SHARE = 0.0, float("inf")
saves = []              # a checkpoint each step; the fifth is cut in two
def opened(path, mode):
    saves.extend([path] if "checkpoint" in path.name else [])
    return Half(path, mode) if len(saves) == 5 and path == saves[-1] else open(path, mode)
files.open = opened
commands.app(sys.argv[1:])
"""


@pytest.mark.slow
@pytest.mark.sampled(4)
def test_killed_while_a_checkpoint_is_written(framework, harness, tmp_path):
    """... it resumes from the one before, compiled as users have it, and is bit by bit the run that was never stopped."""
    options = ["train", "gan", "-f", framework, "--size", "check", "--steps", 8, "--sheets", 2]
    assert harness(*options, "--out", tmp_path / "straight").returncode == 0
    stopped = subprocess.run([sys.executable, "-c", KILLED, *map(str, options), "--out", tmp_path / "stopped"], cwd=ROOT,
                             capture_output=True, text=True, timeout=240)
    assert stopped.returncode == -signal.SIGKILL, stopped.stderr
    assert (tmp_path / "stopped" / "checkpoint.safetensors.part").is_file()
    assert checkpoints.load(tmp_path / "stopped").step == 4
    resumed = harness(*options, "--out", tmp_path / "stopped", "--resume")
    assert resumed.returncode == 0, resumed.stderr
    a, b = (checkpoints.load(tmp_path / folder) for folder in ("straight", "stopped"))
    assert (a.step, b.step) == (8, 8)
    same(a.parameters, b.parameters), same(a.optimizers, b.optimizers)
    straight, continued = (log.read(tmp_path / folder / "losses.csv") for folder in ("straight", "stopped"))
    assert straight["step"].tolist() == list(range(1, 9))
    assert len((tmp_path / "stopped" / "losses.csv").read_text().splitlines()) == 9         # no step twice
    assert all(straight[key].tolist() == continued[key].tolist() for key in straight if key != "seconds")
    sheets = [sorted((tmp_path / folder / "sheets").iterdir()) for folder in ("straight", "stopped")]
    assert [p.name for p in sheets[0]] == [p.name for p in sheets[1]]
    assert sheets[0][-1].read_bytes() == sheets[1][-1].read_bytes()


@pytest.mark.parametrize("name", tasks.names())
@pytest.mark.slow
@pytest.mark.sampled
def test_a_checkpoint_goes_round(name, tmp_path):
    """PyTorch -> TensorFlow -> Keras -> Chainer -> PyTorch: the same parameters, and the same pictures on the way."""
    task, data = tasks.load(name), task_data.load(tasks.load(name))
    first = training.Training(training.Run(task, "pytorch", data, tmp_path / "pytorch", steps=3, sheets=0))
    assert first.train()
    begun, made = first.checkpoint(), first.trainer.outputs(4)
    at = begun
    for framework in ("tensorflow", "keras", "chainer", "pytorch"):
        frameworks.load(framework).configure("float32", 0)
        there = training.load(at, task, framework, data)
        for ability in task.abilities:
            assert np.allclose(there.outputs(4)[ability], made[ability], rtol=1e-4, atol=2e-5), (framework, ability)
        at = checkpoints.Checkpoint(**{**vars(at), "framework": framework, "parameters": there.parameters()})
        checkpoints.save(at, tmp_path / framework / checkpoints.NAME)
        at = checkpoints.load(tmp_path / framework)
    same(at.parameters, begun.parameters)


@pytest.fixture
def run(tmp_path):
    """A run of the autoencoder in PyTorch at check size."""
    task = tasks.load("ae")
    frameworks.load("pytorch").configure("float32", 0)
    return training.Run(task, "pytorch", task_data.load(task), tmp_path / "run", steps=30, sheets=3)


def test_what_a_run_leaves(run):
    assert training.Training(run).train()
    assert sorted(p.name for p in run.folder.iterdir()) == [
        "checkpoint.safetensors", "curves.png", "events", "growth.gif", "losses.csv", "sheets"]
    losses = log.read(run.folder / "losses.csv")
    assert losses["step"].tolist() == list(range(1, 31)) and np.isfinite(losses["mse"]).all()
    assert losses["mse"][-5:].mean() < losses["mse"][:5].mean()
    assert sorted(int(p.stem) for p in (run.folder / "sheets").iterdir()) == [0, 3, 13, 30]
    gif = Image.open(run.folder / "growth.gif")
    assert gif.n_frames == 4 and gif.width >= arrays.WIDTH


def test_tensorboard_reads_the_events(run):
    begun = training.Training(run)
    for pauses in [0, 0.3, 0.6, 0.9, 1.1, 1.5, 1.6, 1.7, 2.0, 2.2]:       # a step for each that has one, at most
        begun.advance(pauses * log.EVENT_SECONDS)
    begun.recorder.close()
    (events,) = (run.folder / "events").iterdir()
    from tensorboardX import record_writer  # each record is framed by its length and two checksums
    from tensorboardX.proto.event_pb2 import Event
    data, found = events.read_bytes(), {}
    while data:
        length = int.from_bytes(data[:8], "little")
        assert record_writer.masked_crc32c(data[:8]).to_bytes(4, "little") == data[8:12]
        event = Event.FromString(data[12:12 + length])
        found |= {(value.tag, event.step): value.simple_value for value in event.summary.value}
        data = data[12 + length + 4:]
    losses = log.read(run.folder / "losses.csv")["mse"]
    assert found == {("loss/mse", step): pytest.approx(losses[step - 1], rel=1e-6) for step in (1, 5, 10)}


def test_the_same_seed_is_the_same_run(run, tmp_path):
    a, b = training.Training(run), None
    a.train()
    run.folder = tmp_path / "again"
    b = training.Training(run)
    b.train()
    same(a.trainer.parameters(), b.trainer.parameters())
    run.folder, run.seed = tmp_path / "other", 1
    c = training.Training(run)
    assert not np.array_equal(c.trainer.parameters()["encoder.dense1.weight"], a.trainer.parameters()["encoder.dense1.weight"])


def test_nan_stops_and_says_where(run):
    t = training.Training(run)
    step = t.trainer.step
    t.trainer.step = lambda number: {"mse": float("nan")} if number == 7 else step(number)
    with pytest.raises(training.NotFinite, match="the loss 'mse' is nan in step 8"):
        t.train()
    assert checkpoints.load(run.folder).step == 1           # the one from before, of the first step
    assert len(log.read(run.folder / "losses.csv")["step"]) == 7


def test_a_sheet_is_whole_for_any_number_of_images(monkeypatch):
    task = tasks.load("pix2pix")
    adapter = frameworks.load("pytorch")
    adapter.configure("float32", 0)
    outputs = trainer_of(task, "pytorch").outputs(11)
    picture = arrays.sheet(task, outputs)
    height, width = task.image_shape[1:]
    rows = len(arrays.sample_rows(task, {"": outputs}))
    assert rows >= 2 and picture.shape == (2 * rows * height, 8 * width, 3)
    assert (picture[rows * height:, 3 * width:] == 255).all()       # the second line has three images


def test_steps_of_the_sheets():
    assert training.sheet_steps(1000, 10) == {10, 40, 90, 160, 250, 360, 490, 640, 810, 1000}
    assert training.sheet_steps(3, 24) == {1, 2, 3} and training.sheet_steps(100, 0) == set()


# The command.

def test_ctrl_c_ends_in_a_checkpoint(tmp_path):
    """... also where a file is run by itself; and the line that is printed goes on with this file."""
    mine = tmp_path / "ae_chainer.py"
    shutil.copy(ROOT / "answers" / "ae" / mine.name, mine)
    begin = [sys.executable, str(mine), "--size", "check", "--steps", "1000000", "--out", str(tmp_path / "run")]
    printed = interrupted(begin, tmp_path / "run")
    step = checkpoints.load(tmp_path / "run").step
    assert 0 < step == len(log.read(tmp_path / "run" / "losses.csv")["step"])
    again = shlex.split(printed.splitlines()[-1])
    assert "--resume" in again and again[-2:] == ["--file", str(mine)]
    interrupted(again, tmp_path / "run", parts=2)
    assert checkpoints.load(tmp_path / "run").step > step


def interrupted(command, folder, parts=1):
    """What ``command`` printed when Ctrl-C came a while after it had begun this part of a run, the first or another."""
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               env={**os.environ, "COLUMNS": "200"})
    while len(list(folder.glob("events/*"))) < parts:       # the last thing that is made before the first step
        time.sleep(0.1)
        assert process.poll() is None, process.communicate()
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    printed, _ = process.communicate(timeout=60)
    assert process.returncode == 130 and "To continue:" in printed
    return printed


def test_another_number_of_cores_is_said(inside, tmp_path):
    command = ["train", "ae", "-f", "chainer", "--size", "check", "--sheets", "1", "--out", str(tmp_path / "run")]
    assert inside(*command, "--steps", "2").returncode == 0
    begun = checkpoints.load(tmp_path / "run")
    assert "started on" not in inside(*command, "--steps", "3", "--resume").stderr
    checkpoints.save(replace(begun, threads=99), tmp_path / "run" / checkpoints.NAME)
    again = inside(*command, "--steps", "3", "--resume")
    assert again.returncode == 0 and "started on 99 cores" in again.stderr


@pytest.mark.parametrize("writing", [0.05, 0.6, 7.0])
def test_checkpoints_cost_a_hundredth(run, monkeypatch, writing):
    """... of the time, those after the first step and at the end aside, by a clock that is ours; none is a minute after another."""
    now, saved = [0.0], []
    monkeypatch.setattr(training.time, "monotonic", lambda: now[0])
    begun = training.Training(replace(run, steps=5000, sheets=0))

    def advance(seconds):
        begun.step, now[0] = begun.step + 1, now[0] + 0.7

    def save():
        saved.append(now[0])
        now[0] += writing

    monkeypatch.setattr(begun, "advance", advance), monkeypatch.setattr(begun, "save", save)
    assert begun.train()
    between = saved[1:-1]
    assert saved[0] == 0.7 and len(between) * writing <= training.CHECKPOINT_SHARE * now[0]
    assert all(b - a > training.CHECKPOINT_SECONDS for a, b in zip(saved, between))
    assert len(between) >= 0.9 * now[0] / max(training.CHECKPOINT_SECONDS + 1, writing / training.CHECKPOINT_SHARE) - 1       # and no fewer than that


def test_checkpoints_of_something_else(run):
    t = training.Training(run)
    t.save()
    path = run.folder / checkpoints.NAME
    with pytest.raises(checkpoints.CheckpointError, match="of 'ae', not of 'convae'"):
        checkpoints.fits(checkpoints.load(path), tasks.load("convae"))
    with pytest.raises(checkpoints.CheckpointError, match="another task.toml"):
        checkpoints.fits(checkpoints.load(path), tasks.load("ae", "full"))
