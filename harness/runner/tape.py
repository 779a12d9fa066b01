"""What a training step computes on the way, noted down as it runs."""

import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.frameworks import Variable

if TYPE_CHECKING:
    from harness.runner.bench import Bench

VALUES = 20_000             # results of operations that are noted; a step has hundreds
KEPT = 2**28                # bytes of them that are kept to be asked for
FRAMES = 60                 # between an operation and the learner's line
POWERS = 3


def moments(array: np.ndarray) -> tuple[float, ...]:
    """Size, and the sums of the first three powers: no change of layout changes them."""
    flat = np.asarray(array, np.float64).ravel()
    with np.errstate(all="ignore"):
        square = flat * flat
        return flat.size, float(flat.sum()), float(square.sum()), float(square @ flat)


class Tape:
    """Updates of one step and values, as far as it hears of them. ``kept``: the values themselves, by number."""

    def __init__(self, bench: "Bench"):
        self.adapter, self.path = bench.adapter, str(bench.path)
        self.places = {id(v): (name, i) for name, of in bench.variables.items() for i, v in enumerate(of)}
        self.variables = bench.variables
        self.moments: list[tuple[float, ...]] = []
        self.lines: list[int] = []
        self.kept: dict[int, np.ndarray] = {}
        self.bytes = 0
        self.updates: list[dict[str, Any]] = []

    def on_value(self, value: np.ndarray) -> None:
        """A result of an operation."""
        if len(self.moments) >= VALUES or not value.size:
            return
        self.moments.append(moments(value))
        self.lines.append(self._line())
        kept = np.array(value, np.float64)
        if self.bytes + kept.nbytes <= KEPT:
            self.bytes += kept.nbytes
            self.kept[len(self.moments) - 1] = kept

    def _line(self) -> int:
        """The innermost line of the learner's file that is at work, or 0."""
        frame = sys._getframe(2)
        for _ in range(FRAMES):
            if frame is None or frame.f_code.co_filename == self.path:
                break
            frame = frame.f_back        # type: ignore[assignment]
        return frame.f_lineno if frame is not None and frame.f_code.co_filename == self.path else 0

    def on_update(self, optimizer: str, gradients: list[tuple[Variable, np.ndarray]] | None) -> None:
        """A step of an optimizer begins, with its gradients, or is done."""
        if gradients is not None:
            of: dict[str, dict[str, np.ndarray]] = {}
            for variable, gradient in gradients:
                if id(variable) in self.places:
                    network, i = self.places[id(variable)]
                    of.setdefault(network, {})[str(i)] = np.asarray(gradient, np.float64)
            self.updates.append({"at": len(self.moments), "optimizer": optimizer, "gradients": of, "before": self._parameters()})
        elif self.updates:
            self.updates[-1]["after"] = self._parameters()

    def _parameters(self) -> dict[str, list[np.ndarray]]:
        return {name: [self.adapter.read(v) for v in of] for name, of in self.variables.items()}

    def reply(self) -> dict[str, Any]:
        """As it goes to those who asked."""
        moments = np.array(self.moments, np.float64).reshape(-1, 1 + POWERS)
        return {"moments": moments, "lines": np.array(self.lines, np.int64), "updates": self.updates, "after": self._parameters()}
