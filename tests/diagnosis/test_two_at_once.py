"""Two mistakes at once are found one after the other."""

import pytest
from subjects import subject

from harness import tasks
from harness.diagnosis.investigation import Investigation
from harness.tasks import mistakes
from harness.work import stub

# Task, two mistakes, and what is said of each.
BOTH = [("vae", ("kl-sign", "variance-as-deviation"), ("exp(log_var) eps in place of", "all of it has the wrong sign")),
        ("vae", ("bce-mean-over-pixels", "decoder-without-relu"), ("there is no ReLU", "1/48 of what it should be")),
        ("gan", ("slope-default", "real-label-smoothed"), ("slope 0.01", "the label of real is")),
        ("gan", ("real-label-smoothed", "generator-label"), ("the label of G(z) is 0", "the label of real is"))]


@pytest.mark.parametrize("name, both, said", BOTH)
@pytest.mark.parametrize("framework", ["pytorch", "chainer"])
def test_both_are_said(name, both, said, framework):
    task = tasks.load(name)
    source = stub.solution(tasks.answer_path(task, framework).read_text(encoding="utf-8"))
    for mistake in both:
        source = mistakes.edited(source, mistakes.edits(task, framework)[mistake])
    words = [finding.words for finding in Investigation(subject(name, framework, source)).run()]
    assert all(any(text in one for one in words) for text in said), words
