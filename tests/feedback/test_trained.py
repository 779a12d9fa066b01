"""What a right answer makes after some training: in the process that it was checked in, for as long as was said."""

import pytest

from harness import tasks
from harness.feedback.ladder import Source
from harness.feedback.shown import trained
from harness.runner.client import Here, Stopped
from harness.work import stub


def source_of(name, framework, folder, edit=("", "")):
    path = folder / f"{name}_{framework}.py"
    path.write_text(stub.solution(tasks.answer_path(tasks.load(name), framework).read_text(encoding="utf-8")).replace(*edit), encoding="utf-8")
    return Source.of(path)


@pytest.mark.parametrize(("name", "rows"), [("ae", 2), ("gan", 1)])
def test_a_picture(tmp_path, name, rows):
    """Eight in a row, each image above what was made of it; the corner of it has the size of the networks."""
    heard = []
    made = trained.made(Here("chainer"), tasks.load(name), source_of(name, "chainer", tmp_path), None, seconds=0.5,
                        on_step=lambda step, share: heard.append((step, share)))
    task = tasks.load(name, trained.SIZE)
    channels, height, width = task.image_shape
    assert made.small.shape == (2 * height, trained.SHOWN * width, channels) and len(made.picture) % (rows * height) == 0
    assert [step for step, _ in heard] == list(range(len(heard))) and 0 <= heard[0][1] <= heard[-1][1] < 1
    assert f"after {len(heard):,} steps on newts" in made.words and made.small.std() > 5


def test_an_answer_that_works_at_one_size_alone(tmp_path):
    """... says so: it is right, and there is no picture."""
    source = source_of("ae", "chainer", tmp_path, ("def train_step(self, batch):", "def train_step(self, batch):\n        assert len(batch['images']) == 7"))
    with pytest.raises(Stopped, match="AssertionError"):
        trained.made(Here("chainer"), tasks.load("ae"), source, None, seconds=0.5)
