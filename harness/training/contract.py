"""The contract of an answer: all that the harness asks of a learner's file, and of ours.

An answer to a task is one class, named as the question says, in one file. Its constructor takes the task's
hyper-parameters by name. An instance has

- its networks and its optimizers as attributes, named as the question names them, with the layers of the question's table,
  declared in whatever order;
- ``train_step(batch) -> {loss name: value}``: one step of training. ``batch`` is a dict of the framework's own tensors
  in the framework's own layout; it holds the images and *all* noise, so that a step has no randomness of its own;
- the task's abilities as methods (``encode``, ``reconstruct``, ``generate``, ...), from tensors to tensors.

That is all: no base class, nothing to import from here.
"""

import importlib
import io
import linecache
import re
import sys
import tokenize
import traceback
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from harness.frameworks import Adapter, Variable
from harness.messages import WorkbookError
from harness.tasks import AnswerError, Task, answer_path, parameters

PREFIX = "answer_"      # of the names that answers have as modules
MOST = 400              # characters of an exception that are shown

# What TensorFlow says where something asks for a tensor's value while tf.function compiles.
NO_VALUE = re.compile(r"SymbolicTensor|symbolic `?tf\.Tensor|is out of scope and cannot be used")
COMPILED = ("train_step is compiled here (tf.function), and `check` runs it uncompiled: while it is compiled, tensors have no values "
            "yet. Compute with tf or keras.ops in place of NumPy, .numpy() and formatting, and return the loss as a tensor")


class ContractError(AnswerError):
    """An answer is not what the contract asks for; the message says what is missing and where."""


@dataclass(frozen=True)
class Asked:
    """What a question asks of an answer: all that a process which runs one has to know, and nothing that is right or wrong.

    ``abilities``: by name, their further arguments.
    """

    name: str
    class_name: str
    hyperparameters: dict[str, Any]
    networks: tuple[str, ...]
    optimizers: tuple[str, ...]
    abilities: dict[str, dict[str, int]]
    losses: tuple[str, ...]

    @classmethod
    def by(cls, task: Task) -> "Asked":
        """What ``task`` asks."""
        return cls(task.name, task.class_name, task.hyperparameters, tuple(task.networks), tuple(task.optimizers),
                   {name: ability.arguments for name, ability in task.abilities.items()}, task.losses)


def load_class(task: Task, framework: str, path: Path | None = None) -> type:
    """The answer's class, from ``path`` or from where the reference answer lies."""
    return load_from(Path(path or answer_path(task, framework)), Asked.by(task), framework)


def load_from(path: Path, asked: Asked, framework: str, folder: Path | None = None, source: bytes | None = None) -> type:
    """The answer's class, from ``path``; it may import what lies beside it, or in ``folder``. ``source``: what ``path`` holds,
    where it cannot be read from here.

    Raises ContractError if there is no such file or no such class in it; what the file itself raises goes through.
    """
    if source is None and not path.is_file():
        raise ContractError(f"there is no answer {path}")
    module = _execute(path, f"{PREFIX}{asked.name}_{framework}", folder, path.read_bytes() if source is None else source)
    found = getattr(module, asked.class_name, None)
    if not isinstance(found, type):
        raise ContractError(f"{path.name} defines no class {asked.class_name}, which question '{asked.name}' asks for")
    return found


def _execute(path: Path, name: str, folder: Path | None, source: bytes) -> ModuleType:
    """The module in ``path``, from its source as it is now.

    Python's own loader takes bytecode for current if the source has the same size and was saved in the same second, so
    that a file that was saved twice would be the old one. Here bytecode is neither read nor written.
    """
    linecache.cache[str(path)] = (len(source), None, _lines_of(source), str(path))  # where tracebacks and tf.function read it
    module = ModuleType(name)
    module.__file__ = str(path)
    sys.modules[name] = module                      # where dataclasses and pickle look a class's module up
    code = compile(source, str(path), "exec", dont_inherit=True)
    _find_beside(folder or path.resolve().parent)
    exec(code, module.__dict__)
    return module


def _lines_of(source: bytes) -> list[str]:
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
        return io.TextIOWrapper(io.BytesIO(source), encoding, errors="replace").read().splitlines(keepends=True)
    except SyntaxError:             # an encoding that there is not: compile says so
        return []


def _find_beside(folder: Path) -> None:
    """Let modules in ``folder`` be imported, after all others (no torch.py there hides PyTorch), and as they are now."""
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
    for name, module in list(sys.modules.items()):
        if not name.startswith(PREFIX) and (file := getattr(module, "__file__", None)) and Path(file).parent == folder:
            del sys.modules[name]
    importlib.invalidate_caches()


def attributes(answer: object, names: Collection[str], kind: str) -> dict[str, Any]:
    """The attributes ``names`` of an answer ("network", "optimizer", "ability"), by name."""
    missing = [name for name in names if getattr(answer, name, None) is None]
    if missing:
        raise ContractError(f"{type(answer).__name__} has no {kind} '{missing[0]}'; the question names {', '.join(names)}")
    return {name: getattr(answer, name) for name in names}


def variables_of(answer: object, task: Task, adapter: Adapter) -> dict[str, Variable]:
    """The framework's variables by canonical name, in canonical order.

    Raises ParameterMismatch if a network has other parameters than the question's table.
    """
    found: dict[str, Variable] = {}
    networks = attributes(answer, task.networks, "network")
    for name, spec in task.networks.items():
        variables = adapter.variables(networks[name])
        order = parameters.order(spec, [tuple(v.shape) for v in variables], adapter.layout)
        found |= zip((p.name for p in spec.parameters()), (variables[i] for i in order))
    return found


def check_losses(losses: Any, task: Task | Asked, adapter: Adapter, precision: str) -> None:
    """Raise ContractError unless a training step gave the question's losses, each one number of the run's precision."""
    if not isinstance(losses, dict) or set(losses) != set(task.losses):
        came = f"{sorted(map(str, losses))}" if isinstance(losses, dict) else f"a {type(losses).__name__}"
        raise ContractError(f"train_step returned {came}; the question asks for a dict with {', '.join(task.losses)}")
    for name, loss in losses.items():
        exact = isinstance(loss, float)         # Python's own, or NumPy's: loss.item() has the digits of any precision
        value = adapter.array(loss)
        if value.shape != ():
            raise ContractError(f"loss '{name}' has shape {value.shape}, but must be one number: take the mean or the sum")
        if value.dtype.kind not in "fiub":
            raise ContractError(f"loss '{name}' is a {type(loss).__name__}, but must be a number")
        if not exact and value.dtype != np.dtype(precision):
            raise ContractError(f"loss '{name}' is {value.dtype} in a {precision} run: the answer casts a value, or uses a "
                                "constant of this type (NumPy's are float64)")


def losses_of(losses: Any, task: Task | Asked, adapter: Adapter, precision: str, checked: bool) -> dict[str, float]:
    """What a training step gave as Python's numbers, in the question's order. ``checked``: a step before it passed ``check_losses``.

    Raises ContractError as that does.
    """
    if not checked:
        check_losses(losses, task, adapter, precision)
    try:
        return {name: float(adapter.array(losses[name]).item()) for name in task.losses}
    except (KeyError, TypeError, ValueError):       # another step than the first gave something else
        check_losses(losses, task, adapter, precision)
        raise


@contextmanager
def told(path: Path, why: str = "") -> Iterator[None]:
    """What the answer in ``path`` raises here becomes an AnswerError of one line, sys.exit() too: file, line, exception.

    ``why``: what is said before the exception.
    """
    try:
        yield
    except KeyboardInterrupt:
        raise
    except AnswerError as error:
        raise AnswerError(f"{path}: {why}{error}") from error
    except WorkbookError:
        raise
    except BaseException as error:
        lines = _lines(error, path)
        raise AnswerError(f"{path}{f':{lines[-1]}' if lines else ''}: {why}{_said(error)}") from error


def _lines(error: BaseException, path: Path) -> list[int]:
    """Where in ``path`` the error came from, the innermost last. TensorFlow has it in the message, of what it compiled."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    if isinstance(error, SyntaxError) and error.filename == str(path):
        lines.append(error.lineno)
    return [n for n in lines if n] or [int(n) for n in re.findall(rf'File "{re.escape(str(path))}", line (\d+)', str(error))]


def _said(error: BaseException) -> str:
    """The exception in one line."""
    kind, text = type(error).__name__, str(error)
    if isinstance(error, SystemExit):
        return f"the file ends the program with sys.exit({'' if error.code is None else error.code})"
    if isinstance(error, SyntaxError):
        text = error.msg
    if text.startswith(("in user code:", "Graph execution error:")):    # TensorFlow: where, and at last what
        text = text.strip().split("\n\n")[-1].strip().removeprefix(f"{kind}: ")
    text = " ".join(text.split())
    if NO_VALUE.search(text):       # its first sentence; what TensorFlow advises after that is not for here
        return f"{kind}: {text.partition('. ')[0].removesuffix('.')[:MOST]}. {COMPILED}"
    if isinstance(error, NotImplementedError):
        kind = "not written yet"
    return f"{kind}{': ' if text else ''}{text[:MOST]}{'...' if len(text) > MOST else ''}"
