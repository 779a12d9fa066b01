"""Do frameworks train alike when each keeps its own initial weights and randomness? A test of equivalence.

"No significant difference" is no evidence of sameness: few runs and much noise never show one. Here the burden of proof
is the other way round (two one-sided tests, Schuirmann 1987): two frameworks are *equivalent* in a loss if the 90 %
confidence interval of their difference lies within a margin that was stated beforehand, *different* if it lies outside
it, and *undecided* otherwise, which more seeds can change.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np

MARGIN = 0.1                    # of the loss's own size
CONFIDENCE = 0.9                # of the interval: two one-sided tests at 5 %
CHECKPOINTS = (0.25, 0.5, 1.0)  # of the training; each looks at the mean of the tenth of the steps before it
WINDOW = 0.1


@dataclass(frozen=True)
class Equivalence:
    """Two frameworks in one loss at one step: the mean difference relative to the loss's size, and its interval."""

    frameworks: tuple[str, str]
    loss: str
    step: int                   # counted from 1
    difference: float
    low: float
    high: float
    verdict: str                # "equivalent", "different", "undecided"


def judge(differences: np.ndarray, margin: float) -> tuple[float, float, float, str]:
    """(mean, low, high, verdict) of paired relative ``differences`` (K,), one a seed; K is 2 or more."""
    mean = float(np.mean(differences))
    from scipy.special import stdtrit  # Student's quantile; scipy.stats would take a second to import

    half = stdtrit(len(differences) - 1, (1 + CONFIDENCE) / 2) * np.std(differences, ddof=1) / np.sqrt(len(differences))
    low, high = mean - float(half), mean + float(half)
    if not np.isfinite(half):
        return mean, -np.inf, np.inf, "different"
    verdict = "equivalent" if -margin < low and high < margin else "different" if low > margin or high < -margin else "undecided"
    return mean, low, high, verdict


def compare(curves: dict[str, np.ndarray], loss: str, margin: float = MARGIN) -> list[Equivalence]:
    """All pairs of frameworks at all checkpoints. ``curves``: framework -> (K seeds, steps) of one loss.

    Seed k stands for the same batches and noise in every framework, so the differences are paired. They are relative to
    the median magnitude of the two frameworks' losses there.
    """
    found = []
    steps = next(iter(curves.values())).shape[1]
    for share in CHECKPOINTS:
        end = max(1, round(share * steps))
        window = slice(max(0, end - max(1, round(WINDOW * steps))), end)
        level = {name: np.mean(curve[:, window], axis=1) for name, curve in curves.items()}
        for a, b in combinations(curves, 2):
            scale = np.median(np.abs(np.concatenate([level[a], level[b]])))
            with np.errstate(divide="ignore", invalid="ignore"):
                relative = np.where(level[a] == level[b], 0.0, (level[a] - level[b]) / scale)
            found.append(Equivalence((a, b), loss, end, *judge(relative, margin)))
    return found
