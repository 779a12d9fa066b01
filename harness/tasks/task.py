"""A task as the harness knows it: what ``questions/<task>/task.toml`` says, at one of its sizes."""

import os
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from harness.messages import WorkbookError, did_you_mean
from harness.tasks import described
from harness.tasks.content import ROOT
from harness.tasks.network import Network, NetworkError, Shape, arithmetic, evaluate

# check: seconds, for lockstep and tests; short: a minute or less, to see something; full: what the question asks.
SIZES = ("check", "short", "full")


class TaskError(WorkbookError):
    """A task that does not exist or whose task.toml is wrong; one line that says where and what to do."""


class AnswerError(WorkbookError):
    """An answer is not what the question asks for; the message says what differs and where."""


def float32(value: Any) -> Any:
    """``value``, a float rounded once to the nearest float32: then it is the same number in every framework.

    TensorFlow and Keras keep some constants (slopes, betas, learning rates) as float32 even in float64 runs.
    """
    return float(np.float32(value)) if isinstance(value, float) else value


@dataclass(frozen=True)
class Noise:
    """One random entry of a batch: ``distribution`` (normal, uniform, bernoulli) of ``shape`` an image.

    ``once``: where a step has several batches, this entry is there once, for the last part of the step.
    """

    distribution: str
    shape: Shape
    options: dict[str, Any] = field(default_factory=dict)       # uniform: low, high; bernoulli: probability
    once: bool = False


@dataclass(frozen=True)
class Ability:
    """What an answer can do besides training.

    ``inputs``: batch entries, or abilities whose output goes in; ``arguments``: further arguments, whole numbers. ``large``: with
    these, for one image, no layer may give ``whole`` numbers at once, or more: that would be all of it, which the question
    asks to compute in parts; empty where it does not.
    """

    name: str
    inputs: tuple[str, ...]
    output: Shape
    arguments: dict[str, int] = field(default_factory=dict)
    large: dict[str, int] = field(default_factory=dict)
    whole: int = 0


@dataclass(frozen=True)
class Task:
    """A question at one of its sizes, with all arithmetic done. Shapes are canonical, without the batch."""

    name: str
    size: str
    folder: Path
    title: str
    class_name: str                     # of the answer
    pixels: tuple[float, float]         # the range of pixel values in a batch
    losses: tuple[str, ...]
    batch_size: int
    steps: int
    number: int | None                  # images to load; None: what the data set has by default
    hyperparameters: dict[str, Any]     # the arguments of the answer's constructor, floats rounded to float32
    networks: dict[str, Network]
    optimizers: dict[str, dict[str, Any]]
    initializers: dict[str, Any]
    batch: dict[str, str | Noise]       # entry -> "images", "labels", "masks" (a plane a class), or noise
    passes: dict[str, dict[str, int]]   # network -> what for -> how often in one training step, see harness/tasks/cost.py
    training: int                       # steps of training that the question asks for, at full size
    repeat: int | None                  # batches in one training step (critic steps), or None: one, without an axis for it
    abilities: dict[str, Ability]
    samples: dict[str, Any]             # the picture: which ability, how many images
    data: dict[str, Any]                # default data set, augmentation
    setting: str | None = None          # the data set whose own setting this is, or None: the question's
    written: dict[str, Any] = field(default_factory=dict)       # the hyper-parameters as task.toml has them, not rounded
    elbo: str | None = None             # the loss that is minus the evidence lower bound, in nats an image

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(channels, height, width)"""
        h = self.hyperparameters
        return h["channels"], h["height"], h["width"]

    @property
    def sizes(self) -> dict[int, str]:
        """Sizes that sums and means run over, and what these are; not those of one."""
        (c, h, w), n, latent = self.image_shape, self.batch_size, int(self.hyperparameters.get("latent", 0))
        found = {n: "the batch", c * h * w: "the values of an image", h * w: "the pixels", n * c * h * w: "the batch and its values",
                 n * latent: "the batch and the latent variables", latent: "the latent variables", c: "the channels"}
        return {size: what for size, what in found.items() if size > 1}

    @property
    def root(self) -> Path:
        """The folder that holds questions/, and so answers/ and datasets/."""
        return self.folder.parent.parent


def names(root: Path = ROOT) -> list[str]:
    """The tasks under ``root``/questions, in the order of their numbers; not those that say ``draft = true``.

    A draft has no finished question yet; it can be compared by its name all the same.
    """
    found = []
    for path in (Path(root) / "questions").glob("*/task.toml"):
        toml = read(path)
        if toml.get("draft") is not True:
            number = toml.get("number")
            found.append((number if isinstance(number, int) else 0, path.parent.name))
    return [name for _, name in sorted(found)]


def named(name: str, root: Path = ROOT) -> str:
    """The task that is meant by ``name``, in whatever case, as a paper writes it (WGAN-GP) or as a shell completes it (./gan/).

    All commands take names through this. Raises TaskError if there is none; a path to elsewhere is none.
    """
    there, asked = with_drafts(root), _asked(name)
    if name not in there and asked not in there:
        raise _unknown(name, root)
    return name if name in there else asked


def _asked(name: str) -> str:
    return plain(name).removeprefix("./").rstrip("/")


def _unknown(name: str, root: Path) -> TaskError:
    return TaskError(f"unknown task '{name}': {did_you_mean(_asked(name).rpartition('/')[2], names(root))}")


def with_drafts(root: Path = ROOT) -> set[str]:
    """The names of all tasks, also of those that ``names`` leaves out."""
    return {path.parent.name for path in (Path(root) / "questions").glob("*/task.toml")
            if path.parent.name.isidentifier() and path.is_file()}


def plain(name: str) -> str:
    """A name as folders and files of tasks have it: lower case, "_" for "-"."""
    return name.strip().lower().replace("-", "_")


def read(path: Path) -> dict[str, Any]:
    """A TOML file's content. Raises TaskError if it is none."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise TaskError(f"{path}: not valid TOML: {error}") from None


def load(name: str, size: str = "check", root: Path = ROOT, data: str | None = None, **others: int) -> Task:
    """The task ``name`` at ``size`` (one of SIZES), with ``others`` in place of its hyper-parameters. What a user types goes
    through ``named`` first.

    ``data``: the data set that it is to train on. The question may have another setting for it than for its own: see
    [full.data.newts] in gan's task.toml.

    Raises TaskError if there is none of that name, or if its task.toml lacks something, has nonsense or contradicts itself.
    """
    folder = Path(root) / "questions" / name
    path = folder / "task.toml"
    if not name.isidentifier() or not os.path.isfile(path):       # "ae/" and "../questions/ae" are no names
        raise _unknown(name, root)
    toml = read(path)
    try:
        described.check(toml)
        sized = toml[size]
        special = sized.get("data", {}).get(data, {})
        written = {**toml.get("hyperparameters", {}), **sized["hyperparameters"], **special.get("hyperparameters", {}), **others}
        hyperparameters = {k: float32(v) for k, v in written.items()}
        sized = {**sized, **special}
        shape_names = {k: v for k, v in hyperparameters.items() if isinstance(v, int)}
        return Task(
            name=name, size=size, folder=folder, title=toml["title"], class_name=toml["class"],
            pixels=tuple(toml["pixels"]), losses=tuple(toml["losses"]),
            batch_size=sized["batch_size"], steps=sized["steps"], number=sized.get("number"),
            hyperparameters=hyperparameters,
            networks={n: Network(n, tables, shape_names) for n, tables in toml["networks"].items()},
            optimizers=toml["optimizers"], initializers=toml["initializers"],
            batch={n: _batch_entry(v, shape_names, hyperparameters) for n, v in toml["batch"].items()},
            passes={n: {k: evaluate(v, shape_names) for k, v in of.items()}
                    for n, of in toml.get("passes", {}).items()},
            training=toml["full"]["steps"], repeat=evaluate(toml.get("repeat"), shape_names),
            abilities={n: _ability(n, v, toml.get("in_parts", {}).get(n, {}), shape_names)
                       for n, v in toml.get("abilities", {}).items()},
            samples=toml["samples"], data=toml["data"], written=written, elbo=toml.get("elbo"), setting=data if special else None)
    except (described.DescriptionError, NetworkError) as error:
        raise TaskError(f"{path}: {error}") from None


def load_all(names: Iterable[str], size: str, root: Path = ROOT, data: str | None = None) -> list[Task]:
    """Several tasks at one size. Raises TaskError."""
    return [load(name, size, root, data) for name in names]


def answer_path(task: Task, framework: str) -> Path:
    """Where the reference answer lies, beside the task's question: answers/<task>/<task>_<framework>.py."""
    return task.root / "answers" / task.name / f"{task.name}_{framework}.py"


def trained_path(task: str, root: Path = ROOT) -> Path:
    """Where a small trained network of a task lies, to look at; not every task has one."""
    return Path(root) / "questions" / task / "trained.safetensors"


def stub_path(task: Task, framework: str) -> Path:
    """Where a student edition, which has no answers, has what a learner begins with."""
    return task.root / "stubs" / task.name / f"{task.name}_{framework}.py"


def _ability(name: str, value: dict[str, Any], in_parts: dict[str, Any], names: dict[str, int]) -> Ability:
    arguments, large = ({k: evaluate(a, names) for k, a in of.get("arguments", {}).items()} for of in (value, in_parts))
    return Ability(name, tuple(value["inputs"]), evaluate(value["output"], names), arguments, large,
                   evaluate(in_parts.get("whole", 0), {**names, **large}))


def _batch_entry(value: Any, names: dict[str, int], numbers: dict[str, Any]) -> str | Noise:
    if isinstance(value, str):
        return value
    value = dict(value)
    entry = Noise(value.pop("distribution"), evaluate(value.pop("shape"), names), once=value.pop("once", False),
                  options={k: arithmetic(v, numbers) for k, v in value.items()})
    if not 0 <= (share := entry.options.get("probability", 0)) <= 1:
        raise NetworkError(f"the probability of a batch entry is {share}, but must be from 0 to 1")
    return entry
