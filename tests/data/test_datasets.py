"""The data sets as they are asked for: which there are, splits, sizes, channels, numbers, classes."""

import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from harness import data as datasets
from harness.data import DataError, files, module

imori = module("imori")
newts = module("newts")

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared" / "data"
FASHION = Path("/usr/share/datasets/fashion-mnist")
shared = pytest.mark.skipif(not SHARED.is_dir(), reason="no shared/data beside the checkout")
debian = pytest.mark.skipif(not FASHION.is_dir(), reason="Debian's dataset-fashion-mnist is not installed")

EMBEDDED = [("newts", {"number": 12}), ("digits", {}), ("clothes", {})]
IN_FILES = [pytest.param("imori", {"data_dir": SHARED}, marks=shared),
            pytest.param("mnist", {"data_dir": SHARED}, marks=shared),
            pytest.param("fashion_mnist", {}, marks=debian),
            pytest.param("cifar10", {"data_dir": SHARED}, marks=shared)]
ALL = EMBEDDED + IN_FILES
NATIVE = {"newts": (64, 64, 3), "digits": (28, 28, 1), "clothes": (28, 28, 1), "imori": (64, 64, 3), "mnist": (28, 28, 1),
          "fashion_mnist": (28, 28, 1), "cifar10": (32, 32, 3)}


@pytest.fixture(autouse=True)
def no_setting(monkeypatch):
    monkeypatch.delenv("WORKBOOK_DATA", raising=False)


def refused(said, call, *arguments, **settings):
    """The call must raise a DataError of one line in which each of `said` occurs, such as a file and what is wrong."""
    with pytest.raises(DataError) as caught:
        call(*arguments, **settings)
    message = str(caught.value)
    assert "\n" not in message
    for part in said:
        assert str(part) in message


def check_form(data):
    count = len(data.images)
    assert count > 0
    assert data.images.dtype == np.uint8 and data.images.ndim == 4
    assert data.labels.dtype == np.int64 and data.labels.shape == (count,)
    assert data.labels.min() >= 0 and data.labels.max() < len(data.class_names)
    assert (data.masks is not None) == (data.name in ("newts", "imori"))
    if data.masks is not None:
        assert data.masks.dtype == np.uint8 and data.masks.shape == data.images.shape[:3]
        assert all(set(np.unique(mask)) <= {0, label + 1} for mask, label in zip(data.masks, data.labels))


def test_names():
    assert datasets.names() == ("clothes", "depth", "digits", "newts", "cifar10", "fashion_mnist", "imori", "mnist")


def test_importing_is_light():
    code = "import sys; from harness import data; data.names(); sys.exit(str({'sklearn', 'pooch', 'PIL', 'requests'} & set(sys.modules)))"
    answer = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert answer.stderr.strip() == "set()"


@pytest.mark.parametrize("split", ["train", "test"])
@pytest.mark.parametrize("name, settings", ALL)
def test_native_form(name, settings, split):
    data = datasets.load(name, split, **settings)
    check_form(data)
    assert data.name == name and data.images.shape[1:] == NATIVE[name]
    assert data.images.max() > 200 and data.images.flags.writeable
    if name != "mnist":  # shared/data has only its test images
        assert data.split == split


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("name, settings", ALL)
def test_any_size_and_channels(name, settings, channels):
    data = datasets.load(name, "test", height=17, width=23, channels=channels, **settings | {"number": 5})
    check_form(data)
    assert data.images.shape == (5, 17, 23, channels)


@pytest.mark.parametrize("name, settings", ALL)
def test_number(name, settings):
    one, three = (datasets.load(name, "test", **settings | {"number": number}) for number in (1, 3))
    assert len(one.images) == 1 and len(three.images) == 3
    np.testing.assert_array_equal(one.images[0], three.images[0])
    assert one.labels[0] == three.labels[0]


def test_more_than_there_is():
    data = datasets.load("digits", "test", number=298)
    assert len(data.images) == 297
    assert data.notes == ("digits: the test split has only 297 such images, not 298",)
    assert datasets.load("digits", "test", number=297).notes == ()


def test_newts_are_drawn_in_any_number(monkeypatch):
    monkeypatch.setitem(newts.DEFAULT_NUMBER, "test", 3)
    default, more = (datasets.load("newts", "test", number=number, height=8, width=8) for number in (None, 5))
    assert len(default.images) == 3 and len(more.images) == 5 and more.notes == ()


def test_seed_changes_newts_only():
    for name, same in (("newts", False), ("digits", True)):
        first, again, other = (datasets.load(name, number=4, seed=seed).images for seed in (1, 1, 2))
        assert np.array_equal(first, again) and np.array_equal(first, other) == same


def test_splits_of_digits_are_all_of_them():
    counts = [len(datasets.load("digits", split).images) for split in ("train", "test")]
    assert counts == [1500, 297] == list(datasets.describe("digits").images.values())


def test_digits_look_like_mnist():
    images = datasets.load("digits").images[..., 0]
    assert images[:, :2].max() == images[:, -2:].max() == images[..., :2].max() == images[..., -2:].max() == 0
    assert images.max(axis=(1, 2)).min() > 230            # every digit has strong strokes
    assert 0.1 < (images > 127).mean() < 0.25             # and is mostly black


def test_classes_get_new_numbers_in_their_order():
    everything = datasets.load("digits")
    data = datasets.load("digits", classes=("7", "2"))
    assert data.class_names == ("7", "2")
    wanted = np.isin(everything.labels, (7, 2))
    np.testing.assert_array_equal(data.images, everything.images[wanted])
    np.testing.assert_array_equal(data.labels, np.where(everything.labels[wanted] == 7, 0, 1))


def test_number_counts_the_classes_kept():
    data = datasets.load("digits", classes=["3"], number=5)
    assert data.labels.tolist() == [0] * 5


@pytest.mark.parametrize("classes, labels", [(("madara",), [0, 0, 0]), (("madara", "akahara"), [1, 0, 1])])
def test_classes_of_newts(classes, labels):
    data = datasets.load("newts", number=3, classes=classes, height=32, width=32)
    assert data.labels.tolist() == labels
    species = [mask.max() - 1 for mask in data.masks]
    assert [("akahara", "madara")[s] for s in species] == [classes[label] for label in labels]


@pytest.mark.parametrize("arguments, settings, said", [
    (("mnits",), {}, "unknown data set 'mnits': did you mean 'mnist'?"),
    (("Fashion-MNIST",), {}, "did you mean 'fashion_mnist'?"),
    (("xyz",), {}, "unknown data set 'xyz': choose one of clothes, depth, digits, newts"),
    (("digits", "tset"), {}, "unknown split 'tset': did you mean 'test'?"),
    (("newts",), {"classes": ["madra"]}, "unknown class 'madra': did you mean 'madara'?"),
    (("newts",), {"classes": ["madara", "madara"]}, "once"),
    (("digits",), {"number": 0}, "number 0: must be at least 1"),
    (("digits",), {"height": -1}, "height -1"),
    (("digits",), {"width": 0}, "width 0"),
    (("newts",), {"seed": -1}, "seed -1: must be at least 0"),
    (("digits",), {"channels": 2}, "channels 2: must be 1 (grey) or 3 (RGB)"),
])
def test_what_is_refused(arguments, settings, said):
    refused([said], datasets.load, *arguments, **settings)


def test_describe():
    for name in ("newts", "digits"):
        assert datasets.describe(name).where == "embedded"
    assert datasets.describe("newts").name == "newts"
    assert datasets.describe("newts").images == {"train": 256, "test": 64}


@pytest.mark.parametrize("call", [datasets.describe, datasets.fetch])
def test_unknown_name(call):
    refused(["did you mean 'digits'?"], call, "digit")


def test_embedded_sets_have_no_files():
    assert datasets.fetch("newts") == datasets.fetch("digits") == []


@shared
def test_imori():
    train, test = (datasets.load("imori", split, data_dir=SHARED) for split in ("train", "test"))
    assert train.labels.tolist() == [0, 1] * 8 and test.labels.tolist() == [0, 1] * 3
    assert datasets.describe("imori", SHARED).images == {"train": len(train.images), "test": len(test.images)}
    assert datasets.describe("imori", SHARED).where == str(SHARED / "imori")
    assert len(datasets.fetch("imori", SHARED)) == 44


@shared
def test_masks_of_imori_keep_their_share_of_the_picture():
    photo, mask = imori.read_pair(*imori.pairs(SHARED / "imori", "train")[8])
    assert photo.shape == (455, 256, 3) and set(np.unique(mask)) == {0, 2}  # madara_0001
    small = datasets.load("imori", classes=["madara"], number=1, data_dir=SHARED).masks[0]
    assert abs((mask > 0).mean() - (small > 0).mean()) < 0.01


@shared
def test_checksums_of_imori():
    directory = files.find(imori, set(), SHARED)
    there = {path.relative_to(directory).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
             for paths in imori.files(directory).values() for path in paths}
    assert there == imori.SHA256


@shared
def test_one_split_serves_for_both():
    data = datasets.load("mnist", "train", number=5, data_dir=SHARED)
    assert data.split == "test" and data.labels.tolist() == [7, 2, 1, 0, 4]
    assert data.notes == (f"mnist: {SHARED / 'mnist'} holds only the test split, which is used in place of train",)
    assert datasets.load("mnist", "test", number=5, data_dir=SHARED).notes == ()


@debian
def test_fashion_mnist():
    data = datasets.load("fashion_mnist")
    assert np.bincount(data.labels).tolist() == [6000] * 10
    assert data.labels[:4].tolist() == [9, 0, 0, 3]
    assert datasets.describe("fashion_mnist").where == str(FASHION)


@shared
def test_classes_that_files_lack():
    directory = SHARED / "cifar10"
    data = datasets.load("cifar10", number=4, data_dir=SHARED)
    assert data.labels.tolist() == [0, 1, 0, 1] and len(data.class_names) == 10
    assert data.notes == (f"cifar10: {directory} holds only the classes airplane, automobile",)
    both = datasets.load("cifar10", classes=("automobile", "airplane"), number=2, data_dir=SHARED)
    assert both.labels.tolist() == [1, 0] and both.notes == ()
    refused([f"{directory} holds only the classes airplane, automobile, not cat;"],
            datasets.load, "cifar10", classes=["cat", "airplane"], data_dir=SHARED)
