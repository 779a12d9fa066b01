"""Each thing that harness/chainer_numpy2.py mends, and the parts of Chainer that the answers stand on."""

import subprocess
import sys

import numpy as np
import pytest

from harness.chainer_numpy2 import chainer

F, L = chainer.functions, chainer.links


def numerical_gradient(function, x, epsilon=1e-6):
    """Central differences of the scalar ``function`` at ``x`` (float64)."""
    gradient = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[index] = epsilon
        gradient[index] = (function(x + step) - function(x - step)) / (2 * epsilon)
    return gradient


def test_plain_import_works_afterwards_and_not_before():
    plain = subprocess.run([sys.executable, "-c", "import chainer"], capture_output=True, text=True)
    mended = subprocess.run([sys.executable, "-W", "error", "-c", "import harness.chainer_numpy2; import chainer"],
                            capture_output=True, text=True)
    assert plain.returncode != 0, "Chainer imports without the shim: it is no longer needed"
    assert mended.returncode == 0, mended.stderr


def test_double_import_mends_once():
    import importlib

    import harness.chainer_numpy2 as module
    mended = chainer.functions.connection.deconvolution_2d.Deconvolution2DFunction._set_cover_all
    importlib.reload(module)
    assert chainer.functions.connection.deconvolution_2d.Deconvolution2DFunction._set_cover_all is mended


@pytest.mark.parametrize("size, kernel, stride, pad, outsize", [(3, 4, 2, 1, None), (4, 5, 2, 2, (8, 8)), (2, 3, 1, 0, None)])
def test_deconvolution_of_raw_noise(size, kernel, stride, pad, outsize):
    rng = np.random.default_rng(0)
    noise = rng.standard_normal((2, 3, size, size))
    weight = rng.standard_normal((3, 2, kernel, kernel))

    def loss(w):
        return F.sum(F.deconvolution_2d(noise, w, stride=stride, pad=pad, outsize=outsize) ** 2)

    w = chainer.Variable(weight)
    loss(w).backward()
    np.testing.assert_allclose(w.grad, numerical_gradient(lambda v: loss(v).item(), weight), rtol=1e-6, atol=1e-6)


def test_resize_images():
    image = np.arange(6, dtype=np.float32).reshape(1, 1, 2, 3)              # Chainer takes float32 only here
    aligned = F.resize_images(image, (3, 5)).array[0, 0]
    rows, columns = np.mgrid[0:1:3j, 0:2:5j]
    np.testing.assert_allclose(aligned, 3 * rows + columns, atol=1e-6)      # a plane stays a plane
    nearest = F.resize_images(image, (4, 6), mode="nearest", align_corners=False).array[0, 0]
    np.testing.assert_array_equal(nearest, np.kron(image[0, 0], np.ones((2, 2))))


def test_double_backprop_through_convolution():
    """The gradient penalty's shape: the gradient of a norm of a gradient, against finite differences."""
    rng = np.random.default_rng(1)
    x = rng.standard_normal((2, 2, 5, 5))
    weight = rng.standard_normal((3, 2, 3, 3))

    def penalty(w):
        images = chainer.Variable(x)
        out = F.sum(F.leaky_relu(F.convolution_2d(images, w, stride=2, pad=1), 0.2) ** 2)
        gradient, = chainer.grad([out], [images], enable_double_backprop=True)
        return F.sum((F.sqrt(F.sum(gradient ** 2, axis=(1, 2, 3))) - 1) ** 2)

    w = chainer.Variable(weight)
    penalty(w).backward()
    expected = numerical_gradient(lambda v: penalty(chainer.Variable(v)).item(), weight)
    np.testing.assert_allclose(w.grad, expected, rtol=1e-6, atol=1e-5)


def test_float64_links_and_batch_normalization():
    with chainer.using_config("dtype", np.float64):
        net = chainer.Sequential(L.Linear(3, 4), L.BatchNormalization(4), L.Linear(4, 2))
    x = np.random.default_rng(2).standard_normal((5, 3))
    optimizer = chainer.optimizers.Adam().setup(net)
    loss = F.mean(net(x) ** 2)
    net.cleargrads()
    loss.backward()
    optimizer.update()
    assert loss.dtype == np.float64
    assert {p.dtype for p in net.params()} == {np.dtype("float64")}
