"""The way to import Chainer here: ``from harness.chainer_numpy2 import chainer``.

Chainer's last release, 7.8.1, is older than NumPy 2 and does not import under it. This module mends four things, and
no more; after it, a plain ``import chainer`` works anywhere in the process. ``tests/frameworks/test_chainer_numpy2.py`` has a test
for each.

1. ``numpy.sctypes`` and ``numpy.float``, which NumPy 2 removed, get back what Chainer reads of them.
2. ``chainer._environment_check`` would import ``pkg_resources`` and ``numpy.distutils``, both gone, only to warn about
   versions: an empty one takes its place.
3. ``Deconvolution2D.backward`` fails with "not enough values to unpack" when its input needs no gradient, as in a
   generator that begins with a deconvolution of raw noise: it hands arrays to a function that takes shapes. (Mended in
   Chainer's repository after 7.8.1, never released.)
4. ``CHAINER_CUDNN=0``: CuPy 14 has no cuDNN wrappers any more, and Chainer would warn of it.
"""

import os
import sys
import types
from typing import Any

import numpy as np


def _restore_numpy_names() -> None:
    if not hasattr(np, "sctypes"):
        np.sctypes = {      # type: ignore[attr-defined]
            "int": [np.int8, np.int16, np.int32, np.int64],
            "float": [np.float16, np.float32, np.float64, np.longdouble],
        }
    if not hasattr(np, "float"):
        np.float = float    # type: ignore[attr-defined]


def _skip_environment_check() -> None:
    environment_check = types.ModuleType("chainer._environment_check")
    environment_check.check = lambda: None      # type: ignore[attr-defined]
    sys.modules.setdefault("chainer._environment_check", environment_check)


def _mend_deconvolution_of_constants() -> None:
    from chainer.functions.connection.deconvolution_2d import Deconvolution2DFunction

    set_cover_all = Deconvolution2DFunction._set_cover_all

    def set_cover_all_from_shapes(self: Any, x: Any, w: Any) -> None:
        set_cover_all(self, getattr(x, "shape", x), getattr(w, "shape", w))

    Deconvolution2DFunction._set_cover_all = set_cover_all_from_shapes


if "chainer" not in sys.modules:
    os.environ.setdefault("CHAINER_CUDNN", "0")
    _restore_numpy_names()
    _skip_environment_check()
    import chainer

    _mend_deconvolution_of_constants()

import chainer  # noqa: E402

__all__ = ["chainer"]
