"""Chainer's gradients begin as nan: where they are never cleared, this is said, and nothing of what is computed afterwards."""

import pytest
from subjects import subject

from harness import frameworks, tasks
from harness.diagnosis.investigation import why
from harness.tasks import parameters
from tools.edits.source import Answer

CLEARS = {"gan": "self.discriminator.cleargrads()", "dcgan": "self.discriminator.cleargrads()", "wgan": "self.critic.cleargrads()"}


@pytest.mark.skipif("chainer" not in frameworks.installed(), reason="Chainer is not installed")
@pytest.mark.parametrize("name", CLEARS)
def test_it_is_said_of_the_optimizer_alone(name):
    task = tasks.load(name)
    text = Answer(task, "chainer").text
    assert text.count(f"        {CLEARS[name]}\n") == 1
    source = text.replace(f"        {CLEARS[name]}\n", "")
    found, _ = why(task, lambda seed: subject(name, "chainer", source), parameters.initial(task.networks, task.initializers, 0))
    assert [finding.place for finding in found] == [CLEARS[name].split(".")[1] + "_optimizer"]
    assert "never cleared (Chainer's begin as nan)" in found[0].words
