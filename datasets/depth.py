"""Depth: grey images of how near a solid is, pixel by pixel, each solid seen from eight directions.

Drawn: boxes, spheres, cylinders, cones, tori, capsules, and unions of two of them, of random proportions and poses.
Where the user has the files of ModelNet40, its models are seen in the same way instead: modelnet40.py.

Solids lie in the ball of radius 1 around the origin, z is up. The cameras stand around it, all as high above the
horizon, and have no perspective; the ball just fits the shorter side of the picture.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.data.dataset import Images, Info, Labels

Floats = NDArray[np.floating]
Surface = Callable[[Floats, Floats, Floats], Floats]  # x, y, z -> the distance, negative inside
CLASS_NAMES = ("box", "sphere", "cylinder", "cone", "torus", "capsule", "union")
DEFAULT_NUMBER = {"train": 2048, "test": 512}
INFO = Info("depth", "depth images of drawn solids (or of ModelNet40) from 8 directions",
            "64x64 or any other, 1 channel", DEFAULT_NUMBER, "embedded")
VIEWS = IN_A_ROW = 8  # so many images in a row show the same solid, thus the same class
ELEVATION = math.radians(30)
FARTHEST = 0.1  # brightness at the far end of the ball; the near end has 1, the background 0
CLOSE, STEPS = 1e-4, 100  # a ray has arrived when it is so close, and gives up after so many steps


# --- Seeing ---------------------------------------------------------------------------------------------------------
def camera(view: int) -> Floats:
    """Return three unit vectors (3, 3): the picture's right, its up, and the way from the ball to camera `view`."""
    azimuth = 2 * math.pi * view / VIEWS
    (sa, ca), (se, ce) = ((math.sin(angle), math.cos(angle)) for angle in (azimuth, ELEVATION))
    return np.array([(-sa, ca, 0), (-se * ca, -se * sa, ce), (ce * ca, ce * sa, se)])


def pixel_centres(height: int, width: int) -> tuple[Floats, Floats]:
    """Return where pixels lie, from the middle to the right (width,) and from the middle up (height,)."""
    right, down = ((np.arange(n) + 0.5 - n / 2) * (2 / min(height, width)) for n in (width, height))
    return right, -down


def shade(depth: Floats) -> Images:
    """Turn depths into uint8: 0, the ball's near end, is brightest; 2, its far end, darkest; infinity is background."""
    seen = np.isfinite(depth)
    brightness: Floats = np.where(seen, 1 - (1 - FARTHEST) / 2 * np.where(seen, depth, 0), 0)
    return np.rint(255 * brightness).astype(np.uint8)


def look(parts: Sequence["Part"], view: int, height: int, width: int) -> Floats:
    """Return depths (height, width) of a solid: how far rays run from the plane before the ball until they meet it."""
    right, up, near = camera(view)
    x, y = (axis.ravel() for axis in np.meshgrid(*pixel_centres(height, width)))
    rays = np.flatnonzero(x * x + y * y < 1)  # the others miss the ball
    depth = np.full(height * width, np.inf)
    for part in parts:
        starts = np.outer(right, x[rays]) + np.outer(up, y[rays]) + (near - part.centre)[:, None]
        met = meet(part.surface, part.rotation @ starts / part.size, part.rotation @ -near, part.kind != "torus")
        depth[rays] = np.minimum(depth[rays], part.size * met)
    return depth.reshape(height, width)


def meet(surface: Surface, starts: Floats, heading: Floats, convex: bool) -> Floats:
    """Return how far rays (N,) run until they meet a surface in the unit ball, infinity for those that pass by it.

    starts (3, N), heading a unit vector (3,). Sphere tracing: each ray goes on by its distance from the surface, for
    so far there can be nothing in its way. Along a ray, the distance from a convex solid is a convex function: where
    the line through its last two values comes to 0, the solid is not yet reached, and where it grows, it never will.
    """
    middle = -heading @ starts  # where a ray is nearest to the origin
    aside = (starts * starts).sum(0) - middle * middle
    rays = np.flatnonzero(aside < 1)
    half = np.sqrt(1 - aside[rays])
    met = np.full(len(middle), np.inf)
    starts, travelled, end = starts[:, rays], middle[rays] - half, middle[rays] + half
    before, step, slope = np.empty(0), np.empty(0), np.full(len(rays), -1.0)
    for trial in range(STEPS):
        distance = surface(*(starts + heading[:, None] * travelled))
        if convex and trial:
            slope = (distance - before) / step
        arrived = distance < CLOSE
        met[rays[arrived]] = travelled[arrived]
        going = (travelled < end) & (slope < 0) & ~arrived
        if not going.any():
            break
        rays, starts, end, before, slope = rays[going], starts[:, going], end[going], distance[going], slope[going]
        step = before / -slope
        travelled = travelled[going] + step
    return met


# --- Solids ---------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Part:
    """A primitive and its pose: turned by the inverse of `rotation`, scaled by `size`, and moved to `centre`."""
    kind: str
    surface: Surface
    rotation: Floats
    centre: Floats
    size: float


def primitive(rng: np.random.Generator, kind: str) -> Surface:
    """Return a surface: a function of x, y, z that gives the distance from it, or less, and is negative inside.

    It lies around the origin and reaches out to 1. "Or less", near the edges, where a distance would take more
    arithmetic: the greatest of the distances from the sides, of which each is alone in space.
    """
    lean = rng.uniform(0.35, 1.15)  # of the line from the middle to the rim
    radius, half = math.cos(lean), math.sin(lean)
    thick, wide = rng.uniform((0.18, 0.2), (0.4, 0.6))
    sides = rng.uniform(0.3, 1, 3)
    a, b, c = sides / np.sqrt(sides @ sides)
    match kind:
        case "box":
            return lambda x, y, z: np.maximum(np.maximum(np.abs(x) - a, np.abs(y) - b), np.abs(z) - c)
        case "sphere":
            return lambda x, y, z: np.sqrt(x * x + y * y + z * z) - 1
        case "cylinder":
            return lambda x, y, z: np.maximum(np.sqrt(x * x + y * y) - radius, np.abs(z) - half)
        case "cone":  # the tip at z = half, the base at z = -half
            slant = math.hypot(2 * half, radius)
            return lambda x, y, z: np.maximum(
                (np.sqrt(x * x + y * y) * 2 * half + (z - half) * radius) / slant, -half - z)
        case "torus":
            return lambda x, y, z: np.sqrt((np.sqrt(x * x + y * y) - (1 - thick)) ** 2 + z * z) - thick
        case "capsule":
            return lambda x, y, z: np.sqrt(x * x + y * y + np.maximum(np.abs(z) - (1 - wide), 0) ** 2) - wide
    raise ValueError(f"unknown kind {kind!r}")


def turned(rng: np.random.Generator) -> Floats:
    """Return a rotation (3, 3), each as likely as any other."""
    first, second = rng.standard_normal((2, 3))
    first /= np.sqrt(first @ first)
    third = np.cross(first, second)
    third /= np.sqrt(third @ third)
    return np.stack((first, np.cross(third, first), third))


def solid(rng: np.random.Generator, kind: str) -> list[Part]:
    """Return a solid in the unit ball, as its parts."""
    away = turned(rng)[0]
    if kind != "union":
        size = rng.uniform(0.5, 0.95)
        return [Part(kind, primitive(rng, kind), turned(rng), away * rng.uniform(0, 1 - size), size)]
    parts = []
    for side in (1, -1):
        size = rng.uniform(0.45, 0.7)
        kind = CLASS_NAMES[rng.integers(len(CLASS_NAMES) - 1)]
        parts.append(Part(kind, primitive(rng, kind), turned(rng), side * away * rng.uniform(0.15, 0.3), size))
    return parts


# --- The data set ---------------------------------------------------------------------------------------------------
def load(split: str = "train", height: int = 64, width: int = 64, number: int | None = None, seed: int = 0) -> tuple[Images, Labels]:
    """Images uint8 (N, height, width, 1) and labels int64 (N,) into CLASS_NAMES.

    Images 0 to 7 show the first solid from the eight directions, 8 to 15 the second, and so on; the classes of solids
    take turns. An image depends on seed, split and its place alone: a larger `number` only adds images, and the two
    splits share no solid. Without a `number` there are DEFAULT_NUMBER[split].
    """
    if split not in DEFAULT_NUMBER:
        raise ValueError(f"unknown split {split!r}: choose one of {', '.join(DEFAULT_NUMBER)}")
    number = DEFAULT_NUMBER[split] if number is None else number
    if min(number, seed) < 0 or min(height, width) < 1:
        raise ValueError("number and seed must be 0 or more, height and width 1 or more, "
                         f"but number={number}, seed={seed}, height={height}, width={width}")
    images = np.empty((number, height, width, 1), np.uint8)
    labels = np.arange(number, dtype=np.int64) // VIEWS % len(CLASS_NAMES)
    for i, label in enumerate(labels):
        if i % VIEWS == 0:
            own = np.random.SeedSequence(seed, spawn_key=(tuple(DEFAULT_NUMBER).index(split), i // VIEWS))
            parts = solid(np.random.default_rng(own), CLASS_NAMES[label])
        images[i, ..., 0] = shade(look(parts, i % VIEWS, height, width))
    return images, labels
