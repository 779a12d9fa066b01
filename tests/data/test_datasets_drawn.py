"""Drawn images are drawn once: what comes from the cache is what would be drawn."""

from types import SimpleNamespace

import numpy as np
import pytest

from harness import data as datasets
from harness.data import drawn, module

newts = module("newts")

SMALL = (16, 24)


@pytest.fixture
def folder(monkeypatch, tmp_path):
    monkeypatch.setenv("WORKBOOK_CACHE", str(tmp_path))
    return tmp_path / "newts"


@pytest.fixture
def drawings(monkeypatch):
    """How many images were drawn, call by call."""
    calls, load = [], newts.load
    monkeypatch.setattr(newts, "load", lambda *arguments: calls.append(arguments[3]) or load(*arguments))
    return calls


def load(number, **more):
    return datasets.load("newts", height=SMALL[0], width=SMALL[1], number=number, **more)


def same(a, b):
    return all(np.array_equal(x, y) for x, y in ((a.images, b.images), (a.labels, b.labels), (a.masks, b.masks)))


def test_the_second_time_they_are_read(folder, drawings):
    first, second, fewer = load(40), load(40), load(33)
    assert drawings == [40] and len(list(folder.iterdir())) == 1
    assert same(first, second) and np.array_equal(fewer.images, first.images[:33])
    images, labels, masks = newts.load("train", *SMALL, 40, 0)
    assert np.array_equal(first.images, images) and np.array_equal(first.labels, labels) and np.array_equal(first.masks, masks)


def test_more_are_drawn_anew(folder, drawings):
    fewer, more = load(40), load(50)
    assert drawings == [40, 50] and np.array_equal(more.images[:40], fewer.images)
    assert same(load(50), more) and drawings == [40, 50]


def test_others_are_other_files(folder):
    a, b, c = load(40), load(40, seed=1), load(40, split="test")
    assert len(list(folder.iterdir())) == 3
    assert not np.array_equal(a.images, b.images) and not np.array_equal(a.images, c.images)


def test_few_are_not_kept(folder, drawings):
    load(8), load(8)
    assert drawings == [8, 8] and not folder.exists()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut", b"not an archive"])
def test_a_damaged_file_is_replaced(folder, drawings, content):
    first = load(40)
    path, = folder.iterdir()
    path.write_bytes(content)
    assert same(load(40), first) and same(load(40), first)
    assert drawings == [40, 40]


def test_cut_short(folder, drawings):
    first = load(40)
    path, = folder.iterdir()
    path.write_bytes(path.read_bytes()[:-1000])
    assert same(load(40), first) and drawings == [40, 40]


def test_any_byte_of_it_changed(folder, drawings, monkeypatch):
    """In a file of NumPy's alone, a byte of a header can give other arrays, and no error."""
    first = load(40)
    path, = folder.iterdir()
    whole = path.read_bytes()
    kept = [drawn._read(path)]
    monkeypatch.setattr(newts, "load", lambda *_: kept[0])
    for place in (*range(0, 400, 9), *range(400, len(whole), 9973), *range(len(whole) - 300, len(whole), 9)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << place % 8]) + whole[place + 1:])
        again = load(40)
        assert same(again, first) and again.notes == (f"newts: {path} is damaged; its images are drawn again",)
    assert load(40).notes == ()


def test_another_program_is_another_file(folder, tmp_path, monkeypatch):
    source = tmp_path / "painter.py"
    source.write_text("first")
    painter = SimpleNamespace(__file__=str(source), load=lambda *_: (np.full((40, 1, 1, 1), int(source.stat().st_size)),))
    assert drawn.load(painter, "newts", "train", 1, 1, 40, 0)[0][0][0] == 5
    source.write_text("second")
    assert drawn.load(painter, "newts", "train", 1, 1, 40, 0)[0][0][0] == 6


def test_where_nothing_can_be_written(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("WORKBOOK_CACHE", str(tmp_path / "file"))
    assert len(load(40).images) == 40
