"""The drawn newts: what `load` promises, and that each picture shows one whole newt of the right kind."""

import numpy as np
import pytest

from harness.data import module

newts = module("newts")


@pytest.fixture(scope="module")
def forty():
    return newts.load("train", 64, 64, 40)


def components(mask):
    """The number of connected parts (8 neighbours), by flooding each from a pixel of its own until it stops growing."""
    left, count = np.pad(mask > 0, 1), 0
    while left.any():
        flood = np.zeros_like(left)
        flood[tuple(np.argwhere(left)[0])] = True
        size = 0
        while flood.sum() > size:
            size = flood.sum()
            for axis in (0, 1):  # the padding keeps the roll from coming round on the other side
                flood |= np.roll(flood, 1, axis) | np.roll(flood, -1, axis)
            flood &= left
        left, count = left & ~flood, count + 1
    return count


def test_shapes_types_and_values(forty):
    images, labels, masks = forty
    assert (images.shape, labels.shape, masks.shape) == ((40, 64, 64, 3), (40,), (40, 64, 64))
    assert (images.dtype, labels.dtype, masks.dtype) == (np.uint8, np.int64, np.uint8)
    assert images.min() < 30 and images.max() > 220
    assert (images.std((1, 2, 3)) > 15).all()  # no picture is blank


def test_default_numbers(monkeypatch):
    monkeypatch.setattr(newts, "draw", lambda *_: (0, 0))  # only the count matters here
    assert {split: len(newts.load(split, 1, 1)[0]) for split in ("train", "test")} == {"train": 256, "test": 64}


def test_labels_are_balanced(forty):
    assert set(forty[1]) == {0, 1}
    assert np.bincount(forty[1]).tolist() == [20, 20]


def test_masks_fit_the_labels(forty):
    _, labels, masks = forty
    for label, mask in zip(labels, masks):
        assert set(np.unique(mask)) == {0, label + 1}


def test_newts_fill_a_sane_part_of_the_picture(forty):
    area = (forty[2] > 0).mean((1, 2))
    assert 0.05 < area.min() and area.max() < 0.5


def test_newts_stay_inside_the_frame(forty):
    masks = forty[2]
    assert not (masks[:, 0].any() or masks[:, -1].any() or masks[:, :, 0].any() or masks[:, :, -1].any())


def test_newts_are_whole():
    assert [components(mask) for mask in newts.load("test", 128, 128, 20)[2]] == [1] * 20


def test_number_only_adds_newts(forty):
    for few, many in zip(newts.load("train", 64, 64, 5), forty):
        np.testing.assert_array_equal(few, many[:5])


def test_same_call_same_newts():
    for first, second in zip(newts.load("test", 32, 48, 4, 7), newts.load("test", 32, 48, 4, 7)):
        np.testing.assert_array_equal(first, second)


def test_global_randomness_is_left_alone():
    before = np.random.get_state()[1].copy()
    newts.load("train", 16, 16, 2)
    np.testing.assert_array_equal(np.random.get_state()[1], before)


def test_splits_and_seeds_differ(forty):
    images = np.concatenate([forty[0], newts.load("test", 64, 64, 8)[0], newts.load("train", 64, 64, 8, 1)[0]])
    assert len({image.tobytes() for image in images}) == len(images)


@pytest.mark.parametrize("height, width", [(17, 23), (16, 24), (1, 1), (1, 40), (3, 2), (96, 40)])
def test_any_size(height, width):
    images, labels, masks = newts.load("train", height, width, 2)
    assert (images.shape, labels.shape, masks.shape) == ((2, height, width, 3), (2,), (2, height, width))


def test_batch_of_one_and_of_none():
    assert newts.load("test", 20, 20, 1)[0].shape == (1, 20, 20, 3)
    images, labels, masks = newts.load("test", 20, 30, 0)
    assert (images.shape, labels.shape, masks.shape) == ((0, 20, 30, 3), (0,), (0, 20, 30))
    assert (images.dtype, labels.dtype, masks.dtype) == (np.uint8, np.int64, np.uint8)


@pytest.mark.parametrize("wrong, message", [
    ({"number": -1}, "number=-1"), ({"seed": -1}, "seed=-1"), ({"height": -3}, "height=-3"), ({"width": 0}, "width=0"),
    ({"number": 0, "height": 0}, "height=0"), ({"split": "valid"}, "unknown split 'valid'"),
])
def test_wrong_arguments_are_named(wrong, message):
    with pytest.raises(ValueError, match=message):
        newts.load(**{"number": 1, **wrong})


@pytest.mark.parametrize("species, height, message", [("suzuki", 8, "species='suzuki'"), ("madara", 0, "height=0")])
def test_draw_names_wrong_arguments(species, height, message):
    with pytest.raises(ValueError, match=message):
        newts.draw(np.random.default_rng(0), species, height, 8)


@pytest.mark.parametrize("times", [2, 4])
def test_larger_pictures_show_the_same_newts(forty, times):
    small, _, small_masks = (part[:8] for part in forty)
    large, _, large_masks = newts.load("train", 64 * times, 64 * times, 8)
    shrunk = large.reshape(8, 64, times, 64, times, 3).mean((2, 4))
    assert np.abs(shrunk - small).mean() < 8
    shrunk_masks = (large_masks > 0).reshape(8, 64, times, 64, times).mean((2, 4)) > 0.5
    assert (shrunk_masks != (small_masks > 0)).mean() < 0.01


def test_akahara_are_redder_than_madara(forty):
    images, labels, masks = forty
    red, green, blue = np.moveaxis(images.astype(int), -1, 0)
    reddish = (red > 110) & (red > 1.8 * green) & (red > 1.8 * blue)
    share = [reddish[labels == label][masks[labels == label] > 0].mean() for label in (0, 1)]
    assert share[0] > 0.12 and share[0] > 4 * share[1]


def test_newts_stand_out_from_the_ground(forty):
    images, _, masks = forty
    for image, mask in zip(images.astype(float), masks > 0):
        assert np.abs(image[mask].mean(0) - image[~mask].mean(0)).max() > 8
