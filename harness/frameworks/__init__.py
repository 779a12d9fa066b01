"""One adapter a framework: all that the harness has to know of it, and the only place where it is imported.

    pytorch, tensorflow, keras, chainer   the adapters; each is a module with the names of ``Adapter``
    memory                                what the C library does with memory that is freed
    installation                          a framework brought into this environment, by pip

May use ``tasks``.
"""

import importlib
import importlib.util
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

import numpy as np

from harness.messages import WorkbookError, command, did_you_mean

FRAMEWORKS = {"pytorch": "PyTorch", "tensorflow": "TensorFlow", "keras": "Keras", "chainer": "Chainer"}
LAYOUTS = {"pytorch": "NCHW", "tensorflow": "NHWC", "keras": "NHWC", "chainer": "NCHW"}     # of a batch of maps
IMPORTED = {"pytorch": ("torch",), "tensorflow": ("tensorflow", "keras"), "keras": ("keras", "tensorflow"), "chainer": ("chainer",)}


# What is a framework's own, of which the harness knows no more than an adapter tells.
Network = Any
Variable = Any
Optimizer = Any
Tensor = Any

Arrays = dict[str, np.ndarray]
Step = Callable[[dict[str, Tensor]], dict[str, Tensor]]         # a batch -> its losses
OnCall = Callable[[list[Variable], Tensor], None]
OnValue = Callable[[np.ndarray], None]
OnUpdate = Callable[[str, list[tuple[Variable, np.ndarray]] | None], None]


class Answer(Protocol):
    """What an adapter has to know of an answer; ``harness/training/contract.py`` has the whole."""

    def train_step(self, batch: dict[str, Tensor], /) -> dict[str, Tensor]:
        """One step of training: its losses by name."""


class Adapter(Protocol):
    """What a module of this room has, one a framework."""

    layout: str         # "NCHW" or "NHWC": how it keeps a batch of maps

    def version(self) -> str:
        """The framework's version."""

    def configure(self, precision: str, seed: int, device: str = "cpu") -> None:
        """Floating point type ("float64", "float32"), seed of its own randomness, cpu or cuda."""

    def has_gpu(self) -> bool:
        """Whether cuda is there to be used."""

    def place(self, network: Network) -> None:
        """Put a network that was built on the device."""

    def lay_out(self, network: Network) -> None:
        """Keep its weights in the memory format in which the framework's own convolutions are fastest. Where that changes the format
        of maps too, code that counts on it (``Tensor.view`` in PyTorch) fails, so this is for answers that are known."""

    def variables(self, network: Network) -> list[Variable]:
        """The network's parameters, layer by layer as they were declared; in a layer weight, bias; gamma, beta, mean, variance;
        scalars (counters) left out. Raises AnswerError for a layer that has no shape before its first call."""

    def read(self, variable: Variable) -> np.ndarray:
        """A NumPy copy of it."""

    def write(self, variable: Variable, array: np.ndarray, /) -> None:
        """An array of the same shape into it."""

    def optimizer_state(self, optimizer: Optimizer) -> Arrays:
        """All that a training needs to go on, NumPy arrays by names of its own."""

    def set_optimizer_state(self, optimizer: Optimizer, state: Arrays) -> None:
        """The same back into an optimizer that has stepped: before, it has no state to be set, or was not built yet."""

    def align(self, optimizer: Optimizer) -> None:
        """Make an optimizer compute what the others compute, see docs/lockstep.md."""

    def align_network(self, network: Network) -> None:
        """The same for its layers: constants, running averages."""

    def build(self, optimizer: Optimizer, networks: Iterable[Network]) -> None:
        """Make the state of an optimizer that trains ``networks`` now, where a step that is compiled would otherwise be traced
        twice: once to make it, once without."""

    def batch(self, arrays: Arrays) -> dict[str, Tensor]:
        """NumPy arrays as the framework's tensors."""

    def training_step(self, answer: Answer) -> Step:
        """answer.train_step, compiled where the framework's own training loop would."""

    def watching(self, answer: Answer, on_call: OnCall) -> AbstractContextManager[None]:
        """In it, each call of a layer that holds variables ends with on_call(its variables, its output before the activation);
        nothing is compiled."""

    def recording(self, optimizers: Mapping[str, Optimizer], on_value: OnValue | None,
                  on_update: OnUpdate) -> AbstractContextManager[None]:
        """In it, each result of an operation on floating point numbers is given to on_value, if there is one, as it was computed. A
        step of one of ``optimizers`` begins with on_update(its name, [(variable, gradient)]) and ends with on_update(its name, None);
        what it computes itself is left out."""

    def constants(self, optimizer: Optimizer) -> dict[str, float | str]:
        """What an optimizer goes by, as it was built: ``algorithm``, and those that there are of learning_rate, beta1, beta2,
        epsilon, decay, momentum, weight_decay, clip."""

    def rates(self, answer: Answer, optimizer: Optimizer, done: int, steps: list[int]) -> list[float]:
        """The learning rate at the beginning and after so many training steps more, where ``answer`` changes it by a rule that can be
        read, and has done so in the ``done`` training steps that it has made; else an empty list."""

    def eagerly(self) -> AbstractContextManager[None]:
        """In it, nothing is compiled."""

    def evaluation(self, networks: Iterable[Network]) -> AbstractContextManager[None]:
        """In it, they evaluate: no training mode, no gradients."""

    def array(self, value: Tensor) -> np.ndarray:
        """Any result as a NumPy array."""


class NotInstalled(WorkbookError):
    """A framework that is not in this environment; the message says how to install it."""


class NotImportable(WorkbookError):
    """A framework that is in this environment, and raises as it is imported; the message says what, and what is in its way."""


def load(name: str) -> Adapter:
    """The adapter of the framework ``name``; importing it imports the framework. Raises NotImportable."""
    try:
        return cast(Adapter, importlib.import_module(f"harness.frameworks.{name}"))
    except (Exception, SystemExit) as error:        # whatever a file of the user's does
        raise NotImportable(f"{type(error).__name__}: {error}{_in_the_way(error)}") from error


def _in_the_way(error: BaseException) -> str:
    """What lies in the current folder and was imported, or raised as it was, perhaps in place of a library's."""
    paths = [Path(file) for name, module in list(sys.modules.items())
             if name.partition(".")[0] != "harness" and (file := getattr(module, "__file__", None))]
    paths += [Path(frame.filename) for frame in traceback.extract_tb(error.__traceback__) if Path(__file__).parent.parent not in
              Path(frame.filename).parents]
    here = sorted({str(p) for p in paths if Path.cwd() in (p.parent, p.parent.parent if p.name == "__init__.py" else None)})
    return f"; {', '.join(here)} was imported in place of a library; rename it" if here else ""


if TYPE_CHECKING:       # mypy: has each module all that an adapter has?
    from harness.frameworks import chainer, keras, pytorch, tensorflow

    _pytorch: Adapter = pytorch
    _tensorflow: Adapter = tensorflow
    _keras: Adapter = keras
    _chainer: Adapter = chainer


def named(name: str) -> str:
    """The framework's name as the harness writes it. Raises WorkbookError if it knows none of that name."""
    if name.lower() not in FRAMEWORKS:
        raise WorkbookError(f"unknown framework '{name}': {did_you_mean(name, FRAMEWORKS)}")
    return name.lower()


def installed() -> tuple[str, ...]:
    """The frameworks of this environment; none is imported to see it."""
    return tuple(name for name, modules in IMPORTED.items() if all(map(importlib.util.find_spec, modules)))


def require(names: Iterable[str]) -> None:
    """Raise NotInstalled unless all these frameworks are there."""
    there = installed()
    missing = [name for name in names if name not in there]
    if missing:
        titles = " and ".join(FRAMEWORKS[name] for name in missing)
        raise NotInstalled(f"{titles} {'is' if len(missing) == 1 else 'are'} not installed; install with `{command('install', *missing)}`")
