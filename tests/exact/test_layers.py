"""Each kind of layer against PyTorch's functions, in float64: outputs, gradients, and gradients of gradients, at odd sizes."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.exact import layers
from harness.exact.gradients import plain, tracing
from harness.exact.mathematics import gradients_of, norm_of
from harness.tasks.network import KINDS, Network, NetworkError

few = settings(max_examples=40, deadline=None, derandomize=True)
small, seeds = st.integers(1, 4), st.integers(0, 1000)
sizes = st.tuples(st.integers(1, 9), st.integers(1, 9))
EPSILON, SLOPE, KEPT = 1e-5, 0.2, 0.9


def of_torch(layer, inputs, of, training=True, keep=None):
    """What PyTorch's own function makes of it; ``of``: parameters by role."""
    o = {"stride": 1, "padding": 0, "output_padding": 0} | {k: tuple(v) if isinstance(v, (list, tuple)) else v for k, v in layer.options.items()}
    x = inputs[0] if inputs else None
    match layer.kind:
        case "dense":
            return F.linear(x, of["weight"], of.get("bias"))
        case "conv":
            return F.conv2d(x, of["weight"], of.get("bias"), o["stride"], o["padding"])
        case "conv_transpose":
            return F.conv_transpose2d(x, of["weight"], of.get("bias"), o["stride"], o["padding"], o["output_padding"])
        case "batch_norm":
            return F.batch_norm(x, of["mean"], of["variance"], of["gamma"], of["beta"], training, 1 - KEPT, EPSILON)
        case "dropout":
            return x if keep is None else x * keep / 0.7
        case "flatten" | "reshape":
            return x.reshape(len(x), *layer.output_shape)
        case "upsample":
            return F.interpolate(x, scale_factor=o["scale"], mode="nearest")
        case "concat":
            return torch.cat(inputs, 1)
        case "add":
            return inputs[0] + inputs[1]
        case "input":
            return x
    return {"relu": F.relu, "leaky_relu": lambda x: F.leaky_relu(x, SLOPE), "tanh": torch.tanh, "sigmoid": torch.sigmoid,
            "max_pool": lambda x: F.max_pool2d(x, o["size"]), "average_pool": lambda x: F.avg_pool2d(x, o["size"]),
            "global_average_pool": lambda x: x.mean((2, 3))}[layer.kind](x)


def call_of(of, training=True, keep=None, averages=None):
    return layers.Call(of, layers.Norm(EPSILON, training, KEPT), SLOPE, keep, 0.3, averages)


def network(*tables):
    return Network("net", [dict(table) for table in tables], {})


def drawn(rng, roles):
    return {role: rng.uniform(0.5, 2.0, shape) if role == "variance" else rng.standard_normal(shape) for role, shape in roles.items()}


def agree(layer, inputs, of, training=True, keep=None):
    """Outputs, and the gradients of a random sum of them, with respect to inputs and parameters. Returns batch norm's averages."""
    direction = np.random.default_rng(7).standard_normal((len(inputs[0]), *layer.output_shape))
    averages, fixed = {}, {role: array for role, array in of.items() if role in ("mean", "variance")}
    with tracing() as trace:
        roots = {f"input {i}": trace.root(x) for i, x in enumerate(inputs)}
        roots |= {role: trace.root(array) for role, array in of.items() if role not in fixed}
        parts = {role: roots.get(role, fixed.get(role)) for role in of}
        made = layers.output(layer, [roots[f"input {i}"] for i in range(len(inputs))], call_of(parts, training, keep, averages))
        gradients = trace.gradients((made * direction).sum(), roots)
    tensors = {name: torch.tensor(plain(root), requires_grad=True) for name, root in roots.items()}
    theirs = {role: torch.tensor(array) for role, array in fixed.items()}
    wanted = of_torch(layer, [tensors[f"input {i}"] for i in range(len(inputs))], {**theirs, **{r: tensors[r] for r in of if r in tensors}},
                      training, None if keep is None else torch.tensor(keep))
    assert plain(made).shape == tuple(wanted.shape)
    np.testing.assert_allclose(plain(made), wanted.detach().numpy(), rtol=1e-10, atol=1e-11)
    asked = torch.autograd.grad((wanted * torch.tensor(direction)).sum(), list(tensors.values()))
    for name, gradient in zip(tensors, asked):
        np.testing.assert_allclose(gradients[name], gradient.numpy(), rtol=1e-9, atol=1e-10, err_msg=name)
    return averages, theirs


@few
@given(small, small, st.integers(1, 3), sizes, st.tuples(small, small), st.tuples(st.integers(1, 3), st.integers(1, 3)),
       st.tuples(st.integers(0, 2), st.integers(0, 2)), st.booleans(), seeds)
def test_a_convolution(channels, out, batch, size, kernel, stride, padding, bias, seed):
    """Also where the last row or column is reached by no kernel, and where there is but one image or one channel."""
    rng = np.random.default_rng(seed)
    try:
        layer = network({"layer": "input", "shape": [channels, *size]}, {"layer": "conv", "channels": out, "kernel": kernel, "stride": stride,
                                                                          "padding": padding, "bias": bias}).layers[1]
    except NetworkError:            # the kernel is larger than the padded image
        return
    agree(layer, [rng.standard_normal((batch, channels, *size))], drawn(rng, layer.roles))


@few
@given(small, small, st.integers(1, 3), sizes, st.tuples(small, small), st.tuples(st.integers(1, 3), st.integers(1, 3)),
       st.tuples(st.integers(0, 2), st.integers(0, 2)), st.tuples(st.integers(0, 2), st.integers(0, 2)), st.booleans(), seeds)
def test_a_transposed_convolution(channels, out, batch, size, kernel, stride, padding, extra, bias, seed):
    """Also with output padding, that no kernel reaches, and with a stride larger than the kernel, that leaves gaps."""
    rng = np.random.default_rng(seed)
    extra = tuple(min(e, s - 1) for e, s in zip(extra, stride))         # PyTorch wants it smaller than the stride
    try:
        layer = network({"layer": "input", "shape": [channels, *size]}, {
            "layer": "conv_transpose", "channels": out, "kernel": kernel, "stride": stride, "padding": padding,
            "output_padding": extra, "bias": bias}).layers[1]
    except NetworkError:            # the padding takes all away
        return
    agree(layer, [rng.standard_normal((batch, channels, *size))], drawn(rng, layer.roles))


@few
@given(small, small, st.integers(1, 3), st.booleans(), seeds)
def test_a_dense_layer(inputs, units, batch, bias, seed):
    rng = np.random.default_rng(seed)
    layer = network({"layer": "input", "shape": [inputs]}, {"layer": "dense", "units": units, "bias": bias}).layers[1]
    agree(layer, [rng.standard_normal((batch, inputs))], drawn(rng, layer.roles))


@few
@given(st.integers(1, 4), st.one_of(st.just(()), sizes), small, st.booleans(), seeds)
def test_batch_norm(batch, size, channels, training, seed):
    """Of maps and of flat vectors, with the batch's moments and with the running ones, and what becomes of these."""
    rng = np.random.default_rng(seed)
    layer = network({"layer": "input", "shape": [channels, *size]}, {"layer": "batch_norm"}).layers[1]
    number = batch * int(np.prod(size))
    if training and number == 1:            # PyTorch refuses one value
        return
    of = drawn(rng, layer.roles)
    averages, theirs = agree(layer, [rng.standard_normal((batch, channels, *size)) * 3 + 1], of, training)
    assert averages.keys() == ({"mean", "variance"} if training else set())
    for role, average in averages.items():
        np.testing.assert_allclose(plain(average), theirs[role].numpy(), rtol=1e-12, atol=1e-12)


@few
@given(st.sampled_from(["relu", "leaky_relu", "tanh", "sigmoid", "flatten", "global_average_pool", "max_pool", "average_pool", "upsample", "reshape"]),
       st.integers(1, 3), small, sizes, st.integers(1, 3), seeds)
def test_what_has_no_parameters(kind, batch, channels, size, n, seed):
    """Pools leave out what fills no window. Zero and large numbers are among the values."""
    rng = np.random.default_rng(seed)
    options = {"max_pool": {"size": n}, "average_pool": {"size": [n, 1]}, "upsample": {"scale": n}, "reshape": {"shape": [size[0], size[1] * channels]}}
    try:
        layer = network({"layer": "input", "shape": [channels, *size]}, {"layer": kind, **options.get(kind, {})}).layers[1]
    except NetworkError:            # the window is larger than the image
        return
    x = rng.standard_normal((batch, channels, *size))
    if kind != "max_pool":          # equal values share a gradient there, and PyTorch gives it to one of them
        x.flat[::5], x.flat[::7] = 0.0, 40.0
    agree(layer, [x], {})


@few
@given(st.sampled_from(["concat", "add"]), st.integers(1, 3), small, small, sizes, seeds)
def test_what_joins_two(kind, batch, one, other, size, seed):
    rng = np.random.default_rng(seed)
    other = one if kind == "add" else other
    layer = network({"layer": "input", "shape": [one, *size], "name": "a"}, {"layer": "input", "shape": [other, *size], "name": "b"},
                    {"layer": kind, "from": ["a", "b"]}).layers[2]
    agree(layer, [rng.standard_normal((batch, n, *size)) for n in (one, other)], {})


def test_dropout_keeps_what_it_is_told_and_scales_it():
    rng = np.random.default_rng(0)
    layer = network({"layer": "input", "shape": [3, 2, 2]}, {"layer": "dropout"}).layers[1]
    x = rng.standard_normal((4, 3, 2, 2))
    agree(layer, [x], {}, keep=(rng.random(x.shape) < 0.7).astype(float))
    assert layers.output(layer, [x], call_of({})) is x


def test_there_is_work_for_every_kind_of_the_tables():
    assert layers.KINDS.keys() == KINDS.keys()


@few
@given(st.integers(1, 3), small, sizes, st.tuples(small, small), st.tuples(small, small), seeds)
def test_patches_and_spread_are_each_others_transpose(batch, channels, size, kernel, stride, seed):
    """<patches(x), y> = <x, spread(y)> for all x and y."""
    rng = np.random.default_rng(seed)
    if any(k > n for k, n in zip(kernel, size)):
        return
    x = rng.standard_normal((batch, channels, *size))
    columns = layers.patches(x, kernel, stride)
    y = rng.standard_normal(columns.shape)
    back = layers.spread(y, size, kernel, stride)
    assert back.shape == x.shape
    np.testing.assert_allclose(np.sum(columns * y), np.sum(x * back), rtol=1e-10, atol=1e-10)


CRITIC = [{"layer": "conv", "channels": 3, "kernel": 3, "stride": 2, "padding": 1}, {"layer": "leaky_relu", "name": "a"},
          {"layer": "conv", "channels": 3, "kernel": 3, "padding": 1}, {"layer": "tanh", "name": "b"}, {"layer": "add", "from": ["a", "b"]},
          {"layer": "conv_transpose", "channels": 2, "kernel": 4, "stride": 2, "padding": 1}, {"layer": "sigmoid"},
          {"layer": "average_pool", "size": 2}, {"layer": "flatten"}, {"layer": "dense", "units": 1}]


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("size", [(6, 6), (5, 7)])
def test_the_gradient_of_a_gradients_norm(batch, size):
    """A penalty as of WGAN-GP, through layers of many kinds: PyTorch differentiates twice, and so does autograd."""
    rng = np.random.default_rng(3)
    critic = network({"layer": "input", "shape": [2, *size]}, *CRITIC)
    of = {p.name.partition(".")[2]: rng.standard_normal(p.shape) * 0.5 for p in critic.parameters()}
    images = rng.standard_normal((batch, 2, *size))

    def score(x, parameters, work):
        outputs = {}
        for layer in critic.layers:
            roles = {role: parameters[f"{layer.name}.{role}"] for role in layer.roles}
            outputs[layer.name] = x if layer.kind == "input" else work(layer, [outputs[s.name] for s in layer.sources], roles)
        return outputs[critic.layers[-1].name][:, 0]

    with tracing() as trace:
        roots = {name: trace.root(array) for name, array in of.items()}
        gradients = gradients_of(lambda x: score(x, roots, lambda *a: layers.output(*a[:2], call_of(a[2]))), images)
        penalty = ((norm_of(gradients, (1, 2, 3)) - 1) ** 2).mean()
        found = trace.gradients(penalty, roots)
    theirs = {name: torch.tensor(array, requires_grad=True) for name, array in of.items()}
    x = torch.tensor(images, requires_grad=True)
    once, = torch.autograd.grad(score(x, theirs, of_torch).sum(), x, create_graph=True)
    wanted = ((once.pow(2).sum((1, 2, 3)).sqrt() - 1) ** 2).mean()
    asked = torch.autograd.grad(wanted, list(theirs.values()), allow_unused=True)
    assert float(plain(penalty)) == pytest.approx(float(wanted.detach()), rel=1e-11)
    for name, gradient in zip(theirs, asked):
        np.testing.assert_allclose(found[name], 0 if gradient is None else gradient.numpy(), rtol=1e-9, atol=1e-11, err_msg=name)
    assert sum(np.abs(found[name]).max() > 1e-6 for name in found) >= 4


def test_gradients_stop_at_what_is_plain_and_are_zero_elsewhere():
    """A value nothing depends on; a root used twice; a number that is no trace's."""
    with tracing() as trace:
        a, b = trace.root(np.array([1.0, 2.0])), trace.root(np.array([3.0]))
        value = (a * a + plain(a) * a).sum()
        found = trace.gradients(value, {"a": a, "b": b})
        assert {name: array.tolist() for name, array in trace.gradients(2.5, {"a": a}).items()} == {"a": [0.0, 0.0]}
    assert {name: array.tolist() for name, array in found.items()} == {"a": [3.0, 6.0], "b": [0.0]}
