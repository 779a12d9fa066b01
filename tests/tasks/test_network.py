"""The description of networks: shapes and parameters against PyTorch's own layers, and errors that say what is wrong."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.tasks.network import Network, NetworkError, evaluate


def network(*tables, **hyperparameters):
    return Network("net", list(tables), hyperparameters)


def inputs(*shape):
    return {"layer": "input", "shape": list(shape)}


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.integers(1, 4), st.integers(5, 12), st.integers(5, 12), st.integers(1, 5), st.integers(1, 5), st.integers(1, 3),
       st.integers(0, 2), st.integers(0, 1))
def test_convolutions_have_the_shapes_of_pytorch(channels, height, width, out, kernel, stride, padding, extra):
    import torch
    from torch import nn
    options = {"channels": out, "kernel": kernel, "stride": stride, "padding": padding}
    extra = min(extra, stride - 1)                      # PyTorch wants output padding smaller than the stride
    padding = options["padding"] = min(padding, kernel // 2)
    x = torch.zeros(1, channels, height, width)
    for kind, extra_options, module in (
            ("conv", {}, nn.Conv2d(channels, out, kernel, stride, padding)),
            ("conv_transpose", {"output_padding": extra},
             nn.ConvTranspose2d(channels, out, kernel, stride, padding, extra))):
        try:
            net = network(inputs(channels, height, width), {"layer": kind, **options, **extra_options})
        except NetworkError:
            with pytest.raises(RuntimeError):           # PyTorch refuses an empty output, too
                module(x)
            continue
        assert (1, *net.output_shape) == tuple(module(x).shape)
        assert [p.shape for p in net.parameters()] == [tuple(p.shape) for p in module.parameters()]


def test_names_order_and_arithmetic():
    net = network(inputs("channels", "height", "width"), {"layer": "flatten"}, {"layer": "dense", "units": "2 * latent"},
                  {"layer": "dense", "units": "latent", "bias": False}, channels=3, height=4, width=5, latent=7)
    assert net.output_shape == (7,)
    assert [(p.name, p.shape, p.flattened) for p in net.parameters()] == [
        ("net.dense1.weight", (14, 60), {1: (3, 4, 5)}), ("net.dense1.bias", (14,), {}),
        ("net.dense2.weight", (7, 14), {})]


def test_skips_pools_and_upsampling():
    net = network(inputs(2, 8, 6), {"layer": "conv", "channels": 4, "kernel": 3, "padding": 1, "name": "a"},
                  {"layer": "max_pool", "size": 2}, {"layer": "upsample", "scale": 2, "name": "b"},
                  {"layer": "concat", "from": ["a", "b"]}, {"layer": "average_pool", "size": 2},
                  {"layer": "global_average_pool"})
    assert [layer.output_shape for layer in net.layers] == [
        (2, 8, 6), (4, 8, 6), (4, 4, 3), (4, 8, 6), (8, 8, 6), (8, 4, 3), (8,)]


def test_two_heads_read_the_same_layer():
    net = network(inputs(2, 4, 4), {"layer": "flatten"}, {"layer": "dense", "units": 5}, {"layer": "relu", "name": "h"},
                  {"layer": "dense", "units": 2, "from": "h", "name": "mu"},
                  {"layer": "dense", "units": 3, "from": "h", "name": "log_var"})
    assert [p.shape for p in net.parameters() if p.role == "weight"] == [(5, 32), (2, 5), (3, 5)]


def test_flattening_is_marked_through_norm_and_activation():
    net = network(inputs(7), {"layer": "dense", "units": 24}, {"layer": "relu"}, {"layer": "batch_norm"},
                  {"layer": "reshape", "shape": [2, 3, 4]})
    assert {p.role: p.flattened for p in net.parameters()} == dict.fromkeys(
        ("weight", "bias", "gamma", "beta", "mean", "variance"), {0: (2, 3, 4)})


@pytest.mark.parametrize("tables, words", [
    ([inputs(3), {"layer": "dens", "units": 4}], "unknown layer 'dens'"),
    ([inputs(3), {"layer": "dense"}], "layer dense1: 'units' is missing"),
    ([inputs(3, 4, 4), {"layer": "dense", "units": 4}], "put a flatten before it"),
    ([inputs(3), {"layer": "conv", "channels": 2, "kernel": 3}], "needs maps"),
    ([inputs(12), {"layer": "reshape", "shape": [5, 2]}], "changes the number of elements"),
    ([inputs(3), {"layer": "relu", "from": "x"}], "names x, which is not an earlier layer"),
    ([{"layer": "relu"}], "must start with an input"),
    ([inputs("size")], "uses the unknown name 'size'; the hyper-parameters are latent"),
    ([inputs(2, 4, 4), {"layer": "max_pool", "size": 2, "name": "a"}, {"layer": "concat", "from": ["input1", "a"]}],
     "concat needs maps of one size"),
    ([inputs(2), {"layer": "dense", "units": 3}, {"layer": "add", "from": ["input1", "dense1"]}], "add needs equal shapes"),
])
def test_errors_say_what_is_wrong(tables, words):
    with pytest.raises(NetworkError, match=words):
        network(*tables, latent=3)


def test_arithmetic_must_come_to_whole_numbers():
    assert evaluate("height / 4", {"height": 8}) == 2
    with pytest.raises(NetworkError, match="is not a whole number"):
        evaluate("height / 3", {"height": 8})
