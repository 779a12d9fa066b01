"""A mistake in a network is said where it is made, and only there."""

import pytest
from subjects import subject

from harness import tasks
from harness.diagnosis.investigation import Investigation
from tools.edits.__main__ import made
from tools.edits.source import Answer

# Task, edit of tools.edits as "kind: words" at which place, and all that is to be said of it.
EDITS = [
    ("conv_vae", "activation replaced: relu -> leaky_relu", "up (decoder)",
     [("decoder.relu2 and 2 more in this network", "LeakyReLU with slope")]),
    ("conv_vae", "norm epsilon: epsilon 0.001", "down (encoder)",
     [("encoder.batch_norm1 and 2 more in this network", "batch norm has epsilon 0.001")]),
    ("convae", "padding: padding 2", "ConvolutionalAutoencoder.encoder (encoder)",
     [("encoder.conv1", "the padding of conv1 is 2, where the question has 1")]),
]


def edited(task, framework, said, place):
    """Our answer with an edit."""
    answer = Answer(tasks.load(task), framework)
    [edit, *_] = [e for _, e in made([framework], [task], [""]) if f"{e.kind}: {e.words}" == said and e.place == place]
    return edit.made(answer.text)


@pytest.mark.parametrize("task, said, place, findings", EDITS)
def test_a_mistake_is_said_of_the_layers_that_have_it(task, said, place, findings):
    found = Investigation(subject(task, "pytorch", edited(task, "pytorch", said, place))).run()
    assert [f.place for f in found] == [where for where, _ in findings]
    assert all(words in f.words for f, (_, words) in zip(found, findings))
