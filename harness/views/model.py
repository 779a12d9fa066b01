"""A trained answer with images that it has not seen: what all views and measures begin with."""

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from harness import tasks
from harness.data import Dataset
from harness.frameworks import require
from harness.messages import WorkbookError
from harness.pictures.arrays import COLUMNS, to_uint8
from harness.tasks import ROOT, Noise, Task
from harness.training import checkpoint as checkpoints
from harness.training import run as runs
from harness.training import task_data
from harness.training.batches import draw
from harness.training.checkpoint import Checkpoint
from harness.training.trainer import Trainer
from harness.work import files

CODES = 2000                # images whose codes are drawn


@dataclass
class Model:
    """A trained answer, real images that it has not seen, and where pictures go.

    ``seed``: of the walks' ends. ``missing``: networks that the checkpoint lacks; then no loss has a meaning.
    """

    trainer: Trainer
    data: Dataset
    folder: Path
    seed: int = 0
    missing: tuple[str, ...] = ()

    @property
    def task(self) -> Task:
        """The question, at the size that was trained."""
        return self.trainer.task

    @cached_property
    def batch(self) -> dict[str, np.ndarray]:
        """The first images of the data with the samples' noise, canonical; the images as floats."""
        return self.given(max(16, COLUMNS))

    def given(self, number: int) -> dict[str, np.ndarray]:
        """The first ``number`` images with the samples' noise, canonical, by the batch's names."""
        return {name: self.trainer.canonical(array) for name, array in self.trainer.batches.samples(number).items()}

    @cached_property
    def codes(self) -> np.ndarray:
        """What ``encode`` makes of the first CODES images, or of all if there are fewer."""
        number = min(CODES, len(self.data.images))
        return self.trainer.ask("encode", self.given(number))

    @property
    def decoder(self) -> tuple[str, str] | None:
        """(ability, its input) that makes an image of one vector, or None. ``generate`` before ``decode``."""
        for name, input_ in (("generate", None), ("decode", "encode")):
            ability = self.task.abilities.get(name)
            vectors = [i for i in ability.inputs if self._is_vector(i)] if ability else []
            if ability and len(vectors) == 1 and (input_ is None or ability.inputs == (input_,)):
                return name, vectors[0]
        return None

    def _is_vector(self, name: str) -> bool:
        what = self.task.batch.get(name)
        shape = self.task.abilities["encode"].output if name == "encode" else what.shape if isinstance(what, Noise) else ()
        return len(shape) == 1

    def decode(self, codes: np.ndarray) -> np.ndarray:
        """(N, latent) -> images, uint8 (N, H, W, C). What else the ability is given stays the same for all."""
        assert self.decoder
        name, vector = self.decoder
        others = {i: np.repeat(self.batch[i][:1], len(codes), axis=0) for i in self.task.abilities[name].inputs if i != vector}
        return to_uint8(self.trainer.ask(name, {**others, vector: codes}), self.task.pixels)

    def draw(self, number: int) -> np.ndarray:
        """Codes as training draws them; of an autoencoder, which draws none, as its codes are spread."""
        assert self.decoder
        _, vector = self.decoder
        rng = np.random.default_rng(self.seed)
        if vector == "encode":
            return np.asarray(self.codes.mean(0) + self.codes.std(0) * rng.standard_normal((number, self.codes.shape[1])))
        noise = self.task.batch[vector]
        assert isinstance(noise, Noise)
        return draw(noise, number, rng)


def load(path: Path, name: str | None = None, framework: str | None = None, *, data: str | None = None, data_dir: Path | None = None,
         folder: Path = Path(), seed: int = 0, number: int | None = None, root: Path = ROOT,
         file: Path | None = None) -> tuple[Model, Checkpoint]:
    """The model of a checkpoint (a file, or the folder of a run) and the checkpoint; ``number`` images of the test split.

    framework: which answer computes; by default the one that was trained. file: an answer in it, in place of ours. Raises
    WorkbookError, also where the checkpoint is of another task than ``name``.
    """
    begun = checkpoints.load(path)
    if name and begun.task != name:
        raise WorkbookError(f"{path} is a checkpoint of '{begun.task}', not of '{name}'")
    framework = framework or begun.framework
    require([framework])
    task = replace(tasks.load(begun.task, begun.size, root, data=begun.data), batch_size=begun.batch_size)
    images = task_data.load(task, data or begun.data, data_dir, split="test", number=number)
    trained = {parameter.partition(".")[0] for parameter in begun.parameters}
    return Model(runs.load(begun, task, framework, images, path=file or _own(task, framework)), images, folder, seed,
                 tuple(network for network in task.networks if network not in trained)), begun


def _own(task: Task, framework: str) -> Path | None:
    """The learner's answer where there is none of ours, as in a student edition; else None."""
    if tasks.answer_path(task, framework).is_file():
        return None
    own = files.file_of(task.name, framework, files.WORK)
    if not own.is_file() or own.suffix != ".py":
        raise WorkbookError(f"an answer has to compute, and there is no {own.with_suffix('.py')} here: "
                            "--file names the one that was trained")
    return own
