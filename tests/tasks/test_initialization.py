"""Initial weights: each distribution is told from every other, and a right one is never called wrong."""

import re
from types import SimpleNamespace

import numpy as np
import pytest

from harness.tasks import initialization, parameters
from harness.tasks.network import Network

SIZES = [(25, 40), (8, 8), (6, 6), (3, 3)]      # 1,000, 64, 36 and 9 values
TABLE = [{"layer": layer, **options} for inputs, units in SIZES for layer, options in (
    ("input", {"shape": [inputs]}), ("dense", {"units": units}), ("batch_norm", {}))]
ASKED = {"glorot_uniform": {"weight": "glorot_uniform"}, "he_normal": {"weight": "he_normal"},
         "normal": {"weight": "normal", "deviation": 0.02}}
NUMBER = r"\d+(?:\.\d+)?"


def task(asked):
    return SimpleNamespace(networks={"net": Network("net", TABLE, {})}, initializers=ASKED[asked])


def drawn(asked, seed=0):
    of = task(asked)
    return of, parameters.initial(of.networks, of.initializers, seed)


def truncated(rng, shape):
    """Of deviation 1 before it is cut at 2."""
    values = rng.standard_normal(100 + 2 * int(np.prod(shape)))
    return values[np.abs(values) < 2][:int(np.prod(shape))].reshape(shape)


# By name: values of deviation 1, but for "truncated", as tf.random.truncated_normal is.
DRAWS = {
    "uniform": lambda rng, shape: rng.uniform(-np.sqrt(3), np.sqrt(3), shape),
    "normal": lambda rng, shape: rng.standard_normal(shape),
    "truncated": truncated,
    "truncated and scaled": lambda rng, shape: truncated(rng, shape) / 0.87962566,
    "two values": lambda rng, shape: rng.choice([-1.0, 1.0], shape),
    "shifted": lambda rng, shape: 0.8 * rng.standard_normal(shape) + 0.6,
}


def with_weights(of, arrays, draw, rng, factor=1.0):
    deviations = {name: initialization._deviation(of, "dense", array.shape) for name, array in arrays.items() if name.endswith("weight")}
    return arrays | {name: factor * deviation * draw(rng, arrays[name].shape) for name, deviation in deviations.items()}


@pytest.mark.parametrize("asked", ASKED)
def test_right_ones_pass_whatever_the_seed(asked):
    assert [(seed, said) for seed in range(200) for said in initialization.complaints(*drawn(asked, seed))] == []


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("draw", DRAWS)
def test_other_distributions_of_the_same_deviation(asked, draw, rng):
    right = draw == ("uniform" if asked == "glorot_uniform" else "normal")
    of, arrays = drawn(asked)
    for _ in range(20):
        assert bool(initialization.complaints(of, with_weights(of, arrays, DRAWS[draw], rng))) != right


@pytest.mark.parametrize("asked, draw, factor, said", [
    ("normal", "uniform", 1, "net.dense1.weight is uniform between -0.0346 and 0.0346; the question asks for normal with deviation 0.02"),
    ("normal", "normal", 2.5, "net.dense1.weight is normal with deviation 0.05; the question asks for normal with deviation 0.02"),
    ("normal", "truncated", 1, "net.dense1.weight is normal with deviation 0.02, truncated at two deviations; the question asks for normal with deviation 0.02"),
    ("he_normal", "truncated and scaled", 1, "net.dense1.weight is normal with deviation 0.322, truncated at two deviations; the question asks for normal with deviation 0.283 (He normal)"),
    ("glorot_uniform", "normal", 1, "net.dense1.weight is normal with deviation 0.175; the question asks for uniform between -0.304 and 0.304 (Glorot uniform)"),
    ("glorot_uniform", "uniform", 0.5, "net.dense1.weight is uniform between -0.152 and 0.152; the question asks for uniform between -0.304 and 0.304 (Glorot uniform)"),
])
def test_what_it_looks_like_is_said(asked, draw, factor, said):
    of, arrays = drawn(asked)
    (line, *_) = initialization.complaints(of, with_weights(of, arrays, DRAWS[draw], np.random.default_rng(1), factor))
    assert re.sub(NUMBER, "#", line) == re.sub(NUMBER, "#", said)
    np.testing.assert_allclose(*([float(number) for number in re.findall(NUMBER, text)] for text in (line, said)), rtol=0.06)


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("layer", [1, 2, 3, 4])
def test_one_layer_of_few_values_with_another_deviation(asked, layer):
    """As PyTorch draws them where nothing is said, for a question that asks for N(0, 0.02); or the other way round."""
    of, arrays = drawn(asked)
    name = f"net.dense{layer}.weight"
    for factor in (20.0, 1 / 20):
        (line,) = initialization.complaints(of, arrays | {name: factor * arrays[name]})
        assert line.startswith(name)


def test_what_only_all_layers_together_show():
    """Too few values each to be told from what is right."""
    of = SimpleNamespace(networks={"net": Network("net", [{"layer": layer, **options} for _ in range(60) for layer, options in (
        ("input", {"shape": [3]}), ("dense", {"units": 9}))], {})}, initializers=ASKED["normal"])
    arrays = parameters.initial(of.networks, of.initializers, 0)
    (line,) = initialization.complaints(of, with_weights(of, arrays, DRAWS["uniform"], np.random.default_rng(0)))
    assert line.startswith("the weights of all layers, each divided by the deviation that it should have, are uniform between -1.7")
    assert "; the question asks for normal with deviation 1" in line


@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
def test_layers_that_begin_with_the_same_numbers(layout):
    """In the order in which the framework drew them, whatever their shapes and scales."""
    of, arrays = drawn("glorot_uniform")
    specs = {p.name: p for p in of.networks["net"].parameters()}
    same = np.random.default_rng(5).uniform(-1, 1, 2000)
    for name in ("net.dense1.weight", "net.dense3.weight"):
        shape = parameters.native_shape(specs[name], layout)
        limit = np.sqrt(3) * initialization._deviation(of, "dense", arrays[name].shape)
        arrays[name] = parameters.to_canonical(specs[name], limit * same[:int(np.prod(shape))].reshape(shape), layout)
    (line,) = initialization.complaints(of, arrays, layout)
    assert line.startswith("net.dense1.weight, net.dense3.weight begin with the same numbers")


@pytest.mark.parametrize("role, value, said", [
    ("gamma", 1 + 1e-9, "net.batch_norm1.gamma starts at 1.000000001; it should start at 1"),
    ("bias", 1e-20, "net.dense1.bias starts at 1e-20; it should start at 0"),
    ("variance", 0.0, "net.batch_norm1.variance starts at 0; it should start at 1"),
])
def test_constants_are_told_apart(role, value, said):
    of, arrays = drawn("normal")
    name = next(name for name in arrays if name.endswith(role))
    assert initialization.complaints(of, arrays | {name: np.full_like(arrays[name], value)}) == [said]


def test_what_is_no_draw_at_all():
    of, arrays = drawn("normal")
    for value, said in ((0.0, "0 everywhere"), (0.5, "0.5 everywhere"), (np.nan, "not finite")):
        (line,) = initialization.complaints(of, arrays | {"net.dense2.weight": np.full((8, 8), value)})
        assert line.startswith(f"net.dense2.weight is {said}")
