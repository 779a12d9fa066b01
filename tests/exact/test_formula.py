"""Formulas as one reads them: numbers, signs, sums."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.exact.formula import Formula, number, written
from harness.exact.mathematics import KL, gaussian


@pytest.mark.parametrize("value, text", [
    (1.0, "1"), (0.5, "1/2"), (-0.5, "-1/2"), (2 / 3, "2/3"), (100.0, "100"), (1 / 64, "1/64"), (5 / 784, "5/784"), (9 / 784, "0.0114796"),
    (784.0, "784"), (0.1, "1/10"), (1e-4, "0.0001"), (1 / 10752, "1/10752"), (1 / 99999, "1/99999"), (1 / 123456, "8.10005e-06"), (1 / 3 + 1e-6, "0.333334"), (math.pi, "3.14159"), (0.0, "0"), (12345678.0, "12345678"),
    (1e-9, "1e-09")])
def test_a_number_is_a_fraction_where_it_is_one(value, text):
    assert number(value) == text


@given(st.integers(1, 64), st.integers(1, 4096))
def test_simple_fractions_are_found_again(denominator, numerator):
    """As they come from a computation, with the last digits wrong."""
    value = numerator / denominator * (1 + 1e-12)
    n, _, d = number(value).partition("/")
    assert int(n) * denominator == numerator * int(d or 1)


@given(st.floats(1e-6, 1e6))
def test_what_is_written_is_the_number_to_six_digits(value):
    n, _, d = number(value).partition("/")
    assert float(n) / float(d or 1) == pytest.approx(value, rel=1e-5)


@pytest.mark.parametrize("coefficients, text", [
    ({}, "0"), ({"x": 1.0}, "x"), ({"x": -1.0}, "-x"), ({"1": 3.0}, "3"), ({"1": 1.0}, "1"), ({"1": -1.0}, "-1"),
    ({"x": 0.5, "y": -2.0, "1": -0.5}, "1/2 x - 2 y - 1/2"), ({"x": -0.5, "y": 1.0}, "-1/2 x + y"),
    ({"-log D(real)": 1.0}, "-log D(real)"), ({"-log D(real)": -1.0}, "log D(real)"),
    ({"-log D(real)": 0.5, "-log(1 - D(fake))": 0.5}, "-1/2 log D(real) - 1/2 log(1 - D(fake))"),
    ({"x": 1.0, "-log D(real)": -2.0}, "x + 2 log D(real)"), ({"wasserstein": -1.0, "penalty": 10.0}, "-wasserstein + 10 penalty")])
def test_a_sum_as_one_writes_it(coefficients, text):
    """One is not written before a term, and the sign of a term goes before its number."""
    assert written(coefficients) == text


def test_a_formula_shows_the_questions_numbers_or_others():
    formula = Formula("kl", KL, {})
    assert formula.text() == "kl = 1/2 mu² + 1/2 exp(log_var) - 1/2 log_var - 1/2"
    assert formula.text({"mu²": 1.0}) == "kl = mu²"
    assert formula.text({}) == "kl = 0"


def test_its_value_is_the_sum_over_its_own_terms_alone():
    """Others, that one might take, count for nothing; arrays are added place by place."""
    x = np.array([1.0, 2.0])
    assert Formula("z", {"x": 1, "1": -0.5}, {"x": x, "1": np.ones(2), "y": np.array(np.nan)}).value().tolist() == [0.5, 1.5]
    assert Formula("nothing", {}, {"x": x}).value() == 0
    mu, log_var = np.array([[0.3, -1.0], [0.0, 2.0]]), np.array([[0.1, -0.2], [1.0, 0.0]])
    wanted = -0.5 * np.sum(1 + log_var - mu**2 - np.exp(log_var), 1).mean()
    assert Formula("kl", KL, gaussian(mu, log_var)).value() == pytest.approx(wanted, rel=1e-14)
