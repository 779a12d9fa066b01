"""The check: stubs are not attempted, references pass, wrong answers fail at the right rung with the right name."""

import itertools
import json

import numpy as np
import pytest

from harness import tasks
from harness.feedback import diagnosis, fingerprint
from harness.feedback.ladder import RUNGS, Ladder
from harness.frameworks import FRAMEWORKS
from harness.runner.bench import NOT_ATTEMPTED, PASSED, WRONG
from harness.runner.client import Here
from harness.runner.source import Source
from harness.tasks import mistakes
from harness.work import stub
from tools import fingerprints

pytestmark = pytest.mark.timeout(900)
ALL = tasks.names()


def climb(task, framework, source, folder):
    path = folder.resolve() / f"{task.name}_{framework}.py"
    path.write_text(source, encoding="utf-8")
    with np.load(diagnosis.data_path(task)) as data:
        ladder = Ladder(task, Here(framework), Source.of(path), dict(data), diagnosis.Reference.stored(task).right)
    return ladder, ladder.climb()


def reference(task, framework):
    return tasks.answer_path(task, framework).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ALL)
def test_the_stub_is_not_attempted(name, framework, adapter, tmp_path):
    task = tasks.load(name)
    source = stub.of(task, framework)
    assert source.count("raise NotImplementedError") >= 2 and "### " not in source
    _, rungs = climb(task, framework, source, tmp_path)
    assert (rungs[-1].name, rungs[-1].status) == ("loads", NOT_ATTEMPTED) and rungs[-1].lines


@pytest.mark.parametrize("name", ALL)
@pytest.mark.slow
@pytest.mark.sampled
def test_the_reference_passes(name, framework, adapter, tmp_path):
    task = tasks.load(name)
    _, rungs = climb(task, framework, stub.solution(reference(task, framework)), tmp_path)
    assert [(r.name, r.facts, r.message) for r in rungs if r.status != PASSED] == []
    assert [r.name for r in rungs] == list(RUNGS)


# (mistake, the rung that it shows at): one of each rung where the task has one
WRONG_ANSWERS = {
    "ae": [("tanh-at-the-end", "forward"), ("sum-over-pixels", "first losses"), ("decoder-not-trained", "curve")],
    "convae": [("average-pool", "forward"), ("sum-over-pixels", "first losses"), ("encoder-not-trained", "curve")],
    "latent_ae": [("padding-on-one-side", "forward"), ("sigmoid-twice", "first losses")],
    "vae": [("relu-on-the-heads", "forward"), ("kl-sign", "first losses")],
    "gaussian_vae": [("sigmoid-at-the-end", "forward"), ("no-half", "first losses")],
    "sampling_decoder": [("u-and-v-swapped", "forward"), ("mean-over-points", "first losses")],
    "conv_vae": [("no-tanh", "forward"), ("evaluation-mode", "first losses"), ("momentum", "curve")],
    "vae_gan": [("lambdas-swapped", "first losses"), ("reconstruction-first", "curve")],
    "unet_vae_gan": [("noise-added", "forward"), ("noisy-reconstruction", "first losses"), ("skips-detached", "curve")],
    "gan": [("slope-default", "forward"), ("saturating-loss", "first losses"), ("beta1-default", "curve")],
    "dcgan": [("slope-default", "forward"), ("labels-swapped", "first losses"), ("beta1-default", "curve")],
    "cgan": [("discriminator-ignores-labels", "forward"), ("saturating-loss", "first losses"), ("beta1-default", "curve")],
    "wgan": [("sigmoid-at-the-end", "forward"), ("no-clipping", "first losses")],
    "wgan_gp": [("max-pooling", "forward"), ("root-forgotten", "first losses"), ("mixed-with-other-fakes", "curve")],
    "pix2pix": [("skip-before-up", "forward"), ("l1-summed", "first losses"), ("generator-detached", "curve")],
}


@pytest.mark.parametrize("name", ALL)
@pytest.mark.slow
@pytest.mark.sampled
def test_a_wrong_answer_fails_at_the_right_rung_with_the_right_name(name, tmp_path):
    """Each in another framework."""
    task, frameworks = tasks.load(name), itertools.cycle(FRAMEWORKS)
    for _ in range(ALL.index(name)):
        next(frameworks)
    for (mistake, rung), framework in zip(WRONG_ANSWERS[name], frameworks):
        source = mistakes.edited(stub.solution(reference(task, framework)), mistakes.edits(task, framework)[mistake])
        ladder, rungs = climb(task, framework, source, tmp_path)
        failed = next(r for r in rungs if r.status != PASSED)
        assert (failed.name, failed.status) == (rung, WRONG), (mistake, framework)
        assert mistake in diagnosis.diagnose(ladder.found, diagnosis.Reference.stored(task)).names, framework


def test_markers_must_pair():
    with pytest.raises(stub.StubError, match="line 2: ### END SOLUTION without"):
        stub.stub("a = 1\n### END SOLUTION\n")
    with pytest.raises(stub.StubError, match="line 1: ### BEGIN SOLUTION has no"):
        stub.stub("### BEGIN SOLUTION\n")
    with pytest.raises(stub.StubError, match="inside another"):
        stub.stub("### BEGIN SOLUTION\n### BEGIN SOLUTION\n### END SOLUTION\n")


def test_a_stub_says_what_is_missing():
    source = "def bce(x):\n    '''x -> a number'''\n    ### BEGIN SOLUTION\n    return x\n    ### END SOLUTION\n"
    assert stub.stub(source) == ("def bce(x):\n    '''x -> a number'''\n"
                                 '    raise NotImplementedError("bce is yours to write")\n')
    assert stub.solution(source) == "def bce(x):\n    '''x -> a number'''\n    return x\n"


# What the stored fingerprints have to be.

@pytest.mark.parametrize("name", ALL)
@pytest.mark.slow
@pytest.mark.sampled
def test_fingerprints_are_current(name):
    """tools/fingerprints.py makes what is stored; the pairs, which are many, are made by it alone."""
    task, stored = tasks.load(name), json.loads(diagnosis.path_of(tasks.load(name)).read_text(encoding="utf-8"))
    data = fingerprints.data_of(task)
    with np.load(diagnosis.data_path(task)) as kept:
        assert {k: v.tolist() for k, v in data.items()} == {k: v.tolist() for k, v in kept.items()}
    source = stub.solution(reference(task, "pytorch"))
    changes = mistakes.edits(task, "pytorch")
    assert list(stored["mistakes"]) == list(changes)
    right = fingerprints.take(task, source, data)
    assert fingerprint.difference(right, stored["right"]) < 1e-9
    for mistake, edits in changes.items():
        found = fingerprints.take(task, mistakes.edited(source, edits), data)
        known = stored["mistakes"][mistake]
        # A wrong program may enlarge rounding, which is another one on another processor (2e-9 was seen, of norms that nearly
        # cancel); the check calls two the same to 1e-6.
        assert fingerprint.difference(found, {"shapes": right["shapes"], **known}) < 1e-7, mistake


@pytest.mark.parametrize("name", ALL)
def test_fingerprints_are_apart(name):
    """From the right answer and from one another by far more than the tolerance, or declared to be the same."""
    task = tasks.load(name)
    reference = diagnosis.Reference.stored(task)
    same = {frozenset(group) for group in task_same(task)}
    for mistake, found in reference.mistakes.items():
        full = {"shapes": reference.right["shapes"], **found}
        assert apart(full, reference.right) > 100 * fingerprint.TOLERANCE, mistake
        for other, known in reference.mistakes.items():
            if other != mistake and frozenset((mistake, other)) not in same:
                distance = apart(full, {"shapes": reference.right["shapes"], **known})
                assert distance > 100 * fingerprint.TOLERANCE, f"{mistake} and {other}"


def task_same(task):
    return [(m.name, other) for m in mistakes.load(task) for other in m.same]


def apart(a, b):
    if a.get("stopped") and a.get("stopped") != b.get("stopped"):
        return np.inf
    return fingerprint.difference(a, b)
