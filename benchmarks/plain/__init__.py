"""Each task's networks, trained as public code of each framework usually trains such networks.

A yardstick for the answers' speed: the same layers, batch size and kind of optimizer, and a training step as in the
framework's tutorials and examples, with the work that these do without need. Each framework's module has

    build(task) -> step         step(batch) -> {loss name: value}

``batch`` is what an answer gets. Its images, labels and masks are used; noise is drawn in the step, as public code does
it. Initial weights and the constants of batch norm are the framework's own. This file is what the four share.
"""

from collections.abc import Callable
from typing import Any

from harness.tasks import Task
from harness.tasks.network import Layer, Network

Tensor = Any        # of the framework, as are its networks and optimizers
Net = Any
Optimizer = Any
Batch = dict[str, Tensor]
Losses = dict[str, Tensor]
Step = Callable[[Batch], Losses]


def kind(task: Task) -> str:
    """autoencoder, vae, gan, pix2pix, vae_gan, wgan or wgan_gp"""
    names = task.networks.keys()
    if "critic" in names:
        return "wgan" if "clip" in task.hyperparameters else "wgan_gp"
    if "discriminator" in names:
        return "vae_gan" if "encoder" in names else "pix2pix" if "masks" in task.batch else "gan"
    return "vae" if "kl" in task.losses else "autoencoder"


def likelihood(task: Task) -> str:
    """The loss that compares images with their reconstructions: mse, bce, squared_error or reconstruction."""
    return next(name for name in task.losses if name in ("mse", "bce", "squared_error", "reconstruction"))


def skips(task: Task) -> list[str]:
    """The encoder's layers that the decoder reads, too; none where it reads a code alone."""
    known = {layer.name for layer in task.networks["encoder"].layers if layer.kind != "input"}
    return [layer.name for layer in task.networks["decoder"].layers if layer.kind == "input" and layer.name in known]


def outputs(task: Task, name: str) -> list[str]:
    """The layers whose output network ``name`` returns: those that no other one reads, then an encoder's skips."""
    network = task.networks[name]
    unread = [layer.name for layer in network.layers if not readers(network, layer)]
    return unread + (skips(task) if name == "encoder" else [])


def readers(network: Network, layer: Layer) -> int:
    """How many layers read ``layer``."""
    return sum(layer in other.sources for other in network.layers)


def is_chain(network: Network) -> bool:
    """Whether each layer reads the one before it and nothing else."""
    return all(layer.sources == (before,) for before, layer in zip(network.layers, network.layers[1:]))


def by_points(task: Task) -> bool:
    """Whether the decoder makes one point of an image and not the whole."""
    return task.networks["decoder"].output_shape != task.image_shape


def optimizers(task: Task) -> dict[str, dict[str, Any]]:
    """task.optimizers, with hyper-parameters in place of their names."""
    def value(option: Any) -> Any:
        return task.hyperparameters.get(option, option) if isinstance(option, str) else option

    return {name: {key: value(option) for key, option in options.items()} for name, options in task.optimizers.items()}
