"""Train one answer as far as one likes: it can be stopped at any step, and goes on as if it had never stopped."""

import math
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np

from harness import frameworks
from harness.data import Dataset
from harness.frameworks import memory
from harness.messages import WorkbookError
from harness.processes.machine import cores
from harness.tasks import Task, answer_path
from harness.training import checkpoint as checkpoints
from harness.training import contract
from harness.training.checkpoint import Checkpoint
from harness.training.log import Recorder
from harness.training.plan import Run
from harness.training.trainer import Trainer

PRECISION = "float32"
SAMPLES = 32                    # on a sheet
CHECKPOINT_SECONDS = 60.0       # between two checkpoints; more where
CHECKPOINT_SHARE = 0.01         # ... writing them would take more than this of the time


class NotFinite(Exception):
    """A loss is nan or infinite; the message says which, and in which step."""


class NoDevice(WorkbookError):
    """There is no such device, or the framework does not see it."""


class Training:
    """One answer in training in this process. ``begun``: a checkpoint to go on from.

    The run's folder must be this process's alone. It is not locked here, since `train` looks into it before: it holds the lock
    around both. A notebook trains into a new folder each time.

    Raises CheckpointError if that does not fit, NoDevice, and what ``Trainer`` raises.
    """

    def __init__(self, run: Run, begun: Checkpoint | None = None):
        self.run, self.step = run, 0
        adapter = frameworks.load(run.framework)
        if run.device == "cuda" and not adapter.has_gpu():
            raise NoDevice(f"{frameworks.FRAMEWORKS[run.framework]} finds no GPU; use --device cpu")
        if begun:
            checkpoints.fits(begun, run.task)
        self.path = run.path or answer_path(run.task, run.framework)
        with contract.told(self.path):
            self.trainer = Trainer(run.task, run.framework, adapter, run.data.arrays, precision=PRECISION, seed=run.seed,
                                   native=True, path=run.path, device=run.device)
        if begun and begun.step:
            with contract.told(self.path, f"it cannot continue the run in {run.folder}: "):
                self.trainer.go_on(begun.parameters, begun.optimizers)
            self.step = begun.step
        self.recorder = Recorder(run.folder, run.task, self.step)

    def checkpoint(self) -> Checkpoint:
        """The training as it stands now."""
        run, task = self.run, self.run.task
        return Checkpoint(
            task=task.name, size=task.size, framework=run.framework, precision=PRECISION, step=self.step, seed=run.seed,
            batch_size=task.batch_size, data=run.data.name, hyperparameters=task.hyperparameters,
            version=checkpoints.version_of(task), threads=cores(), parameters=self.trainer.parameters(),
            optimizers=self.trainer.state(), answer=run.answer)

    def save(self) -> None:
        """What is logged up to here first: a log may be longer than the checkpoint, never shorter."""
        self.recorder.flush()
        checkpoints.save(self.checkpoint(), self.run.folder / checkpoints.NAME)

    def sheet(self) -> None:
        """A sheet of samples, as the answer makes them now."""
        self.recorder.sheet(self.step, self.outputs())

    def outputs(self) -> dict[str, np.ndarray]:
        """What the sheets show."""
        with contract.told(self.path):
            return self.trainer.outputs(SAMPLES)

    def train(self, on_step: Callable[[int, dict[str, float]], None] = lambda step, losses: None) -> bool:
        """Up to the run's last step, or to the first Ctrl-C, which ends after the step that is being done. Either way the
        checkpoint is written, as it is after the first step, so that --resume goes on whatever kills the run. Returns
        whether the last step was reached.

        Raises NotFinite; the last checkpoint, from before, is then left as it is.
        """
        sheets = sheet_steps(self.run.steps, self.run.sheets)
        started = saved = time.monotonic()
        pause = CHECKPOINT_SECONDS
        try:
            with _interrupts() as interrupted, memory.kept():
                begin = self.outputs() if self.step == 0 else None      # an answer that cannot do one step leaves nothing
                while self.step < self.run.steps and not interrupted:
                    losses = self.advance(time.monotonic() - started)
                    if begin:
                        self.recorder.sheet(0, begin)
                    if self.step in sheets:
                        self.sheet()
                    if (now := time.monotonic()) - saved > pause or begin:
                        self.save()
                        saved = time.monotonic()
                        pause = max(CHECKPOINT_SECONDS, (saved - now) / CHECKPOINT_SHARE)
                    begin = None
                    on_step(self.step, losses)
                self.save()
        finally:
            self.recorder.close()
        return self.step >= self.run.steps

    def advance(self, seconds: float) -> dict[str, float]:
        """One step, logged; ``seconds``: since the beginning of this part of the run. Raises NotFinite."""
        with contract.told(self.path):
            losses = self.trainer.step(self.step)
        self._check(losses)
        self.step += 1
        self.recorder.losses(self.step, seconds, losses)
        return losses

    def _check(self, losses: dict[str, float]) -> None:
        for name, value in losses.items():
            if not math.isfinite(value):
                kept = checkpoints.NAME if (self.run.folder / checkpoints.NAME).is_file() else "no checkpoint"
                raise NotFinite(f"the loss '{name}' is {value} in step {self.step + 1}. {self.run.folder} holds {kept} "
                                "from before this step. Try a smaller learning rate, or look for a division by 0 or a logarithm "
                                "of 0")


def sheet_steps(steps: int, number: int) -> set[int]:
    """After which steps there is a sheet: close to one another in the beginning, when most happens; the last always."""
    return {round(steps * (i / number) ** 2) for i in range(1, number + 1)} - {0} if number else set()


@contextmanager
def _interrupts() -> Iterator[list[int]]:
    """A list that a Ctrl-C (or SIGTERM) puts something in; the second one raises KeyboardInterrupt.

    In the middle of a step it would leave one network updated and the other not.
    """
    came: list[int] = []

    def handler(number: int, frame: object) -> None:
        if came:
            raise KeyboardInterrupt
        came.append(number)

    before = {number: signal.signal(number, handler) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield came
    finally:
        for number, old in before.items():
            signal.signal(number, old)


def load(checkpoint: Checkpoint, task: Task, framework: str, data: Dataset, device: str = "cpu", path: Path | None = None) -> Trainer:
    """The answer of ``framework``, whichever trained it, with the checkpoint's parameters; ``path``: another file than the
    reference answer. To look at: its learning rate is 0, so that a step tells its losses and changes no weight, also not the
    discriminator's before the generator's loss. Raises CheckpointError."""
    checkpoints.fits(checkpoint, task, looking=True)
    still = {"learning_rate": 0.0} if "learning_rate" in task.hyperparameters else {}
    task = replace(task, hyperparameters={**task.hyperparameters, **still})
    with contract.told(path or answer_path(task, framework)):
        trainer = Trainer(task, framework, frameworks.load(framework), data.arrays, precision=PRECISION, seed=checkpoint.seed,
                          native=True, path=path, device=device)
        trainer.set_parameters(checkpoint.parameters)
    return trainer

