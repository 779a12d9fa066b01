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
GROUND = {  # kind: (dark, middle, light)
    "moss": ((0.07, 0.15, 0.05), (0.22, 0.38, 0.11), (0.52, 0.64, 0.24)),
    "sand": ((0.46, 0.37, 0.26), (0.68, 0.58, 0.43), (0.87, 0.79, 0.63)),
    "gravel": ((0.17, 0.17, 0.18), (0.44, 0.45, 0.47), (0.72, 0.71, 0.69)),
    "leaves": ((0.12, 0.08, 0.05), (0.42, 0.25, 0.12), (0.74, 0.52, 0.26)),
    "water": ((0.10, 0.28, 0.31), (0.28, 0.52, 0.50), (0.72, 0.86, 0.74)),
}


def mix(first, second, share):
    """From colour `first` (share 0) to `second` (share 1); share has shape (H, W), colours (3,) or (H, W, 3)."""
    first, second = np.asarray(first, np.float32), np.asarray(second, np.float32)
    return first + (second - first) * np.asarray(share, np.float32)[..., None]


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

    def window(self, x, y, reach):
        """The square of half-width `reach` around (x, y): its slices, and dx (1, w) and dy (h, 1) from the centre."""
        rows, cols = (slice(max(0, int((c - reach) / self.pixel)), max(0, int((c + reach) / self.pixel) + 1))
                      for c in (y, x))
        return (rows, cols), self.xs[None, cols] - x, self.ys[rows, None] - y


def spline(position, count):
    """Weights (len(position), count) of a cubic B-spline through `count` knots at 0, 1, 2..."""
    t = np.abs(np.asarray(position, np.float32)[:, None] - np.arange(count, dtype=np.float32))
    return (np.maximum(2 - t, 0) ** 3 - 4 * np.maximum(1 - t, 0) ** 3) / 6


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

SEGMENTS = 56  # of the spine
MARGIN, LONGEST = 0.05, 1.25  # the newt's least distance from the frame's edge and greatest length
GIRTH = (0.032, 0.054, 0.061, 0.047, 0.050, 0.061, 0.063, 0.060, 0.052, 0.043, 0.036, 0.030, 0.024, 0.018, 0.012, 0.006,
         0.003)  # the body's half-width at equal steps from snout to tip of the tail
EYE_AT, EYE_OUT, EYE_RADIUS = 0.065, 0.70, 0.0155  # along the spine, across it (of the half-width), and size
TOES = (-0.75, -0.25, 0.25, 0.7)  # their directions around the foot's, in radians
# where on the spine, half-width of the limb, then (length, angle from straight ahead) of its upper and lower half
LIMBS = ((0.23, 0.0185, (0.075, 1.75), (0.070, 0.75)), (0.49, 0.0200, (0.075, 1.25), (0.075, 2.15)))


def pose(rng):
    """One way to lie: (spine (SEGMENTS + 1,), its radii, limbs), each limb a list of (points, radii) to sweep."""
    s = np.linspace(0, 1, SEGMENTS + 1)
    trunk, tail = rng.uniform(0.2, 1.0), rng.uniform(0.7, 2.4) * rng.choice((-1, 1))  # one sign: a C, two: an S
    angle = (rng.uniform(-0.4, 0.4) * ramp(0.25, 0, s) + trunk * ramp(0.1, 0.6, s) + tail * ramp(0.4, 1.05, s)
             - np.sign(tail) * rng.uniform(0, 0.9) * ramp(0.75, 1.1, s))
    mirror = rng.random() < 0.5
    spine = np.cumsum(np.exp(1j * angle)) / SEGMENTS
    girth = rng.uniform(0.94, 1.14)
    knots = np.array((2 * GIRTH[0] - GIRTH[1], *GIRTH, 2 * GIRTH[-1] - GIRTH[-2]))
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
    scale = min(room * width / size.real, room * height / size.imag, LONGEST) * rng.uniform(0.82, 1)
    free = width - scale * size.real, height - scale * size.imag
    corner = [MARGIN * side + (f - 2 * MARGIN * side) * rng.random() for side, f in zip((width, height), free)]
    corner = corner[0] + 1j * corner[1]

    def move(p):
        return (np.asarray(p) * turn - low) * scale + corner
    moved = [[(move(p), np.asarray(r) * scale) for p, r in limb] for limb in limbs]
    return move(spine), radii * scale, moved, scale


# --- Ground ---------------------------------------------------------------------------------------------------

def scatter(rng, frame, size, cover, slim, power):
    """Stones (power 2) or leaves (power 1), each painted over those before: their tones and relief, (H, W) both."""
    tone, relief = np.full(frame.shape, -1.2, np.float32), np.zeros(frame.shape, np.float32)
    for _ in range(int(cover * frame.extent[0] * frame.extent[1] / (size * size * slim)) + 1):
        length = size * rng.uniform(0.6, 1.3)
        x, y = rng.uniform(-0.02, frame.extent[1] + 0.02), rng.uniform(-0.02, frame.extent[0] + 0.02)
        angle, lift, own_tone = rng.uniform(0, 2 * np.pi), rng.uniform(0, 0.1) * size, rng.normal()
        win, dx, dy = frame.window(x, y, length)
        c, s = math.cos(angle) / length, math.sin(angle) / length
        u, v = dx * c + dy * s, np.abs(dy * c - dx * s) / slim
        edge = 1 - u * u - v ** power  # 1 at the centre, 0 at the rim
        inside = np.clip(edge * (slim * length / frame.pixel / power) + 0.5, 0, 1)
        dome = np.maximum(edge, 0) ** (1 / power) * (0.45 * slim * length) + lift
        relief[win] += inside * (dome - relief[win])
        tone[win] += inside * (own_tone - tone[win])
    return tone, relief


def ground(rng, frame, kind):
    """What the newt lies on: colours (H, W, 3) and relief (H, W)."""
    dark, middle, light = GROUND[kind]
    broad, fine = noise(rng, frame, 0.35, 2), noise(rng, frame, 0.04, 5)
    if kind in ("gravel", "leaves"):
        size, cover, slim, power = (0.055, 4.0, 0.75, 2) if kind == "gravel" else (0.16, 5.0, 0.42, 1)
        tone, relief = scatter(rng, frame, size, cover, slim, power)
        tone = 0.7 * tone + 0.2 * broad + 0.2 * fine
        relief = relief + 0.0008 * fine
    elif kind == "moss":
        tone, relief = 0.35 * broad + 0.55 * fine, 0.006 * fine
    else:
        tone, relief = 0.4 * broad + 0.3 * fine, 0.0012 * fine
    if kind == "water":  # light gathers in bright threads on the floor of a pool
        ripple = noise(rng, frame, 0.16, 2)
        tone = tone + 1.8 * np.exp(-np.abs(ripple) * 7)
    return mix(mix(dark, middle, ramp(-1.6, 0.1, tone)), light, ramp(0.1, 1.8, tone)), relief


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

FAR = 0.06  # distances from the body are known up to here
FINE = 128  # smaller pictures are drawn this large, then averaged


def blank(frame):
    """Fields (4, H, W) for `sweep`: distance outside the body (negative inside), half-width, along, across."""
    fields = np.zeros((4, *frame.shape), np.float32)
    fields[0], fields[1] = FAR, 1
    return fields


def sweep(fields, frame, points, radii, start=0.0, end=1.0):
    """Add to `fields` the shape that a disc leaves moving from point to point while its radius changes."""
    along = np.linspace(start, end, len(points)).tolist()
    points, radii = np.asarray(points).tolist(), np.asarray(radii).tolist()
    for a, b, ra, rb, sa, sb in zip(points, points[1:], radii, radii[1:], along, along[1:]):
        middle, length = (a + b) / 2, abs(b - a)
        win, dx, dy = frame.window(middle.real, middle.imag, length / 2 + max(ra, rb) + FAR)
        axis = (b - a) / length
        u = dx * axis.real + dy * axis.imag + length / 2
        v = dy * axis.real - dx * axis.imag
        t = np.clip(u / length, 0, 1)
        radius = ra + (rb - ra) * t
        gap = np.sqrt((u - t * length) ** 2 + v * v) - radius
        closer = gap < fields[0][win]
        for field, value in zip(fields, (gap, radius, sa + (sb - sa) * t, v / radius)):
            np.copyto(field[win], value, where=closer)


def cover(gap, frame):
    """The share (H, W) of each pixel that lies inside, from the distance to the outline."""
    return np.clip(0.5 - gap / frame.pixel, 0, 1)


def dome(fields):
    """Height (H, W) of a round body over the ground."""
    return fields[1] * np.sqrt(1 - np.clip(1 + fields[0] / fields[1], 0, 1) ** 2)


def skin(rng, frame, species, scale, body, limbs):
    """Colours (H, W, 3) of body and limbs, and the fine relief (H, W) of the skin."""
    dark, light, marking = SKIN[species][rng.integers(len(SKIN[species]))]
    amount, stripe, tail_side = rng.random(), rng.random() < 0.35, rng.choice((-1, 1)).item()
    along, across = body[2], body[3]
    blot, broad = noise(rng, frame, 0.065 * scale, 3), noise(rng, frame, 0.15 * scale, 2)
    grain = noise(rng, frame, 0.016 * scale, 3)
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
    """One newt: colours (H, W, 3) and the share (H, W) of each pixel that it covers."""
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
    gleam = {"water": 0.5, "sand": 0.12, "moss": 0.15, "gravel": 0.1, "leaves": 0.1}[kind]
    picture = colours * bright[..., None] + (gleam * mirror ** 40 * (1 - shadow))[..., None]

    # The newt: body over limbs, eyes on top; one relief for all of it makes the light agree.
    body_colours, limb_colours, grain = skin(rng, frame, species, scale, body, limbs)
    colours = mix(limb_colours, body_colours, cover(body[0], frame))
    roundness = np.clip(1 + eyes[0] / eyes[1], 0, 2)
    colours = mix(colours, mix(PUPIL, IRIS, ramp(0.5, 0.75, roundness)), eye_shape)
    relief = np.maximum(dome(body), 0.9 * dome(limbs)) + 1.2 * dome(eyes) + 0.0008 * scale * grain * (1 - eye_shape)
    bright, mirror = shine(relief, frame, sun)
    wet = 0.35 * mirror ** 24 + 0.45 * mirror ** 120
    newt = colours * bright[..., None] + wet[..., None]
    return np.clip(mix(picture, newt, shape), 0, 1), shape


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
    colours = colours.reshape(height, fine, width, fine, 3).mean((1, 3))
    shape = shape.reshape(height, fine, width, fine).mean((1, 3))
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
