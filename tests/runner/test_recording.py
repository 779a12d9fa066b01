"""A recorded step: what it computed is what the question's program computes, and after it all is as it was before."""

import copy
import functools

import numpy as np
import pytest
from subjects import subject

from harness import tasks
from harness.diagnosis.tape import moments
from harness.exact.gradients import plain
from harness.exact.model import Model, Pass, Step, Update
from harness.runner.bench import PASSED
from harness.runner.client import Ended, Runner, Stopped
from harness.runner.tape import VALUES
from harness.tasks import parameters
from harness.training.contract import Asked

NAMES = ["vae", "gan"]


class Noting(Step):
    """A step of the question's program that keeps the parameters before and after each update."""

    def __init__(self, *arguments, **keywords):
        self.around = []
        super().__init__(*arguments, **keywords)

    def update(self, optimizer, loss):
        before = self.numbers()
        super().update(optimizer, loss)
        self.around.append((before, self.numbers()))

    def numbers(self):
        return {name: np.array(plain(array)) for name, array in self.parameters.items()}


@functools.cache
def recorded(framework, name):
    """(what was recorded of the answer's first step, the question's own, the task), from weights at which mistakes show."""
    of = subject(name, framework)
    weights = parameters.probing(of.task.networks, 0)
    of.put(weights)
    tape = of.record(0)
    return tape, Model(of.task, weights).step(of.canonical(0), Noting), of.task


def same(found, wanted):
    assert found.keys() == wanted.keys()
    for name, array in wanted.items():
        np.testing.assert_allclose(found[name], array, rtol=0, atol=1e-9 * max(1e-3, np.abs(array).max()), err_msg=name)


def after_steps(of, numbers):
    """Losses and parameters after plain steps."""
    losses = [of.runner.step(of.native(number)) for number in numbers]
    return losses, of.runner.parameters()


def equal(a, b):
    """Two of these."""
    assert [loss.keys() for loss in a[0]] == [loss.keys() for loss in b[0]]
    for one, other in zip(a[0], b[0]):
        assert one == pytest.approx(other, rel=1e-12)
    for name, of in a[1].items():
        for one, other in zip(of, b[1][name], strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("name", NAMES)
def test_all_that_layers_give_is_on_the_tape(name, framework, adapter):
    """Of every call of every network, with a line of the answer; in the order of the computation."""
    tape, step, task = recorded(framework, name)
    passes = [event for event in step.record.events if isinstance(event, Pass)]
    assert len(passes) >= 2
    missing = [f"{event.network.name}.{layer}" for event in passes for layer, value in event.outputs.items() if not tape.has(plain(value))]
    assert missing == []
    lines = tasks.answer_path(task, framework).read_text(encoding="utf-8").splitlines()
    assert tape.moments.shape == (len(tape.lines), 4)
    assert all(0 < tape.line(plain(event.out)) <= len(lines) for event in passes)
    ends = [tape.find(plain(event.out)) for event in passes]
    assert len(set(ends)) == len(ends)
    assert tape.losses == pytest.approx(step.record.losses, rel=1e-9)


@pytest.mark.parametrize("name", NAMES)
def test_the_optimizers_steps_are_there_in_order(name, framework, adapter):
    """With gradients, and all parameters before and after each."""
    tape, step, task = recorded(framework, name)
    updates = [event for event in step.record.events if isinstance(event, Update)]
    assert [taken.optimizer for taken in tape.steps] == [update.optimizer for update in updates] == list(task.optimizers)
    for taken, update, (before, after) in zip(tape.steps, updates, step.around):
        trains = task.optimizers[taken.optimizer]["trains"]
        trained = {name: gradient for name, gradient in update.gradients.items() if name.partition(".")[0] in trains}
        same({name: taken.gradients[name] for name in trained}, trained)
        same(taken.before, before)
        same(taken.after, after)
        assert all(np.abs(after[name] - before[name]).max() > 0 for name in trained)
    same(tape.after, step.numbers())


@pytest.mark.parametrize("name", NAMES)
def test_a_step_stands_after_what_it_needs_and_before_what_uses_it(name, framework, adapter):
    """By how many values were computed before it; its own computation is no part of the tape."""
    tape, step, _ = recorded(framework, name)
    assert all(0 < taken.at <= len(tape.moments) for taken in tape.steps)
    taken = iter(tape.steps)
    at = 0
    for event in step.record.events:
        if isinstance(event, Pass):
            assert tape.find(plain(event.out), at) is not None
        elif isinstance(event, Update):
            at = next(taken).at
    last = tape.steps[-1]
    moved = [last.after[name] - last.before[name] for name in last.gradients]
    assert not any(tape.has(array) for array in moved if np.abs(array).max() > 0)


@pytest.mark.parametrize("name", NAMES)
def test_values_can_be_asked_for(name, framework, adapter):
    """Those whose sums are on the tape, canonical; an empty one for a number that there is not."""
    of = subject(name, framework)
    again = of.record(0)
    numbers = list(range(0, len(again.moments), 7))
    for number, value in zip(numbers, of.values(numbers), strict=True):
        np.testing.assert_allclose(moments(value), again.moments[number], rtol=1e-9, atol=1e-9)
    assert [value.size for value in of.values([len(again.moments) + 5])] == [0]


@pytest.mark.parametrize("name", NAMES)
def test_after_it_a_step_is_what_it_would_have_been(name, framework, adapter):
    """Recorded or not, with its values or without: losses and parameters are the same, and nothing is noted any more."""
    plainly = after_steps(subject(name, framework), [0, 1, 2])
    of = subject(name, framework)
    bench = of.runner.process.session.kept["bench"]
    first, tape = of.record(0), bench.tape
    afters = [update["after"] for update in tape.updates]
    second = of.record(1, values=False)
    losses, after = after_steps(of, [2])
    equal(([first.losses, second.losses, *losses], after), plainly)
    assert (len(tape.moments), len(tape.updates)) == (len(first.moments), len(first.steps))
    assert all(update["after"] is after for update, after in zip(tape.updates, afters, strict=True))
    assert (len(bench.tape.moments), len(bench.tape.updates)) == (0, len(of.task.optimizers))
    assert second.moments.shape == (0, 4) and second.lines.shape == (0,)


@pytest.mark.parametrize("name", NAMES)
def test_a_step_that_raises_leaves_nothing_behind(name, framework, adapter):
    plainly = after_steps(subject(name, framework), [0])
    of = subject(name, framework)
    with pytest.raises(Stopped):
        of.runner.record({})
    bench = of.runner.process.session.kept["bench"]
    equal(after_steps(of, [0]), plainly)
    assert not bench.tape.moments and not bench.tape.updates


def test_of_very_many_values_only_so_many_are_noted(monkeypatch):
    """And of these only so many are kept."""
    monkeypatch.setattr("harness.runner.tape.VALUES", 10)
    monkeypatch.setattr("harness.runner.tape.KEPT", 1)
    of = subject("vae", "chainer")
    tape = of.record(0)
    assert len(tape.moments) == len(tape.lines) == 10 and len(tape.steps) == 1
    assert [value.size for value in of.values([0, 3])] == [0, 0]


@pytest.mark.parametrize("name", NAMES)
def test_constants_are_as_the_answer_has_them(name, framework, adapter):
    """Before they are made what other frameworks go by; as the question has them, but for rounding."""
    of = subject(name, framework)
    model = Model(of.task, {})
    for optimizer, found in of.runner.constants().items():
        wanted = model.constants[optimizer]
        assert found["algorithm"].lower() == of.task.optimizers[optimizer]["algorithm"]
        assert {constant: found[constant] for constant in wanted} == pytest.approx(wanted, rel=1e-6)


# What is no record ends the process.

ASKED = Asked.by(tasks.load("ae"))
LOSS, OPTIMIZER, NETWORK = ASKED.losses[0], ASKED.optimizers[0], ASKED.networks[0]
ARRAY = np.zeros((2, 3))
UPDATE = {"at": 1, "optimizer": OPTIMIZER, "gradients": {NETWORK: {"0": ARRAY}}, "before": dict.fromkeys(ASKED.networks, [ARRAY]),
          "after": dict.fromkeys(ASKED.networks, [ARRAY])}
RECORD = {"losses": {LOSS: 0.5}, "moments": np.zeros((3, 4)), "lines": np.zeros(3, np.int64), "updates": [UPDATE],
          "after": dict.fromkeys(ASKED.networks, [ARRAY])}


class Says:
    """A process that says one thing."""

    framework, timeout, killed = "chainer", 60.0, False

    def __init__(self, **reply):
        self.reply = {"event": "done", "status": PASSED, **reply}

    def run(self, job, on_event=None, **arguments):
        return self.reply

    def kill(self):
        self.killed = True


def runner_of(process):
    runner = Runner(process, ASKED)
    runner.shapes = {name: [(2, 3)] for name in ASKED.networks}
    return runner


def with_update(**changes):
    return {"updates": [{**UPDATE, **changes}]}


@pytest.mark.parametrize("changes", [
    *[{"losses": losses} for losses in (None, {}, {LOSS: "0.5"}, {LOSS: 1}, {LOSS: 0.5, "x": 0.5})],
    *[{"moments": of} for of in (None, [[0.0] * 4] * 3, np.zeros(3), np.zeros((3, 3)), np.zeros((3, 5)), np.zeros((VALUES + 1, 4)),
                                 np.zeros((2, 4)), np.zeros((3, 4), "U3"))],
    *[{"lines": of} for of in (None, [0, 0, 0], np.zeros(3), np.zeros((3, 1), np.int64), np.zeros(4, np.int64))],
    *[{"updates": of} for of in (None, {}, [None], [3], [UPDATE] * 1001, [{}])],
    *[{"after": of} for of in (None, {}, {NETWORK: [ARRAY]} if len(ASKED.networks) > 1 else {"x": [ARRAY]}, dict.fromkeys(ASKED.networks, ARRAY),
                               dict.fromkeys(ASKED.networks, [ARRAY.T]), dict.fromkeys(ASKED.networks, []))],
    *[with_update(at=at) for at in (None, "1", 1.0, True)], *[with_update(optimizer=name) for name in (None, "x", 3, NETWORK, ARRAY, [])],
    *[with_update(before=of) for of in (None, {}, dict.fromkeys(ASKED.networks, [3.0]))],
    *[with_update(after=of) for of in (3, {}, dict.fromkeys(ASKED.networks, [ARRAY.T]))],
    *[with_update(gradients=of) for of in (None, [], {"x": {"0": ARRAY}}, {NETWORK: [ARRAY]}, {NETWORK: {"1": ARRAY}}, {NETWORK: {"-1": ARRAY}},
                                           {NETWORK: {"x": ARRAY}}, {NETWORK: {0: ARRAY}}, {NETWORK: {"0": ARRAY.T}}, {NETWORK: {"0": 0.0}},
                                           {3: {"0": ARRAY}}, {NETWORK: {"²": ARRAY}}, {NETWORK: {"9" * 5000: ARRAY}}, {NETWORK: {"": ARRAY}}, {NETWORK: {"0": None}})],
], ids=lambda changes: ", ".join(changes))
def test_what_is_no_record_ends_the_process(changes):
    process = Says(**{**copy.deepcopy(RECORD), **changes})
    with pytest.raises(Ended, match="the process was ended: it gave a record of another form than was asked for"):
        runner_of(process).record({})
    assert process.killed


def test_what_is_one_is_taken():
    """A step that did not end has no parameters after it; a parameter may have no gradient; no value may be noted."""
    found = runner_of(Says(**RECORD)).record({})
    assert found.losses == {LOSS: 0.5} and found.updates[0]["at"] == 1 and found.moments.shape == (3, 4)
    unfinished = {**{k: v for k, v in UPDATE.items() if k != "after"}, "gradients": {}}
    nothing = {"moments": np.zeros((0, 4)), "lines": np.zeros(0, np.int64)}
    assert runner_of(Says(**{**RECORD, **nothing, "updates": [unfinished]})).record({}).updates == [unfinished]


@pytest.mark.parametrize("what, replies", [
    ("values", [None, {}, [], [ARRAY], [ARRAY, 3.0], [ARRAY, [0.0]], [ARRAY, ARRAY, ARRAY], [ARRAY, np.array("x")]]),
    ("constants", [None, [], {}, {"x": {}}, {OPTIMIZER: None}, {OPTIMIZER: {"learning_rate": "1"}}, {OPTIMIZER: {"learning_rate": 1}},
                   {OPTIMIZER: {"learning_rate": True}}, {OPTIMIZER: {"algorithm": 3}}, {OPTIMIZER: {str(i): 1.0 for i in range(17)}}]),
    ("rates", [None, [], {}, {"x": []}, {OPTIMIZER: None}, {OPTIMIZER: [1.0]}, {OPTIMIZER: [1, 1, 1]}, {OPTIMIZER: [1.0, 1.0, "1"]}]),
    ("most", [None, -1, 1.0, True, "1", ARRAY, [1]])])
def test_other_replies_have_their_form_too(what, replies):
    for reply in replies:
        process = Says(**{what: reply})
        called = {"rates": "learning rates", "most": "a number"}.get(what, what)
        with pytest.raises(Ended, match=f"it gave {called} of another form than was asked for"):
            getattr(runner_of(process), what)(*{"values": [[0, 1]], "rates": [5, [1, 2]], "most": ["encode", [], {}]}.get(what, []))
        assert process.killed
    assert runner_of(Says(values=[None, ARRAY])).values([0, 1])[1] is ARRAY
    assert runner_of(Says(constants={OPTIMIZER: {"algorithm": "Adam", "learning_rate": 0.5}})).constants() == {
        OPTIMIZER: {"algorithm": "Adam", "learning_rate": 0.5}}
