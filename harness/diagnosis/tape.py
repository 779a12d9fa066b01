"""What a recorded step of an answer computed, as the judge has it: looked up by numbers, whatever their layout."""

from dataclasses import dataclass, field

import numpy as np

from harness.runner import tape as recorded

TOLERANCE = 3e-7        # relative, of the sums of powers; right answers differ by 1e-13, a constant not rounded to float32 makes 1e-8
NEAR = 1e-4             # so near is what a layer gives that does nearly what it should


@dataclass
class Step:
    """One step of an optimizer. ``at``: so many values were computed before it. Gradients and parameters by name, canonical."""

    at: int
    optimizer: str
    gradients: dict[str, np.ndarray]
    before: dict[str, np.ndarray]
    after: dict[str, np.ndarray]


@dataclass
class Tape:
    """``moments``: (n, 4), of each value its size and the sums of its first three powers; ``lines``: of the answer's file."""

    moments: np.ndarray
    lines: np.ndarray
    steps: list[Step]
    losses: dict[str, float]
    after: dict[str, np.ndarray]        # the parameters at the end
    given: dict[str, np.ndarray] = field(default_factory=dict)     # what was there before: the batch, by what one writes for it
    _found: dict[tuple[float, ...], int] = field(default_factory=dict)

    def find(self, array: np.ndarray, begin: int = 0) -> int | None:
        """The first value from ``begin`` on with the numbers of ``array``; -1 where the batch has them; None: there is none."""
        return self.at(moments(array), begin)

    def at(self, wanted: np.ndarray, begin: int = 0) -> int | None:
        """The same, by the moments of these numbers."""
        if not np.isfinite(wanted).all():
            return None
        key = (*wanted, begin)
        if key not in self._found:
            there = np.flatnonzero(close(self.moments[begin:], wanted))
            first = int(there[0]) + begin if len(there) else None
            if first is None and any(close(moments(entry)[None], wanted)[0] for entry in self.given.values()):
                first = -1
            self._found[key] = -2 if first is None else first
        return None if self._found[key] == -2 else self._found[key]

    def has(self, array: np.ndarray) -> bool:
        """Whether such numbers were computed, or given."""
        return self.find(array) is not None

    def nearly(self, array: np.ndarray) -> bool:
        """Whether nearly such numbers were computed."""
        return bool(close(self.moments, moments(array), NEAR).any())

    def line(self, array: np.ndarray) -> int:
        """The answer's line that computed these numbers; 0: none did."""
        found = self.find(array)
        return int(self.lines[found]) if found is not None and found >= 0 else 0

    def alike(self, size: int) -> np.ndarray:
        """The numbers of the values that have ``size`` entries."""
        return np.flatnonzero(self.moments[:, 0] == size)


def moments(array: np.ndarray) -> np.ndarray:
    """Those of ``array``, as the recording has them."""
    return np.array(recorded.moments(array))


def close(many: np.ndarray, one: np.ndarray, tolerance: float = TOLERANCE) -> np.ndarray:
    """Which of ``many`` (n, 4) are those of the same numbers as ``one`` (4,).

    Each sum to so many digits of what it is at most or, of the third, at least, without signs: what a norm gives has the first two
    from its gamma and beta alone, so that little more than the third tells it from what another norm's input makes of these.
    """
    size, square = one[0], max(one[2], 1e-300)
    scale = np.array([0.5, np.sqrt(size * square), square, square**1.5 / np.sqrt(max(size, 1))])
    with np.errstate(all="ignore"):
        return (np.abs(many - one) <= tolerance * scale).all(1) if len(many) else np.zeros(0, bool)


def same_numbers(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether two arrays hold the same numbers, in whatever order."""
    return bool(close(moments(a)[None], moments(b))[0])
