"""Image files opened; images and masks brought to another size, turned and flipped, many at a time."""

import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from harness.data.dataset import DataError, Dataset, Images

if TYPE_CHECKING:
    from PIL import Image

MODES = {1: "L", 3: "RGB"}  # Pillow's name for that many channels
FORMATS = ("PNG", "JPEG")   # of image files, whatever their names: Pillow knows dozens, and hands some to other programs
MOST_PIXELS = 1 << 25       # of a picture that is opened; what a small file says of itself takes as much memory


def open_picture(path: Path) -> "Image.Image":
    """Open and decode a PNG or JPEG file of MOST_PIXELS or less. Raises DataError."""
    from PIL import Image
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path, formats=FORMATS) as image:
                if image.width * image.height > MOST_PIXELS:
                    raise DataError(f"{path}: {image.width}x{image.height} pixels, at most {MOST_PIXELS:,}; make it smaller")
                image.load()
    except DataError:
        raise
    except Exception as error:  # damaged, it makes Pillow raise nearly anything
        what = "missing" if not path.exists() else f"not a readable image, PNG or JPEG ({type(error).__name__})"
        raise DataError(f"{path}: {what}; get the file again") from error
    return image


def to_rgb(picture: "Image.Image") -> Images:
    """uint8 (H, W, 3) of a Pillow image; of 16 bits, 65535 is white. Pillow would make white of all beyond 255."""
    if picture.mode.startswith("I"):
        grey = (np.asarray(picture).clip(0, 65535).astype(np.uint32) + 128) // 257
        return grey.astype(np.uint8)[..., None].repeat(3, 2)
    return np.asarray(picture.convert("RGB"))


def fit(images: Images, height: int | None = None, width: int | None = None, channels: int | None = None) -> Images:
    """Bring images uint8 (N, H, W, C) to uint8 (N, height, width, channels); None keeps what they have.

    Bicubic, antialiased where it shrinks; the aspect ratio follows the size. Grey becomes RGB by repetition, RGB
    becomes grey by the luma of ITU-R BT.601: 0.299 R + 0.587 G + 0.114 B.
    """
    from PIL import Image
    old_height, old_width, old_channels = images.shape[1:]
    shape = height or old_height, width or old_width, channels or old_channels
    if shape == images.shape[1:]:
        return images
    fitted = [np.asarray(to_picture(image).convert(MODES[shape[2]]).resize((shape[1], shape[0]), Image.Resampling.BICUBIC))
              for image in images]
    return np.stack(fitted).reshape(-1, *shape)


def fit_masks(masks: Images, height: int | None = None, width: int | None = None) -> Images:
    """Bring masks (N, H, W) to (N, height, width); each pixel takes the nearest one's value."""
    rows, columns = (((np.arange(new or old) + 0.5) * old / (new or old)).astype(int)
                     for old, new in zip(masks.shape[1:], (height, width)))
    return masks[:, rows[:, None], columns]


def with_edges(dataset: Dataset, sigma: float = 1.0, factor: float = 2.0) -> Dataset:
    """Return the data set with masks of its images' edges: 1 where the brightness changes steeply, 0 elsewhere.

    Steep is a gradient (of the grey image, smoothed by a Gaussian of ``sigma`` pixels) more than ``factor`` times as
    large as the image's mean one, and at least 4 grey levels a pixel, so that the noise of an even image has no edges.
    """
    from scipy.ndimage import gaussian_gradient_magnitude

    grey = fit(dataset.images, channels=1)[..., 0].astype(np.float64)
    gradients = np.stack([gaussian_gradient_magnitude(image, sigma) for image in grey])
    steep = np.maximum(factor * gradients.mean(axis=(1, 2), keepdims=True), 4.0)
    note = f"{dataset.name} has no masks; edges of its images are used in their place"
    return replace(dataset, masks=(gradients > steep).astype(np.uint8), notes=(*dataset.notes, note))


def augment(dataset: Dataset, *, horizontal_flip: bool = False, vertical_flip: bool = False, angles: Sequence[float] = ()) -> Dataset:
    """Return the data set with flipped and rotated copies of its images, and of their masks, added behind.

    The order: the given images; with horizontal_flip, all of them mirrored left to right; with vertical_flip, all so
    far upside down; then for each angle all so far, rotated by it. Rotations do not build on one another, so the
    number grows by 2 x 2 x (1 + the number of angles). Angles are in degrees, counter-clockwise about the centre; the
    size stays, and corners that come free are black (background in masks). Bilinear, nearest for masks, and exact for
    multiples of 90 on square images.
    """
    from PIL import Image

    def grow(stack: Images, resample: Image.Resampling) -> Images:
        if horizontal_flip:
            stack = np.concatenate([stack, stack[:, :, ::-1]])
        if vertical_flip:
            stack = np.concatenate([stack, stack[:, ::-1]])
        return np.concatenate([stack, *(rotate(stack, angle, resample) for angle in angles)])

    images = grow(dataset.images, Image.Resampling.BILINEAR)
    masks = None if dataset.masks is None else grow(dataset.masks, Image.Resampling.NEAREST)
    labels = np.tile(dataset.labels, len(images) // len(dataset.images))
    return replace(dataset, images=images, labels=labels, masks=masks)


def rotate(stack: Images, angle: float, resample: "Image.Resampling") -> Images:
    """Rotate images (N, H, W, C) or masks (N, H, W) by an angle in degrees, counter-clockwise."""
    return np.stack([np.asarray(to_picture(image).rotate(angle, resample)) for image in stack]).reshape(stack.shape)


def to_picture(image: Images) -> "Image.Image":
    """A Pillow image of a mask (H, W) or an image (H, W, 1) or (H, W, 3)."""
    from PIL import Image
    return Image.fromarray(image[..., 0] if image.shape[2:] == (1,) else image)
