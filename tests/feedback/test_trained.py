"""What a right answer makes after some training: in the process that it was checked in, for as long as was said."""

import pytest

from harness import tasks
from harness.feedback import check
from harness.feedback.shown import trained
from harness.runner.bench import PASSED
from harness.runner.client import Here
from harness.work import stub


@pytest.mark.parametrize(("name", "framework", "rows"), [("ae", "chainer", 2), ("gan", "pytorch", 1), ("vae", "keras", 2)])
def test_a_picture(tmp_path, name, framework, rows):
    """Eight in a row, each image above what was made of it; the corner of it has pixels as the network makes them."""
    task, process, heard = tasks.load(name), Here(framework), []
    path = tmp_path / f"{name}_{framework}.py"
    path.write_text(stub.solution(tasks.answer_path(task, framework).read_text(encoding="utf-8")), encoding="utf-8")
    verdict = check.check(process, task, path)
    assert verdict.state == PASSED
    made = trained.made(process, verdict.ladder, seconds=0.5, on_step=heard.append)
    channels, height, width = task.image_shape
    assert made.small.shape[:2] == (2 * height, min(8, trained.COLUMNS // width) * width) and made.small.ndim == (3 if channels > 1 else 2)
    assert len(made.picture) % (2 * rows * height) == 0 and made.picture.std() > 1
    assert heard == sorted(heard) and 0 <= heard[0] <= heard[-1] < 1 and f" after {len(heard):,} steps" in made.words
