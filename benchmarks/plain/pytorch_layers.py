"""Networks of torch.nn modules, and optimizers, from a task's tables."""

from typing import Any

import torch
from torch import nn

from harness.tasks import Task
from harness.tasks.network import Layer, Network

from . import Net, Optimizer, Tensor, is_chain, outputs, readers


def layer(description: Layer, network: Network, hyperparameters: dict[str, Any]) -> Any:
    """The module of one layer of the question's table."""
    o, shape = description.options, description.output_shape
    inputs = description.input_shapes[0][0]
    match description.kind:
        case "dense":
            return nn.Linear(inputs, shape[0], bias=o.get("bias", True))
        case "conv":
            return nn.Conv2d(inputs, o["channels"], o["kernel"], o.get("stride", 1), o.get("padding", 0),
                             bias=o.get("bias", True))
        case "conv_transpose":
            return nn.ConvTranspose2d(inputs, o["channels"], o["kernel"], o.get("stride", 1), o.get("padding", 0),
                                      o.get("output_padding", 0), bias=o.get("bias", True))
        case "batch_norm":
            return nn.BatchNorm2d(inputs) if len(shape) == 3 else nn.BatchNorm1d(inputs)
        case "relu":
            return nn.ReLU(inplace=can_overwrite(description, network))
        case "leaky_relu":
            return nn.LeakyReLU(hyperparameters["slope"], inplace=can_overwrite(description, network))
        case "dropout":
            return nn.Dropout(hyperparameters["dropout"])
        case "reshape":
            return nn.Unflatten(1, shape)
        case "max_pool":
            return nn.MaxPool2d(o["size"])
        case "average_pool":
            return nn.AvgPool2d(o["size"])
        case "global_average_pool":
            return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
        case "upsample":
            return nn.Upsample(scale_factor=o["scale"])
        case name:
            return {"flatten": nn.Flatten, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid, "concat": Concat, "add": Add}[name]()


def can_overwrite(description: Layer, network: Network) -> bool:
    """Whether an activation may work in place, as in the tutorial: nobody else reads what it overwrites."""
    source, = description.sources
    return source.kind in ("dense", "conv", "conv_transpose", "batch_norm") and readers(network, source) == 1


class Concat(nn.Module):
    def forward(self, *inputs: Tensor) -> Tensor:
        return torch.cat(inputs, 1)


class Add(nn.Module):
    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        return x + y


class Graph(nn.Module):
    """A network with branches, several inputs or several outputs."""

    def __init__(self, network: Network, returned: list[str], hyperparameters: dict[str, Any]) -> None:
        super().__init__()
        inner = [d for d in network.layers if d.kind != "input"]
        self.inputs = [d.name for d in network.layers if d.kind == "input"]
        self.layers = nn.ModuleDict({d.name: layer(d, network, hyperparameters) for d in inner})
        self.sources = {d.name: [source.name for source in d.sources] for d in inner}
        self.returned = returned

    def forward(self, *inputs: Tensor) -> Tensor:
        values = dict(zip(self.inputs, inputs))
        for name, module in self.layers.items():
            values[name] = module(*[values[source] for source in self.sources[name]])
        results = [values[name] for name in self.returned]
        return results if len(results) > 1 else results[0]


def build_network(task: Task, name: str) -> Net:
    network, returned = task.networks[name], outputs(task, name)
    if is_chain(network) and len(returned) == 1:
        return nn.Sequential(*(layer(d, network, task.hyperparameters) for d in network.layers[1:]))
    return Graph(network, returned, task.hyperparameters)


def build_optimizer(networks: dict[str, Net], options: dict[str, Any]) -> Optimizer:
    parameters = [p for name in options["trains"] for p in networks[name].parameters()]
    if options["algorithm"] == "rmsprop":
        return torch.optim.RMSprop(parameters, lr=options["learning_rate"], alpha=options["decay"])
    return torch.optim.Adam(parameters, lr=options["learning_rate"],
                            betas=(options.get("beta1", 0.9), options.get("beta2", 0.999)))
