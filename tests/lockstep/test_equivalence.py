"""The test of equivalence keeps what it promises: it accepts what is the same, and rejects what is off by the margin."""

import numpy as np
import pytest

from harness.lockstep.equivalence import MARGIN, compare, judge


def rate_of(verdict, offset, noise, seeds, rng, trials=2000):
    draws = offset + noise * rng.standard_normal((trials, seeds))
    return np.mean([judge(d, MARGIN)[3] == verdict for d in draws])


def test_error_rate_at_the_margin(rng):
    """A true difference of exactly the margin is called equivalent at most one time in twenty (Schuirmann 1987)."""
    assert rate_of("equivalent", MARGIN, 0.02, 5, rng) == pytest.approx(0.05, abs=0.015)
    assert rate_of("different", MARGIN, 0.02, 5, rng) == pytest.approx(0.05, abs=0.015)


def test_power(rng):
    assert rate_of("equivalent", 0.0, 0.03, 5, rng) > 0.95
    assert rate_of("different", 3 * MARGIN, 0.03, 5, rng) > 0.95


def test_noise_alone_is_undecided_not_equivalent(rng):
    assert rate_of("equivalent", 0.0, 1.0, 3, rng) < 0.1


def test_pairs_checkpoints_and_scale(rng):
    steps = np.linspace(2, 1, 100)
    curves = {name: factor * steps + 1e-3 * rng.standard_normal((4, 100)) for name, factor in
              {"a": 1.0, "b": 1.01, "c": 1.5}.items()}
    found = compare(curves, "mse")
    assert [e.step for e in found] == [25] * 3 + [50] * 3 + [100] * 3
    assert {e.frameworks: e.verdict for e in found[-3:]} == {
        ("a", "b"): "equivalent", ("a", "c"): "different", ("b", "c"): "different"}
    assert found[-3].difference == pytest.approx(-0.01, abs=2e-3)


def test_what_is_not_finite_is_different():
    curves = {"a": np.ones((3, 10)), "b": np.full((3, 10), np.nan)}
    assert {e.verdict for e in compare(curves, "mse")} == {"different"}
    assert {e.verdict for e in compare({"a": np.zeros((3, 10)), "b": np.zeros((3, 10))}, "mse")} == {"equivalent"}
