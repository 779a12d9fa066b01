"""The command line: what it lists, what it says to bad input, and that it says it in one line with code 2."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from conftest import SHARED_DATA

from harness.data import Dataset

DIGIT = Dataset("digits", "train", np.zeros((1, 28, 28, 1), np.uint8), np.zeros(1, np.int64), ("0",))


def test_list(harness):
    listed = harness("list")
    assert listed.returncode == 0 and "ae" in listed.stdout and "Autoencoder" in listed.stdout
    found = json.loads(harness("list", "--json").stdout)
    assert found["version"] == 1 and {t["task"]: t["answers"] for t in found["tasks"]}["ae"]["chainer"] is True


@pytest.mark.parametrize("arguments, words", [
    (["compare", "aee"], "unknown task 'aee': did you mean 'ae'?"),
    (["compare", "qqq"], "unknown task 'qqq': choose one of ae"),
    (["compare"], "name one task or more, or use --all"),
    (["compare", "ae", "--all"], "name one task or more, or use --all"),
    (["compare", "ae", "--frameworks", "torch,keras"], "unknown framework 'torch': did you mean 'pytorch'?"),
    (["compare", "ae", "--frameworks", "keras"], "needs two frameworks or more"),
    (["compare", "ae", "--data", "newt"], "unknown data set 'newt': did you mean 'newts'?"),
    (["compare", "ae", "--data", "imori", "--data-dir", "/nowhere"], "/nowhere"),
    (["compare", "ae", "--tolerance", "-1"], "-1 must be above 0 and at most 1"),
    (["compare", "ae", "--steps", "0"], "greater than or equal to 1"),
    (["compare", "ae", "--precision", "float16"], "'float64', 'float32'"),
    (["compare", "ae", "--size", "big"], "'check', 'short', 'full'"),
    (["data", "show", "newtz"], "newts"),
    (["data", "show", "newts", "--split", "tests"], "test"),
    (["data", "fetch", "mnis"], "mnist"),
])
def test_bad_input(arguments, words, harness):
    process = harness(*arguments)
    assert process.returncode == 2
    assert words in process.stderr and "Traceback" not in process.stderr
    if "error: " in process.stderr:
        assert len(process.stderr.strip().splitlines()) == 1


def test_a_draft_is_not_listed(harness, workbook):
    workbook.copy_task("ae", "sketch")
    workbook.edit("questions/sketch/task.toml", "number = 1", "number = 1\ndraft = true")
    found = json.loads(harness("list", "--json", "--root", workbook.root).stdout)
    assert "sketch" not in {t["task"] for t in found["tasks"]}
    process = harness("compare", "sketch", "--root", workbook.root, "--frameworks", "pytorch,chainer", "--steps", 2)
    assert process.returncode == 0, process.stderr


def test_broken_task_toml_says_where(harness, workbook):
    workbook.edit("questions/ae/task.toml", "batch_size = 7", "")
    process = harness("compare", "ae", "--root", workbook.root)
    assert process.returncode == 2 and "task.toml: check.batch_size is missing" in process.stderr
    workbook.edit("questions/ae/task.toml", "[full]", "[full")
    process = harness("list", "--root", workbook.root)
    assert process.returncode == 2 and "not valid TOML" in process.stderr


def test_out_that_cannot_be_written(harness, tmp_path):
    (tmp_path / "file").write_text("")
    process = harness("compare", "ae", "--out", tmp_path / "file" / "out")
    assert process.returncode == 2 and "file" in process.stderr and "Traceback" not in process.stderr


def test_data_list_and_show(harness, tmp_path):
    listed = harness("data", "list")
    assert listed.returncode == 0
    for name in ("newts", "digits", "imori", "mnist", "fashion_mnist", "cifar10", "depth"):
        assert name in listed.stdout
    for name in ("newts", "digits"):
        sheet = tmp_path / f"{name}.png"
        process = harness("data", "show", name, "--number", 5, "--height", 17, "--width", 23, "--out", sheet)
        assert process.returncode == 0 and sheet.read_bytes().startswith(b"\x89PNG"), process.stderr
        assert harness("data", "fetch", name).stdout.strip().endswith("nothing to fetch")


@pytest.mark.parametrize("name, said", [
    ("x.jpg", "ends with .png"), ("x.svg", "ends with .png"), (".", "is a folder"), ("..", "is a folder"), ("a" * 300, "too long"),
    ("a" * 300 + ".png", "too long"), ("file/x.png", "cannot be written"), ("folder", "is a folder"), ("folder.png", "is a folder"),
    ("two\nlines.jpg", "two\\nlines.jpg"), (b"\xff.jpg", "\\udcff.jpg"),
])
def test_a_sheet_that_cannot_be_written(inside, tmp_path, monkeypatch, name, said):
    monkeypatch.chdir(tmp_path)
    Path("file").write_text("")
    Path("folder").mkdir(), Path("folder.png").mkdir()
    before = sorted(tmp_path.rglob("*"))
    monkeypatch.setattr("harness.data.load", lambda *_, **__: DIGIT if "file/" in str(name) else pytest.fail("loaded"))
    process = inside("data", "show", "digits", "--number", 1, "--out", os.fsdecode(name))
    assert process.returncode == 2 and said in process.stderr and len(process.stderr.strip().splitlines()) == 1
    assert sorted(tmp_path.rglob("*")) == before


def test_a_sheet_at_the_root(inside):
    process = inside("data", "show", "digits", "--out", "/")
    assert process.returncode == 2 and "--out / is a folder" in process.stderr and not Path("/.png").exists()


@pytest.mark.parametrize("name, written", [("x", "x.png"), ("X.PNG", "X.PNG"), ("[red]", "[red].png"), ("a b/c d.png", "a b/c d.png"),
                                           ("-x.png", "-x.png"), (b"\xff.png", b"\xff.png"), ("two\nlines", "two\nlines.png")])
def test_a_sheet_with_an_odd_name(inside, tmp_path, monkeypatch, name, written):
    monkeypatch.chdir(tmp_path)
    process = inside("data", "show", "digits", "--number", 1, f"--out={os.fsdecode(name)}")
    assert process.returncode == 0 and len(process.stdout.splitlines()) == 1
    assert Path(os.fsdecode(written)).read_bytes().startswith(b"\x89PNG")


def test_one_split_is_said_in_one_line(harness, tmp_path):
    if not (SHARED_DATA / "mnist").is_dir():
        pytest.skip("no mnist beside the checkout")
    process = harness("data", "show", "mnist", "--data-dir", SHARED_DATA, "--out", tmp_path / "mnist.png")
    assert process.returncode == 0 and (tmp_path / "mnist.png").is_file()
    note, = process.stderr.strip().splitlines()
    assert "only" in note and "test" in note


def test_truncated_file(harness, tmp_path):
    (tmp_path / "mnist").mkdir()
    for part in ("images-idx3", "labels-idx1"):
        (tmp_path / "mnist" / f"train-{part}-ubyte").write_bytes(b"\0\0\x08\x03\0\0\0\x05")
    process = harness("data", "show", "mnist", "--data-dir", tmp_path, "--out", tmp_path / "mnist.png")
    assert process.returncode == 2 and "ubyte" in process.stderr and len(process.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "mnist.png").exists()
