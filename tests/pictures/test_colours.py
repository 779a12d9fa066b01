"""The colours of frameworks: one each, in every picture, and apart for whoever looks."""

import itertools

import numpy as np
import pytest

from harness.frameworks import FRAMEWORKS
from harness.lockstep.curves import pair_looks
from harness.pictures.plots import COLOURS, LINES

# Of linear RGB, for people without the cones for red, or for green (the third kind is rare): Machado, Oliveira and Fernandes 2009, severity 1.
EYES = {
    "all cones": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
}
TO_XYZ = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]])
DISTANCE = 40       # in CIELAB, where 2.3 is just seen


def linear(colour):
    levels = np.array([int(colour[i:i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)


def lab(colour, eyes):
    x, y, z = np.cbrt(TO_XYZ @ np.clip(np.array(EYES[eyes]) @ linear(colour), 0, 1) / TO_XYZ.sum(1))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("eyes", EYES)
def test_frameworks_are_told_apart(eyes):
    for one, other in itertools.combinations([*COLOURS.values(), "#ffffff"], 2):
        assert np.linalg.norm(lab(one, eyes) - lab(other, eyes)) > DISTANCE, (one, other)


def test_each_framework_has_one_colour_and_one_line():
    assert list(COLOURS) == list(LINES) == list(FRAMEWORKS)
    assert len(set(COLOURS.values())) == len(set(map(str, LINES.values()))) == len(FRAMEWORKS)


def test_a_pair_has_the_colours_of_its_two():
    pairs = [pair_looks(*pair) for pair in itertools.combinations(FRAMEWORKS, 2)]
    assert [{looks["color"], looks["gapcolor"]} for looks in pairs] == [{COLOURS[a], COLOURS[b]}
                                                                     for a, b in itertools.combinations(FRAMEWORKS, 2)]
