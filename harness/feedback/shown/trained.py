"""What a right answer makes after some seconds of training: in the process that it was checked in, asked step by step."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from harness import tasks
from harness.feedback.ladder import Source
from harness.frameworks import FRAMEWORKS, LAYOUTS
from harness.pictures import arrays
from harness.runner.client import Process, Runner
from harness.tasks import Task, parameters
from harness.training import task_data
from harness.training.batches import Batches, canonical
from harness.training.contract import Asked

SIZE = "short"          # networks large enough for something to be seen
SECONDS = 6.0           # of training, after the images are there
IMAGES = 256            # to train on: more would take longer to draw than to train
SAMPLES = 2 * arrays.COLUMNS
SHOWN = 4               # images in a row on a terminal


@dataclass(frozen=True)
class Made:
    """``picture``: uint8, a sheet of samples; ``small``: its corner, for a terminal; ``words``: what it is."""

    picture: np.ndarray
    small: np.ndarray
    words: str


def made(process: Process, task: Task, source: Source, gigabytes: float | None, seconds: float = SECONDS,
         on_step: Callable[[int, float], None] = lambda step, share: None) -> Made:
    """Train for so many ``seconds`` from initial weights such as the question asks for; ``on_step`` hears how many steps are done, and
    which share of the time. Raises Stopped or Ended where the answer cannot be trained at this size, and WorkbookError without data."""
    task = tasks.load(task.name, SIZE, task.root)
    data, layout = task_data.load(task, number=IMAGES), LAYOUTS[process.framework]
    runner = Runner(process, Asked.by(task))
    runner.load(source.path, source.content, source.folder, gigabytes, False)
    runner.networks()
    specs = {name: network.parameters() for name, network in task.networks.items()}
    runner.begin(parameters.native_of(specs, parameters.initial(task.networks, task.initializers, 0), layout))
    batches = Batches(task, data.images, data.labels, data.masks, seed=0, precision="float64", layout=layout)
    begun, step = time.monotonic(), 0
    while step < task.steps and (gone := time.monotonic() - begun) < seconds:
        on_step(step, gone / seconds)
        runner.step(batches(step))
        step += 1
    values = batches.samples(SAMPLES)
    for name, ability in task.abilities.items():
        values[name] = runner.ask(name, [values[i] for i in ability.inputs])
    picture = arrays.sheet(task, {name: canonical(np.asarray(value, np.float64), layout) for name, value in values.items()})
    _, height, width = task.image_shape
    small = picture[::_scale(picture, width), ::_scale(picture, width)][:2 * height, :SHOWN * width]
    words = (f"{FRAMEWORKS[process.framework]} after {step:,} steps on {data.name} ({time.monotonic() - begun:.0f} s), in smaller networks "
             f"than the question's; the full training has {tasks.load(task.name, 'full', task.root).steps:,} steps")
    return Made(picture, small, words)


def _scale(picture: np.ndarray, width: int) -> int:
    """By how much a sheet was enlarged."""
    return picture.shape[1] // (arrays.COLUMNS * width)
