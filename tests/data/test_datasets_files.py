"""IDX files that users bring: all their forms, damaged ones, and where the files of any data set are looked for."""

import gzip
import os
import socket
import struct
import subprocess
import sys
import tempfile
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st
from test_datasets import refused

from harness.data import describe, fetch, files, idx, load, module

cifar10 = module("cifar10")
fashion_mnist = module("fashion_mnist")
imori = module("imori")
mnist = module("mnist")

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (3, 28, 28), dtype=np.uint8)
LABELS = np.array([2, 0, 9], np.uint8)
GZIPPED = (".gz", gzip.compress)
PLAIN = ("", bytes)


@pytest.fixture(autouse=True)
def alone(monkeypatch, tmp_path):
    """No setting, no Debian package, no cache, and a server that refuses."""
    monkeypatch.delenv("WORKBOOK_DATA", raising=False)
    monkeypatch.setenv("WORKBOOK_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(files, "SYSTEM", tmp_path / "system")
    with socket.socket() as closed:  # bound, but not listening
        closed.bind(("127.0.0.1", 0))
        for source in (mnist, fashion_mnist, cifar10, imori):
            monkeypatch.setattr(source, "BASE", f"http://127.0.0.1:{closed.getsockname()[1]}/")
        yield


def idx_bytes(array):
    header = bytes((0, 0, 8, array.ndim)) + struct.pack(f">{array.ndim}I", *array.shape)
    return header + array.tobytes()


def write_mnist(directory, split="test", images=IMAGES, labels=LABELS, form=GZIPPED):
    directory.mkdir(parents=True, exist_ok=True)
    suffix, pack = form
    paths = [directory / (stem + suffix) for stem in idx.STEMS[split]]
    for path, array in zip(paths, (images, labels)):
        path.write_bytes(pack(idx_bytes(array)))
    return paths


# --- IDX ------------------------------------------------------------------------------------------------------

@given(st.lists(st.integers(0, 5), min_size=1, max_size=4), st.booleans(), st.floats(0, 1, exclude_max=True))
def test_idx_round_trip_and_nothing_less(tmp_path_factory, shape, gzipped, part):
    array = RNG.integers(0, 256, shape, dtype=np.uint8)
    data = gzip.compress(idx_bytes(array)) if gzipped else idx_bytes(array)
    path = tmp_path_factory.getbasetemp() / "round-trip"
    path.write_bytes(data)
    again = idx.read(path, len(shape))
    assert again.dtype == np.uint8 and again.shape == array.shape
    np.testing.assert_array_equal(again, array)
    path.write_bytes(data[:int(part * len(data))])
    refused([path], idx.read, path, len(shape))


@pytest.mark.parametrize("form", [GZIPPED, PLAIN])
@pytest.mark.parametrize("folder", ["mnist", "."])
def test_mnist_is_read(tmp_path, folder, form):
    paths = write_mnist(tmp_path / folder, "train", form=form)
    data = load("mnist", data_dir=tmp_path)
    np.testing.assert_array_equal(data.images[..., 0], IMAGES)
    assert data.labels.tolist() == [2, 0, 9] and data.labels.dtype == np.int64
    assert fetch("mnist", tmp_path) == paths


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("change, said", [
    (lambda data: data[:-12], "cannot be read"),                                         # truncated
    (lambda data: data[:-8] + bytes(4) + data[-4:], "CRC check failed"),                 # corrupted
    (lambda data: b"", "begins with nothing"),
    (lambda data: b"<html>not found</html>", "begins with 3c68746d"),
    (lambda data: gzip.compress(b"\0\0\x0d" + gzip.decompress(data)[3:]), "begins with 00000d0"),  # floats
    (lambda data: gzip.compress(gzip.decompress(data)[:-1]), "header says 3"),
    (lambda data: gzip.compress(gzip.decompress(data) + b"\0"), "header says 3"),
])
def test_damaged_idx(tmp_path, which, change, said):
    path = write_mnist(tmp_path)[which]
    path.write_bytes(change(path.read_bytes()))
    refused([path, said], load, "mnist", "test", data_dir=tmp_path)


def test_images_and_labels_exchanged(tmp_path):
    first, second = write_mnist(tmp_path)
    first.write_bytes(second.read_bytes())
    refused([first, "expected 00000803"], load, "mnist", "test", data_dir=tmp_path)


@pytest.mark.parametrize("which, arrays, said", [
    (1, {"labels": LABELS[:2]}, "2 labels for 3 images"),
    (1, {"labels": LABELS + 1}, "labels from 1 to 10, expected 0 to 9"),
    (1, {"images": IMAGES[:0], "labels": LABELS[:0]}, "0 labels for 0 images"),
    (0, {"images": IMAGES[:, :, :27]}, "28x27 pixels, expected 28x28"),
])
def test_idx_files_that_do_not_fit(tmp_path, which, arrays, said):
    path = write_mnist(tmp_path, **arrays)[which]
    refused([path, said], load, "mnist", "test", data_dir=tmp_path)


@pytest.mark.parametrize("which", [0, 1])
def test_missing_idx_file(tmp_path, which):
    path = write_mnist(tmp_path)[which]
    path.unlink()
    refused([path, "missing"], load, "mnist", "test", data_dir=tmp_path)


BOMB = 1 << 27     # bytes, of a gzipped file of a thousandth of that


def peak(call, *arguments, **settings):
    """The bytes that a call held at most, beside what it said."""
    tracemalloc.start()
    try:
        return call(*arguments, **settings), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("which", [0, 1])
def test_no_more_is_unpacked_than_the_header_says(tmp_path, which):
    path = write_mnist(tmp_path)[which]
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()) + bytes(BOMB), 1))
    _, most = peak(refused, [path, "more follow"], load, "mnist", "test", data_dir=tmp_path)
    assert most < BOMB / 20


@pytest.mark.parametrize("form", [GZIPPED, PLAIN])
@pytest.mark.parametrize("sizes", [(1 << 31, 28, 28), (2**32 - 1,) * 3, (1 << 20, 28, 37)])
def test_a_header_that_promises_too_much(tmp_path, form, sizes):
    suffix, pack = form
    path = write_mnist(tmp_path, form=form)[0]
    path.write_bytes(pack(bytes((0, 0, 8, 3)) + struct.pack(">3I", *sizes) + bytes(99)))
    refused([path, "are not allowed"], load, "mnist", "test", data_dir=tmp_path)


# --- Where they are looked for --------------------------------------------------------------------------------

def test_one_split_only(tmp_path):
    write_mnist(tmp_path, "train")
    data = load("mnist", "test", data_dir=tmp_path)
    assert data.split == "train"
    assert data.notes[0] == f"mnist: {tmp_path} holds only the train split, which is used in place of test"


def test_order_of_the_places(tmp_path, monkeypatch):
    """Each place hides the ones after it: the argument, the variable, Debian's directory."""
    system, variable, argument = (tmp_path / name for name in ("system", "variable", "argument"))
    assert describe("mnist").where == "not fetched"
    write_mnist(system / "mnist", labels=LABELS * 0 + 1)
    assert load("mnist", "test").labels[0] == 1 and describe("mnist").where == str(system / "mnist")
    write_mnist(variable, labels=LABELS * 0 + 2)
    monkeypatch.setenv("WORKBOOK_DATA", str(variable))
    assert load("mnist", "test").labels[0] == 2 and describe("mnist").where == str(variable)
    argument.mkdir()
    assert load("mnist", "test", data_dir=argument).labels[0] == 2  # nothing there: the next place
    write_mnist(argument / "mnist", labels=LABELS * 0 + 3)
    assert load("mnist", "test", data_dir=str(argument)).labels[0] == 3


def test_folder_with_a_hyphen(tmp_path):
    write_mnist(tmp_path / "fashion-mnist")
    assert describe("fashion_mnist", tmp_path).where == str(tmp_path / "fashion-mnist")
    assert load("fashion_mnist", "test", data_dir=tmp_path).class_names[2] == "pullover"


def test_clothes_are_not_taken_for_digits(tmp_path):
    clothes = tmp_path / "fashion-mnist"
    write_mnist(clothes)
    assert describe("fashion_mnist", clothes).where == str(clothes)
    assert describe("mnist", clothes).where == "not fetched"


def test_directory_that_is_not_there(tmp_path, monkeypatch):
    refused([tmp_path / "x", "no such directory (data directory)"], load, "mnist", data_dir=tmp_path / "x")
    monkeypatch.setenv("WORKBOOK_DATA", str(tmp_path / "y"))
    refused([tmp_path / "y", "no such directory (WORKBOOK_DATA)"], load, "cifar10")


def test_not_found_and_no_connection(tmp_path):
    refused([tmp_path, cifar10.BASE + cifar10.ARCHIVE, "no connection", "--data-dir DIR"],
            load, "cifar10", data_dir=tmp_path)


@pytest.mark.parametrize("value", ["~nobody-of-this-name/data", "a" * 300, "\0"])
def test_a_directory_with_an_odd_name(tmp_path, monkeypatch, value):
    refused([value.replace("\0", "") , "directory"], load, "mnist", data_dir=value)
    monkeypatch.setenv("WORKBOOK_CACHE", "~nobody-of-this-name")
    refused(["no such home directory (WORKBOOK_CACHE)"], load, "newts", number=40)


@pytest.mark.parametrize("folder", [".", "mnist"])
@pytest.mark.parametrize("name", ["mnist", "imori", "cifar10", "depth"])
def test_a_folder_that_may_not_be_read(tmp_path, monkeypatch, name, folder):
    """As somebody else, for an administrator may read everything."""
    closed = tmp_path / "data" / (name if folder == "mnist" else folder)
    closed.mkdir(parents=True)
    monkeypatch.setattr(files.os, "access", lambda path, mode: path != closed)
    monkeypatch.setenv("WORKBOOK_DATA", str(tmp_path / "data"))
    if (name, folder) == ("depth", "mnist"):
        closed.rename(tmp_path / "data" / "ModelNet40")
        monkeypatch.setattr(files.os, "access", lambda path, mode: path.name != "ModelNet40")
        closed = tmp_path / "data" / "ModelNet40"
    refused([closed, "no permission to read it"], load, name)


AS_NOBODY = """
import os, sys
import numpy.random
from harness.data import DataError, describe, names
names()     # all is loaded before
os.setuid(65534)
for name in ("mnist", "imori", "cifar10", "depth"):
    try:
        describe(name)
    except DataError as error:
        print(error)
"""


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only an administrator can become nobody")
@pytest.mark.parametrize("closed", ["data", "above/data"])
def test_a_folder_that_really_may_not_be_read(closed):
    with tempfile.TemporaryDirectory() as folder:       # pytest's own folders are closed to others from the top
        os.chmod(folder, 0o755)
        (Path(folder) / closed).mkdir(parents=True)
        (Path(folder) / closed.split("/")[0]).chmod(0o700)
        process = subprocess.run([sys.executable, "-c", AS_NOBODY], cwd=ROOT, capture_output=True, text=True, timeout=60,
                                 env={**os.environ, "WORKBOOK_DATA": f"{folder}/{closed}"})
    assert process.returncode == 0, process.stderr
    lines = process.stdout.splitlines()
    assert len(lines) == 4 and all(f"{folder}/{closed}: " in line and "read" in line for line in lines)
