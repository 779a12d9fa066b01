"""Drawn newts: the data set that needs no download.

Newts seen from above, painted by arithmetic alone: red-bellied *akahara* and spotted *madara*, each with the mask of
its pixels. A newt is a recipe - a pose, some colours, some noise - that can be evaluated on any grid of pixels: 64x64
and 512x512 show the same newt. Lengths are in frame units (the picture's longer side is 1), colours run from 0 to 1.
"""

import math
from typing import Any

import numpy as np

from harness.data.dataset import Images, Info, Labels

CLASS_NAMES = ("akahara", "madara")
Colour = np.ndarray | tuple[float, float, float]  # or a picture of them, (3, H, W)
Chain = tuple[Any, Any, float, float]  # points, half-widths, start, end
DEFAULT_NUMBER = {"train": 256, "test": 64}
INFO = Info("newts", "drawn newts of two species, with masks", "64x64 or any other, 3 channels", DEFAULT_NUMBER, "embedded")

# --- Palette: colours are (red, green, blue) ------------------------------------------------------------------------
SKIN = {  # species: rows of (darker back, lighter back, marking), of which each newt takes one
    "akahara": (((.10, .07, .07), (.26, .18, .15), (.93, .3, .08)), ((.15, .09, .08), (.33, .20, .17), (.88, .21, .08)),
                ((.08, .07, .08), (.22, .18, .18), (.97, .42, .12))),
    "madara": (((.62, .48, .22), (.83, .68, .36), (.16, .10, .06)), ((.46, .50, .20), (.66, .70, .32), (.11, .12, .07)),
               ((.66, .61, .50), (.84, .79, .66), (.17, .13, .11))),
}
STRIPE, IRIS, PUPIL = (.90, .50, .16), (.90, .66, .20), (.02, .02, .02)  # some madara wear a stripe along the spine
GROUND = {  # kind: (dark, middle, light), (how patchy, bumpy, coarse, shiny), what is strewn over it: see `scatter`
    "moss": (((.11, .20, .07), (.24, .36, .12), (.50, .60, .26)), (0.9, 0.004, 0.035, 0.15), (0.065, 0.18, 0.28, 1)),
    "sand": (((.50, .41, .30), (.68, .58, .43), (.85, .77, .62)), (0.8, 0.001, 0.021, 0.12), (0.035, 0.03, 0.80, 2)),
    "gravel": (((.26, .25, .24), (.48, .47, .46), (.70, .68, .65)), (0.6, 0.001, 0.02, 0.15), (0.13, 1.7, 0.75, 2)),
    "leaves": (((.20, .13, .08), (.42, .28, .16), (.68, .52, .30)), (0.6, 0.001, 0.03, 0.10), (0.21, 2.0, 0.42, 1)),
    "water": (((.14, .33, .35), (.30, .53, .51), (.70, .84, .74)), (0.7, 0.001, 0.04, 0.30), (0.10, 0.08, 0.80, 2)),
}


def mix(first: Colour, second: Colour, share: np.ndarray) -> np.ndarray:
    """From colour `first` (share 0) to `second` (share 1): share has shape (H, W), colours (3,) or (3, H, W)."""
    a, b = (np.asarray(c, np.float32).reshape(3, 1, 1) if len(np.shape(c)) == 1 else np.asarray(c) for c in (first, second))
    return np.asarray(a + (b - a) * share)


def ramp(low: float, high: float, value: np.ndarray) -> np.ndarray:
    """0 below low, 1 above high, an S-shaped slope between; it falls instead where low > high."""
    t = ((value - low) / (high - low)).clip(0, 1)
    return np.asarray(t * t * (3 - 2 * t))


# --- Noise ----------------------------------------------------------------------------------------------------------
class Frame:
    """A grid of pixels: centres ys (H,) and xs (W,), the side of a `pixel`, and the `extent` (height, width)."""
    def __init__(self, height: int, width: int) -> None:
        self.shape, self.pixel = (height, width), 1 / max(height, width)
        self.extent = height / max(height, width), width / max(height, width)
        self.ys, self.xs = ((np.arange(n, dtype=np.float32) + 0.5) * self.pixel for n in self.shape)

    def window(self, x: float, y: float, wide: float, high: float) -> tuple[Any, np.ndarray, np.ndarray]:
        """The rectangle x +- wide, y +- high: its index, and dx (1, w) and dy (h, 1) from the centre."""
        rows, cols = (slice(max(0, int((c - r) / self.pixel)), max(0, int((c + r) / self.pixel) + 1))
                      for c, r in ((y, high), (x, wide)))
        return (..., rows, cols), self.xs[None, cols] - x, self.ys[rows, None] - y


def spline(position: np.ndarray, count: int) -> np.ndarray:
    """Weights (len(position), count) of a cubic B-spline through `count` knots at 0, 1, 2..."""
    t = np.abs(np.asarray(position, np.float32)[:, None] - np.arange(count, dtype=np.float32))
    wide, narrow = np.maximum(2 - t, 0), np.maximum(1 - t, 0)
    return np.asarray((wide * wide * wide - 4 * narrow * narrow * narrow) / 6)


def noise(rng: np.random.Generator, frame: Frame, wavelength: float, octaves: int) -> np.ndarray:
    """Smooth random field (H, W), mean 0, deviation about 1; each octave is twice as fine and half as strong."""
    # A generator of its own: leaving octaves out must not change what `rng` gives next.
    own, field = np.random.default_rng(rng.integers(2**63)), np.zeros(frame.shape, np.float32)
    for octave in range(octaves):
        if wavelength < 2.5 * frame.pixel:  # too fine for these pixels: it would average to nothing
            break
        knots = [int(side / wavelength) + 4 for side in frame.extent]
        rows, cols = (spline(axis / wavelength + 1, n) for axis, n in zip((frame.ys, frame.xs), knots))
        field += rows @ own.standard_normal(knots, np.float32) @ cols.T * 2.0 ** (1 - octave)  # 2: splines halve it
        wavelength /= 2
    return field


# --- Anatomy: lengths in units of the body's length, points as complex numbers x + iy -------------------------------
SEGMENTS = 28  # of the spine; GIRTH: the body's half-width at equal steps from the snout to the tip of the tail
GIRTH = (.036, .062, .066, .048, .055, .068, .070, .065, .054, .045, .039, .034, .028, .021, .014, .008, .003)
EYE_AT, EYE_OUT, EYE_RADIUS = 0.065, 0.74, 0.0165  # along the spine, across it (as a share of half its width), size
LIMBS = ((0.23, 0.020, (0.075, 1.75), (0.070, 0.75)),  # arms, then legs: where on the spine, half-width, and of the
         (0.49, 0.022, (0.075, 1.25), (0.075, 2.15)))  # upper and the lower half: (length, angle from straight ahead)
TOES = (-0.9, -0.3, 0.3, 0.9)  # their angles from the direction of the arm or leg
MARGIN, LONGEST = 0.04, 1.5  # least distance from the frame's edge (in body lengths), greatest body length (in frames)


def pose(rng: np.random.Generator) -> tuple[list[Chain], list[Chain], list[Chain]]:
    """One way to lie: body, limbs and eyes, three lists of chains (points, half-widths, start, end) for `sweep`."""
    s, signs = np.linspace(0, 1, SEGMENTS + 1), rng.choice((-1, 1), 2)  # trunk and tail: same sign a C, else an S
    trunk, tail = signs * rng.uniform((0.3, 0.9), (1.2, 2.7))
    angle = (rng.uniform(-0.4, 0.4) * ramp(0.25, 0, s) + trunk * ramp(0.1, 0.6, s)
             + tail * (ramp(0.4, 1.05, s) - rng.uniform(0, 0.4) * ramp(0.75, 1.1, s)))
    spine, girth = np.cumsum(np.exp(1j * angle)) / SEGMENTS, rng.uniform(1.0, 1.25)
    radii = girth * spline(s * (len(GIRTH) - 1) + 1, len(GIRTH) + 2) @ (GIRTH[1], *GIRTH, GIRTH[-1])
    limbs, eyes, stride = list[Chain](), list[Chain](), rng.uniform(-0.45, 0.45)

    def beside(at: float, out: float) -> tuple[complex, complex]:  # `out` half-widths beside the spine; the direction ahead there
        i = round(at * SEGMENTS)
        ahead = -np.exp(1j * (angle[i] + angle[i + 1]) / 2)
        return spine[i] + 1j * ahead * out * radii[i], ahead

    for side in (1, -1):
        for (at, radius, *halves), swing in zip(LIMBS, (stride, -stride)):  # newts trot: diagonal limbs go together
            (hip, ahead), thick = beside(at, 0.6 * side), radius * girth
            upper, lower = (length * ahead * np.exp(1j * side * (turn + side * swing + rng.uniform(-0.2, 0.2)))
                            for length, turn in halves)
            foot = hip + upper + lower
            limbs.append(((hip, hip + upper, foot), (thick, 0.85 * thick, 0.62 * thick), 0, 0.7))
            for toe in TOES:
                reach = lower / abs(lower) * np.exp(1j * (toe + rng.uniform(-0.1, 0.1))) * rng.uniform(0.032, 0.040)
                limbs.append(((foot, foot + reach), (0.45 * thick, 0.22 * thick), 0.7, 1))
        eye, ahead = beside(EYE_AT, EYE_OUT * side)
        eyes.append(((eye, eye + 0.004 * ahead), (EYE_RADIUS, EYE_RADIUS), 0, 1))
    return [(spine, radii, 0, 1)], limbs, eyes


def place(rng: np.random.Generator, extent: tuple[float, float], parts: tuple[list[Chain], ...]) -> tuple[list[list[Chain]], float]:
    """Turn, scale and move the parts of a pose to fit the frame: the same parts in frame units, and the scale."""
    height, width = extent
    points, reach = (np.concatenate([chain[i] for chains in parts for chain in chains]) for i in (0, 1))
    spine, heading = parts[0][0][0], rng.uniform(0, 2 * math.pi)
    turn = complex(width**2 * math.cos(heading), height**2 * math.sin(heading)) / (spine[-1] - spine[0])
    turn /= abs(turn)  # the squares draw the body towards the longer side
    x, y, reach = (points * turn).real, (points * turn).imag, reach + MARGIN
    low, high = complex(min(x - reach), min(y - reach)), complex(max(x + reach), max(y + reach))
    fit = min(width / (high - low).real, height / (high - low).imag, LONGEST)
    scale = float(fit) * rng.uniform(0.86, 1)  # float: NumPy's own scalar would turn every field into doubles
    free = complex(width, height) - scale * (high - low)
    corner = complex(free.real * rng.random(), free.imag * rng.random())
    return [[((np.asarray(p) * turn - low) * scale + corner, np.asarray(r) * scale, *ends) for p, r, *ends in chains]
            for chains in parts], scale


# --- Shading --------------------------------------------------------------------------------------------------------
AMBIENT, SUN_HEIGHT = 0.42, 0.85  # the share of light that comes from everywhere; radians above the horizon


def shine(relief: np.ndarray, frame: Frame, sun: tuple[float, float, float]) -> tuple[np.ndarray, np.ndarray]:
    """Light on a relief (H, W): how bright it lies (1 where flat), and how nearly it mirrors the sun (0 to 1)."""
    dy, dx = np.gradient(relief, frame.pixel)
    steep = np.sqrt(1 + dx * dx + dy * dy)
    half = [(s + v) / math.sqrt(2 + 2 * sun[2]) for s, v in zip(sun, (0, 0, 1))]  # halfway between sun and viewer
    facing, mirror = (np.maximum((z - dx * x - dy * y) / steep, 0) for x, y, z in (sun, half))
    return AMBIENT + (1 - AMBIENT) / sun[2] * facing, mirror


def scatter(rng: np.random.Generator, frame: Frame, layers: np.ndarray, size: float, share: float, slim: float, power: float) -> None:
    """Paint stones (power 2) or leaves (power 1), one over the other, into layers (3, H, W): relief, tone and hue.

    They are about 2 * `size` long, `slim` times as wide, and so many that apart they would cover `share` of a square.
    """
    number = round(share * math.prod(frame.extent) / (size * size * slim))
    shapes = rng.uniform((0, 0, 0, 0.6 * size, 0), (*frame.extent, 2 * math.pi, 1.3 * size, 0.1 * size), (number, 5))
    looks = rng.standard_normal((number, 2, 1, 1), np.float32)
    for (y, x, angle, length, lift), look in zip(shapes.tolist(), looks):
        c, s, width = math.cos(angle), math.sin(angle), slim * length
        window, dx, dy = frame.window(x, y, math.hypot(length * c, width * s), math.hypot(length * s, width * c))
        u, v = dx * (c / length) + dy * (s / length), dy * (c / width) - dx * (s / width)
        depth = 1 - u * u - (v * v if power == 2 else np.abs(v))  # 1 in the middle, 0 on the rim
        inside, depth = (depth * (width / frame.pixel / power) + 0.5).clip(0, 1), np.maximum(depth, 0)
        relief, colour = layers[0][window], layers[1:][window]
        relief += inside * ((np.sqrt(depth) if power == 2 else depth) * (0.4 * width) + lift - relief)
        colour += inside * (look - colour)


def ground(rng: np.random.Generator, frame: Frame, kind: str, sun: tuple[float, float, float]) -> tuple[np.ndarray, np.ndarray]:
    """What the newt lies on, in sunshine: colours (3, H, W), and the glitter (H, W) to add where no shadow falls."""
    (dark, middle, light), (patchy, bumpy, coarse, shiny), strewn = GROUND[kind]
    broad, fine = noise(rng, frame, 0.3, 2), noise(rng, frame, coarse, 4)
    layers = np.stack((bumpy * fine, patchy * (0.5 * broad + 0.6 * fine), 0.5 * broad))
    scatter(rng, frame, layers, *strewn)
    relief, tone, hue = layers
    tone += 0.15 * broad + 0.15 * fine
    if kind == "water":  # light gathers in bright threads on the floor of a pool
        tone += 1.8 * np.exp(-7 * np.abs(noise(rng, frame, 0.16, 2)))
    colours = mix(mix(dark, middle, ramp(-1.6, 0.1, tone)), light, ramp(0.1, 1.8, tone))
    colours[::2] *= 1 + 0.08 * np.stack((hue, -hue))  # warmer or cooler: more red and less blue, or less and more
    bright, mirror = shine(relief, frame, sun)
    return colours * bright, shiny * mirror**40


# --- Drawing --------------------------------------------------------------------------------------------------------
FAR, FINE = 0.05, 128  # how far from the body distances are known; smaller pictures are drawn this large, then averaged


def sweep(frame: Frame, chains: list[Chain]) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """What discs cover that move from point to point of each chain while their radius changes: four fields (H, W).

    Distance from the outline (negative inside), place along the chain (start to end) and across it (-1 to 1), height.
    A segment owns the pixels between the normals at its ends, so pattern and shading run on smoothly into the next.
    """
    fields = np.ones((3, *frame.shape), np.float32)
    fields[0] = FAR
    for points, radii, start, end in chains:
        points, radii, last = np.asarray(points).tolist(), np.asarray(radii).tolist(), len(points) - 2
        chords = [b - a for a, b in zip(points, points[1:])]
        normals = [n / abs(n) for n in (chords[0], *(p + q for p, q in zip(chords, chords[1:])), chords[-1])]
        for i, (a, chord, na, nb, ra, rb) in enumerate(zip(points, chords, normals, normals[1:], radii, radii[1:])):
            half, middle, reach = chord / 2, a + chord / 2, max(ra, rb) + FAR
            window, dx, dy = frame.window(middle.real, middle.imag, reach + abs(half.real), reach + abs(half.imag))
            before = (half.real + dx) * na.real + (half.imag + dy) * na.imag
            behind = (half.real - dx) * nb.real + (half.imag - dy) * nb.imag
            t = before / np.maximum(before + behind, abs(half) / 2)  # 0 where the segment starts, 1 where it ends
            owned, t = (t >= (0 if i else -np.inf)) & (t < (1 if i < last else np.inf)), t.clip(0, 1)
            x, y = dx - (t - 0.5) * chord.real, dy - (t - 0.5) * chord.imag  # from the segment's nearest point
            aside, known = np.sqrt(x * x + y * y), fields[window]
            distance = aside - (ra + (rb - ra) * t)
            closer = owned & (distance < known[0])
            aside = np.copysign(aside, y * chord.real - x * chord.imag)
            for field, value in zip(known, (distance, aside, start + (end - start) / (last + 1) * (i + t))):
                np.copyto(field, value, where=closer)
    distance, aside, along = fields
    radius = np.abs(aside) - distance
    return distance, along, aside / radius, np.sqrt((radius * radius - aside * aside).clip(0))


def skin(rng: np.random.Generator, frame: Frame, species: str, scale: float, along: np.ndarray, across: np.ndarray,
         limbs_along: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Colours (3, H, W) of the body and of the limbs, and the grain (H, W) of the skin."""
    dark, light, marking = SKIN[species][rng.integers(len(SKIN[species]))]
    much, striped, tail_side = rng.random(), rng.random() < 0.35, rng.choice((-1, 1)).item()
    blots, broad = noise(rng, frame, rng.uniform(0.03, 0.05) * scale, 3), noise(rng, frame, 0.15 * scale, 2)
    grain, hands = noise(rng, frame, 0.012 * scale, 3), ramp(0.55, 0.95, limbs_along + 0.06 * blots)
    back = mix(dark, light, (0.5 + 0.25 * broad + 0.12 * grain).clip(0, 1))
    if species == "akahara":  # red on both flanks, on one edge of the tail, in blots and on the hands
        edge = np.abs(across) + ramp(0.5, 0.62, along) * (across * tail_side - np.abs(across))
        red = np.maximum(ramp(0.67, 0.87, edge + 0.1 * blots + 0.15 * much), ramp(1.7, 2.0, blots + 0.4 * much))
        return mix(back, marking, red), mix(back, marking, 0.85 * hands), grain
    spotted = mix(back, marking, 0.92 * np.maximum(ramp(0.5, 0.8, blots + 0.5 * much), 0.8 * ramp(1.2, 1.6, grain)))
    line = ramp(0.26, 0.10, np.abs(across + 0.08 * blots)) * ramp(0.06, 0.14, along)
    return mix(spotted, STRIPE, 0.9 * striped * line), mix(spotted, light, 0.5 * hands), grain


def paint(rng: np.random.Generator, species: str, frame: Frame) -> tuple[np.ndarray, np.ndarray]:
    """One newt: the picture's colours (3, H, W), and the share (H, W) of each pixel that the newt covers."""
    kind, azimuth = tuple(GROUND)[rng.integers(len(GROUND))], rng.uniform(0, 2 * math.pi)
    sun = (math.cos(azimuth) * math.cos(SUN_HEIGHT), math.sin(azimuth) * math.cos(SUN_HEIGHT), math.sin(SUN_HEIGHT))
    parts, scale = place(rng, frame.extent, pose(rng))
    (body, along, across, height), (limbs, limbs_along, _, limbs_height), (eyes, _, eyes_across, eyes_height) = (
        sweep(frame, chains) for chains in parts)
    outline = np.minimum(np.minimum(body, limbs), eyes)
    in_newt, in_body, in_eyes = ((0.5 - distance / frame.pixel).clip(0, 1) for distance in (outline, body, eyes))
    # The newt: the body covers the limbs, the eyes stand on top, and one relief of it all makes the light agree.
    body_colours, limbs_colours, grain = skin(rng, frame, species, scale, along, across, limbs_along)
    eyes_colours = mix(PUPIL, IRIS, ramp(0.5, 0.75, np.abs(eyes_across)))
    relief = np.maximum(height, 0.9 * limbs_height) + 1.2 * eyes_height + 0.0008 * scale * grain * (1 - in_eyes)
    bright, mirror = shine(relief, frame, sun)
    newt = mix(mix(limbs_colours, body_colours, in_body), eyes_colours, in_eyes) * bright + (0.35 * mirror**24 + 0.45 * mirror**120)  # wet
    # The ground is darker where the newt keeps the light off: away from the sun, and close to the body all around.
    colours, glitter = ground(rng, frame, kind, sun)
    shift = [round(-s * 0.055 * scale / frame.pixel) for s in (sun[1], sun[0])]
    lit = 1 - ramp(0.025, -0.02, np.roll(outline, shift, (0, 1)) / scale)
    colours = colours * ((0.4 + 0.6 * lit) * (1 - 0.3 * ramp(0.03, 0, outline / scale))) + glitter * lit
    return mix(colours, newt, in_newt).clip(0, 1), in_newt


def draw(rng: np.random.Generator, species: str, height: int, width: int) -> tuple[Images, Images]:
    """Draw one newt with the numbers of `rng`: image uint8 (height, width, 3) and mask uint8 (height, width).

    The mask holds 0 on the ground and, on the newt, the place of `species` in CLASS_NAMES plus 1.
    """
    if species not in CLASS_NAMES or min(height, width) < 1:
        raise ValueError(f"species must be one of {', '.join(CLASS_NAMES)}, height and width 1 or more, "
                         f"but species={species!r}, height={height}, width={width}")
    fine = max(1, math.ceil(FINE / max(height, width)), math.ceil(2 / min(height, width)))
    colours, shape = paint(rng, species, Frame(height * fine, width * fine))
    colours = np.einsum("chiwj->hwc", colours.reshape(3, height, fine, width, fine)) / fine**2
    shape = np.einsum("hiwj->hw", shape.reshape(height, fine, width, fine)) / fine**2
    return np.round(255 * colours).astype(np.uint8), (shape >= 0.5) * np.uint8(CLASS_NAMES.index(species) + 1)


# --- The data set ---------------------------------------------------------------------------------------------------
def load(split: str = "train", height: int = 64, width: int = 64, number: int | None = None,
         seed: int = 0) -> tuple[Images, Labels, Images]:
    """Images uint8 (N, height, width, 3), labels int64 (N,) into CLASS_NAMES, masks uint8 (N, height, width).

    The species take turns. Newt i depends on seed, split and i alone: a larger `number` only adds newts, and the two
    splits share none. Without a `number` there are DEFAULT_NUMBER[split].
    """
    if split not in DEFAULT_NUMBER:
        raise ValueError(f"unknown split {split!r}: choose one of {', '.join(DEFAULT_NUMBER)}")
    number = DEFAULT_NUMBER[split] if number is None else number
    if min(number, seed) < 0 or min(height, width) < 1:
        raise ValueError("number and seed must be 0 or more, height and width 1 or more, "
                         f"but number={number}, seed={seed}, height={height}, width={width}")
    images, masks = np.empty((number, height, width, 3), np.uint8), np.empty((number, height, width), np.uint8)
    labels = np.arange(number, dtype=np.int64) % len(CLASS_NAMES)
    for i, label in enumerate(labels):
        own = np.random.SeedSequence(seed, spawn_key=(tuple(DEFAULT_NUMBER).index(split), i))
        images[i], masks[i] = draw(np.random.default_rng(own), CLASS_NAMES[label], height, width)
    return images, labels, masks
