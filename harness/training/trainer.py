"""One answer in training: built, given the common weights, aligned, and fed the common batches."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from harness.frameworks import Adapter
from harness.tasks import Task, parameters
from harness.training import batches, contract
from harness.training.batches import Batches
from harness.training.contract import ContractError

MOST = 64       # images that go through the networks at one time when an ability is asked


class Trainer:
    """Trains one answer in one framework, in this process.

    images, labels, masks: the data set's arrays, see ``Batches``. ``native`` leaves the answer as it stands: its own
    initial weights and its framework's own constants. ``path`` names another file than the reference answer; ``answer``
    is one that is built already. ``device``: cpu or cuda.

    Raises ContractError or ParameterMismatch where the answer is not what the question asks for.
    """

    def __init__(self, task: Task, framework: str, adapter: Adapter, data: Mapping[str, Any], *, precision: str = "float64",
                 seed: int = 0, native: bool = False, path: Path | None = None, answer: Any = None, device: str = "cpu"):
        self.task, self.adapter, self.precision = task, adapter, precision
        ours = answer is None and path is None
        if answer is None:
            adapter.configure(precision, seed, device)
            answer = contract.load_class(task, framework, path)(**task.hyperparameters)
        self.answer = answer
        networks = contract.attributes(self.answer, task.networks, "network")
        if device != "cpu":
            for network in networks.values():
                adapter.place(network)
        if ours and precision == "float32" and task.batch_size > 1:         # one image gains nothing; float64 has other routines
            for network in networks.values():
                adapter.lay_out(network)
        self.variables = contract.variables_of(self.answer, task, adapter)
        self.specs = {p.name: p for network in task.networks.values() for p in network.parameters()}
        self.optimizers = contract.attributes(self.answer, task.optimizers, "optimizer")
        if not native:
            self.set_parameters(parameters.initial(task.networks, task.initializers, seed))
            for optimizer in self.optimizers.values():
                adapter.align(optimizer)
            for network in networks.values():
                adapter.align_network(network)
        if ours:                # a learner's optimizer may train something else, and is to say so by its numbers
            for name, optimizer in self.optimizers.items():
                adapter.build(optimizer, [networks[trained] for trained in task.optimizers[name]["trains"]])
        self.batches = Batches(task, data["images"], data["labels"], data.get("masks"), seed=seed,
                               precision=precision, layout=adapter.layout)
        self._step = adapter.training_step(self.answer)

    def step(self, number: int) -> dict[str, float]:
        """Training step ``number`` (0 is the first); returns its losses, as they were before the step's update."""
        losses = self._step(self.adapter.batch(self.batches(number)))
        return contract.losses_of(losses, self.task, self.adapter, self.precision, checked=number > 0)

    def parameters(self) -> dict[str, np.ndarray]:
        """All parameters by name, in canonical layout."""
        return {name: parameters.to_canonical(self.specs[name], self.adapter.read(variable), self.adapter.layout)
                for name, variable in self.variables.items()}

    def set_parameters(self, arrays: dict[str, np.ndarray]) -> None:
        """Parameters by name, from canonical layout; others stay as they are."""
        for name, array in arrays.items():
            self.adapter.write(self.variables[name], parameters.to_native(self.specs[name], array, self.adapter.layout))

    def state(self) -> dict[str, dict[str, np.ndarray]]:
        """All that the optimizers keep, in the framework's own terms, by the optimizer's name."""
        return {name: self.adapter.optimizer_state(optimizer) for name, optimizer in self.optimizers.items()}

    def go_on(self, parameters: dict[str, np.ndarray], state: dict[str, dict[str, np.ndarray]]) -> None:
        """Be where another run of this answer was when it had ``parameters`` and ``state``, to the last bit.

        An optimizer has no state before its first step, so one is made, and everything that it changed is overwritten.
        """
        self.step(0)
        self.set_parameters(parameters)
        for name, optimizer in self.optimizers.items():
            self.adapter.set_optimizer_state(optimizer, state[name])

    def outputs(self, number: int) -> dict[str, np.ndarray]:
        """What the answer's abilities make of the first ``number`` images and the samples' noise, in evaluation mode.

        Also the inputs that they were given, by the batch's names. Maps are (number, channels, height, width).
        """
        values = self.adapter.batch(self.batches.samples(number))
        methods = contract.attributes(self.answer, self.task.abilities, "ability")
        networks = contract.attributes(self.answer, self.task.networks, "network")
        with self.adapter.evaluation(networks.values()):
            for name, ability in self.task.abilities.items():
                values[name] = methods[name](*(values[i] for i in ability.inputs), **ability.arguments)
        arrays = {name: self.canonical(self.adapter.array(value)) for name, value in values.items()}
        for name, ability in self.task.abilities.items():
            expected = (number, *ability.output)
            if arrays[name].shape != expected:
                raise ContractError(f"{name} returned the shape {arrays[name].shape}; the question asks for {expected} "
                                    "(batch, channels, height, width)")
        return arrays

    def ask(self, name: str, given: dict[str, np.ndarray], **arguments: int) -> np.ndarray:
        """What the ability ``name`` makes of its inputs, in evaluation mode. Canonical arrays in and out.

        given: the ability's inputs by name, of one length, maps as (number, channels, height, width), of any floating
        point type. ``arguments``: in place of the question's, where the ability has some.
        """
        ability = self.task.abilities[name]
        networks = contract.attributes(self.answer, self.task.networks, "network")
        inputs = [given[i] for i in ability.inputs]
        parts = []
        for first in range(0, len(inputs[0]), MOST):
            arrays = {str(i): self.native(array[first:first + MOST]) for i, array in enumerate(inputs)}
            with self.adapter.evaluation(networks.values()):
                made = getattr(self.answer, name)(*self.adapter.batch(arrays).values(), **{**ability.arguments, **arguments})
            parts.append(self.canonical(self.adapter.array(made)))
        return np.concatenate(parts)

    def native(self, array: np.ndarray) -> np.ndarray:
        """A canonical array as the framework has it: maps in its layout, floats in the run's precision."""
        if array.dtype.kind == "f":
            array = array.astype(self.precision)
        return batches.native(array, self.adapter.layout)

    def canonical(self, array: np.ndarray) -> np.ndarray:
        """An array of the framework's with its maps as (N, channels, height, width)."""
        return batches.canonical(array, self.adapter.layout)
