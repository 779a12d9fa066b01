"""Nothing is found wrong with right answers, and nothing in them is left unexplained."""

import pytest
from subjects import subject

from harness import tasks
from harness.diagnosis.investigation import STEPS, Investigation
from harness.frameworks import FRAMEWORKS
from harness.tasks import parameters

SLOW = {"wgan_gp"}              # seconds of second derivatives
ALL = tasks.names()


def cases():
    """TensorFlow and Keras, which are slower to record, come more seldom."""
    for name in ALL:
        for framework in FRAMEWORKS:
            late = framework in ("tensorflow", "keras")
            marks = [pytest.mark.sampled(4 if late else 3), *([pytest.mark.slow] if late or name in SLOW else [])]
            yield pytest.param(name, framework, marks=marks, id=f"{name}-{framework}")


@pytest.mark.sampled
@pytest.mark.parametrize("name, framework", cases())
def test_nothing_is_found_in_a_right_answer(name, framework):
    """Its steps are the question's, one after the other, from weights at which mistakes show."""
    of = subject(name, framework)
    recorded = []
    record = of.record
    of.record = lambda number, values=True: recorded.append(number) or record(number, values)
    investigation = Investigation(of)
    assert investigation.run() == []
    assert [(departure.what, departure.name) for departure in investigation.unexplained] == []
    assert investigation.facts() == []
    assert recorded == list(range(STEPS))       # and it went all the way


@pytest.mark.parametrize("name", ["ae", "vae", "gan", "cgan"])
def test_nor_from_initial_weights(name):
    """Where it is looked at once more, if nothing is found from others."""
    of = subject(name, "pytorch")
    investigation = Investigation(of, parameters.initial(of.task.networks, of.task.initializers, 0))
    assert investigation.run() == [] and investigation.unexplained == []
