"""Which task, framework and file are meant, from as little as a learner says."""

import json
import re

import pytest

from harness import tasks
from harness.messages import WorkbookError
from harness.tasks import ROOT
from harness.work import actions, files

TORCH, CHAINER = "import torch.nn as nn\n", "import harness.chainer_numpy2  # noqa\nimport chainer\n"


@pytest.mark.parametrize("name, plain", [("WGAN-GP", "wgan_gp"), ("wgan-gp", "wgan_gp"), ("VAE", "vae"), ("./gan", "gan"), ("gan/", "gan")])
def test_names_of_tasks(name, plain, tmp_path):
    begun = actions.start(name, "chainer", tmp_path, ROOT)
    assert begun.task.name == plain and begun.path == tmp_path / plain / f"{plain}_chainer.py"


@pytest.mark.parametrize("name", ["../questions/gan", "./../questions/gan", "gan/../gan", "", ".", "gna", "questions/gan"])
def test_no_names_of_tasks(name, tmp_path):
    with pytest.raises(WorkbookError, match="unknown task"):
        actions.start(name, "chainer", tmp_path, ROOT)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("file, source, said, found", [
    ("class/VAE_PyTorch.py", "", {}, ("vae", "pytorch")),
    ("class/WGAN-GP_keras.py", "", {}, ("wgan_gp", "keras")),
    ("class/wgan-gp-keras.py", "", {}, ("wgan_gp", "keras")),
    ("vae/mine_chainer.py", "", {}, ("vae", "chainer")),
    ("vae/mine.py", TORCH, {}, ("vae", "pytorch")),
    ("class/vae.PY", CHAINER, {}, ("vae", "chainer")),
    ("class/vae.py", "from keras import layers\n", {}, ("vae", "keras")),
    ("class/vae.py", "import tensorflow as tf\nclass (", {}, ("vae", "tensorflow")),
    ("class/s1234_assignment1.py", TORCH, {"name": "VAE"}, ("vae", "pytorch")),
    ("class/s1234_assignment1.py", "import keras\nimport tensorflow as tf\n", {"name": "vae", "framework": "keras"}, ("vae", "keras")),
    ("class/ae_keras.py", TORCH, {"name": "vae", "framework": "pytorch"}, ("vae", "pytorch")),
])
def test_of_a_file(file, source, said, found, tmp_path):
    path = tmp_path / file
    path.parent.mkdir()
    path.write_text(source)
    task, framework, there = files.find(str(path), said.get("framework"), tmp_path, ROOT, said.get("name"))
    assert (task.name, framework, there) == (*found, path)


def test_the_framework_of_a_notebook(tmp_path):
    path = tmp_path / "ae.ipynb"
    path.write_text(json.dumps({"cells": [{"cell_type": "code", "source": ["import numpy\n", "import torch\n"]}]}, indent=1))
    assert files.find(str(path), None, tmp_path, ROOT)[1] == "pytorch"


@pytest.mark.parametrize("file, source, name, missing", [
    ("class/s1234_assignment1.py", TORCH, None, "the task is not known; give --task"),
    ("class/my_vea_pytorch.py", TORCH, None, "the task is not known; give --task"),
    ("class/vae.py", "import keras\nimport tensorflow as tf\n", None, "the framework is not known; give --framework"),
    ("class/vae.py", "import numpy\n", None, "the framework is not known; give --framework"),
    ("class/vae.txt", TORCH, None, "is not a .py or .ipynb"),
    ("class/vae.txt", TORCH, "vae", "is not a .py or .ipynb"),
    ("class/assignment.py", TORCH, "vea", "did you mean 'vae'"),
])
def test_what_a_file_does_not_say(file, source, name, missing, tmp_path):
    path = tmp_path / file
    path.parent.mkdir()
    path.write_text(source)
    with pytest.raises(WorkbookError, match=re.escape(missing)) as raised:
        files.find(str(path), None, tmp_path, ROOT, name)
    assert name == "vea" or "<task>_<framework>.py" in str(raised.value)


@pytest.mark.parametrize("stem, folder, said", [
    ("VAE-PyTorch", "", ("vae", "pytorch")), ("vae", "", ("vae", None)), ("mine_keras", "WGAN-GP", ("wgan_gp", "keras")),
    ("mine", "mine", (None, None)), ("mine_keras", "", (None, "keras"))])
def test_what_names_say(stem, folder, said):
    assert files.said(stem, folder, tasks.with_drafts(ROOT)) == said


@pytest.mark.parametrize("source, found", [
    ("import torch\nfrom keras import layers", {"pytorch", "keras"}), ("#import torch\nx = 'import keras'", set()),
    ("import torchvision", set()), ("\n" * (4 << 20) + "import\ttorch", {"pytorch"}), (" " * (4 << 20), set()),
    ("import" + " " * (4 << 20), set()), ("import \n" * (1 << 19), set())])
def test_what_is_imported(source, found):
    """Also of a file that was made to be slow to search."""
    assert files.imported(source) == found
