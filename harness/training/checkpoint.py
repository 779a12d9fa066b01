"""A training in one file: the parameters in canonical layout, the optimizers' state, and where it stands.

The file is in the safetensors format (arrays and a little text, no pickle), so that whoever loads one runs nothing of
it. Parameters are called as in the question's tables, whichever framework trained them, and load into any other. The
optimizers' state is the framework's own, and serves to go on in it.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from harness.data.files import whole
from harness.messages import WorkbookError
from harness.tasks import Task

FORMAT = 1
NAME = "checkpoint.safetensors"
PARAMETERS, OPTIMIZERS = "parameters/", "optimizers/"


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
    format: int = FORMAT


def version_of(task: Task) -> str:
    """Changes whenever the question's task.toml does."""
    return hashlib.sha256((task.folder / "task.toml").read_bytes()).hexdigest()[:12]


def save(checkpoint: Checkpoint, path: Path) -> None:
    """Write it; what was in ``path`` before stays until the new one is whole."""
    from safetensors.numpy import save as to_bytes  # only who trains has it

    arrays = {PARAMETERS + name: array for name, array in checkpoint.parameters.items()}
    for optimizer, state in checkpoint.optimizers.items():
        arrays |= {f"{OPTIMIZERS}{optimizer}/{name}": array for name, array in state.items()}
    about = {key: value for key, value in asdict(checkpoint).items() if key not in ("parameters", "optimizers")}
    data = to_bytes({name: array.copy(order="C") for name, array in arrays.items()},
                    metadata={"workbook": json.dumps(about)})
    with whole(path) as file:
        file.write(data)


def load(path: Path) -> Checkpoint:
    """``path``: the file, or the folder of a run. Raises CheckpointError if there is none, or it is not whole."""
    from safetensors import SafetensorError, safe_open

    path = Path(path)
    if path.is_dir():
        path = path / NAME
    if not path.is_file():
        raise CheckpointError(f"there is no checkpoint {path}")
    try:
        with safe_open(path, "numpy") as file:
            about = json.loads((file.metadata() or {})["workbook"])
            arrays = {name: file.get_tensor(name) for name in file.keys()}     # noqa: SIM118
    except (SafetensorError, KeyError, ValueError) as error:
        raise CheckpointError(f"{path} is not a checkpoint of this workbook, or it is damaged: {error}") from None
    if about.get("format") != FORMAT:
        raise CheckpointError(f"{path} has format {about.get('format')}; this workbook reads format {FORMAT}")
    optimizers: dict[str, dict[str, np.ndarray]] = {}
    for name in (n for n in arrays if n.startswith(OPTIMIZERS)):
        optimizer, _, key = name.removeprefix(OPTIMIZERS).partition("/")
        optimizers.setdefault(optimizer, {})[key] = arrays[name]
    parameters = {n.removeprefix(PARAMETERS): a for n, a in arrays.items() if n.startswith(PARAMETERS)}
    return Checkpoint(**about, parameters=parameters, optimizers=optimizers)


def fits(checkpoint: Checkpoint, task: Task) -> None:
    """Raise CheckpointError unless the parameters are those of ``task``, by name and by shape."""
    expected = {p.name: tuple(p.shape) for network in task.networks.values() for p in network.parameters()}
    found = {name: array.shape for name, array in checkpoint.parameters.items()}
    if checkpoint.task != task.name:
        raise CheckpointError(f"the checkpoint is of '{checkpoint.task}', not of '{task.name}'")
    for name, shape in expected.items():
        if found.get(name) != shape:
            raise CheckpointError(f"the checkpoint's {name} has shape {found.get(name)}, and the question's has {shape}: "
                                  "it was made with another task.toml")
