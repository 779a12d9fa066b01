"""How memory is used in training: the format of PyTorch's maps, and what is freed."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from harness import frameworks, tasks
from harness.training import task_data
from harness.training.trainer import Trainer

FAULTS = """
import resource, sys
import numpy as np
from harness.frameworks import memory

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    np.ones(5 * 2**20)          # 40 MB: beyond what malloc keeps by itself
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

with memory.kept():
    faults()
    kept = faults()
faults()
print(kept, faults())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="mallopt is the GNU C library's")
def test_freed_memory_is_used_again():
    """A page that is touched for the first time is a fault, of 4 KB or of 2 MB."""
    done = subprocess.run([sys.executable, "-c", FAULTS], check=True, capture_output=True, text=True, timeout=60)
    kept, afterwards = map(int, done.stdout.split())
    assert kept <= 2 < 10 <= afterwards


def format_of(trainer):
    import torch
    weights = [v for v in trainer.variables.values() if v.ndim == 4 and v.shape[1] > 1 and v.shape[2] > 1]
    return all(w.is_contiguous(memory_format=torch.channels_last) and not w.is_contiguous() for w in weights)


@pytest.mark.parametrize("precision, batch_size, ours, expected", [
    ("float32", 7, True, True), ("float64", 7, True, False), ("float32", 1, True, False), ("float32", 7, False, False)])
def test_our_answers_train_channels_last(precision, batch_size, ours, expected):
    """In float32, with several images; not a learner's, whose ``view`` may count on the usual format."""
    pytest.importorskip("torch")
    task = replace(tasks.load("convae"), batch_size=batch_size)
    data = task_data.load(task).arrays
    path = None if ours else tasks.answer_path(task, "pytorch")
    adapter = frameworks.load("pytorch")
    trainer = Trainer(task, "pytorch", adapter, data, precision=precision, path=path)
    usual = Trainer(task, "pytorch", adapter, data, precision="float64")
    assert format_of(trainer) == expected
    for step in range(3):
        assert trainer.step(step)["mse"] == pytest.approx(usual.step(step)["mse"], rel=1e-5)
    for name, array in usual.parameters().items():
        np.testing.assert_allclose(trainer.parameters()[name], array, atol=1e-3)
