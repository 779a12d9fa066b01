"""The same numbers in another order: of maps that are flattened, of flat values laid out to maps, of what is joined.

Such a layer gives the same numbers as the question's. Another order shows in the next layer that has parameters.
"""

from collections.abc import Iterator

import autograd.numpy as np

from harness.diagnosis.networks.activations import Function
from harness.exact.gradients import Array
from harness.exact.layers import KINDS, Call
from harness.tasks.network import Layer, Shape

FLATTENED = {"height, width, channels": (2, 3, 1), "channels, width, height": (1, 3, 2), "width, height, channels": (3, 2, 1),
             "height, channels, width": (2, 1, 3), "width, channels, height": (3, 1, 2)}


def flattened(shape: Shape, axes: tuple[int, ...]) -> Function:
    """Flat values of maps, laid out to these again and flattened with other axes first."""
    return lambda x: np.reshape(np.transpose(np.reshape(x, (-1, *shape)), (0, *axes)), (len(x), -1))


def of_maps(maps: Shape) -> Iterator[tuple[str, Function]]:
    """Other orders in which flat values may be laid out to maps."""
    c, h, w = maps
    for words, shape, axes in (("height, width, channels", (h, w, c), (0, 3, 1, 2)),
                               ("channels, width, height", (c, w, h), (0, 1, 3, 2)),
                               ("width, height, channels", (w, h, c), (0, 3, 2, 1))):
        yield words, _laid(shape, axes)


def _laid(shape: Shape, axes: tuple[int, ...]) -> Function:
    return lambda x: np.transpose(np.reshape(x, (len(x), *shape)), axes)


def shown_before(layer: Layer) -> Layer | None:
    """What a layer reads, perhaps through an activation."""
    return next((s for s in back(layer) if s.kind not in ("relu", "leaky_relu", "tanh", "sigmoid")), None)


def back(layer: Layer) -> Iterator[Layer]:
    """The layers before one, the nearest first."""
    while layer.sources:
        layer = layer.sources[0]
        yield layer


def joined_before(layer: Layer) -> Layer | None:
    """Where two inputs were joined that a layer reads."""
    joined = shown_before(layer)
    return joined if joined is not None and joined.kind == "concat" and len(joined.sources) == 2 else None


def exchanged(layer: Layer, inputs: list[Array], call: Call) -> Array:
    """A layer that reads what was joined the other way round."""
    x, joined = inputs[0], joined_before(layer)
    if joined is not None:
        first = joined.input_shapes[0][0]
        x = np.concatenate([x[:, first:], x[:, :first]], 1)
    return KINDS[layer.kind](layer, [x], call)
