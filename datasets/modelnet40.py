"""ModelNet40: 12,311 models of things in 40 classes, as triangles; their depth images stand in for the drawn ones.

Source: Wu et al. 2015, "3D ShapeNets", https://modelnet.cs.princeton.edu; the user downloads and unpacks it:

    DIR/ModelNet40/airplane/train/airplane_0001.off     DIR/ModelNet40/airplane/test/airplane_0627.off

Any part of it will do, ModelNet10 too. A model is moved and scaled until it fits the unit ball of depth.py.
"""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from harness.data import module, unpack
from harness.data.dataset import SPLITS, DataError, Info, Labels, in_turn

solids = module("depth")  # seen by the same cameras, in the same shades
VIEWS = solids.VIEWS
STANDS_IN_FOR, ANY_SIZE = "depth", True
INFO = Info("ModelNet40", "depth images of the models of ModelNet40 from 8 directions",
            "64x64 or any other, 1 channel", {"train": 9843 * VIEWS, "test": 2468 * VIEWS})
CLASS_NAMES = (
    "airplane", "bathtub", "bed", "bench", "bookshelf", "bottle", "bowl", "car", "chair", "cone", "cup", "curtain",
    "desk", "door", "dresser", "flower_pot", "glass_box", "guitar", "keyboard", "lamp", "laptop", "mantel", "monitor",
    "night_stand", "person", "piano", "plant", "radio", "range_hood", "sink", "sofa", "stairs", "stool", "table",
    "tent", "toilet", "tv_stand", "vase", "wardrobe", "xbox")
FARTHEST = 1e9  # from the origin, of corners; the models of ModelNet40 reach some thousands
CANDIDATES = 1 << 20  # pixels of triangles that are looked at together


def files(directory: Path) -> dict[str, list[Path]]:
    """Return {split: [the models in the directory, sorted by class]}, without the splits that have none."""
    found = {split: [path for name in CLASS_NAMES for path in sorted((directory / name / split).glob("*.off"))]
             for split in SPLITS}
    return {split: paths for split, paths in found.items() if paths}


def load(directory: Path, split: str, height: int = 64, width: int = 64) -> tuple["Images", Labels]:
    """Return images (N, height, width, 1), made when they are asked for, and labels int64 (N,).

    The classes of models take turns, and each model is seen from the eight directions, one after the other. A model
    of 100,000 triangles takes a second: ask for a number of images, or be prepared to wait for all of them.
    """
    paths = files(directory)[split]
    labels = np.array([CLASS_NAMES.index(path.parent.parent.name) for path in paths])
    order = in_turn(labels)
    return Images([paths[i] for i in order], height, width), np.repeat(labels[order], VIEWS)


class Images:
    """All images of some models: images[indices] reads those models and returns uint8 (N, height, width, 1).

    Raises DataError on a file that cannot be read or is damaged.
    """

    def __init__(self, paths: Sequence[Path], height: int, width: int) -> None:
        self.paths, self.size = paths, (height, width)

    def __getitem__(self, indices: np.ndarray) -> np.ndarray:
        images, of, triangles = np.empty((len(indices), *self.size, 1), np.uint8), None, np.empty(0)
        for image, index in zip(images, indices):
            if of != (model := index // VIEWS):
                of, triangles = model, fit_ball(read(self.paths[model]))
            image[..., 0] = solids.shade(look(triangles, index % VIEWS, *self.size))
        return images


# --- OFF ------------------------------------------------------------------------------------------------------------
def read(path: Path) -> np.ndarray:
    """Return the triangles (N, 3 corners, 3 coordinates) of a model in the Object File Format, as text.

    "OFF", the numbers of corners and of faces (and of edges), a line a corner, a line a face: how many corners it has,
    and which. Some files of ModelNet40 lack the end of the first line ("OFF490 518 0"). Raises DataError.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}); get the file again") from error
    numbered = ((number, line.split(b"#")[0].strip()) for number, line in enumerate(content.splitlines(), start=1))
    lines = [(number, line) for number, line in numbered if line]
    if not lines or not lines[0][1].startswith(b"OFF"):
        start = lines[0][1][:12].decode(errors="replace") if lines else "nothing"
        raise DataError(f"{path}: begins with {start!r}, expected 'OFF' (Object File Format, text)")
    lines[:1] = [(lines[0][0], lines[0][1][3:].strip())] if lines[0][1] != b"OFF" else []
    try:
        if not lines:
            raise ValueError("nothing behind its first line")
        corners, faces = (int(count) for count in lines[0][1].split()[:2])
        if min(corners, faces) < 1 or len(lines) <= corners + faces:
            raise ValueError(f"{len(lines) - 1} lines for {corners} corners and {faces} faces")
        points = np.array([point(*line) for line in lines[1:corners + 1]])
        triangles = triangulate([line for _, line in lines[corners + 1:corners + faces + 1]])
        if triangles.min() < 0 or triangles.max() >= corners:
            raise ValueError(f"faces name corners from {triangles.min()} to {triangles.max()}, there are {corners}")
        if (points[triangles] == points[triangles[0, 0]]).all():
            raise ValueError("all corners of its faces are in one place")
    except (ValueError, IndexError, OverflowError) as error:
        raise DataError(f"{path}: damaged ({unpack.in_short(error)}); get the file again") from error
    found: np.ndarray = points[triangles]
    return found


def point(number: int, line: bytes) -> list[float]:
    """The three coordinates in a line of a file, of that number. Raises ValueError."""
    try:
        found = [float(word) for word in line.split()[:3]]
    except ValueError as error:
        raise ValueError(f"line {number}: {error}") from error
    if len(found) != 3 or not all(map(math.isfinite, found)):
        raise ValueError(f"line {number}: a corner is not three numbers")
    if max(map(abs, found)) > FARTHEST:
        raise ValueError(f"line {number}: a corner is farther away than {FARTHEST:g}, nothing else would be seen")
    return found


def triangulate(lines: Sequence[bytes]) -> np.ndarray:
    """Return the corners (N, 3) of triangles that make up the faces in these lines; colours behind them are left out."""
    faces: dict[int, list[list[bytes]]] = {}
    for line in lines:
        count, *corners = line.split()
        faces.setdefault(int(count), []).append(corners[:max(int(count), 0)])
    triangles = []
    for size, same in sorted(faces.items()):
        if size < 3:
            raise ValueError(f"a face with {size} corners")
        if min(map(len, same)) < size:
            raise ValueError(f"a face with fewer than {size} corners")
        fan = np.array(same, dtype=np.int64)
        triangles += [fan[:, [0, i, i + 1]] for i in range(1, size - 1)]
    return np.concatenate(triangles)


# --- Rendering ------------------------------------------------------------------------------------------------------
def fit_ball(triangles: np.ndarray) -> np.ndarray:
    """Move the middle of the bounding box to the origin, and scale so that the farthest corner has distance 1."""
    corners = triangles.reshape(-1, 3)
    triangles = triangles - (corners.min(0) + corners.max(0)) / 2
    triangles = triangles / (np.abs(triangles).max() or 1)  # first so, for the squares of tiny numbers are 0
    return triangles / (np.sqrt((triangles ** 2).sum(-1).max()) or 1)


def look(triangles: np.ndarray, view: int, height: int, width: int) -> np.ndarray:
    """Return depths (height, width) of triangles seen by a camera: at each pixel's centre, the nearest of them.

    A triangle looks at the pixels of its bounding box, and all triangles do so at once, as many as memory allows.
    """
    right, down, near = solids.camera(view) * np.array([[1], [-1], [1]])
    scale = min(height, width) / 2
    x, y = (triangles @ axis * scale + (n - 1) / 2 for axis, n in ((right, width), (down, height)))  # pixel (0, 0) at 0
    depth = 1 - triangles @ near
    (left, columns), (top, rows) = (span(axis, n) for axis, n in ((x, width), (y, height)))
    seen = np.full(height * width, np.inf)
    doubled = (x[:, 1] - x[:, 0]) * (y[:, 2] - y[:, 0]) - (x[:, 2] - x[:, 0]) * (y[:, 1] - y[:, 0])  # area, signed
    count = np.where(doubled != 0, rows * columns, 0)
    chunk = np.cumsum(count) // CANDIDATES
    for number in np.unique(chunk[count > 0]):
        own = np.flatnonzero((chunk == number) & (count > 0))
        t = np.repeat(own, count[own])  # for each candidate its triangle
        place = np.arange(len(t)) - np.repeat(np.cumsum(count[own]) - count[own], count[own])  # in the bounding box
        row, column = top[t] + place // columns[t], left[t] + place % columns[t]
        # Barycentric coordinates: the part of the area that lies opposite to each corner.
        shares = [((x[t, i] - column) * (y[t, j] - row) - (x[t, j] - column) * (y[t, i] - row)) / doubled[t]
                  for i, j in ((1, 2), (2, 0), (0, 1))]
        inside = np.minimum(np.minimum(*shares[:2]), shares[2]) >= -1e-9  # an edge belongs to both of its triangles
        hit = sum(share * depth[t, corner] for corner, share in enumerate(shares))[inside]
        np.minimum.at(seen, (row * width + column)[inside], hit)
    return seen.reshape(height, width)


def span(positions: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """The pixels from 0 to `size` within the reach of each triangle's corners (N, 3): the first, and how many."""
    first = np.ceil(positions.min(1) - 1e-9).clip(0, size).astype(np.int64)
    last = np.floor(positions.max(1) + 1e-9).clip(-1, size - 1).astype(np.int64)
    return first, (last - first + 1).clip(0)
