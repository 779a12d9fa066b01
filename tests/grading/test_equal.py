"""Texts that are the same once comments, docstrings, names and layout are taken away; and texts that are not."""


import json
import re

import pytest

from harness import tasks
from harness.grading import equal
from harness.grading.submission import Submission
from harness.tasks import ROOT, answer_path, mistakes
from harness.work import notebook, stub

AE = tasks.load("ae")
OURS = answer_path(AE, "pytorch").read_text(encoding="utf-8")
STUB = stub.of(AE, "pytorch")

MINE = '''"""What it does."""
import torch
import torch.nn as nn
from torch.nn import functional as F

class Autoencoder(nn.Module):
    def __init__(self, latent=64, learning_rate=1e-3):
        """All of it."""
        super().__init__()
        self.encoder = self.made(first=latent, second=2)      # small
        self.optimizer = torch.optim.Adam(self.parameters(), lr=learning_rate)

    def made(self, first, second):
        sizes = [size * second for size in range(first)]
        return [nn.Linear(a, b) for a, b in zip(sizes, sizes)]

    def encode(self, images):
        codes = F.relu(images)
        return self.encoder(codes)

if __name__ == "__main__":
    Autoencoder()
'''
THEIRS = '''import torch.nn.functional as functional
import torch as t
from torch import nn as layers
import os

# Mine, all mine.
class MyNet(layers.Module):
    "Mine"
    def __init__(self, size: int = 64, rate: float = 0.001) -> None:
        super().__init__()
        self.down = (
            self.build(a=size,
                       b=2))
        self.opt = t.optim.Adam(self.parameters(), lr=rate)
    def build(self, a, b):
        c = [d * b for d in range(a)]
        return [layers.Linear(p, q) for p, q in zip(c, c)]
    def to_codes(self, x):
        """Docstring."""
        pass
        x1: t.Tensor = functional.relu(x)
        return self.down(x1)
'''


def submission(student, source, task="ae", file="ae_pytorch.py", **others):
    source = source if isinstance(source, bytes) else source.encode()
    return Submission(student, task, "pytorch", file, source, **others)


def groups(*submissions):
    return list(equal.groups(list(submissions), ROOT).values())


def test_names_comments_layout_and_annotations_do_not_matter():
    assert groups(submission("ada", MINE), submission("grace", THEIRS)) == [["grace"], ["ada"]]


@pytest.mark.parametrize("before, after", [
    ("F.relu", "F.tanh"), ("nn.Linear(a, b)", "nn.Linear(b, a)"), ("1e-3", "1e-2"), ("lr=learning_rate", "eps=learning_rate"),
    ("return self.encoder(codes)", "return self.encoder(images)"), ("latent=64", "latent=64.0"), ("first=latent, second=2", "second=latent, first=2"),
    ("from torch.nn import functional as F", "from torch.special import functional as F"), ("size * second", "size + second")])
def test_what_is_computed_matters(before, after):
    assert before in MINE
    assert groups(submission("ada", MINE), submission("grace", MINE.replace(before, after))) == [[], []]


@pytest.mark.parametrize("name", ["gan", "vae"])
def test_no_mistake_is_equal_to_another_or_to_ours(name):
    """Nobody is to be reported for what they did not copy: each mistake of the library is one edit of our answer."""
    task = tasks.load(name)
    source = stub.solution(answer_path(task, "pytorch").read_text(encoding="utf-8"))
    texts = [source, *(mistakes.edited(source, edit) for edit in mistakes.edits(task, "pytorch").values())]
    assert len({equal.fingerprint(text) for text in texts}) == len(texts) > 5


def test_names_are_a_functions_own():
    """Two functions with the same names, and with different ones."""
    assert equal.fingerprint("def f(x):\n return x\ndef g(x):\n return x") == equal.fingerprint("def f(a):\n return a\ndef g(b):\n return b")
    assert equal.fingerprint("def f(x, y):\n return x") != equal.fingerprint("def f(x, y):\n return y")


@pytest.mark.parametrize("framework", ["pytorch", "tensorflow", "keras", "chainer"])
def test_our_answer_in_any_framework(framework):
    source = stub.solution(answer_path(AE, framework).read_text(encoding="utf-8"))
    renamed = re.sub(r"""(?<![\w."'])images(?![\w"'])""", "pictures", source)
    assert renamed != source
    assert groups(submission("ada", renamed)) == [[equal.OURS]]
    assert groups(submission("ada", source + "\nx = 1\n")) == [[]]


def test_our_answer_to_another_task_is_not_ours():
    assert groups(submission("ada", OURS, task="vae")) == [[]]


def test_what_nobody_wrote_is_nobodys():
    started = "# Ada Lovelace, 1234\n" + STUB
    as_notebook = notebook.of_source(STUB, "# Autoencoder")
    assert groups(submission("ada", STUB), submission("grace", started), submission("alan", as_notebook, file="ae.ipynb"),
                  submission("emmy", ""), submission("mary", "# later\n")) == [[]] * 5


def test_notebooks_and_files_are_compared():
    cells = notebook.of_source(MINE, "# Mine")
    assert groups(submission("ada", MINE), submission("grace", cells, file="answer.ipynb")) == [["grace"], ["ada"]]


def test_a_notebooks_own_commands_do_not_matter():
    cells = json.loads(notebook.of_source(MINE, "# Mine"))
    cells["cells"][1]["source"] = ["%matplotlib inline\n", "!pip install torch\n", *cells["cells"][1]["source"]]
    assert groups(submission("ada", MINE), submission("grace", json.dumps(cells), file="a.ipynb")) == [["grace"], ["ada"]]


def test_attempts_of_one_student_and_problems_are_left_out():
    found = equal.groups([submission("ada", MINE), submission("ada", MINE, attempt=2), submission("grace", THEIRS),
                          Submission("alan", problem="nothing was handed in")], ROOT)
    assert found == {"ada/ae/pytorch/1": ["grace"], "ada/ae/pytorch/2": ["grace"], "grace/ae/pytorch/1": ["ada"], "alan///1": []}


def test_what_is_no_python_is_compared_as_text():
    assert groups(submission("ada", "class (:  # mine\n x"), submission("grace", "class(:x"), submission("alan", "class (:y")) \
        == [["grace"], ["ada"], []]


def test_a_class_that_all_copied():
    found = groups(*(submission(f"student {number}", MINE) for number in range(2_000)))
    assert all(len(names) == equal.MOST_NAMES + 1 and names[-1] == "and 1979 more" for names in found)


HOSTILE = {
    "brackets": "(" * 100_000, "closed": "[" * 90 + "]" * 90, "unary": "-" * 100_000 + "1", "sum": "a+" * 50_000 + "a",
    "attributes": "a" + ".b" * 100_000, "lambdas": "lambda:" * 3_000 + "0", "power": "a**" * 5_000 + "a", "not": "not " * 50_000 + "x",
    "conditions": "a if b else " * 5_000 + "c", "digits": "x = " + "9" * 10_000, "hex": "x = 0x" + "f" * 100_000, "zeros": "\0" * 1_000,
    "indented": "".join(" " * i + "if a:\n" for i in range(99)) + " " * 99 + "b", "calls": "f(" * 90 + ")" * 90, "large": "0," * 2_000_000,
    "dicts": "{a:" * 80 + "1" + "}" * 80, "escapes": "x = '\\d'", "coding": "# coding: no_such\nx = 1", "rot": "# coding: rot13\nx = 1",
    "slow coding": "# coding: punycode\n" + "a-" * 1_000_000 + "b" * 1_000_000, "hex coding": "# coding: hex\nx = 1", "separator": "x = (\x0c\x1c\u2028", "declared": "x: int\nglobal x\nnonlocal y\ny = 1", "star": "from torch import *",
    "matches": "match x:\n case {'a': b, **c}: pass\n case [d, *e] | A(f=g): h\n case _: i", "fstrings": "f'{a!r:>{b}}'",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_are_equal_to_themselves(name):
    text = HOSTILE[name]
    assert groups(submission("ada", text), submission("grace", text)) == [["grace"], ["ada"]]


@pytest.mark.parametrize("content", [b"\xff\xfe\x00\xd8", b"\x80" * 100, b"\xef\xbb\xbfx = 1", "x = 1\n".encode("utf-16"),
                                     b"# -*- coding: cp932 -*-\nx = '\x83\x5c'"])
def test_bytes_of_any_coding(content):
    assert groups(submission("ada", content), submission("grace", content)) == [["grace"], ["ada"]]


@pytest.mark.parametrize("content", [b"", b"no notebook", b"[" * 100_000, b"{}", b'{"cells": 3, "nbformat": 4}', b"\xff" * 10,
                                     b'{"nbformat": 1e999, "cells": []}', b'{"cells": [{"cell_type": "code", "source": [1]}]}',
                                     b'{"cells": [{"cell_type": "code", "source": "\\ud800 = 1"}]}'])
def test_notebooks_that_are_none(content):
    assert len(groups(submission("ada", content, file="a.ipynb"), submission("grace", content, file="a.ipynb"))) == 2


def test_a_coding_that_python_obeys():
    """The same program in two codings."""
    text = "# coding: cp932\nx = '表'\n"
    assert groups(submission("ada", text.encode("cp932")), submission("grace", "x = '表'\n")) == [["grace"], ["ada"]]
