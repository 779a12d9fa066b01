"""Which sum of terms gives all the numbers: found again where there is one, and none where there is none."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.exact import solve as solving
from harness.exact.solve import MOST, ROWS, solve, solve_most

few = settings(max_examples=60, deadline=None, derandomize=True)
sizes = st.sampled_from([1.0, -1.0, 0.5, -0.5, 2.0, 1 / 3, 10.0, -1 / 784, 100.0, 0.1235])


def terms_of(seed, names, rows, scales=(1.0,)):
    rng = np.random.default_rng(seed)
    return {name: scales[i % len(scales)] * rng.standard_normal(rows) + 0.3 for i, name in enumerate(names)}


def total(coefficients, terms):
    return sum(coefficient * terms[name] for name, coefficient in coefficients.items())


@few
@given(st.integers(0, 1000), st.integers(5, 14), st.sampled_from([12, ROWS, ROWS + 1, 1000]), st.lists(sizes, min_size=1, max_size=MOST), st.data())
def test_a_sum_of_few_terms_is_found_again(seed, number, rows, coefficients, data):
    """With as many equations as settings of weights, and with as many as a gradient has; terms of very different sizes."""
    terms = terms_of(seed, [f"t{i}" for i in range(number)], rows, (1.0, 1e-3, 30.0))
    chosen = data.draw(st.permutations(sorted(terms)))[:len(coefficients)]
    wanted = dict(zip(chosen, coefficients))
    assert solve(total(wanted, terms), terms) == pytest.approx(wanted, rel=1e-6)


@few
@given(st.integers(0, 1000), st.lists(sizes, min_size=1, max_size=3), st.sampled_from([12, 300]))
def test_what_is_no_sum_of_them_is_none(seed, coefficients, rows):
    """A part that is no term makes one in a million of it, or all."""
    terms = terms_of(seed, "abcdefgh", rows)
    other = np.random.default_rng([seed, 1]).standard_normal(rows)
    there = total(dict(zip("abc", coefficients)), terms)
    assert solve(other, terms) is None
    assert solve(there + 1e-6 * np.linalg.norm(there) / np.linalg.norm(other) * other, terms) is None


def test_more_terms_than_a_formula_has_are_none():
    terms = terms_of(0, "abcdefgh", 40)
    assert solve(total(dict.fromkeys("abcde", 1.0), terms), terms) == pytest.approx(dict.fromkeys("abcde", 1.0))
    assert solve(total(dict.fromkeys("abcdef", 1.0), terms), terms) is None


def test_a_number_that_nobody_writes_is_none():
    """Where terms are nearly the same, sums of others give all the numbers, too; but not with such coefficients."""
    terms = terms_of(0, "abc", 12)
    assert solve(total({"a": 0.1234567, "b": 1.0}, terms), terms) is None
    assert solve(total({"a": 0.37, "b": 1 / 784}, terms), terms) == pytest.approx({"a": 0.37, "b": 1 / 784})


def test_a_long_formula_among_many_terms():
    """The known terms with one more are tried also where all choices of so many are too many."""
    terms = terms_of(0, [f"t{i}" for i in range(60)], 14)
    wanted = {"t1": 0.5, "t2": 0.5, "t3": -0.5, "t40": -2.0}
    assert solve(total(wanted, terms), terms, ["t1", "t2", "t3", "t4"]) == pytest.approx(wanted)


def test_few_equations_are_no_proof():
    """Two more of them than terms: else any numbers would be such a sum."""
    terms = terms_of(0, "abcdefgh", 4)
    assert solve(total({"a": 1.0, "b": 2.0}, terms), terms) == pytest.approx({"a": 1.0, "b": 2.0})
    assert solve(total({"a": 1.0, "b": 2.0, "c": 3.0}, terms), terms) is None
    assert solve(np.array([1.0, 2.0]), terms_of(0, "ab", 2)) is None


def test_one_term_is_better_than_two():
    terms = terms_of(1, "abc", 12)
    terms["a and b"] = terms["a"] + terms["b"]
    assert solve(terms["a"] + terms["b"], terms, known="ab") == pytest.approx({"a and b": 1.0})


def test_of_equal_sums_the_one_with_known_terms():
    """And without these, that with the terms that come first."""
    terms = terms_of(2, "abcd", 12)
    terms["e"] = 2 * terms["b"]
    wanted = terms["a"] + terms["b"]
    assert solve(wanted, terms, known={"a", "b"}) == pytest.approx({"a": 1.0, "b": 1.0})
    assert solve(wanted, terms, known={"e"}) == pytest.approx({"a": 1.0, "e": 0.5})
    assert solve(wanted, terms) == pytest.approx({"a": 1.0, "b": 1.0})
    terms = {"e": terms["e"], **{name: terms[name] for name in "abcd"}}
    assert solve(wanted, terms) == pytest.approx({"e": 0.5, "a": 1.0})


def test_nothing_is_the_sum_of_nothing():
    assert solve(np.zeros(12), terms_of(0, "abc", 12)) == {}


def test_terms_that_are_nan_or_nothing_are_left_out():
    terms = terms_of(3, "abc", 12)
    terms |= {"nan": np.full(12, np.nan), "inf": np.full(12, np.inf), "nothing": np.zeros(12)}
    assert solve(3 * terms["b"], terms) == pytest.approx({"b": 3.0})
    assert solve(3 * terms["b"], {name: terms[name] for name in ("nan", "inf", "nothing")}) is None
    assert solve(np.full(12, np.nan), terms) is None


def test_terms_that_are_the_same_do_not_disturb():
    """Two columns of the same numbers have no coefficients of their own: one of them is taken."""
    terms = terms_of(4, "abc", 50)
    terms |= {"a again": terms["a"].copy(), "minus a": -terms["a"]}
    found = solve(terms["a"] + 2 * terms["c"], terms, known={"a again"})
    assert found == pytest.approx({"a again": 1.0, "c": 2.0})


def test_what_is_nearly_a_sum_costs_little(monkeypatch):
    """Most of it is two terms, one in ten thousand of it is none: so are all sums that have these two in them, and none is it."""
    tried, fit = [], solving._fit
    monkeypatch.setattr(solving, "_fit", lambda *arguments: tried.append(arguments) or fit(*arguments))
    for rows in (12, 300):
        terms = terms_of(0, [f"t{i}" for i in range(32)], rows)
        there = terms["t3"] + terms["t8"]
        other = np.random.default_rng(1).standard_normal(rows)
        assert solve(there + 1e-4 * np.linalg.norm(there) / np.linalg.norm(other) * other, terms) is None
    assert len(tried) < 100


@pytest.mark.parametrize("odd", [0, 1, 4])
def test_a_formula_that_holds_in_most_places(odd):
    """A logarithm that is cut off in some of them, or infinite: the others tell what it is."""
    terms = terms_of(5, "ab", 12)
    wanted = total({"a": 1 / 48, "b": -2.0}, terms)
    wanted[:odd] += np.linspace(0.5, 3.0, odd) if odd else 0.0
    if odd > 1:
        wanted[0] = np.inf
    coefficients, besides = solve_most(wanted, terms)
    assert coefficients == pytest.approx({"a": 1 / 48, "b": -2.0}) and besides == odd


def test_one_that_holds_in_half_of_the_places_is_none():
    terms = terms_of(5, "ab", 12)
    wanted = total({"a": 1.0, "b": 1.0}, terms)
    wanted[:6] *= np.linspace(1.1, 2.0, 6)
    assert solve_most(wanted, terms) == (None, 0)
    assert solve_most(total({"a": 0.1234567, "b": 1.0}, terms), terms) == (None, 0)     # a number that nobody writes
