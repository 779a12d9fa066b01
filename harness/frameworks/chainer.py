"""Chainer 7, on NumPy 2."""

import contextlib
import weakref
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from harness.chainer_numpy2 import chainer
from harness.frameworks import (
    LAYOUTS,
    Answer,
    Arrays,
    Network,
    OnCall,
    OnUpdate,
    OnValue,
    Optimizer,
    Step,
    Tensor,
    Variable,
)
from harness.tasks import AnswerError, float32

layout = LAYOUTS["chainer"]


def version() -> str:
    return str(chainer.__version__)


_device = chainer.get_device("@numpy")


def configure(precision: str, seed: int, device: str = "cpu") -> None:
    global _device
    chainer.global_config.dtype = np.dtype(precision)
    np.random.seed(seed)                # Chainer's initializers draw from NumPy's global generator
    _device = chainer.get_device("@numpy" if device == "cpu" else "@cupy:0")
    _device.use()


def has_gpu() -> bool:
    return bool(chainer.backends.cuda.available)


def place(network: Network) -> None:
    network.to_device(_device)


def lay_out(network: Network) -> None:
    """Nothing to do: Chainer knows one format."""


def variables(network: Network) -> list[Variable]:
    """In the order of assignment (Chain.params() would sort by name); running averages after gamma and beta.

    Raises AnswerError for a link that has no shape yet.
    """
    if isinstance(network, chainer.ChainList):          # Sequential is one, too
        children = list(network)
    else:
        children = [value for value in vars(network).values() if isinstance(value, chainer.Link)]
    own = [value for value in vars(network).values() if isinstance(value, chainer.Parameter)]
    if any(parameter.array is None for parameter in own):
        raise AnswerError(f"{type(network).__name__} has no shape before its first call: set its input size, in place of None")
    averages = [getattr(network, name) for name in ("avg_mean", "avg_var") if hasattr(network, name)]
    return own + averages + [variable for child in children for variable in variables(child)]


def read(variable: Variable) -> np.ndarray:
    return np.array(array(variable))


def write(variable: Variable, value: np.ndarray) -> None:
    stored = variable.array if isinstance(variable, chainer.Variable) else variable
    stored[...] = _device.send(np.asarray(value))


def align(optimizer: Optimizer) -> None:
    """Round the constants to float32. Adam has "epsilon hat" as Keras's has; RMSprop's epsilon goes inside the root."""
    for name, value in optimizer.hyperparam.get_dict().items():
        setattr(optimizer.hyperparam, name, float32(value))
    if isinstance(optimizer, chainer.optimizers.RMSprop):
        optimizer.hyperparam.eps_inside_sqrt = True


def align_network(network: Network) -> None:
    """Round the layers' constants to float32. Running averages stay: a variance's is unbiased, as in the paper."""
    for link in network.links():
        if isinstance(getattr(link, "eps", None), float):
            link.eps = float32(link.eps)


def build(optimizer: Optimizer, networks: Iterable[Network]) -> None:
    """Nothing to do: nothing is compiled."""


def optimizer_state(optimizer: Optimizer) -> Arrays:
    state = {"t": np.array(optimizer.t)}
    for path, rule in _rules(optimizer):
        state[f"{path}/t"] = np.array(rule.t)
        state |= {f"{path}/{key}": np.array(array(value)) for key, value in (rule.state or {}).items()}
    return state


def set_optimizer_state(optimizer: Optimizer, state: Arrays) -> None:
    """Of an optimizer that has stepped: before, it has no state to be set."""
    optimizer.t = int(state["t"])
    for path, rule in _rules(optimizer):
        rule.t = int(state[f"{path}/t"])
        for key in rule.state or ():
            rule.state[key] = _device.send(state[f"{path}/{key}"])


def _rules(optimizer: Optimizer) -> list[tuple[str, Any]]:
    return [(path.strip("/"), parameter.update_rule) for path, parameter in sorted(optimizer.target.namedparams())]


def batch(arrays: Arrays) -> dict[str, Tensor]:
    return arrays if _device.name == "@numpy" else {name: _device.send(array) for name, array in arrays.items()}


def training_step(answer: Answer) -> Step:
    return answer.train_step


class _Watch(chainer.LinkHook):
    def __init__(self, on_call: OnCall) -> None:
        super().__init__()
        self.on_call = on_call

    def forward_postprocess(self, args: Any) -> None:
        own = [v for v in vars(args.link).values() if isinstance(v, chainer.Parameter)]
        if own and isinstance(args.out, chainer.Variable):
            self.on_call(own, args.out)


def watching(answer: Answer, on_call: OnCall) -> _Watch:
    return _Watch(on_call)              # a link hook is a context manager


@contextlib.contextmanager
def recording(optimizers: Mapping[str, Optimizer], on_value: OnValue | None, on_update: OnUpdate) -> Iterator[None]:
    apply = chainer.FunctionNode.apply
    paused: list[str] = []
    noted: dict[int, Any] = {}

    def note(value: Any) -> None:
        value = value.array if isinstance(value, chainer.Variable) else value
        if value is not None and value.dtype.kind == "f" and noted.get(id(value), lambda: None)() is not value:
            noted[id(value)] = weakref.ref(value)
            on_value(array(value))      # type: ignore[misc]

    def applied(function: Any, inputs: Any) -> Any:
        made = apply(function, inputs)
        for value in (*inputs, *made) if not paused else ():        # what was computed in NumPy shows where it is taken up
            if not isinstance(value, chainer.Parameter):
                note(value)
        return made

    def before(name: str) -> Any:
        def hook(optimizer: Optimizer) -> None:         # after the way back, also where update() is given a loss
            paused.append(name)
            of = [p for _, p in sorted(optimizer.target.namedparams())]
            on_update(name, [(p, np.array(array(p.grad))) for p in of if p.grad is not None])
        return hook

    def stepping(name: str, update: Any) -> Any:
        def step(*arguments: Any, **keywords: Any) -> Any:
            made = update(*arguments, **keywords)
            on_update(name, None)
            paused.clear()
            return made
        return step

    for name, optimizer in optimizers.items():
        optimizer.add_hook(before(name), f"recording {name}", timing="pre")
        optimizer.update = stepping(name, optimizer.update)
    if on_value:
        chainer.FunctionNode.apply = applied
    try:
        yield
    finally:
        chainer.FunctionNode.apply = apply
        for name, optimizer in optimizers.items():
            optimizer.remove_hook(f"recording {name}")
            del optimizer.update


_NAMES = {"alpha": "learning_rate", "lr": "learning_rate", "beta1": "beta1", "beta2": "beta2", "eps": "epsilon", "momentum": "momentum",
          "weight_decay_rate": "weight_decay"}


def constants(optimizer: Optimizer) -> dict[str, float | str]:
    kind, of = type(optimizer).__name__, optimizer.hyperparam.get_dict()
    names = {**_NAMES, "alpha": "decay"} if kind == "RMSprop" else _NAMES
    found: dict[str, float | str] = {"algorithm": kind}
    found |= {names[theirs]: float(value) for theirs, value in of.items() if theirs in names and value is not None}
    for hook in [*(optimizer._pre_update_hooks or {}).values(), *(optimizer._post_update_hooks or {}).values()]:
        if isinstance(hook, chainer.optimizer_hooks.WeightDecay):
            found["weight_decay"] = float(hook.rate)
        elif isinstance(hook, (chainer.optimizer_hooks.GradientClipping, chainer.optimizer_hooks.GradientHardClipping)):
            found["clip"] = float(getattr(hook, "threshold", getattr(hook, "upper_bound", 0.0)))
    return found


def rates(answer: Answer, optimizer: Optimizer, done: int, steps: list[int]) -> list[float]:
    return []       # what changes one belongs to a Trainer, which an answer has none of


eagerly = contextlib.nullcontext       # it always is


@contextlib.contextmanager
def evaluation(networks: Iterable[Network]) -> Iterator[None]:
    with chainer.using_config("train", False), chainer.no_backprop_mode():
        yield


def array(value: Any) -> np.ndarray:
    if isinstance(value, chainer.Variable):
        value = value.array
    return chainer.backends.cuda.to_cpu(value) if not np.isscalar(value) else np.asarray(value)
