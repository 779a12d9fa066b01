"""PyTorch."""

import contextlib
import math

import numpy as np
import torch

from harness.task import float32

layout = "NCHW"


def version() -> str:
    return torch.__version__


def configure(precision: str, seed: int) -> None:
    torch.set_default_dtype(getattr(torch, precision))
    torch.manual_seed(seed)


def variables(network) -> list[torch.Tensor]:
    found = []
    for module in network.modules():
        found += module.parameters(recurse=False)
        found += (b for b in module.buffers(recurse=False) if b.ndim)
    return found


def read(variable) -> np.ndarray:
    return variable.detach().cpu().numpy().copy()


def write(variable, array) -> None:
    with torch.no_grad():
        variable.copy_(torch.from_numpy(np.ascontiguousarray(array)))


def align(optimizer) -> None:
    """Round the constants to float32; give Adam the "epsilon hat" that Keras and Chainer have.

    PyTorch adds epsilon to sqrt(v / (1 - beta2^t)), the others to sqrt(v) before the bias correction (Kingma & Ba
    2014, end of section 2). A step hook that divides epsilon by sqrt(1 - beta2^t) makes the two the same.
    """
    for group in optimizer.param_groups:
        for key, value in group.items():
            if key != "params":
                group[key] = tuple(map(float32, value)) if isinstance(value, tuple) else float32(value)
    if not isinstance(optimizer, torch.optim.Adam):
        return
    epsilons = [group["eps"] for group in optimizer.param_groups]

    def epsilon_hat(optimizer, args, kwargs):
        for group, epsilon in zip(optimizer.param_groups, epsilons):
            steps = (int(optimizer.state[p]["step"]) for p in group["params"] if optimizer.state.get(p))
            step = 1 + max(steps, default=0)
            group["eps"] = epsilon / math.sqrt(1 - group["betas"][1] ** step)

    optimizer.register_step_pre_hook(epsilon_hat)


def batch(arrays: dict) -> dict:
    return {name: torch.from_numpy(array) for name, array in arrays.items()}


def training_step(answer):
    return answer.train_step


@contextlib.contextmanager
def evaluation(networks):
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


def array(value) -> np.ndarray:
    return value.detach().cpu().numpy() if isinstance(value, torch.Tensor) else np.asarray(value)
