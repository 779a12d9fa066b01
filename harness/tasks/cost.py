"""What a training step costs: its floating point operations, counted from task.toml and from nothing else.

Counted are the products of dense layers and convolutions, a multiplication and an addition each, as matrix products
would do them (padding included); normalization, activations, losses and optimizers are left out, being small.
"""

from collections.abc import Iterator
from math import prod

from harness.tasks import Task
from harness.tasks.network import Layer, Network

# What a pass through a network is for, and the products that it takes of every layer with a weight: forward, then back
# to the layer's weight, then back to its input. A gradient penalty goes back to the input, and from there to the
# weights through both ways, which is two products a layer where the activations are piecewise linear.
PURPOSES = {
    "forward": (1, 0, 0),       # no gradients
    "weights": (1, 1, 1),       # of the network alone: its first layers need no gradient of their inputs
    "input": (1, 0, 1),         # of what is before it alone
    "both": (1, 1, 1),
    "penalty": (1, 2, 1),       # forward, back to the input, and twice a product in between
}


def products(layer: Layer) -> int:
    """Multiplications of a layer's forward pass for one image."""
    weight = layer.roles.get("weight")
    if weight is None:
        return 0
    at = {"conv": layer.output_shape, "conv_transpose": layer.input_shapes[0]}.get(layer.kind, ())
    return prod(weight) * prod(at[1:])


def of_network(network: Network, purpose: str) -> int:
    """Floating point operations of one pass for ``purpose``, for one image."""
    forward, weights, inputs = PURPOSES[purpose]
    if purpose == "weights":
        first = set(map(id, _first_layers(network)))
        return 2 * sum(products(x) * (forward + weights + (0 if id(x) in first else inputs)) for x in network.layers)
    return 2 * (forward + weights + inputs) * sum(map(products, network.layers))


def _first_layers(network: Network) -> Iterator[Layer]:
    """Layers with a weight that have none before them."""
    fed: dict[int, bool] = {}
    for layer in network.layers:
        above = any(fed[id(source)] for source in layer.sources)
        if layer.roles and not above:
            yield layer
        fed[id(layer)] = above or bool(layer.roles)


def of_step(task: Task) -> int:
    """Floating point operations of one train_step, by the passes that task.toml's [passes] counts; 0 if it has none."""
    return task.batch_size * sum(number * of_network(task.networks[name], purpose)
                                 for name, passes in task.passes.items() for purpose, number in passes.items())
