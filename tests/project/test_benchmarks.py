"""The plain loops that the answers are measured against: the same networks, and they train."""

import numpy as np
import pytest
from conftest import count_flops

from benchmarks import speed
from harness import tasks
from harness.tasks import cost
from harness.training import task_data
from harness.training.trainer import Trainer


@pytest.mark.parametrize("name", tasks.names())
@pytest.mark.slow
@pytest.mark.sampled
def test_plain_loops_train(name, framework, adapter):
    from importlib import import_module

    task = tasks.load(name)
    data = task_data.load(task)
    trainer = Trainer(task, framework, adapter, data.arrays)
    step = import_module(f"benchmarks.plain.{framework}").build(task)
    batches = [adapter.batch(trainer.batches(i)) for i in range(3)]
    with count_flops() as counter, adapter.eagerly():       # to compile takes longer than these few steps
        losses = [step(batch) for batch in batches]
    values = np.array([[float(adapter.array(v)) for v in one.values()] for one in losses])
    assert np.isfinite(values).all() and (np.ptp(values, axis=0) > 0).all()
    if framework == "pytorch":          # the same network; what our answer saves, public code may do in vain
        assert counter.get_total_flops() / 3 >= 0.999 * cost.of_step(task)


@pytest.mark.rare
@pytest.mark.slow
def test_speed_measures(tmp_path):
    """The benchmark itself, briefly, as a user would run it."""
    import json
    import subprocess
    import sys
    path = tmp_path / "speed.json"
    subprocess.run([sys.executable, speed.__file__, "ae", "--frameworks", "chainer", "--seconds", "0.1", "--batch", "4",
                    "--out", path], check=True, capture_output=True, text=True, timeout=120)
    (row,) = json.loads(path.read_text())
    assert row["task"] == "ae" and 0 < row["share"] and 0 < row["ratio"] and row["batch"] == 4
