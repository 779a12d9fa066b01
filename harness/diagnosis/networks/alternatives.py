"""What a layer may compute in place of what it should: each alternative with the words that say it.

Some have a number in them (a slope, an epsilon), which is taken from what the answer gave, see ``guesses``.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import autograd.numpy as np

from harness.diagnosis.networks import orders, padding
from harness.diagnosis.networks.activations import ACTIVATIONS, FUNCTIONS, LEAKY, SLOPES, Function, leaky
from harness.exact import layers
from harness.exact.gradients import Array
from harness.exact.layers import Call, Work, relu
from harness.tasks.network import Layer, pair

Join = Callable[[list[Array]], Array]
EPSILONS = {1e-3: "Keras's default", 2e-5: "Chainer's default", 1e-5: "PyTorch's default", 1e-8: "", 1e-7: "", 1e-6: "", 1e-4: "",
            1e-2: "", 0.1: "a momentum?", 0.9: "a momentum?", 0.99: "a momentum?", 0.8: "a momentum?", 0.0: ""}


@dataclass(frozen=True)
class Alternative:
    """``words``: of what the answer has there, "{layer}" for its name; ``kind``: what sort of mistake it is; ``where``: the layer
    that it is about, where it only shows in this one."""

    kind: str
    words: str
    work: Work
    where: str = ""


def of(layer: Layer, task_constants: dict[str, Any]) -> Iterator[Alternative]:
    """What may stand in the place of ``layer``, the likely first."""
    if layer.roles:
        yield from _of_order(layer)
    if layer.kind in ("relu", "leaky_relu", "tanh", "sigmoid"):
        yield from _of_activation(layer, task_constants)
    elif layer.kind in SPECIAL:
        yield from SPECIAL[layer.kind](layer, task_constants)
    yield from _before(layer)


def simple(function: Function) -> Work:
    """A layer that is a function of its one input."""
    return lambda layer, inputs, call: function(inputs[0])


def behind(function: Function, work: Work) -> Work:
    """``work`` on what a function makes of its input."""
    return lambda layer, inputs, call: work(layer, [function(inputs[0])], call)


def _from(whose: str) -> str:
    return f" ({whose})" if whose else ""


def _of_activation(layer: Layer, constants: dict[str, Any]) -> Iterator[Alternative]:
    yield Alternative("missing", "there is no {activation}", simple(lambda x: x))
    for name, function in ACTIVATIONS.items():
        if name.lower() != layer.kind:
            yield Alternative("activation", f"{name} in place of {{activation}}", simple(function))
    for slope, whose in SLOPES.items():
        if not (layer.kind == "leaky_relu" and abs(constants.get("slope", 0) - slope) < 1e-6):
            said = f"LeakyReLU with slope {slope:g}{_from(whose)}"
            yield Alternative("slope" if layer.kind == "leaky_relu" else "activation",
                              said if layer.kind == "leaky_relu" else f"{said} in place of {{activation}}", simple(leaky(slope)))
    if layer.kind in ("tanh", "sigmoid"):
        yield Alternative("twice", "{activation} twice", _twice)


def _twice(layer: Layer, inputs: list[Array], call: Call) -> Array:
    work = layers.KINDS[layer.kind]
    return work(layer, [work(layer, inputs, call)], call)


def _before(layer: Layer) -> Iterator[Alternative]:
    """Something between the layer before and this one."""
    if layer.kind in ("input", "concat", "add"):
        return
    work = layers.KINDS[layer.kind]
    for name, function in FUNCTIONS.items():
        yield Alternative("added", f"{name} before {{layer}}, where the question has none", behind(function, work))


def norm(**changes: Any) -> Work:
    """Batch norm that goes by something else."""
    return lambda layer, inputs, call: layers.KINDS["batch_norm"](layer, inputs, replace(call, norm=replace(call.norm, **changes)))


def _of_norm(layer: Layer, constants: dict[str, Any]) -> Iterator[Alternative]:
    yield Alternative("missing", "there is no batch norm", simple(lambda x: x))
    yield Alternative("mode", "batch norm uses its running averages in training, as in evaluation mode", norm(training=False))
    for epsilon, whose in EPSILONS.items():
        if abs(epsilon - constants.get("epsilon", 1e-5)) > 1e-9:
            yield Alternative("epsilon", f"batch norm has epsilon {epsilon:g}{_from(whose)}", norm(epsilon=epsilon))
    yield Alternative("norm", "batch norm does not use its gamma", _without("gamma", 1.0))
    yield Alternative("norm", "batch norm does not use its beta", _without("beta", 0.0))
    for name, function in {"ReLU": relu, **LEAKY}.items():
        yield Alternative("order", f"{name} comes before batch norm, not after it", behind(function, layers.KINDS["batch_norm"]))
    for words, axes in (("each place of the maps has a mean and variance of its own (batch norm over flat values)", (0,)),
                        ("each image has a mean and variance of its own (instance norm)", (2, 3)),
                        ("each image has one mean and variance (layer norm)", (1, 2, 3))):
        if len(layer.output_shape) == 3:
            yield Alternative("norm", words, _normalized(axes))
    yield Alternative("norm", "batch norm divides by the unbiased deviation", _normalized(None, unbiased=True))


def _without(role: str, neutral: float) -> Work:
    def work(layer: Layer, inputs: list[Array], call: Call) -> Array:
        of = {**call.parameters, role: 0 * call.parameters[role] + neutral}
        return layers.KINDS["batch_norm"](layer, inputs, replace(call, parameters=of))
    return work


def _normalized(axes: tuple[int, ...] | None, unbiased: bool = False) -> Work:
    def work(layer: Layer, inputs: list[Array], call: Call) -> Array:
        x, of = inputs[0], call.parameters
        over = axes if axes is not None else (0, *range(2, x.ndim))
        shape = (1, -1, *(1,) * (x.ndim - 2))
        mean = np.mean(x, over, keepdims=True)
        variance = np.mean((x - mean) ** 2, over, keepdims=True)
        if unbiased:
            number = x.size // x.shape[1]
            variance = variance * number / max(number - 1, 1)
        return (x - mean) / np.sqrt(variance + call.norm.epsilon) * np.reshape(of["gamma"], shape) + np.reshape(of["beta"], shape)
    return work


def _without_bias(layer: Layer, inputs: list[Array], call: Call) -> Array:
    return layers.output(layer, inputs, replace(call, parameters={"weight": call.parameters["weight"]}))


def _of_order(layer: Layer) -> Iterator[Alternative]:
    """A layer that reads what was joined, or maps which flat values were laid out to: the same numbers in every order."""
    joined, read = orders.joined_before(layer), orders.shown_before(layer)
    if joined is not None:
        yield Alternative("order", f"{joined.name} has its inputs in the other order", orders.exchanged, joined.name)
    if read is not None and read.kind == "reshape":
        for words, function in orders.of_maps(read.output_shape):
            yield Alternative("order", f"{read.name} reads the flat values in another order ({words})",
                              behind(function, layers.KINDS[layer.kind]), read.name)


def _of_conv(layer: Layer, constants: dict[str, Any]) -> Iterator[Alternative]:
    kernel, zeros = pair(layer.options["kernel"]), pair(layer.options.get("padding", 0))
    if "bias" in layer.roles:
        yield Alternative("bias", "the bias of {layer} is not added", _without_bias)
    if kernel[0] == kernel[1]:
        yield Alternative("kernel", "the kernel of {layer} has height and width exchanged",
                          padding.turned(lambda w: np.swapaxes(w, 2, 3)))
    yield Alternative("kernel", "the kernel of {layer} is turned round (up and down, left and right)",
                      padding.turned(lambda w: w[:, :, ::-1, ::-1]))
    if layer.kind == "conv" and any(zeros):
        for words, mode in (("repeats the values at the edge", "edge"), ("mirrors the values at the edge", "reflect"),
                            ("goes round", "wrap")):
            yield Alternative("padding", f"the padding of {{layer}} {words}, and has no zeros", padding.filled(zeros, zeros, mode))
    if layer.kind == "conv":
        (before, after), many = padding.same(layer), padding.many
        words = (f"the padding of {{layer}} is \"same\": at stride {many(pair(layer.options.get('stride', 1)))} that is "
                 f"{many(before)} before and {many(after)} after, where the question has {many(zeros)} on all sides")
        yield Alternative("padding", words, padding.filled(before, after))
        yield Alternative("padding", "{layer} has no padding", padding.filled((0, 0), (0, 0)))
        for more in (-1, 1, 2):
            wide = zeros[0] + more, zeros[1] + more
            if min(wide) > 0:
                yield Alternative("padding", f"the padding of {{layer}} is {many(wide)}, where the question has {many(zeros)}",
                                  padding.filled(wide, wide))
    stride = pair(layer.options.get("stride", 1))
    near = sorted(range(-2, 3), key=abs)
    for down, right in product(near, near):
        if (down, right) == (0, 0) or (max(stride) == 1 and max(abs(down), abs(right)) > 1 and max(kernel) < 4):
            continue
        words = f"the padding of {{layer}} is shifted: {padding.sides(zeros, (down, right), layer.kind)}"
        yield Alternative("padding", words, padding.shifted(zeros, (down, right)))


def _of_dense(layer: Layer, constants: dict[str, Any]) -> Iterator[Alternative]:
    if "bias" in layer.roles:
        yield Alternative("bias", "the bias of {layer} is not added", _without_bias)
    source = next((s for s in orders.back(layer) if s.kind == "flatten" and len(s.input_shapes[0]) == 3), None)
    for words, axes in orders.FLATTENED.items() if source else ():
        assert source
        yield Alternative("order", f"{{layer}} reads the maps flattened in another order ({words})",
                          behind(orders.flattened(source.input_shapes[0], axes), layers.KINDS["dense"]))


def _of_reshape(layer: Layer, constants: dict[str, Any]) -> Iterator[Alternative]:
    for words, function in orders.of_maps(layer.output_shape):
        yield Alternative("order", f"{{layer}} reads the flat values in another order ({words})", simple(function))


def _joined(join: Join) -> Work:
    return lambda layer, inputs, call: join(inputs)


def _of_concat(layer: Layer, constants: dict[str, Any]) -> Iterator[Alternative]:
    yield Alternative("order", "{layer} has its inputs in the other order", _joined(lambda inputs: np.concatenate(inputs[::-1], 1)))
    for i, source in enumerate(layer.sources):
        yield Alternative("sources", f"{{layer}} takes {source.name} for both of its inputs", _joined(_repeated(i)))
        yield Alternative("sources", f"{source.name} is zero where {{layer}} takes it", _joined(_zeroed(i)))


def _repeated(i: int) -> Join:
    return lambda inputs: np.concatenate([inputs[i]] * len(inputs), 1)


def _zeroed(i: int) -> Join:
    return lambda inputs: np.concatenate([0 * x if j == i else x for j, x in enumerate(inputs)], 1)


def _times(i: int, factor: int) -> Join:
    return lambda inputs: factor * inputs[i]


def _of_add(layer: Layer, constants: dict[str, Any]) -> Iterator[Alternative]:
    for i, source in enumerate(layer.sources):
        yield Alternative("sources", f"{source.name} alone, without what should be added to it", _joined(_times(i, 1)))
        yield Alternative("sources", f"{source.name} is added to itself", _joined(_times(i, 2)))
    yield Alternative("sources", "the mean of {layer}'s inputs, not their sum", _joined(lambda inputs: (inputs[0] + inputs[1]) / 2))
    for first, second in ((0, 1), (1, 0)):
        yield Alternative("sources", "the difference of {layer}'s inputs, not their sum", _joined(_difference(first, second)))


def _difference(first: int, second: int) -> Join:
    return lambda inputs: inputs[first] - inputs[second]


def _of_dropout(layer: Layer, constants: dict[str, Any]) -> Iterator[Alternative]:
    yield Alternative("missing", "there is no dropout", simple(lambda x: x))
    yield Alternative("dropout", "what is kept is not divided by the share that is kept",
                      lambda layer, inputs, call: inputs[0] if call.keep is None else inputs[0] * call.keep)
    yield Alternative("dropout", "what should be dropped is kept, and what should be kept is dropped",
                      lambda layer, inputs, call: inputs[0] if call.keep is None else inputs[0] * (1 - call.keep) / (1 - call.dropped))
    yield Alternative("dropout", "what is kept is divided by the share that is dropped, and not by that which is kept",
                      lambda layer, inputs, call: inputs[0] if call.keep is None else inputs[0] * call.keep / call.dropped)


def _of_pool(layer: Layer, constants: dict[str, Any]) -> Iterator[Alternative]:
    for kind, name in (("max_pool", "max pooling"), ("average_pool", "average pooling")):
        if layer.kind != kind:
            yield Alternative("pooling", f"{name} in place of {{layer}}", layers.KINDS[kind])
    (rows, columns), (_, height, width) = pair(layer.options["size"]), layer.output_shape
    yield Alternative("pooling", "every second value is taken, without pooling",
                      simple(lambda x: x[:, :, ::rows, ::columns][:, :, :height, :width]))


def _of_global_pool(layer: Layer, constants: dict[str, Any]) -> Iterator[Alternative]:
    yield Alternative("pooling", "the sum over each map, not the mean", simple(lambda x: np.sum(x, (2, 3))))
    yield Alternative("pooling", "the largest value of each map, not the mean", simple(lambda x: np.max(x, (2, 3))))


def _of_upsample(layer: Layer, constants: dict[str, Any]) -> Iterator[Alternative]:
    scale = layer.options["scale"]
    yield Alternative("upsample", "the maps are laid side by side, and not each value repeated",
                      simple(lambda x: np.tile(x, (1, 1, scale, scale))))
    yield Alternative("upsample", "linear interpolation between the values, and not each value repeated",
                      simple(lambda x: _linear(x, scale)))
    yield Alternative("upsample", "zeros between the values, and not each value repeated", simple(
        lambda x: x.repeat(scale, 2).repeat(scale, 3) * np.tile(np.eye(1, scale)[0], x.shape[3]) *
        np.tile(np.eye(1, scale)[0], x.shape[2])[:, None]))


def _linear(x: Array, scale: int) -> Array:
    """As PyTorch's "bilinear" with align_corners=False, and Keras's."""
    for axis in (2, 3):
        n = x.shape[axis]
        at = np.clip((np.arange(n * scale) + 0.5) / scale - 0.5, 0, n - 1)
        low = np.floor(at).astype(int)
        high, share = np.minimum(low + 1, n - 1), at - low
        share = np.reshape(share, (-1, 1) if axis == 2 else (-1,))
        first, second = (x[:, :, low], x[:, :, high]) if axis == 2 else (x[:, :, :, low], x[:, :, :, high])
        x = first * (1 - share) + second * share
    return x


SPECIAL: dict[str, Callable[[Layer, dict[str, Any]], Iterator[Alternative]]] = {
    "batch_norm": _of_norm, "conv": _of_conv, "conv_transpose": _of_conv, "dense": _of_dense, "reshape": _of_reshape,
    "concat": _of_concat, "add": _of_add, "dropout": _of_dropout, "max_pool": _of_pool, "average_pool": _of_pool,
    "global_average_pool": _of_global_pool, "upsample": _of_upsample,
}
