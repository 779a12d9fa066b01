"""Small pictures without a library, as PNG and as half blocks on a terminal.

uint8 (H, W), or (H, W, C) of 1, 3 or 4 channels; the fourth says how opaque.
"""

import base64
import struct
import zlib

import numpy as np
from rich.color import Color
from rich.style import Style
from rich.text import Text

HALF = "\N{UPPER HALF BLOCK}"


def encoded(picture: np.ndarray) -> bytes:
    """The bytes of a PNG file."""
    picture = picture if picture.ndim == 3 else picture[..., None]
    height, width, channels = picture.shape
    lines = np.concatenate([np.zeros((height, 1), np.uint8), picture.reshape(height, width * channels)], axis=1)     # 0: no filter
    header = struct.pack(">IIBBBBB", width, height, 8, {1: 0, 3: 2, 4: 6}[channels], 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(lines.tobytes(), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts)


def address(picture: np.ndarray) -> str:
    """The same as the address of an image that stands in the page itself."""
    return f"data:image/png;base64,{base64.b64encode(encoded(picture)).decode()}"


def enlarged(picture: np.ndarray, least: int) -> np.ndarray:
    """By a whole number, to a width of ``least`` pixels or more."""
    scale = max(1, -(-least // picture.shape[1]))
    return picture.repeat(scale, axis=0).repeat(scale, axis=1)


def blocks(picture: np.ndarray, width: int) -> Text:
    """For a terminal with colours: two pixels in a cell, one above the other; made smaller to ``width`` columns."""
    step = max(1, -(-picture.shape[1] // width))
    rows, columns = (n // step * step for n in picture.shape[:2])
    cells = picture.reshape(*picture.shape[:2], -1)[:rows, :columns].reshape(rows // step, step, columns // step, step, -1)
    small = np.rint(cells.mean(axis=(1, 3))).astype(int)
    small = np.broadcast_to(small, (*small.shape[:2], 3))
    if len(small) % 2:
        small = np.concatenate([small, small[-1:]])
    lines = [Text().join(Text(HALF, Style(color=_colour(above), bgcolor=_colour(below))) for above, below in zip(*pair))
             for pair in zip(small[::2], small[1::2])]
    return Text("\n", no_wrap=True).join(lines)


def _colour(pixel: np.ndarray) -> Color:
    return Color.from_rgb(*map(int, pixel))
