"""CIFAR-10 from its archive, from the unpacked archive, and from npz files."""

import gzip
import io
import tarfile
from pathlib import Path

import numpy as np
import pytest
from test_datasets import no_setting, refused  # noqa: F401

from harness.data import fetch, load, module, unpack

cifar10 = module("cifar10")

RNG = np.random.default_rng(0)


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
    refused([write(tmp_path, batches) / name, said], load, "cifar10", data_dir=tmp_path)


@pytest.mark.parametrize("write, said", [(write_archive, "has no data_batch_4.bin"), (write_folder, "cannot be read")])
def test_cifar_batch_that_is_missing(tmp_path, write, said):
    batches = cifar_batches()[2]
    del batches["data_batch_4.bin"]
    path = write(tmp_path, batches)
    refused([path if path.is_file() else path / "data_batch_4.bin", said], load, "cifar10", data_dir=tmp_path)


@pytest.mark.parametrize("change", [
    lambda data: data[:-12], lambda data: data[:len(data) // 2], lambda data: data[:-8] + bytes(4) + data[-4:],
    lambda data: b"<html>", lambda data: gzip.compress(b"no tar"), lambda data: b"",
], ids=["no end", "half", "CRC", "html", "no tar", "empty"])
def test_damaged_archive(tmp_path, change):
    path = write_archive(tmp_path, cifar_batches()[2])
    path.write_bytes(change(path.read_bytes()))
    refused([path, "get the file again"], load, "cifar10", data_dir=tmp_path)


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
    ({"x": np.zeros(2), "y": np.zeros(2)}, "images is not a file in the archive"),
    ({"images": np.zeros((2, 32, 32, 3), np.uint8)}, "labels is not a file in the archive"),
    ({"images": np.zeros((2, 32, 32, 3)), "labels": np.arange(2)}, "images are float64 (2, 32, 32, 3)"),
    ({"images": np.zeros((2, 3, 32, 32), np.uint8), "labels": np.arange(2)}, "images are uint8 (2, 3, 32, 32)"),
    ({"images": np.zeros((2, 32, 32, 3), np.uint8), "labels": np.array([0.5, 1])}, "labels are float64 (2,)"),
    ({"images": np.zeros((2, 32, 32, 3), np.uint8), "labels": np.arange(3)}, "3 labels for 2 images"),
    ({"images": np.zeros((2, 32, 32, 3), np.uint8), "labels": np.array([0, -1])}, "labels from -1 to 0"),
])
def test_npz_that_is_wrong(tmp_path, arrays, said):
    path = tmp_path / "a_train.npz"
    np.savez(path, **arrays)
    refused([path, said], load, "cifar10", data_dir=tmp_path)


def test_pickles_are_refused(tmp_path):
    path, sprung = tmp_path / "a_train.npz", tmp_path / "sprung"
    np.savez(path, images=np.array([Trap(sprung)], object), labels=np.arange(1))
    refused([path, "allow_pickle=False"], load, "cifar10", data_dir=tmp_path)
    assert not sprung.exists()
    with np.load(path, allow_pickle=True) as arrays:
        arrays["images"]
    assert sprung.exists()  # so it was a trap


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no zip", b"neither"])
def test_npz_that_is_none(tmp_path, content):
    path = tmp_path / "a_train.npz"
    path.write_bytes(content)
    refused([path, "cannot be read"], load, "cifar10", data_dir=tmp_path)


def test_two_npz_of_a_split(tmp_path):
    for name in ("a", "b"):
        (tmp_path / f"{name}_train.npz").write_bytes(b"")
    refused([tmp_path, "a_train.npz and b_train.npz"], load, "cifar10", data_dir=tmp_path)


def write_members(path, *members):
    """An archive of (TarInfo, bytes)."""
    with tarfile.open(path, "w:gz", compresslevel=1) as archive:
        for member, data in members:
            archive.addfile(member, io.BytesIO(data))


def member(name, size, kind=tarfile.REGTYPE, **more):
    found = tarfile.TarInfo(name)
    found.size, found.type = size, kind
    for key, value in more.items():
        setattr(found, key, value)
    return found


def test_an_archive_unpacks_to_no_more_than_the_data_set_has(tmp_path, monkeypatch):
    path = write_archive(tmp_path, cifar_batches()[2])
    whole = len(gzip.decompress(path.read_bytes()))
    monkeypatch.setattr(cifar10, "LARGEST_ARCHIVE", whole)
    assert len(load("cifar10", data_dir=tmp_path).images) == 10
    monkeypatch.setattr(cifar10, "LARGEST_ARCHIVE", whole - 1)
    refused([path, f"more than {whole - 1:,} bytes"], load, "cifar10", data_dir=tmp_path)


def test_a_batch_that_is_too_large(tmp_path):
    path, size = tmp_path / cifar10.ARCHIVE, cifar10.LARGEST_BATCH + cifar10.RECORD
    write_members(path, (member("x/data_batch_1.bin", size), bytes(size)))
    refused([path / "data_batch_1.bin", f"{size} bytes"], load, "cifar10", data_dir=tmp_path)


SPARSE = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": "99999999999"}


@pytest.mark.parametrize("more, data, said", [
    ({"pax_headers": SPARSE}, b"1\n0\n9\n" + bytes(600), "99999999999 bytes"),
    ({"pax_headers": SPARSE}, b"no numbers\n" + bytes(600), "cannot be read"),
    ({"pax_headers": SPARSE}, b"", "cannot be read"),
    ({"pax_headers": SPARSE | {"GNU.sparse.realsize": "x"}}, b"1\n0\n9\n" + bytes(600), "cannot be read"),
    ({"pax_headers": {"GNU.sparse.map": "1,x", "GNU.sparse.size": "5"}}, bytes(600), "cannot be read"),
])
def test_a_batch_with_holes(tmp_path, more, data, said):
    path = tmp_path / cifar10.ARCHIVE
    write_members(path, (member("x/data_batch_1.bin", len(data), **more), data))
    refused([path, said], load, "cifar10", data_dir=tmp_path)


def test_npz_that_unpacks_to_too_much(tmp_path, monkeypatch):
    path = tmp_path / "a_train.npz"
    np.savez_compressed(path, images=np.zeros((2, 32, 32, 3), np.uint8), labels=np.zeros(2, np.uint8))
    monkeypatch.setattr(unpack, "LARGEST", 6000)
    refused([path, "unpacks to more than 6,000 bytes"], load, "cifar10", data_dir=tmp_path)
