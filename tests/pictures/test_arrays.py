"""Pictures as arrays: what is put where, at odd sizes too."""

import numpy as np
import pytest
from PIL import Image

from harness import tasks
from harness.pictures import arrays


def test_values_become_bytes():
    images = np.array([[-1.0, 0.0], [1.0, 7.0]]).reshape(1, 1, 2, 2)
    assert arrays.to_uint8(images, (-1.0, 1.0)).tolist() == [[[[0], [128]], [[255], [255]]]]
    assert arrays.to_uint8(np.full((1, 3, 2, 5), np.nan), (0.0, 1.0)).shape == (1, 2, 5, 3)


def test_a_mosaic_goes_row_by_row():
    images = np.arange(6, dtype=np.uint8).reshape(6, 1, 1, 1)
    assert arrays.mosaic(images, 3).squeeze().tolist() == [[0, 1, 2], [3, 4, 5]]


@pytest.mark.parametrize("number", [1, 7, 9])
def test_a_sheet_has_each_image_above_what_was_made_of_it(number):
    """Rows of eight, the last filled up with white; enlarged by a whole number to 512 pixels or more."""
    task = tasks.load("ae")
    channels, height, width = task.image_shape
    images = np.linspace(-1, 1, number)[:, None, None, None] * np.ones((number, channels, height, width))
    made = arrays.sheet(task, {"images": images, "reconstruct": -images})
    scale = -(-arrays.WIDTH // (8 * width))
    lines = -(-number // 8)
    assert made.shape == (2 * lines * height * scale, 8 * width * scale, channels)
    corner = made[::height * scale, ::width * scale, 0]
    assert corner[0, 0] == 0 and corner[1, 0] == 255
    assert (corner[-1, (number - 1) % 8 + 1:] == 255).all()


def test_an_animation_has_its_frames(tmp_path):
    frames = [np.full((5, 9, 3), value, np.uint8) for value in (0, 100, 200)]
    path = arrays.animate(frames, tmp_path / "a.gif", 70)
    with Image.open(path) as picture:
        assert picture.n_frames == 3 and picture.size == (9 * 26, 5 * 26) and picture.info["duration"] == 70
