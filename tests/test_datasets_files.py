"""Files that users bring: where they are looked for, all their forms, and what is said of damaged ones."""

import gzip
import io
import socket
import struct
import tarfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from datasets import DataError, cifar10, describe, fashion_mnist, fetch, files, idx, imori, load, mnist

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


def complaint(path, *arguments, **settings):
    """The message of the DataError that `load` must raise: one line that names the file."""
    with pytest.raises(DataError) as caught:
        load(*arguments, **settings)
    message = str(caught.value)
    assert "\n" not in message and str(path) in message
    return message


def idx_bytes(array):
    header = bytes((0, 0, 8, array.ndim)) + struct.pack(f">{array.ndim}I", *array.shape)
    return header + array.tobytes()


def write_mnist(directory, split="test", images=IMAGES, labels=LABELS, form=GZIPPED):
    directory.mkdir(parents=True, exist_ok=True)
    suffix, pack = form
    paths = [directory / (stem + suffix) for stem in mnist.STEMS[split]]
    for path, array in zip(paths, (images, labels)):
        path.write_bytes(pack(idx_bytes(array)))
    return paths


# --- IDX ------------------------------------------------------------------------------------------------------

@given(st.lists(st.integers(0, 5), min_size=1, max_size=4), st.sampled_from([GZIPPED, PLAIN]), st.data())
def test_idx_round_trip_and_nothing_less(tmp_path_factory, shape, form, data):
    array = RNG.integers(0, 256, shape, dtype=np.uint8)
    path, whole = tmp_path_factory.getbasetemp() / "round-trip", form[1](idx_bytes(array))
    path.write_bytes(whole)
    again = idx.read(path, len(shape))
    assert again.dtype == np.uint8 and again.shape == array.shape
    np.testing.assert_array_equal(again, array)
    path.write_bytes(whole[:data.draw(st.integers(0, len(whole) - 1))])
    with pytest.raises(DataError, match="round-trip"):
        idx.read(path, len(shape))


@pytest.mark.parametrize("form", [GZIPPED, PLAIN])
@pytest.mark.parametrize("folder", ["mnist", "."])
def test_mnist_is_read(tmp_path, folder, form):
    paths = write_mnist(tmp_path / folder, "train", form=form)
    data = load("mnist", data_dir=tmp_path)
    np.testing.assert_array_equal(data.images[..., 0], IMAGES)
    assert data.labels.tolist() == [2, 0, 9] and data.labels.dtype == np.int64
    assert fetch("mnist", tmp_path) == paths


def damage(path, change):
    path.write_bytes(change(path.read_bytes()))


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
    damage(path, change)
    assert said in complaint(path, "mnist", "test", data_dir=tmp_path)


def test_images_and_labels_exchanged(tmp_path):
    first, second = write_mnist(tmp_path)
    first.write_bytes(second.read_bytes())
    assert "expected 00000803" in complaint(first, "mnist", "test", data_dir=tmp_path)


@pytest.mark.parametrize("which, arrays, said", [
    (1, {"labels": LABELS[:2]}, "2 labels for 3 images"),
    (1, {"labels": LABELS + 1}, "labels from 1 to 10, expected 0 to 9"),
    (1, {"images": IMAGES[:0], "labels": LABELS[:0]}, "0 labels for 0 images"),
    (0, {"images": IMAGES[:, :, :27]}, "28x27 pixels, expected 28x28"),
])
def test_idx_files_that_do_not_fit(tmp_path, which, arrays, said):
    path = write_mnist(tmp_path, **arrays)[which]
    assert said in complaint(path, "mnist", "test", data_dir=tmp_path)


@pytest.mark.parametrize("which", [0, 1])
def test_missing_idx_file(tmp_path, which):
    path = write_mnist(tmp_path)[which]
    path.unlink()
    assert "missing" in complaint(path, "mnist", "test", data_dir=tmp_path)


# --- Where they are looked for --------------------------------------------------------------------------------

def test_one_split_only(tmp_path):
    write_mnist(tmp_path, "train")
    data = load("mnist", "test", data_dir=tmp_path)
    assert data.split == "train"
    assert data.notes == (f"mnist: {tmp_path} holds only the train split; using it in place of test",)


def test_order_of_the_places(tmp_path, monkeypatch):
    """Each place hides the ones after it: the argument, the variable, Debian's directory, the cache."""
    cache, system, variable, argument = (tmp_path / name for name in ("cache", "system", "variable", "argument"))
    monkeypatch.setattr(mnist, "SHA256", {})
    assert describe("mnist").where == str(cache / "mnist")  # of no files at all, the cache has every one
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
    assert "no such directory (data directory)" in complaint(tmp_path / "x", "mnist", data_dir=tmp_path / "x")
    monkeypatch.setenv("WORKBOOK_DATA", str(tmp_path / "y"))
    assert "no such directory (WORKBOOK_DATA)" in complaint(tmp_path / "y", "cifar10")


def test_not_found_and_no_connection(tmp_path):
    said = complaint(tmp_path, "cifar10", data_dir=tmp_path)
    assert cifar10.BASE + cifar10.ARCHIVE in said and "no connection" in said and "--data-dir DIR" in said


# --- CIFAR-10 -------------------------------------------------------------------------------------------------

def cifar_batches(per_batch=2):
    """Images (12, 32, 32, 3), labels (12,) and {file name: bytes}: five batches to train and one to test."""
    images = RNG.integers(0, 256, (6 * per_batch, 32, 32, 3), dtype=np.uint8)
    labels = RNG.integers(0, 10, len(images), dtype=np.uint8)
    labels[:10] = np.arange(10)
    records = [bytes([label]) + image.transpose(2, 0, 1).tobytes() for image, label in zip(images, labels)]
    names = cifar10.BATCHES["train"] + cifar10.BATCHES["test"]
    return images, labels, {name: b"".join(records[i * per_batch:(i + 1) * per_batch]) for i, name in enumerate(names)}


def write_archive(directory, batches):
    path = directory / cifar10.ARCHIVE
    with tarfile.open(path, "w:gz") as archive:
        for name, data in reversed(batches.items()):
            member = tarfile.TarInfo(f"{cifar10.FOLDER}/{name}")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return path


def write_folder(directory, batches):
    folder = directory / cifar10.FOLDER
    folder.mkdir()
    for name, data in batches.items():
        (folder / name).write_bytes(data)
    return folder


@pytest.mark.parametrize("write", [write_archive, write_folder])
def test_cifar_is_read(tmp_path, write):
    images, labels, batches = cifar_batches()
    write(tmp_path, batches)
    train, test = (load("cifar10", split, data_dir=tmp_path) for split in ("train", "test"))
    np.testing.assert_array_equal(train.images, images[:10])
    np.testing.assert_array_equal(test.images, images[10:])
    assert train.labels.tolist() == labels[:10].tolist() and test.labels.tolist() == labels[10:].tolist()


def test_cifar_archive_is_one_file(tmp_path):
    path = write_archive(tmp_path, cifar_batches()[2])
    assert fetch("cifar10", tmp_path) == [path]


@pytest.mark.parametrize("name, change, said", [
    ("data_batch_3.bin", lambda data: data[:-1], "6145 bytes, expected a multiple of 3073"),
    ("data_batch_3.bin", lambda data: b"", "0 bytes"),
    ("data_batch_1.bin", lambda data: b"\x0a" + data[1:], "labels from 1 to 10"),
])
@pytest.mark.parametrize("write", [write_archive, write_folder])
def test_cifar_batch_that_is_wrong(tmp_path, write, name, change, said):
    batches = cifar_batches()[2]
    batches[name] = change(batches[name])
    assert said in complaint(write(tmp_path, batches) / name, "cifar10", data_dir=tmp_path)


@pytest.mark.parametrize("write, said", [(write_archive, "has no data_batch_4.bin"), (write_folder, "cannot be read")])
def test_cifar_batch_that_is_missing(tmp_path, write, said):
    batches = cifar_batches()[2]
    del batches["data_batch_4.bin"]
    path = write(tmp_path, batches)
    assert said in complaint(path if path.is_file() else path / "data_batch_4.bin", "cifar10", data_dir=tmp_path)


@pytest.mark.parametrize("change", [
    lambda data: data[:-12], lambda data: data[:len(data) // 2], lambda data: data[:-8] + bytes(4) + data[-4:],
    lambda data: b"<html>", lambda data: gzip.compress(b"no tar"), lambda data: b"",
], ids=["no end", "half", "CRC", "html", "no tar", "empty"])
def test_damaged_archive(tmp_path, change):
    path = write_archive(tmp_path, cifar_batches()[2])
    damage(path, change)
    assert "get the file again" in complaint(path, "cifar10", data_dir=tmp_path)


class Trap:
    """Makes a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def test_npz_is_read_with_classes_in_turn(tmp_path):
    images, labels = RNG.integers(0, 256, (5, 32, 32, 3), dtype=np.uint8), np.array([3, 3, 3, 5, 5], np.uint8)
    np.savez(tmp_path / "cat_dog_train.npz", images=images, labels=labels)
    data = load("cifar10", data_dir=tmp_path)
    np.testing.assert_array_equal(data.images, images[[0, 3, 1, 4, 2]])
    assert data.labels.tolist() == [3, 5, 3, 5, 3] and data.class_names[5] == "dog"


@pytest.mark.parametrize("arrays, said", [
    ({"x": IMAGES, "y": LABELS}, "images is not a file in the archive"),
    ({"images": np.zeros((2, 32, 32, 3), np.uint8)}, "labels is not a file in the archive"),
    ({"images": np.zeros((2, 32, 32, 3)), "labels": LABELS[:2]}, "images are float64 (2, 32, 32, 3)"),
    ({"images": np.zeros((2, 3, 32, 32), np.uint8), "labels": LABELS[:2]}, "images are uint8 (2, 3, 32, 32)"),
    ({"images": np.zeros((2, 32, 32, 3), np.uint8), "labels": np.array([0.5, 1])}, "labels are float64 (2,)"),
    ({"images": np.zeros((2, 32, 32, 3), np.uint8), "labels": LABELS}, "3 labels for 2 images"),
    ({"images": np.zeros((2, 32, 32, 3), np.uint8), "labels": np.array([0, -1])}, "labels from -1 to 0"),
])
def test_npz_that_is_wrong(tmp_path, arrays, said):
    path = tmp_path / "a_train.npz"
    np.savez(path, **arrays)
    assert said in complaint(path, "cifar10", data_dir=tmp_path)


def test_pickles_are_refused(tmp_path):
    path, sprung = tmp_path / "a_train.npz", tmp_path / "sprung"
    np.savez(path, images=np.array([Trap(sprung)], object), labels=LABELS[:1])
    assert "allow_pickle=False" in complaint(path, "cifar10", data_dir=tmp_path)
    assert not sprung.exists()
    with np.load(path, allow_pickle=True) as arrays:
        arrays["images"]
    assert sprung.exists()  # so it was a trap


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no zip", b"neither"])
def test_npz_that_is_none(tmp_path, content):
    path = tmp_path / "a_train.npz"
    path.write_bytes(content)
    assert "cannot be read" in complaint(path, "cifar10", data_dir=tmp_path)


def test_two_npz_of_a_split(tmp_path):
    for name in ("a", "b"):
        (tmp_path / f"{name}_train.npz").write_bytes(b"")
    assert "a_train.npz and b_train.npz" in complaint(tmp_path, "cifar10", data_dir=tmp_path)
