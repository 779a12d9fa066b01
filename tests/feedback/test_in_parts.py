"""What is too large to be computed at once is asked for, as far as its first layer."""

import time

import pytest
from test_ladder import climb

from harness import tasks
from harness.feedback.ladder import RUNGS
from harness.frameworks import FRAMEWORKS
from harness.runner.bench import PASSED, WRONG
from harness.work import stub

pytestmark = pytest.mark.timeout(300)
CHUNK, NAME = "chunk=2 ** 13", "sampling_decoder"


def climbed(framework, chunk, folder):
    task = tasks.load(NAME)
    source = stub.solution(tasks.answer_path(task, framework).read_text(encoding="utf-8"))
    assert CHUNK in source
    return climb(task, framework, source.replace(CHUNK, f"chunk={chunk}"), folder)


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.sampled(1)
def test_a_picture_that_is_rendered_at_once_is_wrong_and_one_in_halves_is_not(framework, tmp_path):
    _, rungs = climbed(framework, 2 ** 21, tmp_path)
    assert [rung.name for rung in rungs] == list(RUNGS) and all(rung.status == PASSED for rung in rungs)
    _, rungs = climbed(framework, 2 ** 22, tmp_path)
    assert [rung.name for rung in rungs if rung.status == WRONG] == ["abilities"]
    assert "in parts is computed at once" in rungs[-1].message and "2,048" in rungs[-1].facts[0]


def test_only_the_first_layer_is_waited_for(tmp_path):
    """... so that a picture of four million points costs no more than one part of it. The answer is as it was afterwards."""
    ladder, rungs = climbed("pytorch", 2 ** 10, tmp_path)
    ability, began = ladder.task.abilities["render"], time.perf_counter()
    codes = ladder.runner.ask("encode", [ladder.batches.samples(1)["images"]])
    before = ladder.runner.ask("render", [codes])
    assert ladder.runner.most("render", [codes], ability.large) == 2 ** 10 * ladder.task.hyperparameters["hidden"]
    assert time.perf_counter() - began < 10 and (ladder.runner.ask("render", [codes]) == before).all()
    assert ladder.runner.most("encode", [ladder.batches.samples(3)["images"]], {}) == 3 * ladder.task.hyperparameters["hidden"]


def test_what_is_no_layer_is_not_counted(tmp_path):
    """Nothing is called wrong that was not seen."""
    task = tasks.load(NAME)
    source = stub.solution(tasks.answer_path(task, "pytorch").read_text(encoding="utf-8"))
    ladder, _ = climb(task, "pytorch", source, tmp_path)
    ladder.runner.process.session.kept["bench"].answer.encode = lambda images: images
    assert ladder.runner.most("encode", [ladder.batches.samples(1)["images"]], {}) == 0
