"""A training in one file: the parameters in canonical layout, the optimizers' state, and where it stands.

The file is in the safetensors format (arrays and a little text, no pickle), so that whoever loads one runs nothing of
it. Parameters are called as in the question's tables, whichever framework trained them, and load into any other. The
optimizers' state is the framework's own, and serves to go on in it. The text has a checksum of the whole file, with zeros
in the checksum's place.

A checkpoint to look at has float16 numbers, no optimizers, and only the networks that make images: it is small, and no training
goes on from it.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, get_origin

import numpy as np

from harness.data.files import whole
from harness.frameworks import FRAMEWORKS
from harness.messages import WorkbookError
from harness.tasks import SIZES, Task
from harness.training.batches import MAX_SEED

FORMAT = 1
NAME = "checkpoint.safetensors"
PARAMETERS, OPTIMIZERS = "parameters/", "optimizers/"
ABOUT, CHECKSUM = "workbook", "sha256"          # the keys of the file's text; old checkpoints have no checksum
MARK, ZEROS = b'"sha256":"', b"0" * 64


class CheckpointError(WorkbookError):
    """A file that is no checkpoint, or one that does not fit; the message says why."""


@dataclass
class Checkpoint:
    """``step``: how many steps are done. ``parameters``: canonical arrays by name. ``optimizers``: the state of each."""

    task: str
    size: str
    framework: str
    precision: str
    step: int
    seed: int
    batch_size: int
    data: str
    hyperparameters: dict[str, Any]
    version: str                    # of the task: version_of(task)
    threads: int
    parameters: dict[str, np.ndarray] = field(repr=False)
    optimizers: dict[str, dict[str, np.ndarray]] = field(repr=False)
    answer: str | None = None       # the name of the file that was trained, "" for the reference answer; old ones do not say
    format: int = FORMAT


def version_of(task: Task) -> str:
    """Changes whenever the question's task.toml does."""
    return hashlib.sha256((task.folder / "task.toml").read_bytes()).hexdigest()[:12]


def to_look_at(checkpoint: Checkpoint, networks: Iterable[str]) -> Checkpoint:
    """Only these networks, in float16, without the optimizers' state."""
    kept = {name: array.astype(np.float16) for name, array in checkpoint.parameters.items() if name.partition(".")[0] in networks}
    return replace(checkpoint, precision="float16", parameters=kept, optimizers={})


def save(checkpoint: Checkpoint, path: Path) -> None:
    """Write it; what was in ``path`` before stays until the new one is whole."""
    from safetensors.numpy import save as to_bytes  # only who trains has it

    arrays = {PARAMETERS + name: array for name, array in checkpoint.parameters.items()}
    for optimizer, state in checkpoint.optimizers.items():
        arrays |= {f"{OPTIMIZERS}{optimizer}/{name}": array for name, array in state.items()}
    about = {key: value for key, value in vars(checkpoint).items() if key not in ("parameters", "optimizers")}
    data = to_bytes({name: np.asarray(array, order="C") for name, array in arrays.items()},     # (ascontiguousarray makes () to (1,))
                    metadata={ABOUT: json.dumps(about), CHECKSUM: ZEROS.decode()})
    start = data.index(MARK + ZEROS) + len(MARK)
    with whole(path) as file:           # in parts: each copy of a large model costs as much as its checksum
        for part in (data[:start], hashlib.sha256(data).hexdigest().encode(), memoryview(data)[start + len(ZEROS):]):
            file.write(part)


def load(path: Path) -> Checkpoint:
    """``path``: the file, or the folder of a run. Raises CheckpointError if there is none, or it is not whole."""
    path = Path(path)
    if path.is_dir():
        path = path / NAME
    if not path.is_file():
        raise CheckpointError(f"there is no checkpoint {path}")
    data = path.read_bytes()
    try:
        return _read(data)
    except CheckpointError as error:
        raise CheckpointError(f"{path} {error}") from None
    except Exception as error:          # whatever damage makes of a file: safetensors, JSON and NumPy have many
        said = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        raise CheckpointError(f"{path} is not a checkpoint of this workbook, or it is damaged: {said}") from None


def _read(data: bytes) -> Checkpoint:
    from safetensors.numpy import load as from_bytes  # only who trains has it

    length = int.from_bytes(data[:8], "little")
    header = data[8:8 + length]
    start = 8 + header.find(MARK) + len(MARK)
    if MARK in header:
        digest = hashlib.sha256(data[:start] + ZEROS)
        digest.update(memoryview(data)[start + len(ZEROS):])
        if digest.hexdigest().encode() != data[start:start + len(ZEROS)]:
            raise CheckpointError("is damaged: its checksum is wrong; continue from a copy, or start again with --force")
    text = json.loads(header)["__metadata__"]
    if not {ABOUT} <= set(text) <= {ABOUT, CHECKSUM}:
        raise ValueError(f"its metadata has the keys {sorted(text)}")
    about = json.loads(text[ABOUT])
    if about.get("format") != FORMAT:
        raise CheckpointError(f"has format {about.get('format')}; this workbook reads format {FORMAT}")
    _check(about)
    arrays, optimizers = from_bytes(data), dict[str, dict[str, np.ndarray]]()
    for name in (n for n in arrays if n.startswith(OPTIMIZERS)):
        optimizer, _, key = name.removeprefix(OPTIMIZERS).partition("/")
        optimizers.setdefault(optimizer, {})[key] = arrays[name]
    parameters = {n.removeprefix(PARAMETERS): a.astype(np.float32) if a.dtype == np.float16 else a
                  for n, a in arrays.items() if n.startswith(PARAMETERS)}
    return Checkpoint(**about, parameters=parameters, optimizers=optimizers)


def _check(about: dict[str, Any]) -> None:
    """Raise ValueError unless the text has what a checkpoint has, each of its type and possible."""
    types = {f.name: get_origin(f.type) or f.type for f in fields(Checkpoint) if f.name not in ("parameters", "optimizers")}
    wrong = [name for name, kind in types.items() if name != "answer" and type(about.get(name)) is not kind]
    if wrong or not isinstance(about.get("answer"), str | None) or not set(about) <= set(types):
        raise ValueError(f"its metadata has no valid '{wrong[0]}'" if wrong else "its metadata has unknown or invalid entries")
    if about["framework"] not in FRAMEWORKS or about["size"] not in SIZES:
        raise ValueError(f"its framework '{about['framework']}' or its size '{about['size']}' is unknown")
    if about["step"] < 0 or about["batch_size"] < 1 or not 0 <= about["seed"] <= MAX_SEED:
        raise ValueError("its step, batch size or seed is not possible")


def fits(checkpoint: Checkpoint, task: Task, *, looking: bool = False) -> None:
    """Raise CheckpointError unless the parameters are those of ``task``, by name and by shape.

    ``looking``: nothing is trained, so networks may be missing, and the optimizers.
    """
    found = {name: array.shape for name, array in checkpoint.parameters.items()}
    if checkpoint.task != task.name:
        raise CheckpointError(f"the checkpoint is of '{checkpoint.task}', not of '{task.name}'")
    there = {name.partition(".")[0] for name in found}
    missing = [name for name in task.networks if name not in there]
    if checkpoint.step:
        missing += [name for name in task.optimizers if name not in checkpoint.optimizers]
    if missing and not looking:
        raise CheckpointError(f"the checkpoint has no {missing[0]}: it is made to look at, and no training can continue from it")
    for network in task.networks.values():
        for parameter in network.parameters() if network.name in there else ():
            name, shape = parameter.name, tuple(parameter.shape)
            if found.get(name) != shape:
                raise CheckpointError(f"the checkpoint's {name} has shape {found.get(name)}, but the question's has {shape}: "
                                      "it was made with another task.toml")
