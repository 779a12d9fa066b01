"""Two answers beside each other: nothing lost, nothing twice, the same from both sides, and found by structure."""

import itertools

import pytest
from laid import answers

from harness import tasks
from harness.frameworks import FRAMEWORKS
from website.align import likeness
from website.align.beside import Beside
from website.align.parts import Answer

NAMES = tasks.names()
PAIRS = list(itertools.combinations(FRAMEWORKS, 2))
SETS = [(name, *pair) for name in NAMES for pair in PAIRS]


@pytest.mark.sampled(5)
@pytest.mark.parametrize("name, left, right", SETS)
def test_each_line_stands_in_one_row_and_in_order(name, left, right):
    beside = Beside(answers(name)[left], answers(name)[right])
    for key in beside.parts():
        rows = beside.rows(key)
        for side, answer in (("left", beside.left), ("right", beside.right)):
            lines = [getattr(row, side) for row in rows if getattr(row, side)]
            assert lines == list(answer.parts[key].lines if key in answer.parts else ())
        assert all(row.left or row.right for row in rows)


@pytest.mark.sampled(5)
@pytest.mark.parametrize("name, left, right", SETS)
def test_what_differs_is_marked_and_nothing_else(name, left, right):
    """Without what is marked, the two lines of a row say the same."""
    beside = Beside(answers(name)[left], answers(name)[right])
    for row in (row for key in beside.parts() for row in beside.rows(key) if row.left and row.right):
        a, b = beside.left.text[row.left - 1], beside.right.text[row.right - 1]
        if row.same:
            assert a.split("#")[0].split() == b.split("#")[0].split() or a.split() == b.split() or "'" in a or '"' in a
        for text, spans in ((a, row.marks[0]), (b, row.marks[1])):
            assert all(0 <= start < end <= len(text) for start, end in spans)
            assert all(one[1] <= other[0] for one, other in itertools.pairwise(spans))


@pytest.mark.sampled(5)
@pytest.mark.parametrize("name", NAMES)
def test_an_answer_beside_itself_is_the_same(name):
    for answer in answers(name).values():
        beside = Beside(answer, answer)
        assert all(row.same and row.left == row.right for key in beside.parts() for row in beside.rows(key))


@pytest.mark.sampled(5)
@pytest.mark.parametrize("name, left, right", SETS)
def test_what_all_must_say_stands_in_one_row(name, left, right):
    """The head of the training step, the losses that it returns, and the head of each ability."""
    a, b = answers(name)[left], answers(name)[right]
    beside, task = Beside(a, b), tasks.load(name)
    heads = {"training-step": "train_step", **{f"ability-{n.replace('_', '-')}": n for n in task.abilities}}
    for key, method in heads.items():
        rows = beside.rows(key)
        pairs = [(a.text[row.left - 1], b.text[row.right - 1]) for row in rows if row.left and row.right]
        assert sum(f"def {method}(" in x and f"def {method}(" in y for x, y in pairs) == 1, key
    both = [(a.text[r.left - 1], b.text[r.right - 1]) for r in beside.rows("training-step") if r.left and r.right]
    assert any(f'"{loss}":' in x and f'"{loss}":' in y for loss in task.losses for x, y in both)


def changed(answer, *changes):
    source = answer.source
    for old, new in changes:
        assert old in source
        source = source.replace(old, new)
    return Answer(source, answer.task)


def test_a_line_more_is_one_row_more():
    answer = answers("vae")["pytorch"]
    more = changed(answer, ("        loss = bce + kl\n", "        loss = bce + kl\n        print(loss)\n"))
    rows = [row for key in answer.parts for row in Beside(answer, more).rows(key) if not row.same]
    assert [(row.left, more.text[row.right - 1].strip()) for row in rows] == [(None, "print(loss)")]


def test_blank_lines_and_comments_at_the_end_change_nothing():
    answer = answers("vae")["pytorch"]
    other = changed(answer, ("        loss = bce + kl\n", "\n        loss = bce + kl    # both in nats\n\n"))
    assert all(row.same for key in answer.parts for row in Beside(answer, other).rows(key))


def test_a_name_is_near_its_relatives():
    """By three letters; no table says that a Conv2d is a Convolution2D."""
    lines = likeness.features("Conv2d(x)\nConvolution2D(x)\nConv2DTranspose(x)\nrelu(x)\n")
    assert min(likeness.likeness(lines[1], lines[n], {}) for n in (2, 3)) > 1.2 * likeness.likeness(lines[1], lines[4], {})


def test_marks_are_the_tokens_that_differ():
    beside = Beside(answers("vae")["pytorch"], answers("vae")["tensorflow"])
    marked = {}
    for row in beside.rows("training-step"):
        if row.left and row.right:
            text = beside.left.text[row.left - 1]
            marked[text.strip()] = [text[a:b] for a, b in row.marks[0]]
    assert marked['z = mu + torch.exp(log_var / 2) * batch["eps"]'] == ["torch"]
    assert marked["loss = bce + kl"] == []
