"""Every task there is: all four answers in lockstep, shapes at several sizes, and the named mistakes that must show."""

import fcntl
import json
import os
import subprocess
import sys
from dataclasses import replace

import jsonschema
import numpy as np
import pytest
from conftest import ROOT, SCHEMA

from harness import tasks
from harness.lockstep.compare import Settings
from harness.tasks import mistakes
from harness.training import task_data
from harness.training.trainer import Trainer
from harness.work import stub

# One comparison of all tasks, and one of all mistakes, take minutes each; the limit is for a hang, not for speed.
pytestmark = [pytest.mark.timeout(900), pytest.mark.slow]

STEPS = 12
SMALL = 8           # images in memory for the tests of shapes
ALL = tasks.names()


@pytest.fixture(scope="module")
def everything(tmp_path_factory):
    """One comparison of all tasks in all frameworks, as a user would run it; the tests below look at parts of it.

    Done once: where tests run in several processes, the first does it, and the others wait.
    """
    base = tmp_path_factory.getbasetemp()
    out = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "everything"
    out.mkdir(exist_ok=True)
    with open(out / "lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        printed = out / "printed.json"
        if not printed.is_file():
            process = subprocess.run([sys.executable, "-m", "harness", "compare", "--all", "--steps", str(STEPS), "--out", out,
                                      "--json", "-"], cwd=ROOT, capture_output=True, text=True, timeout=800, env=os.environ)
            assert process.stdout, process.stderr
            printed.write_text(process.stdout, encoding="utf-8")
    found = json.loads(printed.read_text(encoding="utf-8"))
    jsonschema.validate(found, SCHEMA)
    return out, {task["task"]: task for task in found["tasks"]}


@pytest.mark.parametrize("name", ALL)
def test_four_frameworks_agree(name, everything):
    out, found = everything
    task = found[name]
    assert [f["message"] for f in task["frameworks"]] == [""] * 4
    assert task["agree"] and len(task["pairs"]) == 6
    assert max(task[f"max_{what}_difference"] for what in ("relative", "parameter", "output")) < 1e-9
    for f in task["frameworks"]:
        assert all(np.isfinite(np.array(curve, float)).all() for curve in f["curves"].values())
    folder = out / name if len(ALL) > 1 else out
    assert all((folder / picture).is_file() for picture in ("curves.png", "samples.png"))


@pytest.mark.parametrize("factor", [1, 2])
@pytest.mark.parametrize("name", ALL)
@pytest.mark.sampled(5)
def test_shapes_at_two_sizes_and_three_batches(name, factor, framework, adapter):
    """What every ability gives, in evaluation mode, for batches of 1, 2 and 5; Trainer.outputs holds it to task.toml.

    In the frameworks that compile nothing, a training step of each batch size as well.
    """
    task = tasks.load(name)
    sides = {side: factor * task.hyperparameters[side] for side in ("height", "width")}
    task = replace(tasks.load(name, **sides), number=SMALL)
    data = task_data.load(task)
    for batch_size in (1, 2, 5):
        trainer = Trainer(replace(task, batch_size=batch_size), framework, adapter, data.arrays)
        outputs = trainer.outputs(batch_size)
        assert all(np.isfinite(array).all() and len(array) == batch_size for array in outputs.values())
        if framework in ("pytorch", "chainer"):
            assert all(np.isfinite(value) for value in trainer.step(0).values())


@pytest.mark.parametrize("name", ALL)
def test_mistakes_are_described(name):
    task = tasks.load(name)
    found, edits = mistakes.load(task), mistakes.edits(task, "pytorch")
    assert len(found) >= 3, f"{name} has too few named mistakes"
    assert [m.name for m in found] == list(edits)
    assert all(m.title and len(m.explanation) > 30 for m in found)


@pytest.mark.sampled
@pytest.mark.parametrize("name", ALL)
def test_named_mistakes_turn_the_verdict(name, comparers, workbook):
    """Four of each task, made in PyTorch's answer, beside Chainer's right one. That all differ: test_ladder."""
    expected, known = {}, list(mistakes.edits(tasks.load(name), "pytorch").items())
    for mistake, changes in known[::len(known) // 4]:
        copy = f"{name}__{mistake.replace('-', '_')}"
        workbook.copy_task(name, copy)
        path = workbook.root / "answers" / copy / f"{copy}_pytorch.py"
        path.write_text(mistakes.edited(stub.solution(path.read_text(encoding="utf-8")), changes), encoding="utf-8")
        expected[copy] = mistake
    comparer = comparers(Settings(("pytorch", "chainer"), steps=5, root=workbook.root))
    found = {copy: comparer.compare(tasks.load(copy, root=workbook.root)) for copy in expected}
    assert [copy for copy in expected if found[copy].agree] == [], "these mistakes do not show"
    assert [(copy, run.message) for copy in expected for run in found[copy].runs if run.status == "failed"] == []
