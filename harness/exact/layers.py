"""The layers of the questions' tables in NumPy: canonical layout, float64, differentiable by autograd, twice where need be.

Maps are (N, C, H, W), parameters as PyTorch has them. Written after the definitions, not after any framework.
"""

from collections.abc import Callable
from dataclasses import dataclass

import autograd.numpy as np
import numpy
from autograd.extend import defvjp, primitive

from harness.exact.gradients import Array
from harness.tasks.network import Layer, pair


@dataclass
class Norm:
    """What batch norm goes by: with the batch's moments (``training``), or with the running ones."""

    epsilon: float
    training: bool
    kept: float = 0.9       # of the running averages, at each update


@dataclass
class Call:
    """What a layer needs beside its inputs: the constants of its task, and this call's own."""

    parameters: dict[str, Array]    # by role
    norm: Norm
    slope: float
    keep: Array | None = None       # dropout: 1 where a value stays; None: nothing is dropped
    dropped: float = 0.5            # the share that is
    averages: dict[str, Array] | None = None        # batch norm writes its new mean and variance here


def output(layer: Layer, inputs: list[Array], call: Call) -> Array:
    """What ``layer`` makes of ``inputs``."""
    return KINDS[layer.kind](layer, inputs, call)


@primitive
def patches(x: Array, kernel: tuple[int, int], stride: tuple[int, int]) -> Array:
    """(N, C, H, W) -> (N, C kh kw, h w): what each place of a convolution looks at, column by column ("im2col")."""
    windows = numpy.lib.stride_tricks.sliding_window_view(x, kernel, (2, 3))[:, :, ::stride[0], ::stride[1]]
    n, c, h, w = windows.shape[:4]
    return windows.transpose(0, 1, 4, 5, 2, 3).reshape(n, c * kernel[0] * kernel[1], h * w)


@primitive
def spread(columns: Array, size: tuple[int, int], kernel: tuple[int, int], stride: tuple[int, int]) -> Array:
    """(N, C kh kw, h w) -> (N, C, *size): the transpose of ``patches``; what falls on one place is added up."""
    rows, lines = ((n - k) // s + 1 for n, k, s in zip(size, kernel, stride))
    n, channels = len(columns), columns.shape[1] // (kernel[0] * kernel[1])
    parts = columns.reshape(n, channels, *kernel, rows, lines)
    x = numpy.zeros((n, channels, *size), columns.dtype)
    for i in range(kernel[0]):
        for j in range(kernel[1]):
            x[:, :, i:i + stride[0] * rows:stride[0], j:j + stride[1] * lines:stride[1]] += parts[:, :, i, j]
    return x


defvjp(patches, lambda answer, x, kernel, stride: lambda g: spread(g, x.shape[2:], kernel, stride))
defvjp(spread, lambda answer, columns, size, kernel, stride: lambda g: patches(g, kernel, stride))


def relu(x: Array, slope: float = 0.0) -> Array:
    """x where it is above 0, slope x elsewhere."""
    return np.where(x > 0, x, slope * x)


def sigmoid(x: Array) -> Array:
    """1 / (1 + exp(-x))"""
    return (1 + np.tanh(x / 2)) / 2


def _bias(x: Array, call: Call) -> Array:
    bias = call.parameters.get("bias")
    return x if bias is None else x + np.reshape(bias, (1, -1, *(1,) * (x.ndim - 2)))


def _dense(layer: Layer, inputs: list[Array], call: Call) -> Array:
    return _bias(inputs[0] @ call.parameters["weight"].T, call)


def _options(layer: Layer, *names: str) -> list[tuple[int, int]]:
    return [pair(layer.options.get(name, {"stride": 1}.get(name, 0))) for name in names]


def padded(x: Array, padding: tuple[int, int]) -> Array:
    """Zeros around maps, so many above and below, and on the left and right."""
    return np.pad(x, ((0, 0), (0, 0), *((p, p) for p in padding)), mode="constant") if any(padding) else x


def _conv(layer: Layer, inputs: list[Array], call: Call) -> Array:
    kernel, stride, padding = _options(layer, "kernel", "stride", "padding")
    weight = call.parameters["weight"]
    x = padded(inputs[0], padding)
    made = np.reshape(weight, (weight.shape[0], -1)) @ patches(x, kernel, stride)
    # An input of another size than the table has is one that somebody padded in another way.
    size = ((n - k) // s + 1 for n, k, s in zip(x.shape[2:], kernel, stride))
    return _bias(np.reshape(made, (-1, weight.shape[0], *size)), call)


def _conv_transpose(layer: Layer, inputs: list[Array], call: Call) -> Array:
    kernel, stride, padding = _options(layer, "kernel", "stride", "padding")
    weight, (_, *size) = call.parameters["weight"], layer.output_shape
    x = np.reshape(inputs[0], (*inputs[0].shape[:2], -1))
    columns = np.reshape(weight, (weight.shape[0], -1)).T @ x
    (top, left), (height, width) = padding, size
    # What no place of the input reaches (output padding) is zero; what the padding takes away is left out.
    reached = [(n - 1) * s + k for n, s, k in zip(inputs[0].shape[2:], stride, kernel)]
    full = spread(columns, tuple(reached), kernel, stride)
    missing = [max(0, p + n - r) for p, n, r in zip(padding, size, reached)]
    if any(missing):
        full = np.pad(full, ((0, 0), (0, 0), *((0, m) for m in missing)), mode="constant")
    return _bias(full[:, :, top:top + height, left:left + width], call)


def _batch_norm(layer: Layer, inputs: list[Array], call: Call) -> Array:
    """Ioffe & Szegedy 2015, algorithms 1 and 2; the running variance takes the unbiased one."""
    x, of, norm = inputs[0], call.parameters, call.norm
    shape = (1, -1, *(1,) * (x.ndim - 2))
    mean, variance = of["mean"], of["variance"]
    if norm.training:
        axes = (0, *range(2, x.ndim))
        mean = np.mean(x, axes)
        variance = np.mean((x - np.reshape(mean, shape)) ** 2, axes)
        if call.averages is not None:
            number = x.size // x.shape[1]
            new = {"mean": mean, "variance": variance * number / max(number - 1, 1)}
            call.averages |= {role: norm.kept * of[role] + (1 - norm.kept) * value for role, value in new.items()}
    scale = np.reshape(of["gamma"] / np.sqrt(variance + norm.epsilon), shape)
    return (x - np.reshape(mean, shape)) * scale + np.reshape(of["beta"], shape)


def _dropout(layer: Layer, inputs: list[Array], call: Call) -> Array:
    return inputs[0] if call.keep is None else inputs[0] * call.keep / (1 - call.dropped)


def _windows(layer: Layer, x: Array) -> Array:
    (rows, columns), channels = pair(layer.options["size"]), layer.output_shape[0]
    height, width = x.shape[2] // rows, x.shape[3] // columns       # of what came, see _conv
    x = x[:, :, :height * rows, :width * columns]
    parts = np.reshape(x, (-1, channels, height, rows, width, columns))
    return np.reshape(np.transpose(parts, (0, 1, 2, 4, 3, 5)), (-1, channels, height, width, rows * columns))


def _upsample(layer: Layer, inputs: list[Array], call: Call) -> Array:
    scale = layer.options["scale"]
    return np.repeat(np.repeat(inputs[0], scale, 2), scale, 3)


Work = Callable[[Layer, list[Array], Call], Array]
KINDS: dict[str, Work] = {
    "input": lambda layer, inputs, call: inputs[0],
    "dense": _dense, "conv": _conv, "conv_transpose": _conv_transpose, "batch_norm": _batch_norm, "dropout": _dropout,
    "relu": lambda layer, inputs, call: relu(inputs[0]),
    "leaky_relu": lambda layer, inputs, call: relu(inputs[0], call.slope),
    "tanh": lambda layer, inputs, call: np.tanh(inputs[0]),
    "sigmoid": lambda layer, inputs, call: sigmoid(inputs[0]),
    "flatten": lambda layer, inputs, call: np.reshape(inputs[0], (len(inputs[0]), -1)),
    "reshape": lambda layer, inputs, call: np.reshape(inputs[0], (len(inputs[0]), *layer.output_shape)),
    "max_pool": lambda layer, inputs, call: np.max(_windows(layer, inputs[0]), -1),
    "average_pool": lambda layer, inputs, call: np.mean(_windows(layer, inputs[0]), -1),
    "global_average_pool": lambda layer, inputs, call: np.mean(inputs[0], (2, 3)),
    "upsample": _upsample,
    "concat": lambda layer, inputs, call: np.concatenate(inputs, 1),
    "add": lambda layer, inputs, call: inputs[0] + inputs[1],
}
