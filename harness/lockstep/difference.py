"""How far apart two runs are. "Relative" is defined here, and nowhere else; docs/lockstep.md says it in words."""

from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

# A loss that crosses zero has no meaningful relative difference there: below this share of the curve's median
# magnitude, differences are taken relative to that share instead of the value itself.
FLOOR = 1e-3


def curve_difference(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """|a - b| / max(|a|, |b|, floor) at every step; floor = FLOOR times the median of all |a| and |b|.

    Equal values differ by 0; a value that is not finite differs from everything, itself included, by infinity.
    """
    magnitudes = np.abs(np.concatenate([a, b]))
    floor = FLOOR * np.median(magnitudes) if magnitudes.size else 0.0
    return _relative(a, b, np.maximum(np.maximum(np.abs(a), np.abs(b)), floor))


def tensor_difference(a: np.ndarray, b: np.ndarray) -> float:
    """max |a - b| / max(|a|, |b|), both maxima over the whole tensor: its largest magnitude is the scale."""
    scale = max(np.max(np.abs(a), initial=0.0), np.max(np.abs(b), initial=0.0))
    return float(np.max(_relative(a, b, scale), initial=0.0))


def _relative(a: np.ndarray, b: np.ndarray, scale: np.ndarray | float) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        difference = np.abs(a - b)
        relative = np.where(difference == 0, 0.0, difference / scale)
    return np.where(np.isfinite(relative), relative, np.inf)


@dataclass
class Run:
    """What one framework made of a task. ``status``: "ok", "differs" (not the answer asked for) or "failed"."""

    framework: str
    status: str = "ok"
    version: str | None = None
    message: str = ""
    traceback: str = ""
    seconds: dict[str, float] = field(default_factory=dict)     # import, build, first_step, training
    curves: dict[str, np.ndarray] = field(default_factory=dict)
    parameters: dict[str, np.ndarray] = field(default_factory=dict)
    outputs: dict[str, np.ndarray] = field(default_factory=dict)


@dataclass
class Pair:
    """Two runs compared: the largest differences, and where they are."""

    frameworks: tuple[str, str]
    curve: float
    parameter: float
    output: float
    first_step: int | None          # the first step (from 1) at which a curve exceeds the tolerance
    worst_loss: str
    worst_parameter: str

    def agrees(self, tolerance: float) -> bool:
        """Whether curves, parameters and outputs are all within ``tolerance``."""
        return max(self.curve, self.parameter, self.output) <= tolerance


def compare(a: Run, b: Run, tolerance: float) -> Pair:
    """Compare every curve, the parameters at the end and what the abilities gave, each by its own measure."""
    curves = {name: curve_difference(a.curves[name], b.curves[name]) for name in a.curves}
    steps = np.max(list(curves.values()), axis=0)
    exceeded = np.flatnonzero(steps > tolerance)
    parameters = {n: tensor_difference(a.parameters[n], b.parameters[n]) for n in a.parameters}
    outputs = {n: tensor_difference(a.outputs[n], b.outputs[n]) for n in a.outputs}
    worst = max(parameters, key=parameters.__getitem__)
    return Pair((a.framework, b.framework), curve=float(np.max(steps)), parameter=parameters[worst],
                output=max(outputs.values()), first_step=int(exceeded[0]) + 1 if len(exceeded) else None,
                worst_loss=max(curves, key=lambda n: np.max(curves[n])), worst_parameter=worst)


def compare_all(runs: list[Run], tolerance: float) -> list[Pair]:
    """All pairs of the runs that finished."""
    return [compare(a, b, tolerance) for a, b in combinations([r for r in runs if r.status == "ok"], 2)]
