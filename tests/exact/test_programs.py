"""The questions' programs in NumPy: a fifth framework, which computes what the other four do."""

import inspect
import math
from pathlib import Path

import numpy as np
import pytest

from harness import tasks
from harness.exact.gradients import plain
from harness.exact.model import Model
from harness.feedback import fingerprint
from harness.feedback.diagnosis import Reference, data_path
from harness.feedback.ladder import RUNGS, Ladder
from harness.runner.bench import PASSED
from harness.runner.source import Source
from harness.tasks import content, parameters
from harness.training.batches import Batches

ALL = tasks.names()


class Exact:
    """In place of the process that runs an answer: the question's own model, which does what a bench does."""

    framework, timeout = "pytorch", math.inf            # PyTorch's layout is the canonical one

    def __init__(self, task):
        self.model = Model(task, parameters.initial(task.networks, task.initializers, 1))
        self.specs = {name: network.parameters() for name, network in task.networks.items()}

    def run(self, job, on_event=None, **arguments):
        return {"event": "done", "status": PASSED, **getattr(self, job.rpartition(":")[2])(**arguments)}

    def kill(self):
        raise AssertionError("it gave something of another form than was asked for")

    def load(self, **arguments):
        return {}

    def networks(self):
        return {"shapes": {name: [list(p.shape) for p in of] for name, of in self.specs.items()}}

    def parameters(self):
        return {"parameters": {name: [self.model.parameters[p.name] for p in of] for name, of in self.specs.items()}}

    def begin(self, parameters):
        self.model.parameters = {p.name: array for name, of in self.specs.items() for p, array in zip(of, parameters[name], strict=True)}
        return {}

    put = begin

    def step(self, batch):
        return {"losses": self.model.step(batch).record.losses}

    def rates(self, done, steps):
        return {"rates": {name: [] for name in self.model.task.optimizers}}

    def most(self, ability, inputs, arguments):
        return {"most": 0}          # it is asked for no large ones

    def trial(self, precision, parameters, batch):
        model = Model(self.model.task, {p.name: array for name, of in self.specs.items() for p, array in zip(of, parameters[name])})
        return {"losses": model.step(batch).record.losses}

    def ask(self, ability, inputs):
        return {"output": self.model.ask(ability, inputs)}


def data(task):
    with np.load(data_path(task)) as found:
        return dict(found)


@pytest.mark.parametrize("name", ALL)
def test_the_program_climbs_the_ladder_as_right_answers_do(name):
    """What stands in the stored fingerprint, to nine digits: abilities, losses, and parameters after several steps."""
    task = tasks.load(name)
    right = Reference.stored(task).right
    ladder = Ladder(task, Exact(task), Source(Path("exact.py"), b"", Path()), data(task), right)
    rungs = ladder.climb()
    assert [(rung.name, rung.status, rung.message) for rung in rungs] == [(rung, PASSED, "") for rung in RUNGS]
    assert ladder.found["shapes"] == right["shapes"] and ladder.found["curves"].keys() == right["curves"].keys()
    found = fingerprint.differences(ladder.found, right)
    assert found.keys() == set(fingerprint.PARTS)
    assert {(part, entry): value for part, of in found.items() for entry, value in of.items() if value > 1e-9} == {}


@pytest.mark.parametrize("name", ALL)
def test_every_loss_is_computed_and_every_term_is_a_finite_number(name):
    """From the question's initial weights, and from weights at which mistakes show."""
    task = tasks.load(name)
    of = data(task)
    batch = Batches(task, of["images"], of["labels"], of.get("masks"), seed=0, precision="float64", layout="NCHW")(0)
    for weights in (parameters.initial(task.networks, task.initializers, 0), parameters.probing(task.networks, 0)):
        step = Model(task, weights).step(batch)
        assert step.record.losses.keys() == set(task.losses)
        with step.aside():
            terms = {term: np.asarray(plain(step.term(term))) for term in step.elementary}
        assert {term: value.shape for term, value in terms.items() if value.shape} == {}
        assert [term for term, value in terms.items() if not np.isfinite(value)] == []
        assert set(task.losses) < terms.keys()


@pytest.mark.parametrize("name", ALL)
def test_every_ability_is_a_function_of_the_program(name):
    """It takes the step in hand, the ability's inputs, and its further arguments by name."""
    task = tasks.load(name)
    program = content.module(task.folder / "program.py")
    for ability, of in task.abilities.items():
        inspect.signature(getattr(program, ability)).bind("q", *of.inputs, **of.arguments)
    assert list(inspect.signature(program.train_step).parameters) == ["q", "batch"]
