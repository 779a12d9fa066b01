"""What "relative" means, and where two runs part."""

import numpy as np
import pytest

from harness.lockstep.difference import Run, compare, compare_all, curve_difference, tensor_difference


def test_curves_are_relative_to_the_larger_value():
    a, b = np.array([1.0, -2.0, 100.0]), np.array([1.1, -1.0, 100.0])
    np.testing.assert_allclose(curve_difference(a, b), [0.1 / 1.1, 0.5, 0])
    np.testing.assert_array_equal(curve_difference(a, b), curve_difference(b, a))


def test_a_loss_that_crosses_zero_has_a_floor():
    a = np.array([1.0, 0.5, 1e-17, -0.5, -1.0])
    b = a + np.array([0, 0, 2e-17, 0, 0])
    assert curve_difference(a, b)[2] == pytest.approx(2e-17 / (1e-3 * 0.5))     # not 0.67


def test_the_floor_hides_no_real_difference():
    """A loss that falls by a factor of a hundred is still compared by its own size."""
    a = np.geomspace(1, 1e-2, 50)
    b = a.copy()
    b[-1] *= 1 + 1e-6
    assert curve_difference(a, b)[-1] == pytest.approx(1e-6, rel=1e-3)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_not_finite_never_agrees(value):
    a = np.array([1.0, value])
    assert curve_difference(a, a)[1] == np.inf
    assert curve_difference(a, np.ones(2))[1] == np.inf
    assert tensor_difference(a, np.ones(2)) == np.inf


def test_equal_zeros_differ_by_nothing():
    assert curve_difference(np.zeros(3), np.zeros(3)).tolist() == [0, 0, 0]
    assert tensor_difference(np.zeros((2, 2)), np.zeros((2, 2))) == 0
    assert tensor_difference(np.zeros((0, 2)), np.zeros((0, 2))) == 0


def test_tensors_are_relative_to_their_largest_magnitude():
    assert tensor_difference(np.array([1e-9, -4.0]), np.array([2e-9, 4.0])) == 2
    assert tensor_difference(np.array([0.0, 4.0]), np.array([4e-9, 4.0])) == 1e-9


def run(name, curve, weight=1.0, output=1.0):
    return Run(name, curves={"loss": np.array(curve, float)}, parameters={"w": np.array([weight]), "b": np.zeros(1)},
               outputs={"decode": np.array([output])})


def test_pairs_say_where_they_part():
    a, b = run("a", [1, 1, 1, 1]), run("b", [1, 1, 1 + 1e-6, 1], weight=1 + 1e-5)
    pair = compare(a, b, tolerance=1e-9)
    assert pair.first_step == 3 and pair.worst_loss == "loss" and pair.worst_parameter == "w"
    assert pair.curve == pytest.approx(1e-6, rel=1e-3) and pair.parameter == pytest.approx(1e-5, rel=1e-3)
    assert not pair.agrees(1e-9) and not pair.agrees(2e-6) and pair.agrees(1e-4)
    assert compare(a, b, tolerance=1e-4).first_step is None


def test_parameters_and_outputs_can_turn_the_verdict_alone():
    a = run("a", [1, 1])
    assert not compare(a, run("b", [1, 1], weight=1.1), 1e-9).agrees(1e-9)
    assert not compare(a, run("b", [1, 1], output=1.1), 1e-9).agrees(1e-9)
    assert compare(a, run("b", [1, 1]), 1e-9).agrees(1e-9)


def test_all_pairs_of_those_that_finished():
    runs = [run(name, [1.0]) for name in "abcd"]
    assert len(compare_all(runs, 1e-9)) == 6
    runs[1].status = "failed"
    assert [p.frameworks for p in compare_all(runs, 1e-9)] == [("a", "c"), ("a", "d"), ("c", "d")]
