"""Each framework has a colour that nobody confuses with another's, nor with the paper."""

import itertools

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from harness.frameworks import FRAMEWORKS
from harness.pictures.page import COLOURS
from harness.pictures.plots import GRID

# Machado, Oliveira and Fernandes, "A physiologically-based model for simulation of color vision deficiency" (2009),
# severity 1, for linear RGB.
SEEN = {
    "all colours": np.eye(3),
    "protanopia": np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]),
    "deuteranopia": np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]),
    "tritanopia": np.array([[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]),
}


def lab(colour, seen):
    """CIE 1976 L*a*b* of ``colour``, an sRGB one, as it is seen."""
    srgb = np.array(to_rgb(colour))
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    linear = np.clip(seen @ linear, 0, 1)
    to_xyz = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]])
    t = to_xyz @ linear / (to_xyz @ np.ones(3))
    f = np.where(t > (6 / 29) ** 3, np.cbrt(t), t / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("seen", SEEN)
def test_nobody_confuses_them(seen):
    """30 is far: 2 is what one just sees side by side."""
    assert COLOURS.keys() == FRAMEWORKS.keys()
    for a, b in itertools.combinations([*COLOURS.values(), "white", GRID, "black"], 2):
        if {a, b} != {"white", GRID}:
            assert np.linalg.norm(lab(a, SEEN[seen]) - lab(b, SEEN[seen])) > 30, (a, b)
