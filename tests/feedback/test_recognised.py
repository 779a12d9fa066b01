"""A mistake's fingerprint was taken in PyTorch: it is recognised when the mistake is made in another framework."""

import pytest

from harness import frameworks, tasks
from harness.tasks import mistakes
from harness.work import stub
from tools import fingerprints, recognised

pytestmark = pytest.mark.timeout(900)
OTHERS = [name for name in frameworks.FRAMEWORKS if name != fingerprints.FRAMEWORK]
# A gradient tape begins anew at each step, so that there is nothing to clear: nobody makes these mistakes there.
ONLY_WHERE_GRADIENTS_ARE_KEPT = {"gradients-add-up", "gradients-not-cleared", "gradients-kept",
                                 "gradients-of-the-discriminator-add-up", "gradients-of-the-critic-add-up"}


@pytest.mark.parametrize("framework", OTHERS)
@pytest.mark.parametrize("name", tasks.names())
@pytest.mark.slow
@pytest.mark.sampled(10)
def test_every_mistake_is_recognised(name, framework):
    task = tasks.load(name)
    wrong = {mistake: found.names or found.facts
             for mistake, found, _ in recognised.recognise(task, framework, briefly=True)
             if mistake not in found.names}
    assert not wrong


@pytest.mark.parametrize("framework", OTHERS)
@pytest.mark.parametrize("name", tasks.names())
def test_every_mistake_is_made_everywhere(name, framework):
    """... and an edit is of the answer's present text, and leaves valid Python."""
    task = tasks.load(name)
    ours, there = mistakes.edits(task, fingerprints.FRAMEWORK), mistakes.edits(task, framework)
    missing = ours.keys() - there.keys()
    assert missing <= (ONLY_WHERE_GRADIENTS_ARE_KEPT if framework != "chainer" else set()) and there.keys() <= ours.keys()
    source = stub.solution(tasks.answer_path(task, framework).read_text(encoding="utf-8"))
    for mistake, changes in there.items():
        compile(mistakes.edited(source, changes), mistake, "exec")


def test_the_library_is_large_enough():
    """8 for an autoencoder, 12 for an adversarial task, 150 in all; each with a title, an explanation and an edit."""
    total = 0
    for name in tasks.names():
        task = tasks.load(name)
        known = mistakes.load(task)
        adversarial = {"discriminator", "critic"} & task.networks.keys()
        assert len(known) >= (12 if adversarial else 8), name
        assert {m.name for m in known} == mistakes.edits(task, fingerprints.FRAMEWORK).keys(), name
        assert all(len(m.title) > 8 and len(m.explanation) > 30 for m in known), name
        total += len(known)
    assert total >= 150
