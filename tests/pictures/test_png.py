"""Pictures without a library, read by one that has it; and text in a page that is no more than text."""

import io

import numpy as np
import pytest
from PIL import Image
from rich.console import Console

from harness.pictures import page, png


@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 1), (5, 7, 3), (5, 7, 4), (1, 1)])
def test_others_read_it(rng, shape):
    picture = rng.integers(0, 256, shape, np.uint8)
    with Image.open(io.BytesIO(png.encoded(picture))) as image:
        assert image.size == (shape[1], shape[0]) and (np.array(image) == picture.squeeze(-1) if shape[-1] == 1 and len(shape) == 3
                                                       else np.array(image) == picture).all()
    assert png.address(picture).startswith("data:image/png;base64,iVBOR")


def test_enlarged_by_a_whole_number():
    picture = np.arange(6, dtype=np.uint8).reshape(2, 3)
    assert png.enlarged(picture, 7).shape == (6, 9) and png.enlarged(picture, 3).shape == (2, 3)
    assert (png.enlarged(picture, 7)[::3, ::3] == picture).all()


@pytest.mark.parametrize("channels", [1, 3])
def test_blocks_on_a_terminal(channels):
    """Two pixels in a cell; made smaller where there is no room, and an odd line has its own colour below."""
    picture = np.zeros((5, 8, channels), np.uint8)
    picture[0] = 255
    text = png.blocks(picture, 8)
    assert text.plain.split("\n") == [png.HALF * 8] * 3
    console = Console(file=io.StringIO(), force_terminal=True, color_system="truecolor", width=80)
    console.print(png.blocks(picture, 8))
    first, *_, last = console.file.getvalue().rstrip("\n").split("\n")
    assert "38;2;255;255;255;48;2;0;0;0" in first and "255" not in last
    small = png.blocks(picture, 4)
    assert small.plain.split("\n") == [png.HALF * 4]
    console.print(small)
    assert "38;2;128;128;128" in console.file.getvalue()


def test_text_in_a_page():
    assert page.text("<b>\x1b[31m&\"'\u202e") == "&lt;b&gt;\u241b[31m&amp;&quot;&#x27;\\u202e"
    made = page.document("<a>", "<p>here</p>")
    assert "<title>&lt;a&gt;</title>" in made and "url(" not in made and "prefers-color-scheme: dark" in made
