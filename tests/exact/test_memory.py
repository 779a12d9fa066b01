"""A step that is computed again computes only what is not the same as before; the numbers are those of a step without memory."""

import numpy as np
import pytest

from harness import tasks
from harness.exact import layers
from harness.exact.gradients import GradientsOf, plain, tracing
from harness.exact.memory import Memory
from harness.exact.model import Model, Pass, Step
from harness.feedback.diagnosis import data_path
from harness.tasks import parameters
from harness.training.batches import Batches

NAMES = ["vae", "dcgan", "pix2pix", "unet_vae_gan"]        # batch norm, dropout, several networks


def model_of(name):
    task = tasks.load(name)
    with np.load(data_path(task)) as data:
        of = dict(data)
    batch = Batches(task, of["images"], of["labels"], of.get("masks"), seed=0, precision="float64", layout="NCHW")(0)
    return Model(task, parameters.probing(task.networks, 0)), batch


def still(*arguments):
    """A step in which no optimizer takes one."""
    step = Step(*arguments)
    step.update = lambda optimizer, loss: None
    return step


def numbers(model, batch):
    """What all layers give, and the parameters afterwards."""
    before = dict(model.parameters)
    step = model.step(batch, still, traced=False)
    after, model.parameters = model.parameters, before
    passes = [event for event in step.record.events if isinstance(event, Pass)]
    return [plain(array) for event in passes for array in event.outputs.values()], after, step.record.losses


@pytest.mark.parametrize("name", NAMES)
def test_the_second_time_nothing_is_computed_and_all_is_the_same(name, monkeypatch):
    model, batch = model_of(name)
    outputs, after, losses = numbers(model, batch)
    model.memory = Memory()
    computed, work = [], layers.output
    monkeypatch.setattr(layers, "output", lambda layer, inputs, call: computed.append(layer) or work(layer, inputs, call))
    for times in range(2):
        computed.clear()
        again, after_again, losses_again = numbers(model, batch)
        assert losses_again == losses
        assert all(np.array_equal(a, b) for a, b in zip(outputs, again, strict=True))
        assert after.keys() == after_again.keys() and all(np.array_equal(after[n], after_again[n]) for n in after)
        assert (not computed) is bool(times)


def test_what_is_changed_is_computed_anew_with_all_that_follows():
    """Another work in a layer, other parameters, other inputs, another mode."""
    model, batch = model_of("vae")
    network = model.task.networks["decoder"]
    right, *_ = numbers(model, batch)
    model.memory = Memory()
    numbers(model, batch)
    layer = network.layers[1]
    model.edits["decoder", layer.name, None] = lambda layer, inputs, call: 2 * layers.output(layer, inputs, call)
    changed, *_ = numbers(model, batch)
    model.memory = None
    alone, *_ = numbers(model, batch)
    assert all(np.array_equal(a, b) for a, b in zip(changed, alone, strict=True))
    assert not np.array_equal(right[-1], changed[-1])


def test_gradients_of_several_values_are_computed_when_they_are_asked_for(monkeypatch):
    with tracing() as trace:
        a, b = trace.root(np.array([1.0, 2.0])), trace.root(np.array([3.0]))
        values = {"square": (a * a).sum(), "both": (a * b).sum(), "none": 2.5}
        found = GradientsOf(trace, values, {"a": a, "b": b})
    asked, gradients = [], trace.gradients
    monkeypatch.setattr(trace, "gradients", lambda value, roots: asked.append(value) or gradients(value, roots))
    assert list(found) == list(values) and len(found) == 3 and asked == []
    assert found["both"]["a"].tolist() == [3.0, 3.0] and found["both"]["b"].tolist() == [3.0] and len(asked) == 1
    assert found["both"] is found["both"] and len(asked) == 1
    assert found["square"]["a"].tolist() == [2.0, 4.0] and found["none"]["b"].tolist() == [0.0]


def test_the_way_back_goes_only_where_roots_are():
    """What depends on no root that is asked for is not differentiated."""
    def costly(gradient):
        raise AssertionError("nobody asked for this")

    with tracing() as trace:
        a, b = trace.root(np.array([1.0, 2.0])), trace.root(np.array([3.0, 4.0]))
        aside = np.exp(b)
        value = (a * aside).sum()
        aside._node.vjp = costly
        assert trace.gradients(value, {"a": a})["a"].tolist() == np.exp([3.0, 4.0]).tolist()
        with pytest.raises(AssertionError, match="nobody"):
            trace.gradients(value, {"b": b})
