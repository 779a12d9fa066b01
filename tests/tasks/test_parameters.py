"""Parameters go into every framework and come back exactly, and mean the same there: every layer type, odd shapes."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from layers import build

from harness import frameworks
from harness.tasks import parameters
from harness.tasks.network import Network
from harness.tasks.parameters import ParameterMismatch

few = settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
small = st.integers(1, 5)


def spec_of(kind, o):
    """The layer as task.toml would describe it."""
    if kind == "around_flatten":
        return Network("net", [{"layer": "input", "shape": list(o["maps"])}, {"layer": "flatten"}, {"layer": "batch_norm"},
                               {"layer": "dense", "units": o["units"]}, {"layer": "relu"},
                               {"layer": "dense", "units": int(np.prod(o["maps"]))}, {"layer": "batch_norm"},
                               {"layer": "reshape", "shape": list(o["maps"])}], {})
    shape = [o["inputs"]] if kind == "dense" else [o["inputs"], *o["size"]]
    options = {k: v for k, v in o.items() if k in ("units", "channels", "kernel", "stride", "padding")}
    return Network("net", [{"layer": "input", "shape": shape}, {"layer": kind, **options}], {})


KINDS = ["dense", "conv", "conv_transpose", "batch_norm", "around_flatten"]


def draw_options(draw, kind):
    if kind == "dense":
        return {"inputs": draw(small), "units": draw(small)}
    if kind == "around_flatten":
        return {"maps": (draw(small), draw(small), draw(small)), "units": draw(small)}
    o = {"inputs": draw(small), "size": (draw(st.integers(3, 7)), draw(st.integers(3, 7)))}
    if kind != "batch_norm":
        kernel = draw(st.integers(1, 3))
        # Keras gives another size where the stride is larger than the kernel: (n - 1) s + max(k, s).
        o |= {"channels": draw(small), "kernel": kernel, "stride": draw(st.integers(1, min(2, kernel))),
              "padding": draw(st.integers(0, (kernel - 1) // 2))}
    return o


@pytest.mark.parametrize("framework", list(frameworks.FRAMEWORKS))
@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data(), seed=st.integers(0, 1000))
@few
def test_round_trip_is_exact_and_means_the_same(framework, kind, data, seed):
    """What is written is read back bit by bit; and the layer computes what PyTorch's does with the same parameters."""
    o = draw_options(data.draw, kind)
    rng = np.random.default_rng(seed)
    spec = spec_of(kind, o)
    arrays = [rng.uniform(0.5, 1.5, p.shape) for p in spec.parameters()]
    x = rng.standard_normal((2, *spec.input_shapes[0]))
    results = []
    for name in ("pytorch", framework):
        adapter = frameworks.load(name)
        adapter.configure("float64", seed)
        network, call = build(name, kind, o)
        variables = adapter.variables(network)
        assert parameters.order(spec, [tuple(v.shape) for v in variables], adapter.layout) == list(range(len(variables)))
        for variable, p, array in zip(variables, spec.parameters(), arrays):
            adapter.write(variable, parameters.to_native(p, array, adapter.layout))
        for variable, p, array in zip(variables, spec.parameters(), arrays):
            np.testing.assert_array_equal(parameters.to_canonical(p, adapter.read(variable), adapter.layout), array)
        results.append(call(x))
    assert results[1].shape == (2, *spec.output_shape)
    np.testing.assert_allclose(results[1], results[0], rtol=1e-12, atol=1e-12)


def test_reading_copies(adapter, framework, rng):
    network, _ = build(framework, "dense", {"inputs": 2, "units": 3})
    variable = adapter.variables(network)[0]
    before = adapter.read(variable)
    kept = before.copy()
    adapter.write(variable, before + 1)
    np.testing.assert_array_equal(before, kept)


def test_a_wrong_order_of_flattening_would_show():
    """The permutation beside flatten is no identity: leaving it out changes the array."""
    spec = spec_of("around_flatten", {"maps": (2, 3, 4), "units": 5})
    weight = next(p for p in spec.parameters() if p.role == "weight")
    array = np.arange(np.prod(weight.shape)).reshape(weight.shape)
    assert (parameters.to_native(weight, array, "NHWC") != array.T).any()
    np.testing.assert_array_equal(parameters.to_native(weight, array, "NCHW"), array)


@pytest.mark.parametrize("found, words", [
    ([(4, 3)], "there is no parameter 2, but the question has net.dense1.bias"),
    ([(3, 4), (4,)], r"parameter 1 is \(3, 4\), but the question has net.dense1.weight \(4, 3\)"),
    ([(4, 3), (4,), (4,)], "the question has no more"),
])
def test_mismatch_says_where(found, words):
    with pytest.raises(ParameterMismatch, match=words):
        parameters.order(spec_of("dense", {"inputs": 3, "units": 4}), found, "NCHW")


TABLE = [{"layer": "input", "shape": [4]}, {"layer": "dense", "units": 5}, {"layer": "batch_norm"}, {"layer": "relu"},
         {"layer": "dense", "units": 5, "bias": False}, {"layer": "batch_norm"}, {"layer": "dense", "units": 5}]


@pytest.mark.parametrize("layers", [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [1, 0, 3, 4, 2], [1, 3, 2, 4, 0]], ids=str)
def test_layers_stand_together_in_whatever_order(layers):
    """Also where a bias and the arrays of a norm are of one shape; equal layers are taken as they are declared."""
    network = Network("net", TABLE, {})
    of = parameters.layers_of(network, "NHWC")
    assert of == [((4, 5), (5,)), ((5,),) * 4, ((5, 5),), ((5,),) * 4, ((5, 5), (5,))]
    begins = np.cumsum([0] + [len(of[i]) for i in layers])
    expected = {i: [begin + k for k in range(len(of[i]))] for i, begin in zip(layers, begins)}
    first, second = sorted((expected[1], expected[3]))
    order = parameters.order(network, [shape for i in layers for shape in of[i]], "NHWC")
    assert order == [*expected[0], *first, *expected[2], *second, *expected[4]]


def test_arrays_that_are_not_layer_by_layer_go_by_their_shapes():
    network = Network("net", TABLE[:2], {})
    assert parameters.order(network, [(5,), (5, 4)], "NCHW") == [1, 0]


def test_initial_parameters():
    tables = [{"layer": "input", "shape": [2, 8, 8]}, {"layer": "conv", "channels": 64, "kernel": 5},
              {"layer": "batch_norm"}, {"layer": "conv_transpose", "channels": 32, "kernel": 3}]
    networks = {"net": Network("net", tables, {})}
    glorot = parameters.initial(networks, {"weight": "glorot_uniform"}, seed=1)
    weight = glorot["net.conv1.weight"]
    limit = np.sqrt(6 / ((2 + 64) * 25))
    assert np.abs(weight).max() <= limit and weight.std() == pytest.approx(limit / np.sqrt(3), rel=0.05)
    he = parameters.initial(networks, {"weight": "he_normal"}, seed=1)
    assert he["net.conv1.weight"].std() == pytest.approx(np.sqrt(2 / 50), rel=0.05)
    assert he["net.conv_transpose1.weight"].std() == pytest.approx(np.sqrt(2 / (64 * 9)), rel=0.05)
    normal = parameters.initial(networks, {"weight": "normal", "deviation": 0.02}, seed=1)
    assert normal["net.conv1.weight"].std() == pytest.approx(0.02, rel=0.05)
    for role, value in {"gamma": 1, "beta": 0, "mean": 0, "variance": 1}.items():
        assert (normal[f"net.batch_norm1.{role}"] == value).all()
    again = parameters.initial(networks, {"weight": "glorot_uniform"}, seed=1)
    other = parameters.initial(networks, {"weight": "glorot_uniform"}, seed=2)
    assert all((again[k] == glorot[k]).all() for k in glorot)
    assert (other["net.conv1.weight"] != weight).all()
    with pytest.raises(ValueError, match="unknown initializer 'xavier'"):
        parameters.initial(networks, {"weight": "xavier"}, seed=1)


def test_keras_blocks_of_ones_own_are_in_order_of_declaration():
    import keras

    class Block(keras.layers.Layer):
        def __init__(self):
            super().__init__()
            self.wide, self.norm, self.narrow = (keras.layers.Dense(7), keras.layers.BatchNormalization(),
                                                 keras.layers.Dense(2))

        def call(self, x):
            return self.narrow(self.norm(self.wide(x)))

    network = keras.Sequential([keras.Input((3,)), Block(), keras.layers.Dense(5)])
    shapes = [tuple(v.shape) for v in frameworks.load("keras").variables(network)]
    assert shapes == [(3, 7), (7,), (7,), (7,), (7,), (7,), (7, 2), (2,), (2, 5), (5,)]
