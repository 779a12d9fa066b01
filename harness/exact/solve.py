"""Which sum of terms is it? The smallest combination of terms that gives all the numbers, or none."""

import math
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from itertools import combinations

import numpy as np

from harness.exact.formula import number

EXACT = 1e-9            # relative, of what a formula leaves unexplained
NEAR = 1e-8             # the same, in the search before
COARSE = 1e-5           # of the square of it, in the quick search before that
APART = 1e-4            # columns that depend on each other by less have coefficients of their own
MOST = 5                # terms of a formula
CANDIDATES = 60_000     # combinations that are tried at most for one number of terms
FITS = 400              # of them, that are solved exactly
ROWS = 64               # more equations than these are mixed into so many
FEW = 16                # ... and these are enough to tell most combinations from the right one
PART = 4096             # combinations at once


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
    few, short = _mixed(table, y)
    dead: list[tuple[int, ...]] = []        # they explain it by numbers that nobody writes, and so does whatever has them in it
    for choices in _rounds(few, short, [i for i, name in enumerate(names) if name in known]):
        fits = dict(fit for choice in _likely(few, short, _without(choices, dead)) if (fit := _fit(table, y, choice)) is not None)
        found = [{names[i]: float(c * size / scales[i]) for i, c in zip(*fit)} for fit in fits.items()]
        found = [fit for fit in found if all(map(is_plain, fit.values()))]
        if found:
            fewest = min(map(len, found))
            found = [fit for fit in found if len(fit) == fewest]
            order = {name: i for i, name in enumerate(names)}
            return min(found, key=lambda fit: (-len(set(fit) & set(known)), sum(order[term] for term in fit),
                                               sum(len(number(abs(c))) for c in fit.values())))
        dead += fits
    return None


def solve_most(wanted: np.ndarray, terms: Mapping[str, np.ndarray]) -> tuple[dict[str, float] | None, int]:
    """(coefficients of all these terms with which their sum is ``wanted`` in most places, and not in how many), where two of three
    hold, and more than any numbers would. ``wanted`` and ``terms`` are of about the same size at all places."""
    need = max(len(terms) + 3, math.ceil(len(wanted) * 2 / 3))
    table = np.stack(list(terms.values()), 1)
    best: tuple[dict[str, float] | None, int] = None, len(wanted) - need + 1
    finite = np.flatnonzero(np.isfinite(wanted) & np.isfinite(table).all(1))
    table, wanted, lost = table[finite], wanted[finite], len(wanted) - len(finite)
    for rows in map(list, combinations(range(len(finite)), len(terms) + 1)):
        coefficients, _, rank, _ = np.linalg.lstsq(table[rows], wanted[rows], rcond=1e-12)
        odd = lost + int(np.sum(np.abs(table @ coefficients - wanted) > EXACT * np.abs(wanted).max()))
        if rank == len(terms) and odd < best[1] and all(map(is_plain, map(float, coefficients))):
            best = dict(zip(terms, map(float, coefficients))), odd
    return best if best[0] is not None else (None, 0)


def is_plain(coefficient: float) -> bool:
    """Whether it is a number that somebody writes: a fraction, or a decimal of few digits. Between terms that are nearly the same
    there are other sums that give all the numbers, and nobody computes these."""
    rounded = float(f"{coefficient:.4g}")
    return abs(rounded - coefficient) <= 1e-7 * abs(coefficient) or "/" in number(abs(coefficient))


def _mixed(table: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The same equations, or of many so many sums at random."""
    if len(y) <= ROWS:
        return table, y
    mix = np.random.default_rng(0).standard_normal((ROWS, len(y))) / math.sqrt(len(y))
    return mix @ table, mix @ y


def _rounds(table: np.ndarray, y: np.ndarray, known: list[int]) -> Iterator[np.ndarray]:
    """Choices of columns to be tried one after the other, (number, columns) each. None where all columns together do not explain
    ``y``; one where they do it in one way."""
    rows, columns = table.shape
    if rows >= columns + 2:
        coefficients, _, _, values = np.linalg.lstsq(table, y, rcond=1e-13)
        if np.abs(table @ coefficients - y).max() > NEAR * np.abs(y).max():
            return
        if values[-1] > APART * values[0]:
            only = np.flatnonzero(np.abs(coefficients) > 1e-7)
            if len(only) <= MOST or len(set(only) - set(known)) <= 2:
                yield only[None]
            return
    most = min(MOST, columns, rows - 2)
    for count in range(1, most + 1):
        if math.comb(columns, count) <= CANDIDATES:
            yield _all(columns, count)
        if count == min(2, most) and known:         # all that are known, with one or two besides
            others = sorted(set(range(columns)) - set(known))
            for more in range(min(2, len(others), rows - 2 - len(known)) + 1):
                yield np.array([(*known, *besides) for besides in combinations(others, more)])


@cache
def _all(size: int, count: int) -> np.ndarray:
    """All choices of ``count`` columns."""
    return np.array(list(combinations(range(size), count)))


def _without(choices: np.ndarray, dead: list[tuple[int, ...]]) -> np.ndarray:
    """Those that have none of ``dead`` in them."""
    for gone in dead:
        choices = choices[~np.all([(choices == i).any(1) for i in gone], 0)]
    return choices


def _likely(table: np.ndarray, y: np.ndarray, choices: np.ndarray) -> np.ndarray:
    """Choices of columns that explain ``y`` nearly, the best first: by their normal equations, and then without these, which lose
    half of the digits."""
    if not len(choices):
        return choices
    products, against, count = table.T @ table, table.T @ y, choices.shape[1]
    left = products[choices[:, :, None], choices[:, None, :]] + 1e-13 * np.eye(count)
    right = against[choices][..., None]
    coefficients = np.linalg.solve(left, right)[..., 0]
    choices = choices[y @ y - (coefficients * right[..., 0]).sum(1) <= COARSE * float(y @ y)]
    table, y = table[:FEW], y[:FEW]
    left_over = np.zeros(len(choices))
    for begin in range(0, len(choices), PART):
        part = slice(begin, begin + PART)
        bases, _ = np.linalg.qr(table[:, choices[part]].transpose(1, 0, 2))
        explained = (bases @ (bases.transpose(0, 2, 1) @ y)[..., None])[..., 0]
        left_over[part] = np.abs(explained - y).max(1)
    near = np.flatnonzero(left_over <= NEAR * np.abs(y).max())
    return choices[near[np.argsort(left_over[near], kind="stable")[:FITS]]]


def _fit(table: np.ndarray, y: np.ndarray, choice: np.ndarray) -> tuple[tuple[int, ...], np.ndarray] | None:
    columns = table[:, choice]
    coefficients, _, rank, _ = np.linalg.lstsq(columns, y, rcond=1e-12)
    if rank < len(choice) or np.abs(columns @ coefficients - y).max() > EXACT * np.abs(y).max():
        return None
    adds = np.abs(coefficients) > 1e-7              # a term that adds nothing is none of them
    if not adds.all():
        return _fit(table, y, choice[adds]) if adds.any() else None
    return tuple(map(int, choice)), coefficients
