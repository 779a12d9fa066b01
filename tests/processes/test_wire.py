"""What is written is read; what is no message is refused, and nothing in it is run or takes more memory than its line."""

import contextlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from harness.processes import wire

KINDS = st.sampled_from(["f8", "f4", "f2", "i8", "i4", "u1", "?"])


@settings(max_examples=50, deadline=None)
@given(arrays.arrays(KINDS, arrays.array_shapes(min_dims=0, min_side=0, max_side=5)))
def test_arrays_come_back(array):
    back = wire.loads(wire.dumps({"a": [array, {"b": array.T}]}))
    for found, sent in ((back["a"][0], array), (back["a"][1]["b"], array.T)):
        assert found.dtype == sent.dtype and found.shape == sent.shape and found.flags.writeable
        np.testing.assert_array_equal(found, sent)


@pytest.mark.parametrize("content", [None, "", "?00", 3, [], ["<f8", [1], "AA=="]])
def test_the_mark_of_arrays_stands_for_nothing_else(content):
    with pytest.raises(wire.WireError):
        wire.loads(wire.dumps({wire.MARK: content}))


@settings(max_examples=50, deadline=None)
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
                    lambda inner: st.lists(inner) | st.dictionaries(st.text().filter(lambda key: key != wire.MARK), inner)))
def test_json_comes_back(value):
    if wire.MARK not in str(value):
        assert wire.loads(wire.dumps(value)) == value


@pytest.mark.parametrize("value", [object(), np.array([object()]), np.array(["x"]), np.zeros(2, "M8[s]"), {1, 2}])
def test_only_plain_numbers_are_sent(value):
    with pytest.raises(TypeError, match="cannot be sent"):
        wire.dumps({"a": value})


def array(*parts):
    return {wire.MARK: list(parts)}


@pytest.mark.parametrize("line", [
    "", "{", "[" * 100_000, "9" * 100_000, b"\xff\xfe", "nul", *map(wire.json.dumps, [
        array(), array("<f8"), array("<f8", [1], "AAAA"), array("<f8", [-1], ""), array("<f8", [1.0], "AAAAAAAAAAA="), array("<f8", 1, ""),
        array("|O", [0], ""), array("O", [1], "AAAAAAAAAAA="), array("<M8", [0], ""), array("|V8", [0], ""), array("<f8", [True], ""),
        array("f8,f8", [1], ""), array("<f8", [2**39, 2**39], "AAAA"), array("<f8", [0] * 99, ""), array("<f8", [1], 5),
        array("<f8", [1], "%%%%"), array(3, [0], ""), array(["<f8"], [0], ""), {wire.MARK: 3}, {wire.MARK: "abc"}])])
def test_what_is_no_message_is_refused(line):
    with pytest.raises(wire.WireError):
        wire.loads(line)


@given(st.text() | st.binary())
def test_any_line_is_a_message_or_refused(line):
    with contextlib.suppress(wire.WireError):
        wire.loads(line)


def test_no_message_has_more_members_than_the_memory_for_them():
    """A comma costs a byte there, and an object 64 here."""
    for line in ("[" + "{}," * wire.MEMBERS + "{}]", b"[" + b"0," * (wire.MEMBERS + 1) + b"0]", "[" * (wire.MEMBERS + 1)):
        with pytest.raises(wire.WireError, match="more than"):
            wire.loads(line)


@given(st.text(st.characters(), max_size=50), st.integers(0, 50))
def test_text_is_such_as_files_and_terminals_take(text, most):
    plain = wire.plain(text, most)
    plain.encode()
    assert len(plain) <= most and all(letter.isprintable() or letter in "\n\t" for letter in plain)
    assert not text.isprintable() or plain == text[:most]
