"""An answer that is asked at weights and batches of the judge's choice; all that goes in and out here is canonical."""

from collections.abc import Mapping

import numpy as np

from harness.diagnosis.tape import Step, Tape
from harness.exact.model import Model
from harness.runner.client import ByNetwork, Runner
from harness.tasks import Task
from harness.tasks.parameters import canonical_of, native_of, to_canonical
from harness.training.batches import Batches, canonical

Arrays = dict[str, np.ndarray]


class Subject:
    """``runner``: an answer whose networks are known (its ladder has come so far); ``native``, ``canonical``: batches by number, in
    the framework's layout and as the question has them."""

    def __init__(self, task: Task, runner: Runner, layout: str, native: Batches, canonical: Batches):
        self.task, self.runner, self.layout, self.native, self.canonical = task, runner, layout, native, canonical
        self.specs = {name: network.parameters() for name, network in task.networks.items()}

    def put(self, parameters: Mapping[str, np.ndarray]) -> None:
        """Set all its parameters."""
        self.runner.put(native_of(self.specs, parameters, self.layout))

    def record(self, number: int, values: bool = True) -> Tape:
        """One training step on batch ``number``, and what it computed on the way."""
        found = self.runner.record(self.native(number), values)
        batch = self.canonical(number)
        given = {f'batch["{name}"]': entry for name, entry in batch.items()}
        if self.task.repeat:
            repeated = [(name, entry) for name, entry in given.items() if len(entry) == self.task.repeat]
            given |= {f"{name}[{i}]": part for name, entry in repeated for i, part in enumerate(entry)}
        steps = [Step(update["at"], update["optimizer"], self._gradients(update["gradients"]), self._by_name(update["before"]),
                      self._by_name(update.get("after", update["before"]))) for update in found.updates]
        return Tape(found.moments, found.lines, steps, found.losses, self._by_name(found.after), given)

    def ask(self, ability: str, inputs: list[np.ndarray]) -> np.ndarray:
        """What an ability makes of inputs in the framework's layout."""
        return canonical(np.asarray(self.runner.ask(ability, inputs), np.float64), self.layout)

    def values(self, numbers: list[int]) -> list[np.ndarray]:
        """Values of the last recorded step; an empty one where it was not kept."""
        return [canonical(np.zeros(0) if value is None else np.asarray(value, np.float64), self.layout)
                for value in self.runner.values(numbers)]

    def _gradients(self, of: Mapping[str, Mapping[str, np.ndarray]]) -> Arrays:
        return {p.name: to_canonical(p, np.asarray(gradient, np.float64), self.layout)
                for network, gradients in of.items() for i, gradient in gradients.items() for p in [self.specs[network][int(i)]]}

    def _by_name(self, of: ByNetwork) -> Arrays:
        return {name: np.asarray(array, np.float64) for name, array in canonical_of(self.specs, of, self.layout).items()}

    def model(self) -> Model:
        """The question's model, to go beside it."""
        return Model(self.task, {})
