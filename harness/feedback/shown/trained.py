"""What a right answer makes after some seconds of training: in the process that it was checked in, asked step by step."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from harness import tasks
from harness.feedback.ladder import Ladder
from harness.frameworks import FRAMEWORKS, LAYOUTS
from harness.pictures import arrays
from harness.runner.client import Process, Runner
from harness.tasks import parameters
from harness.training.batches import canonical
from harness.training.contract import Asked

SECONDS = 6.0           # of training
SAMPLES = 2 * arrays.COLUMNS
COLUMNS = 76            # pixels that a terminal has in a line


@dataclass(frozen=True)
class Made:
    """``picture``: uint8, a sheet of samples; ``small``: its corner, for a terminal; ``words``: what it is."""

    picture: np.ndarray
    small: np.ndarray
    words: str


def made(process: Process, ladder: Ladder, seconds: float = SECONDS, on_step: Callable[[float], None] = lambda share: None) -> Made:
    """Train the answer that ``ladder`` was climbed by for so many ``seconds``, at the size and on the images of a check, from initial
    weights such as the question asks for; ``on_step`` hears which share of the time is gone. Raises Stopped or Ended."""
    task, source, layout = ladder.task, ladder.source, LAYOUTS[process.framework]
    runner = Runner(process, Asked.by(task))
    runner.load(source.path, source.content, source.folder, ladder.gigabytes, ladder.terminal)
    runner.networks()
    runner.begin(parameters.native_of(ladder.specs, ladder.begin, layout))
    begun, step = time.monotonic(), 0
    while (gone := time.monotonic() - begun) < seconds:
        on_step(gone / seconds)
        runner.step(ladder.batches(step))
        step += 1
    values = ladder.batches.samples(SAMPLES)
    for name, ability in task.abilities.items():
        values[name] = runner.ask(name, [values[i] for i in ability.inputs])
    picture = arrays.sheet(task, {name: canonical(np.asarray(value, np.float64), layout) for name, value in values.items()})
    _, height, width = task.image_shape
    scale = picture.shape[1] // (arrays.COLUMNS * width)
    small = picture[::scale, ::scale][:2 * height, :max(1, COLUMNS // width) * width]
    full = tasks.load(task.name, "full", task.root)
    words = (f"{FRAMEWORKS[process.framework]} after {step:,} steps ({seconds:.0f} s) in networks as small as a check's; the question's "
             f"train for {full.steps:,} steps on images of {full.image_shape[1]} x {full.image_shape[2]}")
    return Made(picture, small, words)
