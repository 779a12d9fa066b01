"""Sizes, channels, flips and rotations."""

import numpy as np
import pytest

from harness.data import Dataset, augment, with_edges
from harness.data.images import fit, fit_masks

RNG = np.random.default_rng(0)


def make(height=8, width=8, channels=3, number=4):
    images = RNG.integers(0, 256, (number, height, width, channels), dtype=np.uint8)
    masks = RNG.integers(0, 3, (number, height, width), dtype=np.uint8)
    return Dataset("toy", "train", images, np.arange(number), tuple("abcd"), masks)


def test_native_size_is_left_alone():
    images = make().images
    assert fit(images) is images and fit(images, 8, 8, 3) is images


def test_grey_to_rgb_repeats():
    images = make(channels=1).images
    np.testing.assert_array_equal(fit(images, channels=3), images.repeat(3, axis=3))


def test_rgb_to_grey_is_luma():
    images = make().images
    luma = images @ np.array([0.299, 0.587, 0.114])
    np.testing.assert_allclose(fit(images, channels=1)[..., 0], luma, atol=0.51)


def test_shrinking_is_antialiased():
    stripes = np.zeros((1, 32, 32, 1), np.uint8)
    stripes[:, :, ::2] = 255
    small = fit(stripes, 8, 8)
    assert np.abs(small.astype(int) - 127).max() < 30  # picking single pixels would give 0 or 255


def test_height_is_not_width():
    image = np.zeros((1, 4, 8, 1), np.uint8)
    image[:, :2] = 255
    tall = fit(image, height=16, width=2)
    assert tall.shape == (1, 16, 2, 1) and tall[0, :6].min() > 240 and tall[0, 10:].max() < 15


def test_masks_take_the_nearest_pixel():
    mask = np.array([[[0, 1], [2, 0]]], np.uint8)
    np.testing.assert_array_equal(fit_masks(mask, 4, 4)[0], np.kron(mask[0], np.ones((2, 2))))
    np.testing.assert_array_equal(fit_masks(fit_masks(mask, 6, 10), 2, 2), mask)
    np.testing.assert_array_equal(fit_masks(mask), mask)
    centre = np.arange(9, dtype=np.uint8).reshape(1, 3, 3)
    assert fit_masks(centre, 1, 1).item() == 4


def test_order_of_augmentation():
    data = make()
    a, b = data.images, data.images[:, :, ::-1]
    flipped = [a, b, a[:, ::-1], b[:, ::-1]]
    rotated = [np.rot90(x, k, axes=(1, 2)) for k in (1, 2) for x in flipped]
    more = augment(data, horizontal_flip=True, vertical_flip=True, angles=(90, 180))
    np.testing.assert_array_equal(more.images, np.concatenate(flipped + rotated))
    np.testing.assert_array_equal(more.labels, np.tile(data.labels, 12))
    assert more.labels.dtype == np.int64 and more.class_names == data.class_names


def test_masks_move_along():
    data = make(channels=1)
    data = Dataset("toy", "train", data.masks[..., None] * 100, data.labels, data.class_names, data.masks)
    more = augment(data, horizontal_flip=True, vertical_flip=True, angles=(90, 270))
    np.testing.assert_array_equal(more.images[..., 0], more.masks * 100)


@pytest.mark.parametrize("flip, axis", [("horizontal_flip", 2), ("vertical_flip", 1)])
def test_flipping_twice_is_identity(flip, axis):
    data = make(height=5, width=6)
    once = augment(data, **{flip: True})
    twice = augment(once, **{flip: True})
    np.testing.assert_array_equal(once.images[4:], np.flip(data.images, axis))
    np.testing.assert_array_equal(twice.images[12:], data.images)
    np.testing.assert_array_equal(twice.masks[12:], data.masks)


def test_nothing_asked_for_is_nothing_done():
    data = make()
    np.testing.assert_array_equal(augment(data).images, data.images)


@pytest.mark.parametrize("channels", [1, 3])
def test_slanted_rotation(channels):
    images = np.full((1, 9, 15, channels), 200, np.uint8)
    masks = np.full((1, 9, 15), 2, np.uint8) * (np.arange(15) > 6)
    more = augment(Dataset("toy", "train", images, np.zeros(1, np.int64), ("a",), masks), angles=(45,))
    turned, mask = more.images[1], more.masks[1]
    assert turned.shape == (9, 15, channels)                            # same size,
    assert turned[0, 0].max() == 0 and mask[0, 0] == 0                  # free corners black and background,
    assert turned[4, 7].min() == 200 and set(np.unique(mask)) == {0, 2}  # and no new values in the mask


def test_rotation_is_counter_clockwise():
    image = np.zeros((1, 21, 21, 1), np.uint8)
    image[0, 9:12, 16:19] = 255                       # to the right of the centre
    up = augment(Dataset("toy", "train", image, np.zeros(1, np.int64), ("a",)), angles=(80,)).images[1, ..., 0]
    row, column = np.argwhere(up > 127).mean(axis=0)
    assert row < 5 and 10 < column < 13               # now nearly above it


def test_sets_without_masks_stay_without():
    data = make()
    bare = Dataset("toy", "train", data.images, data.labels, data.class_names)
    assert augment(bare, horizontal_flip=True, angles=(30,)).masks is None


def test_edges_are_where_the_brightness_jumps():
    """A grey square on black: its outline, two pixels wide on either side of the jump, and nothing else."""
    images = np.zeros((2, 32, 24, 3), np.uint8)
    images[0, 8:24, 6:18] = 200
    images[1] = np.random.default_rng(0).integers(100, 103, (32, 24, 3))       # noise without edges
    data = Dataset("some", "train", images, np.zeros(2, np.int64), ("thing",))
    found = with_edges(data)
    assert found.masks.dtype == np.uint8 and found.masks.shape == (2, 32, 24) and found.notes
    assert found.masks[0, 7:9, 8:16].all() and found.masks[0, 10:22, 5:7].all()
    assert not found.masks[0, 11:21, 9:15].any() and not found.masks[0, :5].any()
    assert not found.masks[1].any()
