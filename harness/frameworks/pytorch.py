"""PyTorch."""

import contextlib
import copy
import math
import random
import warnings
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from harness.frameworks import LAYOUTS, Answer, Arrays, OnCall, OnUpdate, OnValue, Step
from harness.tasks import AnswerError, float32

layout = LAYOUTS["pytorch"]


def version() -> str:
    return torch.__version__


def configure(precision: str, seed: int, device: str = "cpu") -> None:
    torch.set_default_dtype(getattr(torch, precision))
    torch.manual_seed(seed)
    np.random.seed(seed)                # an answer may draw from these, too
    random.seed(seed)
    if device != "cpu":                 # only then: a default device costs time at every call
        torch.set_default_device(device)


def has_gpu() -> bool:
    return torch.cuda.is_available()


def place(network: torch.nn.Module) -> None:
    """Nothing to do: it was built on the default device."""


def lay_out(network: torch.nn.Module) -> None:
    """Channels last: the maps that its convolutions make are NHWC in memory. Pooling, activations and strided convolutions are
    faster so, up to twice; with a single image, and so many weights for so few points, slower."""
    network.to(memory_format=torch.channels_last)       # type: ignore[call-overload]  # its stub has no such argument


def variables(network: torch.nn.Module) -> list[torch.Tensor]:
    """Layer by layer as declared. Raises AnswerError for a layer that has no shape yet."""
    found: list[torch.Tensor] = []
    for module in network.modules():
        if any(map(torch.nn.parameter.is_lazy, module.parameters(recurse=False))):
            raise AnswerError(f"{type(module).__name__} has no shape before its first call: use the layer that takes its input size")
        found += module.parameters(recurse=False)
        found += (b for b in module.buffers(recurse=False) if b.ndim)
    return found


def read(variable: torch.Tensor) -> np.ndarray:
    return variable.detach().cpu().numpy().copy()


def write(variable: torch.Tensor, array: np.ndarray) -> None:
    with torch.no_grad():
        variable.copy_(torch.from_numpy(np.array(array)))


def align(optimizer: torch.optim.Optimizer) -> None:
    """Round the constants to float32; put the epsilon of Adam and RMSprop where Keras has it."""
    for group in optimizer.param_groups:
        for key, value in group.items():
            if key != "params":
                group[key] = tuple(map(float32, value)) if isinstance(value, tuple) else float32(value)
    if isinstance(optimizer, torch.optim.Adam):
        _align_adam(optimizer)
    elif isinstance(optimizer, torch.optim.RMSprop):
        _align_rmsprop(optimizer)


def _align_adam(optimizer: torch.optim.Optimizer) -> None:
    """PyTorch adds epsilon to sqrt(v / (1 - beta2^t)), the others to sqrt(v) before the bias correction ("epsilon hat",
    Kingma & Ba 2014, end of section 2). Dividing epsilon by sqrt(1 - beta2^t) before each step makes the two the same.
    """
    epsilons = [group["eps"] for group in optimizer.param_groups]

    def epsilon_hat(optimizer: torch.optim.Optimizer, args: Any, kwargs: Any) -> None:
        for group, epsilon in zip(optimizer.param_groups, epsilons):
            steps = (int(optimizer.state[p]["step"]) for p in group["params"] if optimizer.state.get(p))
            step = 1 + max(steps, default=0)
            group["eps"] = epsilon / math.sqrt(1 - group["betas"][1] ** step)

    optimizer.register_step_pre_hook(epsilon_hat)


def _align_rmsprop(optimizer: torch.optim.Optimizer) -> None:
    """PyTorch divides by sqrt(v) + epsilon, Keras by sqrt(v + epsilon). Let the state hold v + epsilon, and the former
    epsilon be 0: a step makes a x + (1 - a) g^2 of the state x, so x = v + epsilon / a before it gives v + epsilon after.
    """
    epsilons = [group["eps"] for group in optimizer.param_groups]
    for group, epsilon in zip(optimizer.param_groups, epsilons):
        group["eps"] = 0.0
        for p in group["params"]:
            optimizer.state[p] = {"step": torch.zeros(()), "square_avg": torch.full_like(p, epsilon)}

    def epsilon_inside(optimizer: torch.optim.Optimizer, args: Any, kwargs: Any) -> None:
        for group, epsilon in zip(optimizer.param_groups, epsilons):
            for p in group["params"]:
                if p.grad is not None:
                    optimizer.state[p]["square_avg"].add_(epsilon * (1 - group["alpha"]) / group["alpha"])

    optimizer.register_step_pre_hook(epsilon_inside)


def align_network(network: torch.nn.Module) -> None:
    """Round the layers' constants to float32. Running averages stay: a variance's is unbiased, as in the paper."""
    for module in network.modules():
        for name in ("eps", "negative_slope"):
            if isinstance(getattr(module, name, None), float):
                setattr(module, name, float32(getattr(module, name)))


def build(optimizer: torch.optim.Optimizer, networks: Iterable[torch.nn.Module]) -> None:
    """Nothing to do: nothing is compiled."""


def optimizer_state(optimizer: torch.optim.Optimizer) -> Arrays:
    return {name: tensor.detach().cpu().numpy().copy() for name, tensor in _state_of(optimizer).items()}


def set_optimizer_state(optimizer: torch.optim.Optimizer, state: Arrays) -> None:
    """Of an optimizer that has stepped: before, it has no state to be set."""
    for name, tensor in _state_of(optimizer).items():
        tensor.copy_(torch.from_numpy(state[name]))


def _state_of(optimizer: torch.optim.Optimizer) -> dict[str, torch.Tensor]:
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    return {f"{i}/{key}": value for i, p in enumerate(parameters) for key, value in optimizer.state.get(p, {}).items()}


def batch(arrays: Arrays) -> dict[str, torch.Tensor]:
    return {name: torch.as_tensor(array) for name, array in arrays.items()}        # on the default device


def training_step(answer: Answer) -> Step:
    return answer.train_step


@contextlib.contextmanager
def watching(answer: Answer, on_call: OnCall) -> Iterator[None]:
    def hook(module: torch.nn.Module, inputs: Any, output: Any) -> None:
        own = [*module.parameters(recurse=False), *module.buffers(recurse=False)]
        if own and isinstance(output, torch.Tensor):
            on_call(own, output)

    handle = torch.nn.modules.module.register_module_forward_hook(hook)
    try:
        yield
    finally:
        handle.remove()


class _Values(TorchDispatchMode):
    """Every result, also of the way back."""

    def __init__(self, on_value: OnValue) -> None:
        TorchDispatchMode.__init__(self)        # super() would have no types
        self.on_value, self.paused = on_value, False

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        made = func(*args, **(kwargs or {}))
        for value in (made if isinstance(made, (tuple, list)) else (made,)) if not self.paused else ():
            if isinstance(value, torch.Tensor) and value.is_floating_point():
                self.on_value(value.detach().cpu().numpy())
        return made


@contextlib.contextmanager
def recording(optimizers: Mapping[str, torch.optim.Optimizer], on_value: OnValue | None, on_update: OnUpdate) -> Iterator[None]:
    values = _Values(on_value) if on_value else None

    def pause(paused: bool) -> None:
        if values:
            values.paused = paused

    def before(name: str, optimizer: torch.optim.Optimizer) -> None:
        pause(True)
        of = [p for group in optimizer.param_groups for p in group["params"]]
        on_update(name, [(p, p.grad.detach().cpu().numpy().copy()) for p in of if p.grad is not None])

    def after(name: str) -> None:
        on_update(name, None)
        pause(False)

    handles = []
    for name, optimizer in optimizers.items():
        handles.append(optimizer.register_step_pre_hook(lambda optimizer, *_, name=name: before(name, optimizer)))
        handles.append(optimizer.register_step_post_hook(lambda *_, name=name: after(name)))
    try:
        with values or contextlib.nullcontext():
            yield
    finally:
        for handle in handles:
            handle.remove()


_NAMES = {"lr": "learning_rate", "eps": "epsilon", "alpha": "decay", "momentum": "momentum", "weight_decay": "weight_decay"}


def constants(optimizer: torch.optim.Optimizer) -> dict[str, float | str]:
    group = optimizer.param_groups[0]
    found: dict[str, float | str] = {"algorithm": type(optimizer).__name__}
    found |= {ours: float(group[theirs]) for theirs, ours in _NAMES.items() if theirs in group}
    return found | dict(zip(("beta1", "beta2"), map(float, group.get("betas", ()))))


def rates(answer: Answer, optimizer: torch.optim.Optimizer, done: int, steps: list[int]) -> list[float]:
    """A scheduler that the answer has as an attribute, and that each training step moves; its copy is moved on."""
    found = [value for value in getattr(answer, "__dict__", {}).values()
             if isinstance(value, torch.optim.lr_scheduler.LRScheduler) and getattr(value, "optimizer", None) is optimizer]
    if len(found) != 1 or found[0].last_epoch < 1 or found[0].last_epoch % done:
        return []
    each, begin = found[0].last_epoch // done, [float(group["initial_lr"]) for group in optimizer.param_groups]
    scheduler, moved, came = copy.deepcopy(found[0]), 0, begin[:1]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")         # the copy's optimizer takes no steps
        for step in steps:
            for _ in range(moved, step):
                for _ in range(each):
                    scheduler.step()
            moved = max(moved, step)
            came.append(float(scheduler.optimizer.param_groups[0]["lr"]))
    return came


eagerly = contextlib.nullcontext       # it always is


@contextlib.contextmanager
def evaluation(networks: Iterable[torch.nn.Module]) -> Iterator[None]:
    networks = list(networks)
    modes = [network.training for network in networks]
    for network in networks:
        network.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        for network, mode in zip(networks, modes):
            network.train(mode)


def array(value: Any) -> np.ndarray:
    return value.detach().cpu().numpy() if isinstance(value, torch.Tensor) else np.asarray(value)
