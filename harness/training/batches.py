"""Batches: the same images and the same noise for every framework, at any step, without stepping through the others.

All randomness of training is here. It depends on (seed, step, entry) alone, is drawn in float64 and then rounded to
the run's precision, so that a float32 run sees the same numbers, only rounded.
"""

import math
import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from harness.data.dataset import Images, Labels
from harness.tasks import Noise, Task

MASK_CLASSES = 3                # background and two species; masks come as so many planes of 0 and 1
CACHE_LINE = 64                 # bytes
MAX_SEED = 2**31 - 1            # any framework's own generators take it, and a few more than it
FLOATS_LIMIT = 512 * 2**20      # bytes; a larger data set stays as it is, and is looked up batch by batch


class Batches:
    """The batches of one run, in a framework's own layout.

    images: uint8 (N, H, W, C); labels: int64 (N,); masks: uint8 (N, H, W) or None; layout: "NCHW" or "NHWC".
    """

    def __init__(self, task: Task, images: Images, labels: Labels, masks: Images | None, *, seed: int, precision: str, layout: str):
        self.task, self.seed, self.dtype, self.layout = task, seed, np.dtype(precision), layout
        self.images, self.labels, self.masks = images, labels, masks
        low, high = task.pixels
        # A table of the 256 pixel values, looked up once for all images where memory allows: a batch is then a copy.
        self.levels = (low + (high - low) * np.arange(256) / 255).astype(self.dtype)
        fits = images.size * self.dtype.itemsize <= FLOATS_LIMIT
        self.floats = self._pixels(slice(None)) if fits else None
        self._orders: dict[int, np.ndarray] = {}

    def __call__(self, step: int) -> dict[str, np.ndarray]:
        """The batch of training step ``step`` (0 is the first).

        Entries have shape (batch size, ...); where a step has several batches (critic steps), (repeat, batch size, ...).
        """
        repeat, size = self.task.repeat or 1, self.task.batch_size
        indices = self.indices(step * repeat * size, repeat * size)
        if self.task.repeat is None:
            return self._entries(indices, [self.seed, step])
        batch = {}
        for name, what in self.task.batch.items():
            once = isinstance(what, Noise) and what.once
            entry = self._entry(name, what, indices[:size] if once else indices, [self.seed, step])
            batch[name] = entry if once else entry.reshape(repeat, size, *entry.shape[1:])
        return batch

    def samples(self, number: int) -> dict[str, np.ndarray]:
        """A batch of the first ``number`` images, for pictures and for comparing what answers can do."""
        return self._entries(np.arange(number) % len(self.images), [self.seed, zlib.crc32(b"samples")])

    def indices(self, start: int, number: int) -> NDArray[np.intp]:
        """Images ``start`` .. ``start + number`` of an endless stream: each epoch is a permutation of its own."""
        epoch, offset = divmod(start, len(self.images))
        parts = []
        while number > 0:
            parts.append(self._order(epoch)[offset:offset + number])
            number, epoch, offset = number - len(parts[-1]), epoch + 1, 0
        return np.concatenate(parts)

    def _order(self, epoch: int) -> np.ndarray:
        if epoch not in self._orders:
            if len(self._orders) > 8:
                self._orders.clear()
            rng = np.random.default_rng([self.seed, zlib.crc32(b"order"), epoch])
            self._orders[epoch] = rng.permutation(len(self.images))
        return self._orders[epoch]

    def _entries(self, indices: NDArray[np.intp], key: Sequence[int]) -> dict[str, np.ndarray]:
        return {name: self._entry(name, what, indices, key) for name, what in self.task.batch.items()}

    def _entry(self, name: str, what: str | Noise, indices: NDArray[np.intp], key: Sequence[int]) -> np.ndarray:
        if what == "images":
            return self._pixels(indices) if self.floats is None else self._chosen(self.floats, indices)
        if what == "labels":
            return self.labels[indices]
        if what == "masks":
            assert self.masks is not None
            return self._native(np.moveaxis(np.eye(MASK_CLASSES, dtype=self.dtype)[self.masks[indices]], -1, 1))
        assert isinstance(what, Noise)
        rng = np.random.default_rng(np.array([*key, zlib.crc32(name.encode())], np.uint32))     # a list takes longer
        return self._native(draw(what, len(indices), rng).astype(self.dtype))

    def _chosen(self, floats: np.ndarray, indices: NDArray[np.intp]) -> np.ndarray:
        """A copy that begins at a whole cache line, which a framework can take as it is."""
        shape = (len(indices), *floats.shape[1:])
        memory = np.empty(math.prod(shape) * self.dtype.itemsize + CACHE_LINE, np.uint8)
        begin = -memory.ctypes.data % CACHE_LINE
        chosen = memory[begin:len(memory) - CACHE_LINE + begin].view(self.dtype).reshape(shape)
        return floats.take(indices, axis=0, out=chosen, mode="clip")

    def _pixels(self, indices: NDArray[np.intp] | slice) -> np.ndarray:
        images = self.images[indices]
        if self.layout == "NCHW":
            images = np.ascontiguousarray(images.transpose(0, 3, 1, 2))
        return self.levels[images]

    def _native(self, array: np.ndarray) -> np.ndarray:
        """Masks and noise are made channels first; maps of them go to the framework's layout."""
        return native(array, self.layout)


def native(array: np.ndarray, layout: str) -> np.ndarray:
    """A canonical array as a framework of ``layout`` has it: maps (N, C, H, W) in that layout, all else as it is; contiguous."""
    return np.ascontiguousarray(array.transpose(0, 2, 3, 1) if layout == "NHWC" and array.ndim == 4 else array)


def canonical(array: np.ndarray, layout: str) -> np.ndarray:
    """The inverse of ``native``."""
    return array.transpose(0, 3, 1, 2) if layout == "NHWC" and array.ndim == 4 else array


def axes(shape: tuple[int, ...], layout: str) -> str:
    """What the axes of such an array are, in words."""
    if len(shape) < 4:
        return "batch first"
    return "batch, height, width, channels" if layout == "NHWC" else "batch, channels, height, width"


def draw(noise: Noise, number: int, rng: np.random.Generator) -> np.ndarray:
    """So many draws of ``noise``, canonical, in float64."""
    shape = (number, *noise.shape)
    match noise.distribution:
        case "normal":
            return rng.standard_normal(shape)
        case "uniform":
            return rng.uniform(float(noise.options.get("low", 0.0)), float(noise.options.get("high", 1.0)), shape)
        case "bernoulli":
            return (rng.random(shape) < float(noise.options["probability"])).astype(np.float64)
        case other:
            raise ValueError(f"unknown distribution '{other}'; choose one of normal, uniform, bernoulli")
