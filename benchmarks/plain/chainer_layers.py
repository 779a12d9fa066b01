"""Chains of Chainer's links and functions, and optimizers, from a task's tables."""

from functools import partial
from typing import Any

from harness.chainer_numpy2 import chainer  # Chainer 7.8.1 on NumPy 2: before what is chainer's

# isort: split
import chainer.functions as F
import chainer.links as L

from harness.tasks import Task
from harness.tasks.network import Layer, Network

from . import Net, Optimizer, Tensor, is_chain, outputs


def layer(description: Layer, hyperparameters: dict[str, Any]) -> Any:
    """The link or function of one layer of the question's table."""
    o, shape = description.options, description.output_shape
    inputs = description.input_shapes[0][0]
    match description.kind:
        case "dense":
            return L.Linear(inputs, o["units"], nobias=not o.get("bias", True))
        case "conv":
            return L.Convolution2D(inputs, o["channels"], o["kernel"], o.get("stride", 1), o.get("padding", 0),
                                   nobias=not o.get("bias", True))
        case "conv_transpose":
            return L.Deconvolution2D(inputs, o["channels"], o["kernel"], o.get("stride", 1), o.get("padding", 0),
                                     nobias=not o.get("bias", True), outsize=shape[1:])
        case "batch_norm":
            return L.BatchNormalization(inputs)
        case "leaky_relu":
            return partial(F.leaky_relu, slope=hyperparameters["slope"])
        case "dropout":
            return partial(F.dropout, ratio=hyperparameters["dropout"])
        case "flatten" | "reshape":
            return partial(reshape, shape=shape)
        case "max_pool":
            return partial(F.max_pooling_2d, ksize=o["size"])
        case "average_pool":
            return partial(F.average_pooling_2d, ksize=o["size"])
        case "global_average_pool":
            return partial(F.mean, axis=(2, 3))
        case "upsample":
            return partial(F.unpooling_2d, ksize=o["scale"], outsize=shape[1:])
        case name:
            return {"relu": F.relu, "tanh": F.tanh, "sigmoid": F.sigmoid, "concat": concat, "add": F.add}[name]


def reshape(x: Tensor, shape: tuple[int, ...]) -> Tensor:
    return F.reshape(x, (len(x), *shape))


def concat(*inputs: Tensor) -> Tensor:
    return F.concat(inputs, axis=1)


class Graph(chainer.Chain):
    """A network with branches, several inputs or several outputs."""

    def __init__(self, network: Network, returned: list[str], hyperparameters: dict[str, Any]) -> None:
        super().__init__()
        self.inputs = [d.name for d in network.layers if d.kind == "input"]
        self.calls, self.returned = [], returned
        with self.init_scope():
            for d in network.layers[1:]:
                if d.kind != "input":
                    call = layer(d, hyperparameters)
                    self.calls.append((d.name, call, [source.name for source in d.sources]))
                    if isinstance(call, chainer.Link):
                        setattr(self, f"link_{d.name}", call)

    def forward(self, *inputs: Tensor) -> Tensor:
        values = dict(zip(self.inputs, inputs))
        for name, call, sources in self.calls:
            values[name] = call(*[values[source] for source in sources])
        results = [values[name] for name in self.returned]
        return results if len(results) > 1 else results[0]


def build_network(task: Task, name: str) -> Net:
    network, returned = task.networks[name], outputs(task, name)
    if is_chain(network) and len(returned) == 1:
        return chainer.Sequential(*(layer(d, task.hyperparameters) for d in network.layers[1:]))
    return Graph(network, returned, task.hyperparameters)


def build_optimizer(networks: dict[str, Net], options: dict[str, Any]) -> Optimizer:
    if options["algorithm"] == "rmsprop":
        optimizer = chainer.optimizers.RMSprop(options["learning_rate"], alpha=options["decay"])
    else:
        optimizer = chainer.optimizers.Adam(options["learning_rate"], options.get("beta1", 0.9),
                                            options.get("beta2", 0.999))
    trained = [networks[name] for name in options["trains"]]
    return optimizer.setup(chainer.ChainList(*trained) if len(trained) > 1 else trained[0])
