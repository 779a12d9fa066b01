"""Whatever happened to the files of a run: --resume says it in one line, and nothing is lost."""

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from unittest import mock

import numpy as np
import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from harness import tasks
from harness.data.written import alone
from harness.messages import WorkbookError
from harness.training import checkpoint as checkpoints
from harness.training import log
from harness.training.checkpoint import Checkpoint, CheckpointError
from harness.training.plan import Wish, plan

ABOUT = {"task": "ae", "size": "check", "framework": "pytorch", "precision": "float32", "step": 3, "seed": 0, "batch_size": 7,
         "data": "newts", "hyperparameters": {"latent": 4}, "version": "0", "threads": 1}


def written(path, **changed):
    rng = np.random.default_rng(0)
    made = Checkpoint(**{**ABOUT, **changed}, parameters={"encoder.dense1.weight": rng.random((4, 5)).astype(np.float32)},
                      optimizers={"optimizer": {"step": np.array(3), "m": rng.random(20)}})
    checkpoints.save(made, path)
    return made


def refused(path, data):
    path.write_bytes(data)
    with pytest.raises(CheckpointError) as raised:
        checkpoints.load(path)
    assert "\n" not in str(raised.value) and str(path) in str(raised.value) and re.search("damaged|has format", str(raised.value))


# The checkpoint.

def test_each_flipped_bit_is_noticed(tmp_path):
    """... of each byte of the header, and of a sample of the others."""
    path = tmp_path / checkpoints.NAME
    written(path)
    whole, rng = path.read_bytes(), random.Random(0)
    header = 8 + int.from_bytes(whole[:8], "little")
    for at in [*range(header), *rng.sample(range(header, len(whole)), 60)]:
        spoiled = bytearray(whole)
        spoiled[at] ^= 1 << rng.randrange(8)
        refused(path, bytes(spoiled))
    for cut in (0, 7, 8, 100, header, len(whole) - 1):
        refused(path, whole[:cut])
    refused(path, whole + b"\0")
    refused(path, b"PK" + whole[2:])
    path.write_bytes(whole)
    assert checkpoints.load(path).step == 3


def without_checksum(path):
    """As the workbook wrote it before."""
    from safetensors.numpy import load, save
    whole = path.read_bytes()
    about = json.loads(json.loads(whole[8:8 + int.from_bytes(whole[:8], "little")])["__metadata__"]["workbook"])
    del about["answer"]
    return load(whole), about, lambda arrays, about: path.write_bytes(save(arrays, {"workbook": json.dumps(about)}))


def test_old_checkpoints_load(tmp_path):
    path = tmp_path / checkpoints.NAME
    made = written(path)
    arrays, about, save = without_checksum(path)
    save(arrays, about)
    old = checkpoints.load(path)
    assert old.step == 3 and old.answer is None
    assert np.array_equal(old.optimizers["optimizer"]["m"], made.optimizers["optimizer"]["m"])


@pytest.mark.parametrize("wrong", [
    {"step": "3"}, {"step": None}, {"step": -1}, {"step": True}, {"step": 3.5}, {"seed": -1}, {"seed": 2**40}, {"batch_size": 0},
    {"hyperparameters": []}, {"framework": "caffe"}, {"size": "huge"}, {"task": 3}, {"answer": 3}, {"more": 1}, {"format": "1"},
    {"format": 2}])
def test_text_of_another_type(tmp_path, wrong):
    path = tmp_path / checkpoints.NAME
    written(path)
    arrays, about, save = without_checksum(path)
    save(arrays, {**about, **wrong})
    refused(path, path.read_bytes())
    for text in ([], "", 3, None, {}):
        save(arrays, text)
        refused(path, path.read_bytes())


# The log.

LINES = ["step,seconds,mse\n", *(f"{n},{n / 10:.3f},{1 / n!r}\n" for n in range(1, 6))]


def log_of(folder, text):
    folder.mkdir(exist_ok=True)
    (folder / "losses.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    recorder = log.Recorder(folder, tasks.load("ae"), step=5)
    recorder.open()
    recorder.losses(6, 0.1, {"mse": 0.5})
    recorder.close()
    return recorder, log.read(folder / "losses.csv")


@pytest.mark.parametrize("text", [
    "".join(LINES), "".join(LINES).replace("\n", "\r\n"), "\ufeff" + "".join(LINES), "".join(LINES) + "6,0.6", "".join(LINES) + "7,0.6,1\n",
    "".join('"' + line.strip().replace(",", '","') + '"\r\n' for line in LINES)])
def test_lines_that_a_spreadsheet_saved_are_read(tmp_path, text):
    recorder, read = log_of(tmp_path / "run", text)
    assert not recorder.notes and read["step"].tolist() == [1, 2, 3, 4, 5, 6]
    assert read["mse"].tolist() == [*(1 / n for n in range(1, 6)), 0.5] and read["seconds"][-1] == pytest.approx(0.6)


@pytest.mark.parametrize("text, kept", [
    ("".join(LINES).replace(",", ";"), 0), ("".join([*LINES[:3], "\n", *LINES[3:]]), 5), ("".join(LINES[:3]) + "a note\n", 2),
    ("".join([*LINES[:3], *LINES[1:]]), 5), ("".join(LINES[1:]).replace("3,0.3", "3,nan"), 4), (b"\xff\xfe" + "x\n".encode("utf-16"), 0)])
def test_lines_that_cannot_be_read_are_kept_in_a_copy(tmp_path, text, kept):
    recorder, read = log_of(tmp_path / "run", text)
    (copy,) = (tmp_path / "run").glob("losses.*.csv.bak")
    (note,) = recorder.notes
    assert copy.read_bytes() == (text if isinstance(text, bytes) else text.encode())
    assert copy.name in note and "\n" not in note and len(read["step"]) == kept + 1


PIECES = [*LINES, "\n", ";", '"', "\r", "\r\n", "\ufeff", "\0", "1e999,", "9" * 5000, "5,0.5,0.2", "6,0"]


@given(text=st.one_of(st.binary(max_size=300), st.lists(st.sampled_from(PIECES), max_size=12).map(lambda parts: "".join(parts).encode())))
@settings(max_examples=150, deadline=2000)
def test_any_log(tmp_path_factory, text):
    """It goes on, and what was there is in the log, or all of it in a copy."""
    folder = tmp_path_factory.mktemp("run")
    path = folder / "losses.csv"
    path.write_bytes(text)
    log.read(path)
    with mock.patch.object(log, "SummaryWriter"):
        recorder = log.Recorder(folder, tasks.load("ae"), step=5)
        recorder.open()
        recorder.file.close()
    read, copies = log.read(path), list(folder.glob("losses.*.csv.bak"))
    steps = read["step"].tolist()
    assert list(read) == ["step", "seconds", "mse"] and steps == sorted(set(steps)) and set(steps) <= {1, 2, 3, 4, 5}
    assert len(copies) == len(recorder.notes) <= 1
    if copies:
        assert copies[0].read_bytes() == text
    else:                                       # each number is there, but for a last line that a kill left
        lines = text.decode("utf-8-sig").replace('"', "").split("\n")
        there = {tuple(map(float, line.split(","))) for line in lines[:-1] if line[:1].isdigit() and int(line.split(",")[0]) <= 5}
        assert there <= set(zip(*(read[name].tolist() for name in read)))
    shutil.rmtree(folder)


@pytest.mark.parametrize("tail, kept, damaged", [("5,0.5,0.2", True, False), ("6,0.6,0.1", False, False), ("6,0.", False, False),
                                                 ("5,0.5", False, False), ("seen", False, True)])
def test_a_last_line_without_its_end(tmp_path, tail, kept, damaged):
    """An editor leaves a whole one; a kill leaves the beginning of one that the checkpoint has not."""
    recorder, read = log_of(tmp_path / "run", "".join(LINES[:5]) + tail)
    assert (5 in read["step"]) == kept and bool(recorder.notes) == damaged


def test_foreign_and_damaged_pictures(tmp_path):
    folder = tmp_path / "run"
    (folder / "sheets").mkdir(parents=True)
    for name in ("Copy of 00000001", "7", "00000002"):
        (folder / "sheets" / f"{name}.png").write_bytes(b"\x89PNG\r\n\x1a\nno picture")
    (folder / "sheets" / "00000009.png").mkdir()
    Image.new("L", (3, 4)).save(folder / "sheets" / "00000003.png")
    for step in (4, 5, 8):
        Image.new("RGB", (8, 8), (step, 0, 0)).save(folder / "sheets" / f"{step:08d}.png")
    recorder, _ = log_of(folder, "".join(LINES))
    (note,) = recorder.notes
    assert "00000002.png is not a picture" in note
    assert not (folder / "sheets" / "00000008.png").exists() and len(list((folder / "sheets").iterdir())) == 7
    assert Image.open(folder / "growth.gif").size == (8, 8)


# The command.

OPTIONS = ["train", "ae", "-f", "pytorch", "--size", "check", "--sheets", "1", "--steps"]


def test_resume_begins_where_there_is_nothing(inside, tmp_path):
    """... also where a run was killed before its first checkpoint; what that wrote is kept."""
    folder = tmp_path / "run"
    for left in ((), (".lock",), ("losses.csv", "slurm.out", "checkpoint.safetensors.part")):
        for name in left:
            folder.mkdir(exist_ok=True)
            (folder / name).write_text(name)
        done = inside(*OPTIONS, 2, "--out", folder, "--resume")
        assert done.returncode == 0 and "to continue from, so a new run starts" in done.stderr
        assert checkpoints.load(folder).step == 2
        assert [p.read_text() for p in folder.glob("losses.*.csv.bak")] == [name for name in left if name == "losses.csv"]
        assert "slurm.out" not in left or (folder / "slurm.out").is_file()
        if not left or left[0] == ".lock":
            shutil.rmtree(folder)
    assert inside(*OPTIONS, 4, "--out", folder, "--resume").returncode == 0 and checkpoints.load(folder).step == 4


def test_what_resume_does_not_say_is_as_it_was(tmp_path):
    written(tmp_path / checkpoints.NAME, seed=3, batch_size=5, size="short", data="digits")
    found = plan("ae", "pytorch", tmp_path, Wish(resume=True, steps=9))
    run = found.run
    assert (run.seed, run.task.batch_size, run.task.size, run.data.name) == (3, 5, "short", "digits")
    assert found.begun.step == 3 and not found.done


def started(folder, *more):
    """A training that runs, and has its first checkpoint."""
    process = subprocess.Popen([sys.executable, "-m", "harness", *OPTIONS, "1000000", "--out", str(folder), *more], cwd=ROOT,
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    end = time.monotonic() + 120
    while not (folder / checkpoints.NAME).is_file():
        if process.poll() is not None or time.monotonic() > end:
            process.kill()                      # it would train on
            pytest.fail(f"no checkpoint: {process.communicate()[1]}")
        time.sleep(0.05)
    return process


def test_a_killed_run_goes_on_and_two_never_run_in_one_folder(inside, tmp_path):
    """The first checkpoint is there after the first step; the second start, --resume and --force are refused meanwhile."""
    folder = tmp_path / "run"
    with started(folder) as process:
        try:
            for more in ((), ("--resume",), ("--force",)):
                done = inside(*OPTIONS, 3, "--out", folder, *more)
                (line,) = done.stderr.splitlines()
                assert done.returncode == 2 and line.startswith(f"error: process {process.pid} on "), line
        finally:
            os.kill(process.pid, signal.SIGKILL)
            process.communicate(timeout=60)
    assert [p.name for p in tmp_path.iterdir()] == ["run"] and (folder / ".lock").is_file()
    step = checkpoints.load(folder).step
    assert inside(*OPTIONS, step + 2, "--out", folder, "--resume").returncode == 0
    assert log.read(folder / "losses.csv")["step"].tolist() == list(range(1, step + 3))
    assert not (folder / ".lock").exists()


@pytest.mark.parametrize("more", [(), ("--resume",), ("--force",)])
def test_the_folder_is_locked_while_it_trains(inside, tmp_path, monkeypatch, more):
    """... also the new one, where --force has moved the old one away with its lock."""
    folder, refused = tmp_path / "run", []
    if more:
        folder.mkdir()
        (folder / "notes.txt").write_text("")

    def train(*_):
        with pytest.raises(WorkbookError, match="is at work in") as raised, alone(folder):
            pass
        refused.append(raised)
        return 0

    monkeypatch.setattr("harness.commands.make.train._train", train)
    assert inside(*OPTIONS, 2, "--out", folder, *more).returncode == 0 and len(refused) == 1
    assert not (folder / ".lock").exists()


def test_resume_says_damage_in_one_line(inside, tmp_path):
    folder = tmp_path / "run"
    assert inside(*OPTIONS, 5, "--out", folder).returncode == 0
    path, losses = folder / checkpoints.NAME, folder / "losses.csv"
    whole = path.read_bytes()
    path.write_bytes(whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:])
    done = inside(*OPTIONS, 7, "--out", folder, "--resume")
    (line,) = done.stderr.splitlines()
    assert done.returncode == 2 and "is damaged: its checksum is wrong" in line
    path.write_bytes(whole)
    losses.write_text(losses.read_text().replace(",", ";"))
    done = inside(*OPTIONS, 7, "--out", folder, "--resume")
    assert done.returncode == 0 and "losses.csv was changed from line 1 on; it is kept as" in done.stderr
    done = inside("train", "vae", "-f", "pytorch", "--out", folder, "--resume")
    assert done.returncode == 2 and "trains 'ae', not 'vae'" in done.stderr
