"""Answers as they stand, with their own initial weights."""

import itertools

import numpy as np
import pytest

from harness import tasks
from harness.training import contract

FIRST = 8       # numbers of a weight that are looked at


@pytest.mark.parametrize("name", tasks.names())
def test_no_two_weights_begin_alike(name, framework, adapter):
    """As they do where two layers share an initializer of Keras's: also weights of other shapes, and of another scale."""
    task = tasks.load(name)
    adapter.configure("float64", 0)
    answer = contract.load_class(task, framework)(**task.hyperparameters)
    arrays = {n: adapter.read(v).ravel()[:FIRST] for n, v in contract.variables_of(answer, task, adapter).items()}
    drawn = {n: a / np.linalg.norm(a) for n, a in arrays.items() if np.unique(a).size > 1}
    assert len(drawn) >= 2
    alike = [(a, b) for a, b in itertools.combinations(drawn, 2) if drawn[a].shape == drawn[b].shape
             and np.allclose(drawn[a], drawn[b], rtol=1e-6)]
    assert alike == []
