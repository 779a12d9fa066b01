"""What a recorded step computed is found by its numbers, in whatever layout."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.diagnosis.tape import TOLERANCE, Tape, close, moments

few = settings(max_examples=60, deadline=None, derandomize=True)
shapes = st.lists(st.integers(1, 5), min_size=0, max_size=4)


def tape_of(*arrays, given=None):
    return Tape(np.array([moments(a) for a in arrays]).reshape(-1, 4), np.arange(10, 10 + len(arrays)), [], {}, {}, given or {})


def drawn(seed, shape=(3, 2, 4, 4)):
    return np.random.default_rng(seed).standard_normal(shape)


@few
@given(shapes, st.integers(0, 1000), st.data())
def test_moments_know_no_layout(shape, seed, data):
    """However the axes are turned or flattened, in either order."""
    array = drawn(seed, shape)
    turned = array.transpose(data.draw(st.permutations(range(array.ndim))))
    for other in (turned, turned.reshape(-1), np.flip(turned), np.asfortranarray(turned)):
        assert close(moments(other)[None], moments(array)).tolist() == [True]


@few
@given(st.lists(st.integers(2, 5), min_size=1, max_size=4), st.integers(0, 1000), st.sampled_from([1e-30, 1e-3, 1.0, 1e8]))
def test_rounding_does_not_matter(shape, seed, scale):
    """What is computed in another order, or with a constant that is rounded to float32."""
    array = scale * drawn(seed, shape)
    noise = 1 + 1e-8 * drawn(seed + 1, shape)
    assert close(moments(array * noise)[None], moments(array)).all()


@few
@given(st.lists(st.integers(2, 5), min_size=1, max_size=4), st.integers(0, 1000), st.sampled_from([1e-30, 1e-3, 1.0, 1e8]))
def test_other_arrays_are_other_arrays(shape, seed, scale):
    """Others of the size; the same with another sign, another scale, one value more, one in another place of many."""
    array = scale * drawn(seed, shape)
    one = array.copy()
    one.flat[seed % one.size] += 0.01 * np.abs(array).max()
    for other in (scale * drawn(seed + 1, shape), -array, 1.001 * array, np.append(array, 0.0), one, np.abs(array) * (1 + 1e-4)):
        assert not close(moments(other)[None], moments(array)).any()


def test_a_change_below_the_tolerance_is_none():
    """It is relative to the norm, so that a sum that is nearly 0 does not ask for more digits than there are."""
    array = drawn(0)
    assert close(moments(array + TOLERANCE / 100)[None], moments(array)).all()
    assert not close(moments(array * (1 + 10 * TOLERANCE))[None], moments(array)).any()


def test_each_of_many_is_compared():
    arrays = [drawn(i) for i in range(4)]
    assert close(np.array([moments(a) for a in arrays]), moments(arrays[2])).tolist() == [False, False, True, False]
    assert close(np.zeros((0, 4)), moments(arrays[0])).shape == (0,)


def test_what_is_not_finite_is_like_nothing():
    array = drawn(0)
    array[0, 0, 0, 0] = np.nan
    assert tape_of(array).find(array) is None and tape_of(array).find(array * np.inf) is None
    assert tape_of(array, drawn(1)).find(drawn(1)) == 1


def test_the_first_is_found_or_the_first_from_a_beginning():
    a, b = drawn(0), drawn(1)
    tape = tape_of(a, b, a, b.transpose(0, 2, 3, 1), a)
    assert [tape.find(a), tape.find(a, 1), tape.find(a, 3), tape.find(a, 5)] == [0, 2, 4, None]
    assert [tape.find(b), tape.find(b, 2), tape.find(b, 4)] == [1, 3, None]
    assert tape.find(a) == 0 and tape.find(drawn(2)) is None            # asked once more
    assert (tape.has(b), tape.has(drawn(2)), tape.line(b), tape.line(drawn(2))) == (True, False, 11, 0)


def test_the_batch_counts_as_given():
    """It is there, at no line, and before all that is computed."""
    images, made = drawn(0), drawn(1)
    tape = tape_of(made, given={'batch["images"]': images})
    assert tape.find(images) == tape.find(images.transpose(0, 2, 3, 1), 1) == -1
    assert tape.has(images) and tape.line(images) == 0
    assert tape.find(made) == 0 and tape.find(made, 1) is None
    assert tape_of(made, images, given={"batch": images}).find(images) == 1         # an answer may compute it again


def test_an_empty_tape_has_nothing():
    tape = tape_of()
    assert tape.find(drawn(0)) is None and not tape.has(drawn(0)) and tape.alike(96).tolist() == []


@pytest.mark.parametrize("size, numbers", [(96, [0, 2]), (3, [1]), (4, [])])
def test_alike_are_those_of_the_size(size, numbers):
    assert tape_of(drawn(0), drawn(1, (3,)), drawn(2, (96,))).alike(size).tolist() == numbers


def test_nearly_is_not_the_same():
    """A thousandth of a thousandth: that is another epsilon, and no rounding."""
    array = drawn(0)
    tape = tape_of(array, drawn(1))
    assert not tape.has(array * (1 + 1e-6)) and tape.nearly(array * (1 + 1e-6))
    assert not tape.nearly(array * 1.01) and not tape.nearly(drawn(2))
