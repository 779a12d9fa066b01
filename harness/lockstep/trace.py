"""One training step taken apart: what every layer with parameters gave, in the order in which it was called.

For finding where two frameworks part, see ``harness/lockstep/divergence.py``. Slower than a step in earnest: nothing is compiled.
"""

from typing import Any

import numpy as np

from harness.frameworks import Tensor, Variable
from harness.processes.child import Session
from harness.tasks import parameters
from harness.tasks.network import Layer, Parameter
from harness.training.job import trainer_of
from harness.training.trainer import Trainer

# Kinds of events, "<kind>:<parameter, layer or loss>:<call>". A layer's parameters stand as they were when it was called.
PARAMETER, OUTPUT, LOSS, UPDATED = "parameter", "output", "loss", "updated"


def job(session: Session, *, step: int, result: str, **what: Any) -> dict[str, Any]:
    """In a worker: trace training step ``step`` into the .npz file ``result``; the steps of a training are asked for one
    after the other."""
    if step == 0:
        session.kept["trainer"] = trainer_of(session, **what)
    np.savez(result, allow_pickle=False, **record(session.kept["trainer"], step))
    return {}


def record(trainer: Trainer, number: int) -> dict[str, np.ndarray]:
    """Do training step ``number`` of a Trainer; all that could be seen, in order of computation, in canonical layout.

    First, for each call of a layer, its parameters and its output before any activation; then the losses; then all
    parameters after the step.
    """
    names = {id(variable): name for name, variable in trainer.variables.items()}
    layers = {f"{n}.{layer.name}": layer for n, network in trainer.task.networks.items() for layer in network.layers}
    events: dict[str, np.ndarray] = {}
    calls: dict[str, int] = {}

    def on_call(variables: list[Variable], output: Tensor) -> None:
        known = [(names[id(v)], v) for v in variables if id(v) in names]
        output = trainer.adapter.array(output) if known else None
        if output is None or not output.ndim:
            return
        layer = known[0][0].rpartition(".")[0]
        output = _canonical(layers[layer], output, trainer.adapter.layout)
        if output is None:
            return
        calls[layer] = call = calls.get(layer, 0) + 1
        for name, variable in known:
            array = trainer.adapter.read(variable)
            events[f"{PARAMETER}:{name}:{call}"] = parameters.to_canonical(trainer.specs[name], array,
                                                                           trainer.adapter.layout)
        events[f"{OUTPUT}:{layer}:{call}"] = output

    with trainer.adapter.watching(trainer.answer, on_call):
        losses = trainer.step(number)
    events |= {f"{LOSS}:{name}:1": np.array([value]) for name, value in losses.items()}
    return events | {f"{UPDATED}:{name}:1": array for name, array in trainer.parameters().items()}


def _canonical(layer: Layer, output: np.ndarray, layout: str) -> np.ndarray | None:
    """A layer's output as PyTorch would have it: channels first, cropped as the transposed convolution asks.

    None if it is not this layer's output: a network that holds a weight itself gives what all its layers make of it.
    """
    if layout == "NHWC":
        if output.ndim == 4:
            output = output.transpose(0, 3, 1, 2)
        elif output.ndim == 2:          # a flat vector that will be, or was, maps
            marks = next((m for role, m in layer.flattened.items() if role in ("bias", "gamma", "weight") and 0 in m), {})
            flat = Parameter("", "bias", output.shape[1:], marks)
            output = np.stack([parameters.to_canonical(flat, row, layout) for row in output])
    if output.ndim == 4 and output.shape[2:] != layer.output_shape[1:] and layer.kind == "conv_transpose":
        padding = layer.options.get("padding", 0)       # some frameworks leave the cropping to a layer of its own
        rows, columns = ((p, p + n) for p, n in zip(np.broadcast_to(padding, 2), layer.output_shape[1:]))
        output = output[:, :, slice(*rows), slice(*columns)]
    if output[0].size == np.prod(layer.output_shape):
        return np.array(output).reshape(-1, *layer.output_shape)        # scores (N,) are (N, 1)
    return np.array(output) if output.shape[-1:] == layer.output_shape else None
