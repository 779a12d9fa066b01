"""``trace``: it sees all layers of all answers alike, and finds planted mistakes where they were planted."""

import pytest

from harness import tasks
from harness.frameworks import FRAMEWORKS
from harness.lockstep import divergence, trace
from harness.lockstep.compare import Comparer, Settings


@pytest.mark.rare
@pytest.mark.timeout(600)
@pytest.mark.slow
def test_nothing_diverges_and_all_layers_are_seen(monkeypatch):
    seen = {}
    compare = divergence._compare

    def watch(reference, framework, step, a, b, tolerance):
        seen[framework] = a, b
        return compare(reference, framework, step, a, b, tolerance)

    monkeypatch.setattr(divergence, "_compare", watch)
    with Comparer(Settings(tuple(FRAMEWORKS), steps=2)) as comparer:
        for task in tasks.load_all(tasks.names(), "check"):
            assert divergence.find(comparer, task) == []
            layers = {f"{n}.{x.name}" for n, network in task.networks.items() for x in network.layers if x.roles}
            for a, b in seen.values():
                calls, others = divergence._calls(a), divergence._calls(b)
                assert set(calls) == layers and set(others) <= layers
                assert len(layers - set(others)) <= 2       # that a network of TensorFlow's holds itself
                assert all(calls[layer] == others[layer] for layer in others)
                assert {k.split(":")[1] for k in a if k.startswith(trace.LOSS)} == set(task.losses)


@pytest.mark.parametrize("task, framework, edits, where", [
    ("dcgan", "pytorch", [("nn.LeakyReLU(slope)", "nn.LeakyReLU(2 * slope)")], "output of discriminator.conv2, call 1"),
    ("vae", "tensorflow", [("tf.exp(log_var / 2)", "tf.exp(log_var)")], "output of decoder.dense1, call 1"),
    ("vae", "keras", [("loss = bce + kl", "loss = bce - kl")], "loss 'loss'"),
    ("gan", "pytorch", [("beta1, 0.999", "beta1, 0.99")], "discriminator.dense1.weight, call 3"),
    ("ae", "chainer", [("alpha=learning_rate", "alpha=2 * learning_rate")], "encoder.dense1.weight after the step"),
])
@pytest.mark.slow
@pytest.mark.sampled
def test_a_mistake_is_found_where_it_is(task, framework, edits, where, harness, workbook):
    for old, new in edits:
        workbook.edit(f"answers/{task}/{task}_{framework}.py", old, new)
    other = "chainer" if framework != "chainer" else "pytorch"
    process = harness("trace", task, "--frameworks", f"{other},{framework}", "--steps", 3, "--root", workbook.root)
    assert process.returncode == 1, process.stdout + process.stderr
    assert f"differ first in step 1: {where}." in process.stdout


def test_one_that_calls_a_layer_more_often_is_told(harness, workbook):
    workbook.edit("answers/dcgan/dcgan_pytorch.py", "fake = self.generator(z)", "self.generator(z); fake = self.generator(z)")
    process = harness("trace", "dcgan", "--frameworks", "chainer,pytorch", "--steps", 2, "--root", workbook.root)
    assert process.returncode == 1
    assert "generator.dense1 is called once in a step of Chainer, 2 times in a step of PyTorch" in process.stdout


def test_agreement_and_bad_input(harness):
    process = harness("trace", "ae", "--frameworks", "pytorch,chainer", "--steps", 5)
    assert process.returncode == 0 and "agree in every layer, loss and update of 5 steps" in process.stdout
    process = harness("trace", "ea")
    assert process.returncode == 2 and "unknown task 'ea'" in process.stderr
    process = harness("trace", "ae", "--frameworks", "pytorch")
    assert process.returncode == 2 and "two frameworks" in process.stderr


def test_a_crash_is_told_with_its_framework(harness, workbook):
    workbook.edit("answers/ae/ae_pytorch.py", "def train_step(self, batch):", "def train_step(self, batch):\n        1 / 0")
    process = harness("trace", "ae", "--frameworks", "chainer,pytorch", "--root", workbook.root)
    assert process.returncode == 2 and "PyTorch, step 1: ZeroDivisionError" in process.stderr


def test_compare_says_how_to_find_it(harness, workbook):
    workbook.edit("answers/ae/ae_pytorch.py", "lr=learning_rate", "lr=2 * learning_rate")
    process = harness("compare", "ae", "--frameworks", "chainer,pytorch", "--steps", 3, "--root", workbook.root)
    assert process.returncode == 1 and "trace ae --frameworks chainer,pytorch" in process.stdout
