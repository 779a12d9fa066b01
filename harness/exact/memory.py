"""What layers gave before: of a step that is computed again with one thing changed, only what follows from that is computed anew."""

from typing import Any

import numpy

from harness.exact.layers import Call, Work
from harness.tasks.network import Layer

MOST = 2**28        # bytes that are remembered


class Memory:
    """Outputs of layers, by what they are computed from. Arrays are the same where they are one object: what a network is called
    with is looked up by its numbers first (``one``)."""

    def __init__(self) -> None:
        self.arrays: dict[tuple[tuple[int, ...], bytes], numpy.ndarray] = {}
        self.outputs: dict[tuple[Any, ...], tuple[numpy.ndarray, dict[str, Any], Any]] = {}
        self.bytes = 0

    def one(self, array: numpy.ndarray) -> numpy.ndarray:
        """The first array that came with these numbers."""
        array = numpy.asarray(array, numpy.float64)
        return self.arrays.setdefault((array.shape, array.tobytes()), array)

    def output(self, network: str, layer: Layer, work: Work, inputs: list[numpy.ndarray], call: Call) -> numpy.ndarray:
        """What ``work`` gives; nothing in it is watched by autograd."""
        keep = () if call.keep is None else (self.one(call.keep),)
        arrays = (*inputs, *call.parameters.values(), *keep)
        key = network, layer.name, work, call.norm.training, *map(id, arrays)
        if key not in self.outputs:
            if self.bytes > MOST:
                self.arrays.clear()
                self.outputs.clear()
                self.bytes = 0
            output = work(layer, inputs, call)
            self.bytes += output.nbytes
            self.outputs[key] = output, dict(call.averages or {}), arrays       # which keeps their ids
        output, averages, _ = self.outputs[key]
        if call.averages is not None:
            call.averages |= averages
        return output
