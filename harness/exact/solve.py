"""Which sum of terms is it? The smallest combination of terms that gives all the numbers, or none."""

import math
from collections.abc import Collection, Mapping, Sequence
from itertools import combinations

import numpy as np

from harness.exact.formula import number

EXACT = 1e-9            # relative, of what a formula leaves unexplained
COARSE = 1e-5           # the same, in the quick search before
MIXED = 1e-8            # ... and of what is left then, with the equations that were mixed
MOST = 5                # terms of a formula
CANDIDATES = 60_000     # combinations that are tried at most for one number of terms
FITS = 2_000            # of these, the nearest that are fitted
ROWS = 64               # more equations than these are mixed into so many


def solve(wanted: np.ndarray, terms: Mapping[str, np.ndarray], known: Collection[str] = ()) -> dict[str, float] | None:
    """Coefficients by term, so that the sum of the terms is ``wanted``, (n,); the fewest terms there are, of equal ones those with
    the most of ``known`` and the simplest numbers. None if there are none.

    With more equations than terms of a formula, one that holds to nine digits does not hold by chance.
    """
    names = [name for name, values in terms.items() if np.isfinite(values).all() and np.abs(values).max() > 0]
    if not np.isfinite(wanted).all() or not names:
        return None
    if not np.abs(wanted).max() > 0:
        return {}
    table = np.stack([terms[name] for name in names], 1)
    scales = np.linalg.norm(table, axis=0)
    table, size = table / scales, float(np.linalg.norm(wanted))
    y = wanted / size
    if len(y) > ROWS:
        mix = np.random.default_rng(0).standard_normal((ROWS, len(y))) / math.sqrt(len(y))
        few, short = mix @ table, mix @ y
    else:
        few, short = table, y
    mine = [i for i, name in enumerate(names) if name in known]
    most = min(MOST, len(names), len(short) - 2)
    rounds = [_all(len(names), count) for count in range(1, most + 1)]
    if 0 < len(mine) < len(short) - 4:          # all that are known, with one or two besides
        rounds.insert(2, [(*mine, *others) for count in (0, 1, 2) for others in combinations(set(range(len(names))) - set(mine), count)])
    for choices in filter(None, rounds):
        likely = _likely(few, short, choices)
        if few is not table:
            mixed = [fit for choice in likely if (fit := _fit(few, short, choice, MIXED)) is not None]
            likely = [choice for choice, coefficients in mixed if all(map(is_plain, coefficients * size / scales[choice]))]
        fits = [fit for choice in likely if (fit := _fit(table, y, choice)) is not None]
        found = [{names[i]: float(c * size / scales[i]) for i, c in zip(choice, coefficients)} for choice, coefficients in fits]
        found = [fit for fit in found if all(map(is_plain, fit.values()))]
        if found:
            fewest = min(map(len, found))
            found = [fit for fit in found if len(fit) == fewest]
            order = {name: i for i, name in enumerate(names)}
            return min(found, key=lambda fit: (-len(set(fit) & set(known)), sum(order[term] for term in fit),
                                               sum(len(number(abs(c))) for c in fit.values())))
    return None


def is_plain(coefficient: float) -> bool:
    """Whether it is a number that somebody writes: a fraction, or a decimal of few digits. Between terms that are nearly the same
    there are other sums that give all the numbers, and nobody computes these."""
    rounded = float(f"{coefficient:.4g}")
    return abs(rounded - coefficient) <= 1e-7 * abs(coefficient) or "/" in number(abs(coefficient))


def _all(size: int, count: int) -> list[tuple[int, ...]]:
    """All choices of ``count`` columns, or none where these are too many."""
    return list(combinations(range(size), count)) if math.comb(size, count) <= CANDIDATES else []


def _likely(table: np.ndarray, y: np.ndarray, choices: Sequence[tuple[int, ...]]) -> list[np.ndarray]:
    """Choices of columns that explain ``y`` roughly, by their normal equations; of many, the nearest."""
    products, against = table.T @ table, table.T @ y
    likely: list[tuple[float, np.ndarray]] = []
    for count in sorted({len(choice) for choice in choices}):
        of = np.array([choice for choice in choices if len(choice) == count], int)
        left = products[of[:, :, None], of[:, None, :]] + 1e-13 * np.eye(count)
        right = against[of][..., None]
        coefficients = np.linalg.solve(left, right)[..., 0]
        unexplained = y @ y - (coefficients * right[..., 0]).sum(1)
        near = np.flatnonzero(unexplained <= COARSE * float(y @ y))
        likely += [(float(unexplained[i]), of[i]) for i in near]
    return [choice for _, choice in sorted(likely, key=lambda one: one[0])[:FITS]]


def _fit(table: np.ndarray, y: np.ndarray, choice: np.ndarray, exact: float = EXACT) -> tuple[np.ndarray, np.ndarray] | None:
    columns = table[:, choice]
    coefficients, _, rank, _ = np.linalg.lstsq(columns, y, rcond=1e-12)
    if rank < len(choice) or np.abs(columns @ coefficients - y).max() > exact * np.abs(y).max():
        return None
    adds = np.abs(coefficients) > 1e-7              # a term that adds nothing is none of them
    if not adds.all():
        return _fit(table, y, choice[adds], exact) if adds.any() else None
    return choice, coefficients
