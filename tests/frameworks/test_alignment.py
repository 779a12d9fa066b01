"""What align() does to each optimizer, against the formula in NumPy; and what happens without it."""

import numpy as np
import pytest

from harness import frameworks, tasks
from harness.lockstep.difference import curve_difference, tensor_difference
from harness.tasks import float32
from harness.training import task_data
from harness.training.trainer import Trainer

BETAS, RATE, EPSILON = (float32(0.9), float32(0.999)), float32(1e-3), float32(1e-8)


def adam_with_epsilon_hat(theta, gradients):
    """Kingma & Ba 2014, algorithm 1 with the efficient order at the end of section 2; all in float64."""
    theta, m, v = theta.copy(), np.zeros_like(theta), np.zeros_like(theta)
    for t, g in enumerate(gradients, start=1):
        m = BETAS[0] * m + (1 - BETAS[0]) * g
        v = BETAS[1] * v + (1 - BETAS[1]) * g ** 2
        alpha = RATE * np.sqrt(1 - BETAS[1] ** t) / (1 - BETAS[0] ** t)
        theta -= alpha * m / (np.sqrt(v) + EPSILON)
    return theta


def optimize(framework, theta, gradients, align, epsilon=1e-8):
    """The parameter after the framework's own Adam was given ``gradients``, one a step."""
    adapter = frameworks.load(framework)
    adapter.configure("float64", 0)
    if framework == "pytorch":
        import torch
        p = torch.nn.Parameter(torch.from_numpy(theta.copy()))
        optimizer = torch.optim.Adam([p], lr=1e-3, eps=epsilon)

        def step(g):
            p.grad = torch.from_numpy(g)
            optimizer.step()
    elif framework == "chainer":
        from harness.chainer_numpy2 import chainer
        link = chainer.Link()
        with link.init_scope():
            link.p = chainer.Parameter(theta.copy())
        p = link.p
        optimizer = chainer.optimizers.Adam(alpha=1e-3, eps=epsilon).setup(link)

        def step(g):
            p.grad = g
            optimizer.update()
    else:
        import keras
        p = keras.Variable(theta.copy(), dtype="float64")
        optimizer = keras.optimizers.Adam(1e-3, epsilon=epsilon)

        def step(g):
            optimizer.apply([keras.ops.convert_to_tensor(g)], [p])
    if align:
        adapter.align(optimizer)
    for g in gradients:
        step(g.copy())
    return np.array(adapter.array(p.value if framework in ("keras", "tensorflow") else p))


@pytest.fixture
def problem(rng):
    """Gradients from large to so small that epsilon matters."""
    scale = 10.0 ** rng.uniform(-10, 0, (30, 1, 7))
    return rng.standard_normal((5, 7)), scale * rng.standard_normal((30, 5, 7))


def largest_difference(a, b):
    return np.max(np.abs(a - b)) / np.max(np.abs(b))


def test_aligned_adam_is_the_formula(framework, problem):
    theta, gradients = problem
    assert largest_difference(optimize(framework, theta, gradients, align=True),
                              adam_with_epsilon_hat(theta, gradients)) < 1e-15


@pytest.mark.parametrize("framework, at_least", [("pytorch", 1e-5), ("tensorflow", 1e-12), ("chainer", 1e-12)])
def test_without_alignment_it_is_not(framework, at_least, problem):
    """PyTorch has its epsilon elsewhere; the others still compute with 0.9 and 0.999 that are not float32."""
    theta, gradients = problem
    assert largest_difference(optimize(framework, theta, gradients, align=False),
                              adam_with_epsilon_hat(theta, gradients)) > at_least


def test_pytorch_epsilon_counts_steps_from_the_state():
    """A parameter that never gets a gradient must not hold the count back; a resumed optimizer goes on counting."""
    import torch
    torch.set_default_dtype(torch.float64)
    adapter = frameworks.load("pytorch")
    idle, busy = (torch.nn.Parameter(torch.ones(1)) for _ in range(2))
    optimizer = torch.optim.Adam([idle, busy], eps=1e-8)
    adapter.align(optimizer)
    for t in range(1, 4):
        busy.grad = torch.ones(1)
        optimizer.step()
        assert optimizer.param_groups[0]["eps"] == pytest.approx(EPSILON / np.sqrt(1 - BETAS[1] ** t), rel=1e-14)


def test_constants_are_rounded_to_float32():
    import torch

    from harness.chainer_numpy2 import chainer
    p = torch.nn.Parameter(torch.ones(1))
    of_torch = torch.optim.RMSprop([p], lr=0.1, alpha=0.9)
    frameworks.load("pytorch").align(of_torch)
    of_chainer = chainer.optimizers.RMSprop(lr=0.1, alpha=0.9)
    frameworks.load("chainer").align(of_chainer)
    assert of_torch.param_groups[0]["lr"] == of_chainer.hyperparam.lr == float32(0.1) != 0.1
    assert of_torch.param_groups[0]["alpha"] == of_chainer.hyperparam.alpha == float32(0.9)


def curve_and_parameters(framework, size, steps, align=True):
    task = tasks.load("ae", size)
    data = task_data.load(task)
    adapter = frameworks.load(framework)
    aligned, adapter.align = adapter.align, adapter.align if align else lambda optimizer: None
    try:
        trainer = Trainer(task, framework, adapter, {"images": data.images, "labels": data.labels}, precision="float64")
    finally:
        adapter.align = aligned
    return np.array([trainer.step(i)["mse"] for i in range(steps)]), trainer.parameters()


def test_the_alignments_are_needed():
    """docs/lockstep.md, "What is aligned": with it 1e-12 and better, without it far from that."""
    reference, weights = curve_and_parameters("chainer", "check", 60)
    for framework in ("pytorch", "keras"):
        curve, parameters = curve_and_parameters(framework, "check", 60)
        assert max(curve_difference(curve, reference)) < 1e-13
        assert max(tensor_difference(parameters[n], weights[n]) for n in weights) < 1e-12
    for framework, least in (("pytorch", 1e-5), ("keras", 1e-7)):
        curve, parameters = curve_and_parameters(framework, "check", 60, align=False)
        assert max(curve_difference(curve, reference)) > least
        assert max(tensor_difference(parameters[n], weights[n]) for n in weights) > least


def trained(framework, name, steps):
    """(curves, parameters, outputs) of a task's answer after so many steps at check size."""
    task, adapter = tasks.load(name), frameworks.load(framework)
    data = task_data.load(task)
    trainer = Trainer(task, framework, adapter, {"images": data.images, "labels": data.labels}, precision="float64")
    losses = [trainer.step(i) for i in range(steps)]
    curves = {n: np.array([step[n] for step in losses]) for n in task.losses}
    return curves, trainer.parameters(), trainer.outputs(4)


def differences(a, b):
    """The largest in curves, parameters and outputs, as ``compare`` has them."""
    curves = max(np.max(curve_difference(a[0][n], b[0][n])) for n in a[0])
    return curves, *(max(tensor_difference(a[i][n], b[i][n]) for n in a[i]) for i in (1, 2))


@pytest.mark.parametrize("framework, alignment, name, steps, shows", [
    ("pytorch", "_align_rmsprop", "wgan", 10, (1e-2, 1e-2, 1e-2)),
    ("keras", "_average_unbiased_variance", "cgan", 10, (0, 1e-5, 1e-5)),
])
def test_one_alignment_left_out_shows(framework, alignment, name, steps, shows, monkeypatch):
    """docs/alignment.md: "without it". Chainer's run is the reference; ``shows``: curves, parameters, outputs."""
    reference = trained("chainer", name, steps)
    assert max(differences(trained(framework, name, steps), reference)) < 1e-11
    monkeypatch.setattr(frameworks.load(framework), alignment, lambda what: None)
    found = differences(trained(framework, name, steps), reference)
    assert all(difference >= least for difference, least in zip(found, shows))


def rmsprop_with_epsilon_inside(theta, gradients, decay):
    theta, v = theta.copy(), np.zeros_like(theta)
    for g in gradients:
        v = decay * v + (1 - decay) * g ** 2
        theta -= RATE * g / np.sqrt(v + EPSILON)
    return theta


def test_aligned_rmsprop_is_the_formula(framework, problem):
    theta, gradients = problem
    adapter = frameworks.load(framework)
    adapter.configure("float64", 0)
    if framework == "pytorch":
        import torch
        p = torch.nn.Parameter(torch.from_numpy(theta.copy()))
        idle = torch.nn.Parameter(torch.ones(2))        # never gets a gradient
        optimizer = torch.optim.RMSprop([idle, p], lr=1e-3, alpha=0.99, eps=1e-8)

        def step(g):
            p.grad = torch.from_numpy(g)
            optimizer.step()
    elif framework == "chainer":
        from harness.chainer_numpy2 import chainer
        link = chainer.Link()
        with link.init_scope():
            link.p = chainer.Parameter(theta.copy())
        p = link.p
        optimizer = chainer.optimizers.RMSprop(lr=1e-3, alpha=0.99, eps=1e-8).setup(link)

        def step(g):
            p.grad = g
            optimizer.update()
    else:
        import keras
        p = keras.Variable(theta.copy(), dtype="float64")
        optimizer = keras.optimizers.RMSprop(1e-3, rho=0.99, epsilon=1e-8)

        def step(g):
            optimizer.apply([keras.ops.convert_to_tensor(g)], [p])
    adapter.align(optimizer)
    for g in gradients:
        step(g.copy())
    result = np.array(adapter.array(p.value if framework in ("keras", "tensorflow") else p))
    assert largest_difference(result, rmsprop_with_epsilon_inside(theta, gradients, float32(0.99))) < 1e-14


def test_batch_norm_averages_the_unbiased_variance_in_all(rng):
    """Ioffe & Szegedy 2015, algorithm 2; Keras alone would average the biased one. Twice, compiled and not."""
    import keras
    import tensorflow as tf
    import torch

    from harness.chainer_numpy2 import chainer
    x = rng.standard_normal((2, 3, 2, 3))
    expected_mean, expected = np.zeros(3), np.ones(3)
    for _ in range(3):
        expected_mean = 0.9 * expected_mean + 0.1 * x.mean((0, 2, 3))
        expected = 0.9 * expected + 0.1 * x.var((0, 2, 3), ddof=1)
    of_torch = torch.nn.BatchNorm2d(3, dtype=torch.float64)
    frameworks.load("chainer").configure("float64", 0)
    of_chainer = chainer.links.BatchNormalization(3, decay=0.9)
    frameworks.load("keras").configure("float64", 0)
    of_keras = [keras.Sequential([keras.Input((2, 3, 3)), keras.layers.BatchNormalization(momentum=0.9)]) for _ in "12"]
    for name, network in (("pytorch", of_torch), ("chainer", of_chainer), *(("keras", k) for k in of_keras)):
        frameworks.load(name).align_network(network)
    last = tf.constant(x.transpose(0, 2, 3, 1))
    compiled = tf.function(lambda v: of_keras[1](v, training=True))
    for _ in range(3):
        of_torch(torch.from_numpy(x))
        with chainer.using_config("train", True):
            of_chainer(x)
        of_keras[0](last, training=True)
        compiled(last)
    of_keras[0](last, training=False)                   # evaluation changes nothing
    for name, network in (("pytorch", of_torch), ("chainer", of_chainer), *(("keras", k) for k in of_keras)):
        adapter = frameworks.load(name)
        mean, variance = (adapter.read(v) for v in adapter.variables(network)[2:])
        np.testing.assert_allclose(mean, expected_mean, rtol=1e-14)
        np.testing.assert_allclose(variance, expected, rtol=1e-14)
    kept = frameworks.load("keras").variables(of_keras[0])[3]
    frameworks.load("keras").write(kept, np.full(3, 7.0))        # writing is not averaging
    np.testing.assert_array_equal(frameworks.load("keras").read(kept), 7.0)
