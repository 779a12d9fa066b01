"""Maps flattened in another order, and flat values laid out to maps in another order."""

from collections.abc import Iterator

import autograd.numpy as np

from harness.diagnosis.networks.activations import Function
from harness.tasks.network import Shape

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
