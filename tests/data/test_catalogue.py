"""A new data set is a file in datasets/, and no line in harness/."""

import shutil

import numpy as np
import pytest
from conftest import ROOT

from harness import data
from harness.data import DataError

STRIPES = '''"""Stripes, drawn."""
import numpy as np

from harness.data.dataset import Info

INFO = Info("stripes", "stripes of two directions", "any, 1 channel", {"train": 20, "test": 10}, "embedded")
CLASS_NAMES = ("across", "down")
DEFAULT_NUMBER = {"train": 20, "test": 10}


def load(split, height, width, number, seed):
    labels = np.arange(number) % 2
    rows, columns = np.indices((height, width))
    images = np.where(labels[:, None, None] == 0, rows % 2, columns % 2) * 255
    return images[..., None].astype(np.uint8), labels
'''


@pytest.fixture
def root(workbook):
    shutil.copytree(ROOT / "datasets", workbook.root / "datasets", ignore=shutil.ignore_patterns("__pycache__"))
    (workbook.root / "datasets" / "stripes.py").write_text(STRIPES, encoding="utf-8")
    return workbook.root


def test_it_is_found_and_loaded(root):
    assert set(data.names(root)) == {*data.names(), "stripes"}
    found = data.load("stripes", height=6, width=4, number=3, root=root)
    assert found.images.shape == (3, 6, 4, 1) and found.class_names == ("across", "down") and list(found.labels) == [0, 1, 0]
    assert np.array_equal(found.images[0, :, 0, 0], [0, 255] * 3)
    with pytest.raises(DataError, match="unknown data set 'stripes'"):
        data.load("stripes")


def test_every_command_takes_it(root, inside, tmp_path):
    assert "stripes" in inside("data", "list", "--root", root).stdout
    assert inside("data", "show", "stripes", "--root", root, "--out", tmp_path / "s.png").returncode == 0
    done = inside("train", "ae", "-f", "chainer", "--size", "check", "--steps", 2, "--data", "stripes", "--root", root, "--out", tmp_path / "run")
    assert done.returncode == 0, done.stderr


def test_a_workbook_without_data_sets_of_its_own_has_ours(workbook):
    assert data.names(workbook.root) == data.names()


def test_no_folder_of_datasets_is_imported():
    """A package of that name is Hugging Face's."""
    import sys

    data.load("newts", number=1)
    assert "datasets" not in sys.modules and not (ROOT / "datasets" / "__init__.py").exists()
