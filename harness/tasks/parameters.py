"""Parameters between frameworks: from the canonical layout to a framework's own and back, exactly.

Canonical is PyTorch's: dense (out, in), convolution (out, in, kh, kw), transposed convolution (in, out, kh, kw).
The channels-last frameworks keep (in, out), (kh, kw, in, out) and (kh, kw, out, in): each is the canonical one with
its axes turned, whatever the layer. What else differs is the order of a flattened (C, H, W), see ``Parameter``.
"""

import math
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from harness.tasks.network import Layer, Network, Parameter, Shape
from harness.tasks.task import AnswerError

_TO_CHANNELS_LAST = {2: (1, 0), 4: (2, 3, 1, 0)}
_FROM_CHANNELS_LAST = {2: (1, 0), 4: (3, 2, 0, 1)}


class ParameterMismatch(AnswerError):
    """An answer's parameters are not the ones that the question asks for; the message says which."""


def to_native(parameter: Parameter, array: np.ndarray, layout: str) -> np.ndarray:
    """The canonical ``array`` as a framework of ``layout`` ("NCHW" or "NHWC") keeps it."""
    if layout == "NCHW":
        return array
    for axis, (c, h, w) in parameter.flattened.items():
        array = _reorder(array, axis, (c, h, w), (1, 2, 0))
    return array.transpose(_TO_CHANNELS_LAST.get(array.ndim, range(array.ndim)))


def to_canonical(parameter: Parameter, array: np.ndarray, layout: str) -> np.ndarray:
    """The inverse of ``to_native``."""
    if layout == "NCHW":
        return array
    array = array.transpose(_FROM_CHANNELS_LAST.get(array.ndim, range(array.ndim)))
    for axis, (c, h, w) in parameter.flattened.items():
        array = _reorder(array, axis, (h, w, c), (2, 0, 1))
    return array


def _reorder(array: np.ndarray, axis: int, lengths: Shape, order: tuple[int, int, int]) -> np.ndarray:
    """Read ``axis`` as three axes of ``lengths``, put these into ``order``, and flatten them again."""
    before, after = array.shape[:axis], array.shape[axis + 1:]
    split = array.reshape(*before, *lengths, *after)
    axes = [*range(axis), *(axis + i for i in order), *range(axis + 3, split.ndim)]
    return split.transpose(axes).reshape(array.shape)


def native_of(specs: Mapping[str, list[Parameter]], arrays: Mapping[str, np.ndarray], layout: str) -> dict[str, list[np.ndarray]]:
    """Parameters by name, as networks of ``layout`` have them: by network, in the order of ``specs``."""
    return {network: [np.ascontiguousarray(to_native(p, arrays[p.name], layout)) for p in of] for network, of in specs.items()}


def canonical_of(specs: Mapping[str, list[Parameter]], found: Mapping[str, list[np.ndarray]], layout: str) -> dict[str, np.ndarray]:
    """The inverse of ``native_of``."""
    return {p.name: to_canonical(p, array, layout) for network, of in specs.items() for p, array in zip(of, found[network], strict=True)}


def native_shape(parameter: Parameter, layout: str) -> tuple[int, ...]:
    """The shape that ``parameter`` has in a framework of ``layout``."""
    return to_native(parameter, np.empty(parameter.shape, np.bool_), layout).shape


def canonical_shape(shape: tuple[int, ...], layout: str) -> tuple[int, ...]:
    """The shape of a framework's parameter as PyTorch would have it."""
    return tuple(shape) if layout == "NCHW" else tuple(shape[a] for a in _FROM_CHANNELS_LAST.get(len(shape), range(len(shape))))


def order(network: Network, found: list[tuple[int, ...]], layout: str) -> list[int]:
    """Which of the arrays in an answer's network, of the shapes ``found``, is the question's first parameter, which its second ...

    Those of one layer stand together, wherever it is declared; layers of equal shapes are taken as they are declared. Raises
    ParameterMismatch unless the shapes are the question's in some order.
    """
    expected = network.parameters()
    shapes = [native_shape(p, layout) for p in expected]
    if shapes == found:
        return list(range(len(found)))
    if sorted(shapes) == sorted(found):
        return _by_layers(layers_of(network, layout), found) or _by_shapes(shapes, found)
    at = next((i for i, (a, b) in enumerate(zip(shapes, found)) if a != b), min(len(shapes), len(found)))
    here = f"parameter {at + 1} is {found[at]}" if at < len(found) else f"there is no parameter {at + 1}"
    there = f"the question has {expected[at].name} {shapes[at]}" if at < len(shapes) else "the question has no more"
    raise ParameterMismatch(
        f"network '{network.name}' has {len(found)} parameter arrays, the question has {len(shapes)}: "
        f"{here}, but {there}")


def two_columns(network: Network, found: list[Shape], layout: str) -> list[str]:
    """Lines of a table: what the question has, what an answer has; the first difference is marked."""
    expected = [(p.name.partition(".")[2], native_shape(p, layout)) for p in network.parameters()]
    rows, marked = [f"{network.name}:  the question  |  your network"], False
    for i in range(max(len(expected), len(found))):
        there = f"{expected[i][0]} {expected[i][1]}" if i < len(expected) else "-"
        here = f"{found[i]}" if i < len(found) else "-"
        differs = i >= len(expected) or i >= len(found) or expected[i][1] != found[i]
        rows.append(f"{'> ' if differs and not marked else '  '}{there}  |  {here}")
        marked = marked or differs
    return rows


def layers_of(network: Network, layout: str) -> list[tuple[Shape, ...]]:
    """Of each layer with parameters the shapes that a framework of ``layout`` has for them."""
    shapes = iter([native_shape(p, layout) for p in network.parameters()])
    return [tuple(next(shapes) for _ in layer.roles) for layer in network.layers if layer.roles]


def _by_layers(layers: list[tuple[Shape, ...]], found: list[Shape]) -> list[int] | None:
    """``found`` read as these layers one after the other, in another order; None where it is none."""
    hopeless: set[tuple[int, ...]] = set()

    def read(begin: int, left: tuple[int, ...]) -> list[int] | None:
        """Which layers stand from ``begin`` on: all that are ``left``."""
        if not left:
            return []
        tried: set[tuple[Shape, ...]] = set()       # of layers of equal shapes the first
        for i in left if left not in hopeless else ():
            if layers[i] not in tried and tuple(found[begin:begin + len(layers[i])]) == layers[i]:
                tried.add(layers[i])
                after = read(begin + len(layers[i]), tuple(j for j in left if j != i))
                if after is not None:
                    return [i, *after]
        hopeless.add(left)
        return None

    declared = read(0, tuple(range(len(layers))))
    if declared is None:
        return None
    begins = dict(zip(declared, np.cumsum([0] + [len(layers[i]) for i in declared]).tolist()))
    return [begins[i] + k for i, layer in enumerate(layers) for k in range(len(layer))]


def _by_shapes(shapes: list[Shape], found: list[Shape]) -> list[int]:
    """Each one by its shape alone: of those with equal shapes the first that is left."""
    places: dict[Shape, list[int]] = {}
    for i, shape in enumerate(found):
        places.setdefault(shape, []).append(i)
    return [places[shape].pop(0) for shape in shapes]


def initial(networks: dict[str, Network], initializers: dict[str, Any], seed: int) -> dict[str, np.ndarray]:
    """Initial parameters of all networks by name: canonical layout, float64, drawn by NumPy for every framework.

    Each parameter has a random stream of its own, so that a change of one layer leaves the others as they were.
    """
    return {p.name: _draw(p, initializers, np.random.default_rng([seed, zlib.crc32(p.name.encode())]), layer.kind)
            for network in networks.values()
            for layer, p in _with_layers(network)}


GAINS = 1.3, 2.0    # of probe weights, in turns: every activation bends, none is flat


def probing(networks: dict[str, Network], seed: int) -> dict[str, np.ndarray]:
    """Parameters at which mistakes show, as ``initial`` gives them: no bias is zero, no gain is one, no running average is what it
    begins with, and activations come where they bend. (At small weights tanh, sigmoid and nothing at all are nearly the same.)
    """
    return {p.name: _drawn(p, layer.kind, np.random.default_rng([seed, zlib.crc32(b"probing"), zlib.crc32(p.name.encode())]),
                           GAINS[seed % len(GAINS)])
            for network in networks.values() for layer, p in _with_layers(network)}


def _drawn(p: Parameter, kind: str, rng: np.random.Generator, gain: float) -> np.ndarray:
    match p.role:
        case "weight":
            return rng.standard_normal(p.shape) * gain / math.sqrt(fans(kind, p.shape)[0])
        case "gamma":
            return rng.uniform(0.6, 1.5, p.shape)
        case "variance":
            return rng.uniform(0.5, 2.0, p.shape)
        case _:
            return rng.normal(0.0, 0.3, p.shape)


def _with_layers(network: Network) -> Iterator[tuple[Layer, Parameter]]:
    layers = [layer for layer in network.layers for _ in layer.roles]
    return zip(layers, network.parameters())


def fans(kind: str, shape: tuple[int, ...]) -> tuple[int, int]:
    """(fan in, fan out) of a weight in canonical layout: inputs and outputs that one unit is wired to."""
    field = int(np.prod(shape[2:]))
    first, second = shape[0] * field, shape[1] * field
    return (first, second) if kind == "conv_transpose" else (second, first)


def _draw(parameter: Parameter, initializers: dict[str, Any], rng: np.random.Generator, kind: str) -> np.ndarray:
    if parameter.role in ("bias", "beta", "mean"):
        return np.zeros(parameter.shape)
    if parameter.role in ("gamma", "variance"):
        return np.ones(parameter.shape)
    fan_in, fan_out = fans(kind, parameter.shape)
    match initializers["weight"]:
        case "glorot_uniform":          # Glorot & Bengio 2010, equation 16
            limit = math.sqrt(6 / (fan_in + fan_out))
            return rng.uniform(-limit, limit, parameter.shape)
        case "he_normal":               # He et al. 2015, equation 10
            return rng.standard_normal(parameter.shape) * math.sqrt(2 / fan_in)
        case "normal":                  # Radford et al. 2015: N(0, 0.02)
            return rng.standard_normal(parameter.shape) * float(initializers["deviation"])
        case other:
            raise ValueError(f"unknown initializer '{other}'; choose one of glorot_uniform, he_normal, normal")
