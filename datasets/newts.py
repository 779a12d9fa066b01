"""Drawn newts: the data set that needs no download.

Japanese newts seen from above, painted by arithmetic alone: red-bellied *akahara* (dark back, orange-red flanks)
and spotted *madara* (light back, dark spots), each with the mask of its pixels. Every newt is a recipe - a pose,
some colours, some noise - evaluated on whatever grid of pixels is asked for, so 64x64 and 512x512 show the same
newt. Lengths are in frame units (the longer side of the picture is 1), colours run from 0 to 1.
"""

import math

import numpy as np

CLASS_NAMES = ("akahara", "madara")
SPLITS = ("train", "test")
DEFAULT_NUMBER = {"train": 256, "test": 64}

# --- Palette: (red, green, blue); between two colours of a row, chance or noise chooses ---------------------------

SKIN = {  # species: rows of (darker back, lighter back, marking); a newt takes one row
    "akahara": (
        ((0.10, 0.07, 0.07), (0.26, 0.18, 0.15), (0.93, 0.30, 0.08)),
        ((0.15, 0.09, 0.08), (0.33, 0.20, 0.17), (0.88, 0.21, 0.08)),
        ((0.08, 0.07, 0.08), (0.22, 0.18, 0.18), (0.97, 0.42, 0.12)),
    ),
    "madara": (
        ((0.62, 0.48, 0.22), (0.83, 0.68, 0.36), (0.16, 0.10, 0.06)),
        ((0.46, 0.50, 0.20), (0.66, 0.70, 0.32), (0.11, 0.12, 0.07)),
        ((0.55, 0.49, 0.40), (0.75, 0.68, 0.57), (0.17, 0.13, 0.11)),
    ),
}
STRIPE = (0.90, 0.50, 0.16)  # the line that some madara wear along the spine
IRIS, PUPIL = (0.90, 0.66, 0.20), (0.02, 0.02, 0.02)
GROUND = {  # kind: (dark, middle, light), (how patchy, how bumpy, how coarse), what lies there: see `scatter`
    "moss": (((0.11, 0.20, 0.07), (0.24, 0.36, 0.12), (0.50, 0.60, 0.26)), (0.9, 0.004, 0.035), (0.10, 0.30, 0.2, 1)),
    "sand": (((0.50, 0.41, 0.30), (0.68, 0.58, 0.43), (0.85, 0.77, 0.62)), (0.8, 0.001, 0.016), (0.035, 0.03, 0.8, 2)),
    "gravel": (((0.26, 0.25, 0.24), (0.48, 0.47, 0.46), (0.70, 0.68, 0.65)), (0.6, 0.001, 0.02), (0.13, 1.7, 0.75, 2)),
    "leaves": (((0.20, 0.13, 0.08), (0.42, 0.28, 0.16), (0.68, 0.52, 0.30)), (0.6, 0.001, 0.03), (0.21, 2.0, 0.42, 1)),
    "water": (((0.14, 0.33, 0.35), (0.30, 0.53, 0.51), (0.70, 0.84, 0.74)), (0.7, 0.001, 0.04), (0.10, 0.08, 0.8, 2)),
}
GLEAM = {"moss": 0.15, "sand": 0.12, "gravel": 0.15, "leaves": 0.1, "water": 0.4}  # how wet it shines


def mix(first, second, share):
    """From colour `first` (share 0) to `second` (share 1): share has shape (H, W), colours (3,) or (3, H, W)."""
    first, second = (np.float32(c).reshape(3, 1, 1) if len(np.shape(c)) == 1 else c for c in (first, second))
    return first + (second - first) * share


def ramp(low, high, value):
    """0 below low, 1 above high, an S-shaped slope between."""
    t = np.clip((value - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


# --- The frame and its noise --------------------------------------------------------------------------------------

class Frame:
    """A grid of pixel centres: ys (H,), xs (W,), its extent (height, width) and a pixel's side, in frame units."""

    def __init__(self, height, width):
        self.shape, self.pixel = (height, width), 1 / max(height, width)
        self.extent = height / max(height, width), width / max(height, width)
        self.ys, self.xs = ((np.arange(n, dtype=np.float32) + 0.5) * self.pixel for n in self.shape)

    def window(self, x, y, wide, high):
        """The rectangle x +- wide, y +- high: its slices, and dx (1, w) and dy (h, 1) from the centre."""
        top, left = max(0, int((y - high) / self.pixel)), max(0, int((x - wide) / self.pixel))
        rows = slice(top, max(top, int((y + high) / self.pixel) + 1))
        cols = slice(left, max(left, int((x + wide) / self.pixel) + 1))
        return (..., rows, cols), self.xs[None, cols] - x, self.ys[rows, None] - y


def spline(position, count):
    """Weights (len(position), count) of a cubic B-spline through `count` knots at 0, 1, 2..."""
    t = np.abs(np.asarray(position, np.float32)[:, None] - np.arange(count, dtype=np.float32))
    wide, narrow = np.maximum(2 - t, 0), np.maximum(1 - t, 0)
    return (wide * wide * wide - 4 * narrow * narrow * narrow) / 6


def noise(rng, frame, wavelength, octaves=1):
    """Smooth random field (H, W): mean 0, deviation about 1; each octave is twice as fine and half as strong.

    Octaves too fine for the pixels are left out, for they would average to nothing. The generator of its own is
    what makes that harmless: whatever is drawn after this stays as it was.
    """
    own = np.random.default_rng(rng.integers(2**63))
    field, strength = np.zeros(frame.shape, np.float32), 2.0  # 2: the spline's smoothing halves the deviation
    for _ in range(octaves):
        visible = min(1.0, wavelength / frame.pixel / 2 - 1)
        if visible <= 0:
            break
        knots = [int(side / wavelength) + 4 for side in frame.extent]
        lattice = own.standard_normal(knots, dtype=np.float32) * np.float32(strength * visible)
        rows, cols = (spline(axis / wavelength + 1, n) for axis, n in zip((frame.ys, frame.xs), knots))
        field += rows @ lattice @ cols.T
        wavelength, strength = wavelength / 2, strength / 2
    return field


# --- Anatomy: a spine and four limbs, in units of the body's length, points as complex numbers x + iy -------------

SEGMENTS = 30  # of the spine
MARGIN, LONGEST = 0.04, 1.5  # the newt's least distance from the frame's edge and greatest length
GIRTH = (0.036, 0.062, 0.066, 0.048, 0.055, 0.068, 0.070, 0.065, 0.054, 0.045, 0.039, 0.034, 0.028, 0.021, 0.014, 0.008,
         0.003)  # the body's half-width at equal steps from snout to tip of the tail
EYE_AT, EYE_OUT, EYE_RADIUS = 0.065, 0.74, 0.0165  # along the spine, across it (of the half-width), and size
TOES = (-0.9, -0.3, 0.3, 0.9)  # their directions around the foot's, in radians
# where on the spine, half-width of the limb, then (length, angle from straight ahead) of its upper and lower half
LIMBS = ((0.23, 0.0200, (0.075, 1.75), (0.070, 0.75)), (0.49, 0.0220, (0.075, 1.25), (0.075, 2.15)))


def pose(rng):
    """One way to lie: (spine (SEGMENTS + 1,), its radii, limbs), each limb a list of (points, radii) to sweep."""
    s = np.linspace(0, 1, SEGMENTS + 1)
    trunk, tail = rng.uniform(0.3, 1.2), rng.uniform(0.9, 2.7) * rng.choice((-1, 1))  # one sign: a C, two: an S
    angle = (rng.uniform(-0.4, 0.4) * ramp(0.25, 0, s) + trunk * ramp(0.1, 0.6, s) + tail * ramp(0.4, 1.05, s)
             - np.sign(tail) * rng.uniform(0, 0.9) * ramp(0.75, 1.1, s))
    mirror = rng.random() < 0.5
    spine = np.cumsum(np.exp(1j * angle)) / SEGMENTS
    girth = rng.uniform(1.0, 1.25)
    knots = np.array((GIRTH[1], *GIRTH, GIRTH[-1]))
    radii = girth * spline(s * (len(GIRTH) - 1) + 1, len(knots)) @ knots
    limbs = []
    stride = rng.uniform(-0.45, 0.45)  # newts trot: diagonal limbs swing together
    for at, radius, upper, lower in LIMBS:
        i = round(at * SEGMENTS)
        ahead = (spine[i - 1] - spine[i + 1]) / abs(spine[i - 1] - spine[i + 1])
        for hand in (1j, -1j):  # the left side and the right
            stride = -stride
            bend = rng.uniform(-0.2, 0.2, 2) + stride
            turn = [ahead * np.exp(hand * (half[1] + swing)) for half, swing in zip((upper, lower), bend)]
            hip = spine[i] + hand * ahead * radii[i] * 0.6
            knee = hip + turn[0] * upper[0]
            foot = knee + turn[1] * lower[0]
            thick = radius * girth
            limb = [((hip, knee, foot), (thick, 0.85 * thick, 0.62 * thick))]
            for toe in TOES:
                tip = foot + turn[1] * np.exp(1j * (toe + rng.uniform(-0.1, 0.1))) * rng.uniform(0.032, 0.040)
                limb.append(((foot, tip), (0.45 * thick, 0.22 * thick)))
            limbs.append(limb)
        stride = -stride
    if mirror:
        spine = spine.conj()
        limbs = [[(np.conj(points), r) for points, r in limb] for limb in limbs]
    return spine, radii, limbs


def place(rng, extent, spine, radii, limbs):
    """Turn, scale and move a pose into the frame: the same three, and the scale. The long side attracts the body."""
    height, width = extent
    heading = rng.uniform(0, 2 * np.pi)
    axis = spine[-1] - spine[0]
    turn = (width * np.cos(heading) + 1j * height * np.sin(heading)) / axis
    turn /= abs(turn)
    chains = [(spine, radii)] + [chain for limb in limbs for chain in limb]
    points, reach = np.concatenate([p for p, _ in chains]) * turn, np.concatenate([r for _, r in chains])
    low = np.min(points.real - reach) + 1j * np.min(points.imag - reach)
    size = np.max(points.real + reach) + 1j * np.max(points.imag + reach) - low
    room = 1 - 2 * MARGIN
    scale = min(room * width / size.real, room * height / size.imag, LONGEST) * rng.uniform(0.86, 1)
    scale = float(scale)  # NumPy's own float would make every field double
    free = width - scale * size.real, height - scale * size.imag
    corner = [MARGIN * side + (f - 2 * MARGIN * side) * rng.random() for side, f in zip((width, height), free)]
    corner = corner[0] + 1j * corner[1]

    def move(p):
        return (np.asarray(p) * turn - low) * scale + corner
    moved = [[(move(p), np.asarray(r) * scale) for p, r in limb] for limb in limbs]
    return move(spine), radii * scale, moved, scale


# --- Ground ---------------------------------------------------------------------------------------------------

def scatter(rng, frame, layers, size, share, slim, power):
    """Stones (power 2), leaves or sprigs (power 1) painted one over the other into layers (3, H, W): see `ground`.

    They are `size` long and `slim` times as wide, and cover, were they not to overlap, `share` of the ground.
    """
    number = round(share * frame.extent[0] * frame.extent[1] / (size * size * slim))
    places = rng.uniform(-0.02, 0.02 + np.array(frame.extent), (number, 2)).tolist()
    angles, shapes = rng.uniform(0, 2 * np.pi, number).tolist(), rng.uniform(0, 1, (number, 2)).tolist()
    looks = rng.standard_normal((number, 2, 1, 1), np.float32)
    for (y, x), angle, (longer, higher), look in zip(places, angles, shapes, looks):
        length = size * (0.6 + 0.7 * longer)
        c, s = math.cos(angle), math.sin(angle)
        win, dx, dy = frame.window(x, y, length * math.hypot(c, slim * s), length * math.hypot(s, slim * c))
        u, v = dx * (c / length) + dy * (s / length), dy * (c / length / slim) - dx * (s / length / slim)
        edge = 1 - u * u - (v * v if power == 2 else np.abs(v))  # 1 at the centre, 0 at the rim
        inside = np.minimum(np.maximum(edge * (slim * length / frame.pixel / power) + 0.5, 0), 1)
        edge = np.maximum(edge, 0)
        relief, colour = layers[0][win], layers[1:][win]
        relief += inside * ((np.sqrt(edge) if power == 2 else edge) * (0.4 * slim * length) + 0.1 * size * higher - relief)
        colour += inside * (look - colour)


def ground(rng, frame, kind):
    """What the newt lies on: colours (3, H, W) and relief (H, W)."""
    (dark, middle, light), (patchy, bumpy, coarse), things = GROUND[kind]
    broad, fine = noise(rng, frame, 0.3, 2), noise(rng, frame, coarse, 4)
    layers = np.stack((bumpy * fine, patchy * (0.5 * broad + 0.6 * fine), 0.5 * broad))
    scatter(rng, frame, layers, *things)
    relief, tone, hue = layers
    tone += 0.15 * broad + 0.15 * fine
    if kind == "water":  # light gathers in bright threads on the floor of a pool
        tone += 1.8 * np.exp(-7 * np.abs(noise(rng, frame, 0.16, 2)))
    colours = mix(mix(dark, middle, ramp(-1.6, 0.1, tone)), light, ramp(0.1, 1.8, tone))
    colours[0] *= 1 + 0.08 * hue  # warmer or cooler
    colours[2] *= 1 - 0.08 * hue
    return colours, relief


# --- Shading --------------------------------------------------------------------------------------------------

AMBIENT = 0.42  # the light that comes from everywhere
SUN_HEIGHT = 0.85  # radians above the horizon


def shine(relief, frame, sun):
    """Light on a relief (H, W): how bright it lies (about 1 where flat), and how nearly it mirrors the sun (0..1)."""
    dy, dx = np.gradient(relief, frame.pixel)
    steep = np.sqrt(1 + dx * dx + dy * dy)
    facing = (sun[2] - dx * sun[0] - dy * sun[1]) / steep
    half = [(s + e) / math.sqrt(2 + 2 * sun[2]) for s, e in zip(sun, (0, 0, 1))]  # halfway between sun and viewer
    mirror = (half[2] - dx * half[0] - dy * half[1]) / steep
    return AMBIENT + (1 - AMBIENT) / sun[2] * np.maximum(facing, 0), np.maximum(mirror, 0)


# --- Drawing --------------------------------------------------------------------------------------------------

FAR = 0.05  # distances from the body are known up to here
FINE = 128  # smaller pictures are drawn this large, then averaged


def blank(frame):
    """Fields (4, H, W) for `sweep`: distance outside the body (negative inside), half-width, along, across."""
    fields = np.zeros((4, *frame.shape), np.float32)
    fields[0], fields[1] = FAR, 1
    return fields


def sweep(fields, frame, points, radii, start=0.0, end=1.0):
    """Add to `fields` what a disc covers that moves from point to point while its radius changes.

    Each segment owns the slab between the normals at its two ends, so shading runs smoothly from one to the next.
    """
    points, radii, last = np.asarray(points).tolist(), np.asarray(radii).tolist(), len(points) - 2
    chords = [b - a for a, b in zip(points, points[1:])]
    ends = [chords[0], *(p + q for p, q in zip(chords, chords[1:])), chords[-1]]
    normals = [n / abs(n) for n in ends]
    for i, (a, chord, na, nb, ra, rb) in enumerate(zip(points, chords, normals, normals[1:], radii, radii[1:])):
        length, middle = abs(chord), a + chord / 2
        reach = max(ra, rb) + FAR
        win, dx, dy = frame.window(middle.real, middle.imag, reach + abs(chord.real) / 2, reach + abs(chord.imag) / 2)
        before = dx * na.real + dy * na.imag
        behind = (chord.real - dx) * nb.real + (chord.imag - dy) * nb.imag
        t = before / np.maximum(before + behind, abs(chord) / 4)
        inside = (t >= (0 if i else -np.inf)) & (t < (1 if i < last else np.inf))
        t = np.minimum(np.maximum(t, 0), 1)
        x, y = dx - t * chord.real, dy - t * chord.imag  # from the nearest point of the segment
        radius = ra + (rb - ra) * t
        gap = np.sqrt(x * x + y * y) - radius
        closer = inside & (gap < fields[0][win])
        across = (y * chord.real - x * chord.imag) / (abs(chord) * radius)
        for field, value in zip(fields, (gap, radius, start + (end - start) * (i + t) / (last + 1), across)):
            np.copyto(field[win], value, where=closer)


def cover(gap, frame):
    """The share (H, W) of each pixel that lies inside, from the distance to the outline."""
    return np.clip(0.5 - gap / frame.pixel, 0, 1)


def dome(fields):
    """Height (H, W) of a round body over the ground."""
    return fields[1] * np.sqrt(1 - np.clip(1 + fields[0] / fields[1], 0, 1) ** 2)


def skin(rng, frame, species, scale, body, limbs):
    """Colours (3, H, W) of body and limbs, and the fine relief (H, W) of the skin."""
    dark, light, marking = SKIN[species][rng.integers(len(SKIN[species]))]
    amount, stripe, tail_side = rng.random(), rng.random() < 0.35, rng.choice((-1, 1)).item()
    along, across = body[2], body[3]
    blot, broad = noise(rng, frame, rng.uniform(0.03, 0.05) * scale, 3), noise(rng, frame, 0.15 * scale, 2)
    grain = noise(rng, frame, 0.012 * scale, 3)
    back = mix(dark, light, np.clip(0.5 + 0.25 * broad + 0.12 * grain, 0, 1))
    hand = ramp(0.55, 0.95, limbs[2] + 0.06 * blot)
    if species == "akahara":
        flank = np.abs(across) + 0.10 * blot + 0.22 * amount
        on_tail = ramp(0.5, 0.62, along)
        flank = flank + on_tail * (across * tail_side - np.abs(across))
        red = ramp(0.72, 0.92, flank)
        red = np.maximum(red, ramp(1.5 - 0.3 * amount, 1.8 - 0.3 * amount, blot + 0.1 * broad))
        return mix(back, marking, red), mix(back, marking, 0.85 * hand), grain
    spots = ramp(0.15, 0.45, blot + 0.5 * amount - 0.35)
    spots = np.maximum(spots, 0.8 * ramp(1.2, 1.6, grain))
    colours = mix(back, marking, 0.92 * spots)
    if stripe:
        colours = mix(colours, STRIPE, ramp(0.26, 0.10, np.abs(across + 0.08 * blot)) * ramp(0.06, 0.14, along) * 0.9)
    return colours, mix(mix(back, marking, 0.9 * spots), light, 0.5 * hand), grain


def paint(rng, species, frame):
    """One newt: colours (3, H, W) and the share (H, W) of each pixel that it covers."""
    kind = tuple(GROUND)[rng.integers(len(GROUND))]
    azimuth = rng.uniform(0, 2 * math.pi)
    sun = (math.cos(azimuth) * math.cos(SUN_HEIGHT), math.sin(azimuth) * math.cos(SUN_HEIGHT), math.sin(SUN_HEIGHT))
    spine, radii, limb_chains, scale = place(rng, frame.extent, *pose(rng))

    body, limbs, eyes = blank(frame), blank(frame), blank(frame)
    sweep(body, frame, spine, radii)
    for arm, *toes in limb_chains:
        sweep(limbs, frame, *arm, 0, 0.7)
        for toe in toes:
            sweep(limbs, frame, *toe, 0.7, 1)
    i = round(EYE_AT * SEGMENTS)
    ahead = (spine[i - 1] - spine[i + 1]) / abs(spine[i - 1] - spine[i + 1])
    for hand in (1j, -1j):
        eye = spine[i] + hand * ahead * radii[i] * EYE_OUT
        sweep(eyes, frame, (eye, eye + ahead * 0.004 * scale), [EYE_RADIUS * scale] * 2)
    gap = np.minimum(np.minimum(body[0], limbs[0]), eyes[0])
    shape, eye_shape = cover(gap, frame), cover(eyes[0], frame)

    # The ground, darker where the newt keeps the light off: beside it on the side away from the sun, and close to it.
    colours, relief = ground(rng, frame, kind)
    bright, mirror = shine(relief, frame, sun)
    shift = [round(-s * 0.045 * scale / frame.pixel) for s in (sun[1], sun[0])]
    shadow = ramp(0.025, -0.02, np.roll(gap, shift, (0, 1)) / scale)
    bright = bright * (1 - 0.6 * shadow) * (1 - 0.4 * ramp(0.03, 0, gap / scale))
    picture = colours * bright + GLEAM[kind] * mirror ** 40 * (1 - shadow)

    # The newt: body over limbs, eyes on top; one relief for all of it makes the light agree.
    body_colours, limb_colours, grain = skin(rng, frame, species, scale, body, limbs)
    colours = mix(limb_colours, body_colours, cover(body[0], frame))
    roundness = np.clip(1 + eyes[0] / eyes[1], 0, 2)
    colours = mix(colours, mix(PUPIL, IRIS, ramp(0.5, 0.75, roundness)), eye_shape)
    relief = np.maximum(dome(body), 0.9 * dome(limbs)) + 1.2 * dome(eyes) + 0.0008 * scale * grain * (1 - eye_shape)
    bright, mirror = shine(relief, frame, sun)
    wet = 0.35 * mirror ** 24 + 0.45 * mirror ** 120
    return np.clip(mix(picture, colours * bright + wet, shape), 0, 1), shape


def draw(rng, species, height, width):
    """Draw one newt with the numbers of `rng`: image uint8 (height, width, 3) and mask uint8 (height, width).

    The mask holds 0 on the ground and, on the newt, the place of `species` in CLASS_NAMES plus 1.
    """
    if species not in CLASS_NAMES:
        raise ValueError(f"unknown species {species!r}: choose one of {', '.join(CLASS_NAMES)}")
    if height < 1 or width < 1:
        raise ValueError(f"a picture is at least 1x1 pixels, not {height}x{width} (height x width)")
    fine = max(1, math.ceil(FINE / max(height, width)), math.ceil(2 / min(height, width)))
    colours, shape = paint(rng, species, Frame(height * fine, width * fine))
    colours = np.einsum("chiwj->hwc", colours.reshape(3, height, fine, width, fine)) / fine ** 2
    shape = np.einsum("hiwj->hw", shape.reshape(height, fine, width, fine)) / fine ** 2
    image = np.round(255 * colours).astype(np.uint8)
    return image, np.where(shape >= 0.5, CLASS_NAMES.index(species) + 1, 0).astype(np.uint8)


# --- The data set ---------------------------------------------------------------------------------------------

def load(split="train", height=64, width=64, number=None, seed=0):
    """Images uint8 (N, height, width, 3), labels int64 (N,) into CLASS_NAMES, masks uint8 (N, height, width).

    The species take turns. Newt i hangs on seed, split and i alone, so a larger `number` only adds newts, and the
    two splits share none. By default there are DEFAULT_NUMBER[split].
    """
    if split not in SPLITS:
        raise ValueError(f"unknown split {split!r}: choose one of {', '.join(SPLITS)}")
    number = DEFAULT_NUMBER[split] if number is None else number
    if number < 0 or seed < 0:
        raise ValueError(f"number and seed must not be negative, but they are {number} and {seed}")
    if height < 1 or width < 1:
        raise ValueError(f"a picture is at least 1x1 pixels, not {height}x{width} (height x width)")
    images = np.empty((number, height, width, 3), np.uint8)
    masks = np.empty((number, height, width), np.uint8)
    labels = np.arange(number, dtype=np.int64) % len(CLASS_NAMES)
    for i in range(number):
        rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(SPLITS.index(split), i)))
        images[i], masks[i] = draw(rng, CLASS_NAMES[labels[i]], height, width)
    return images, labels, masks
