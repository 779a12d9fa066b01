"""The optimizers in NumPy against Keras's own, in float64; and which constants they go by."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness import frameworks, tasks
from harness.exact import optimizers
from harness.exact.model import Model
from harness.tasks import float32, parameters

STEPS = 5
numbers = st.sampled_from([0.0, 0.5, 0.9, 0.99, 0.999])
KERAS = {
    "adam": lambda keras, of: keras.optimizers.Adam(of["learning_rate"], beta_1=of["beta1"], beta_2=of["beta2"], epsilon=of["epsilon"]),
    "rmsprop": lambda keras, of: keras.optimizers.RMSprop(of["learning_rate"], rho=of["decay"], epsilon=of["epsilon"]),
    "sgd": lambda keras, of: keras.optimizers.SGD(of["learning_rate"]),
}


def in_keras(algorithm, theta, gradients, of):
    """The parameter after each step."""
    import keras
    frameworks.load("keras").configure("float64", 0)
    variable = keras.Variable(theta, dtype="float64")
    optimizer, found = KERAS[algorithm](keras, of), []
    for gradient in gradients:
        optimizer.apply([keras.ops.convert_to_tensor(gradient)], [variable])
        found.append(np.array(variable.value))
    return found


def in_numpy(algorithm, theta, gradients, of):
    state, found = {}, []
    for gradient in gradients:
        found.append(optimizers.RULES[algorithm](found[-1] if found else theta, gradient, state, of))
    return found


@settings(max_examples=8, deadline=None, derandomize=True)
@given(st.sampled_from([1e-6, 1.0]), st.sampled_from([1e-4, 1e-2, 0.5]), numbers, numbers, st.sampled_from([1e-8, 1e-3, 1.0]), st.integers(0, 100))
@pytest.mark.parametrize("algorithm", sorted(optimizers.RULES))
def test_as_keras_has_them(algorithm, scale, rate, first, second, epsilon, seed):
    """Over five steps, with large epsilons and small gradients: so it shows where epsilon is."""
    of = {name: float32(value) for name, value in {"learning_rate": rate, "beta1": first, "beta2": second, "decay": first, "epsilon": epsilon}.items()}
    rng = np.random.default_rng(seed)
    theta, gradients = rng.standard_normal((3, 2)), list(scale * rng.standard_normal((STEPS, 3, 2)))
    moved = [after - theta for after in in_numpy(algorithm, theta, gradients, of)]
    for mine, theirs in zip(moved, in_keras(algorithm, theta, gradients, of)):
        np.testing.assert_allclose(mine, theirs - theta, rtol=1e-9, atol=1e-15)


def test_where_epsilon_is():
    """One step from nothing, by hand: Adam's is added to the root before the bias is corrected ("epsilon hat"), RMSprop's is inside."""
    g = np.array([3.0])
    adam = optimizers.adam(np.zeros(1), g, {}, {"learning_rate": 1.0, "beta1": 0.9, "beta2": 0.75, "epsilon": 2.0})
    rmsprop = optimizers.rmsprop(np.zeros(1), g, {}, {"learning_rate": 1.0, "decay": 0.75, "epsilon": 2.0})
    assert adam == pytest.approx(-(0.5 / 0.1) * 0.3 / (np.sqrt(0.25 * 9) + 2))
    assert rmsprop == pytest.approx(-3 / np.sqrt(0.25 * 9 + 2))
    assert optimizers.sgd(np.ones(1), g, {}, {"learning_rate": 0.5}) == pytest.approx(-0.5)


def test_a_parameter_is_not_changed_in_place():
    theta, gradient = np.ones(3), np.ones(3)
    for algorithm, rule in optimizers.RULES.items():
        rule(theta, gradient, {}, optimizers.DEFAULTS[algorithm])
    assert theta.tolist() == gradient.tolist() == [1.0, 1.0, 1.0]


def test_constants_are_the_hyperparameters_that_are_named_or_the_optimizers_own():
    """Numbers come as float32 has them, as in all frameworks."""
    given = {"algorithm": "adam", "learning_rate": "rate", "beta1": 0.1, "trains": ["x"]}
    assert optimizers.constants(given, {"rate": 0.25, "more": 3}) == {"learning_rate": 0.25, "beta1": float32(0.1), "beta2": float32(0.999),
                                                                      "epsilon": float32(1e-8)}
    assert optimizers.constants({"algorithm": "sgd"}, {}) == {"learning_rate": float32(1e-2)}


@pytest.mark.parametrize("name", ["gan", "wgan"])
def test_a_model_moves_its_parameters_by_the_rule_of_its_optimizer(name):
    """``moves`` is the first step: of Adam about the learning rate each, and of each optimizer what the rule says."""
    task = tasks.load(name)
    model = Model(task, parameters.initial(task.networks, task.initializers, 0))
    rng = np.random.default_rng(0)
    for optimizer, of in task.optimizers.items():
        trained = [p for n in of["trains"] for p in task.networks[n].parameters() if p.trainable]
        gradients = {p.name: rng.standard_normal(p.shape) for p in trained}
        moves = model.moves(optimizer, gradients)
        assert moves.keys() == gradients.keys()
        for parameter, gradient in gradients.items():
            after = optimizers.RULES[of["algorithm"]](model.parameters[parameter], gradient, {}, model.constants[optimizer])
            np.testing.assert_allclose(moves[parameter], after - model.parameters[parameter], rtol=1e-6, atol=1e-12)
            assert np.all(moves[parameter] * gradient < 0)
