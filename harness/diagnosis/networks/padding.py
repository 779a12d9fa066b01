"""Convolutions with another kernel, or with other padding: what these give."""

from collections.abc import Callable
from dataclasses import replace

import autograd.numpy as np
import numpy

from harness.exact import layers
from harness.exact.gradients import Array
from harness.exact.layers import Call, Work
from harness.tasks.network import Layer, pair

Two = tuple[int, int]       # of height and width


def turned(turn: Callable[[Array], Array]) -> Work:
    """With the kernel as ``turn`` makes it."""
    def work(layer: Layer, inputs: list[Array], call: Call) -> Array:
        of = {**call.parameters, "weight": turn(call.parameters["weight"])}
        return layers.output(layer, inputs, replace(call, parameters=of))
    return work


def filled(before: Two, after: Two, mode: str = "constant") -> Work:
    """A convolution with so much padding above and left, below and right: of zeros, or of what ``mode`` of np.pad says."""
    def work(layer: Layer, inputs: list[Array], call: Call) -> Array:
        x = inputs[0]
        if mode == "constant":
            wide = np.pad(x, ((0, 0), (0, 0), *zip(before, after)), mode=mode)
        else:                           # autograd knows the gradient of np.pad for zeros alone
            rows, columns = (numpy.pad(numpy.arange(n), sides, mode=mode) for n, sides in zip(x.shape[2:], zip(before, after)))     # type: ignore[call-overload]
            wide = x[:, :, rows][:, :, :, columns]
        return layers.KINDS["conv"](_bare(layer), [wide], call)
    return work


def same(layer: Layer) -> tuple[Two, Two]:
    """The padding that Keras and TensorFlow call "same": (above and left, below and right)."""
    stride, kernel = pair(layer.options.get("stride", 1)), pair(layer.options["kernel"])
    high, wide = (max((-(-n // s) - 1) * s + k - n, 0) for n, s, k in zip(layer.input_shapes[0][1:], stride, kernel))
    return (high // 2, wide // 2), (high - high // 2, wide - wide // 2)


def many(two: Two) -> str:
    """Of height and width, or of both."""
    return str(two[0]) if two[0] == two[1] else f"{two[0]} x {two[1]}"


def shifted(padding: Two, shift: Two) -> Work:
    """Zeros moved from one side to the other: as if the input (of a transposed convolution: the output) were moved."""
    def work(layer: Layer, inputs: list[Array], call: Call) -> Array:
        top, left = (p + s for p, s in zip(padding, shift))
        if layer.kind == "conv":
            x = inputs[0][:, :, max(0, -top):, max(0, -left):]
            before = max(0, top), max(0, left)
            return filled(before, _after(layer, x, before))(layer, [x], call)
        shape = layer.output_shape[0], *(n + 2 * p + 2 for n, p in zip(layer.output_shape[1:], padding))
        whole = layers.KINDS["conv_transpose"](replace(_bare(layer), output_shape=shape), inputs, call)
        (height, width), top, left = layer.output_shape[1:], max(0, top), max(0, left)
        return whole[:, :, top:top + height, left:left + width]
    return work


def _after(layer: Layer, x: Array, before: Two) -> Two:
    """The padding below and right that gives maps of the right size."""
    stride, kernel = pair(layer.options.get("stride", 1)), pair(layer.options["kernel"])
    below, right = (max(0, (out - 1) * s + k - n - b) for out, s, k, n, b in
                    zip(layer.output_shape[1:], stride, kernel, x.shape[2:], before))
    return below, right


def _bare(layer: Layer) -> Layer:
    return replace(layer, options={**layer.options, "padding": 0})


def sides(padding: Two, shift: Two, kind: str) -> str:
    """What is shifted, in words."""
    what = "zeros" if kind == "conv" else "rows and columns cut off"
    top, left = padding[0] + shift[0], padding[1] + shift[1]
    return f"{top} {what} at the top and {left} at the left, where the question has {padding[0]} and {padding[1]}"
