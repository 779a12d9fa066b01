"""How much a training amplifies rounding: change every initial weight in its last bit, and train again.

    .venv/bin/python benchmarks/sensitivity.py [TASK] [--framework chainer] [--data newts] [--steps 200] [--size full]

No two frameworks can be expected to agree much better than one framework agrees with itself here; if they agree much
worse, it is not rounding.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from harness import frameworks, tasks
from harness.data import Dataset
from harness.lockstep.difference import curve_difference, tensor_difference
from harness.tasks import Task
from harness.training import task_data
from harness.training.trainer import Trainer


def train(task: Task, framework: str, data: Dataset, steps: int,
          last_bit: bool) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    trainer = Trainer(task, framework, frameworks.load(framework), data.arrays)
    if last_bit:
        rng = np.random.default_rng(0)
        trainer.set_parameters({name: np.nextafter(array, array + rng.choice([-1, 1], array.shape))
                                for name, array in trainer.parameters().items()})
    losses = [trainer.step(step) for step in range(steps)]
    return {name: np.array([loss[name] for loss in losses]) for name in task.losses}, trainer.parameters()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("task", nargs="?", default="ae")
    parser.add_argument("--framework", default="chainer", choices=frameworks.FRAMEWORKS)
    parser.add_argument("--data")
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--size", default="full", choices=tasks.SIZES)
    a = parser.parse_args()
    task = tasks.load(a.task, a.size)
    data = task_data.load(task, a.data, a.data_dir)
    (curves, weights), (changed_curves, changed_weights) = (
        train(task, a.framework, data, a.steps, last_bit) for last_bit in (False, True))
    for name in curves:
        difference = curve_difference(curves[name], changed_curves[name])
        print(f"{a.task} on {data.name}, {len(data.images)} images, {a.framework}: {name} differs by "
              f"{difference.max():.1e} in {a.steps} steps")
    print(f"parameters differ by {max(tensor_difference(weights[n], changed_weights[n]) for n in weights):.1e}")


if __name__ == "__main__":
    main()
