"""Initial weights as an answer draws them: are they distributed as the question asks?

Each layer's weights, divided by the deviation that they should have, and those of all layers together, are asked how likely it is
that right ones are so odd: by their mean square, their largest value, and their distribution function. Each bound holds for any
number of values, however small, and all tests of an answer share ``FALSE_ALARM``: a right answer is called wrong less than once in a
million.
"""

import math
from collections.abc import Callable, Iterator

import numpy as np

from harness.tasks import Task
from harness.tasks.network import Parameter
from harness.tasks.parameters import fans, to_native

FALSE_ALARM = 1e-6
TESTS = 4               # of the values of one layer
FITS = 1e-3             # where a distribution is named: it is the only one that is not less likely than this
BEGINNING = 8           # numbers of a layer that are compared with those of another, in the order in which they were drawn;
ENOUGH = 4              # ... at least so many
ROUNDING = 1e-6         # a float32 was drawn, or a limit is rounded
ROOT3 = math.sqrt(3)    # of a uniform distribution: the largest value, divided by the deviation
GRID = 201              # places where distribution functions are compared
CUT = 2.0               # deviations, where frameworks truncate a normal distribution


def complaints(task: Task, arrays: dict[str, np.ndarray], layout: str = "NCHW") -> list[str]:
    """A line for each parameter that is not as task.toml's initializers say. ``arrays``: by name, canonical; ``layout``: of the
    framework that drew them."""
    layers = {f"{n}.{layer.name}": layer for n, network in task.networks.items() for layer in network.layers}
    specs = {p.name: p for network in task.networks.values() for p in network.parameters()}
    lines, weights, expected = [], {}, {}
    for name, array in arrays.items():
        layer, _, role = name.rpartition(".")
        if role in ("bias", "beta", "mean", "gamma", "variance"):
            lines += _constant(name, array, 1.0 if role in ("gamma", "variance") else 0.0)
        else:
            weights[name] = array
            expected[name] = _deviation(task, layers[layer].kind, array.shape)
    distribution = "uniform" if task.initializers["weight"] == "glorot_uniform" else "normal"
    called = {"glorot_uniform": " (Glorot uniform)", "he_normal": " (He normal)"}.get(task.initializers["weight"], "")
    level = FALSE_ALARM / TESTS / (len(weights) + 1)
    wrong = [f"{name} is {_seems(array, distribution, expected[name], called)}" for name, array in weights.items()
             if _likelihood(array / expected[name], distribution) < level]
    together = np.concatenate([(array / expected[name]).ravel() for name, array in weights.items()]) if weights else np.empty(0)
    if not wrong and together.size and _likelihood(together, distribution) < level:
        wrong = ["the weights of all layers, each divided by the deviation that it should have, are "
                 f"{_seems(together, distribution, 1.0, called)}"]
    return lines + wrong + list(_alike(weights, specs, layout))


def _constant(name: str, array: np.ndarray, value: float) -> list[str]:
    others = array[array != value]
    if not others.size:
        return []
    came, asked = _apart(float(others.ravel()[np.argmax(abs(others.ravel() - value))]), value)
    return [f"{name} starts at {came}; it should start at {asked}"]


def _deviation(task: Task, kind: str, shape: tuple[int, ...]) -> float:
    fan_in, fan_out = fans(kind, shape)
    match task.initializers["weight"]:
        case "glorot_uniform":
            return math.sqrt(2 / (fan_in + fan_out))
        case "he_normal":
            return math.sqrt(2 / fan_in)
    return float(task.initializers["deviation"])


def _likelihood(values: np.ndarray, distribution: str) -> float:
    """At most so likely are values of this distribution, with deviation 1, to be so far from it, by that of four tests by which they
    are farthest."""
    z = np.abs(values.ravel())
    largest, square, n = float(z.max()), float(np.mean(z * z)), z.size
    if not math.isfinite(square) or square == 0:
        return 0.0
    bounds = [2 * math.exp(-2 * n * _distance(values, DISTRIBUTIONS[distribution]) ** 2)]     # Massart 1990
    if distribution == "uniform":
        bounds += [float(largest <= ROOT3 * (1 + ROUNDING)), min(1.0, largest / ROOT3) ** n]
    else:
        beyond = math.erfc(largest / math.sqrt(2))
        bounds += [n * beyond, math.exp(n * math.log1p(-beyond)) if beyond < 1 else 0.0,
                   math.exp(n / 2 * (1 - square + math.log(square)))]       # Chernoff's of a chi-square
    return min(bounds)


def _distance(values: np.ndarray, function: Callable[[float], float]) -> float:
    """The largest difference of two distribution functions: of these values, and of the one that it should be (Kolmogorov, Smirnov).
    Where they are compared, which is at so many places and not at all, it is no larger than that."""
    z = np.sort(values, axis=None)
    at = np.linspace(-4, 4, GRID)
    return float(np.abs(np.searchsorted(z, at, side="right") / z.size - np.array([function(x) for x in at])).max())


def _normal(x: float) -> float:
    return math.erfc(-x / math.sqrt(2)) / 2


DISTRIBUTIONS: dict[str, Callable[[float], float]] = {       # by name the distribution function, with deviation 1
    "normal": _normal,
    "uniform": lambda x: min(max((x / ROOT3 + 1) / 2, 0.0), 1.0),
}


def _truncated(x: float) -> float:
    """Of a normal distribution of deviation 1 before it was cut at 2."""
    return (_normal(min(max(x, -CUT), CUT)) - _normal(-CUT)) / (1 - 2 * _normal(-CUT))


def _seems(array: np.ndarray, distribution: str, expected: float, called: str) -> str:
    """What a weight looks like, and what it should be, which is ``called`` so."""
    largest, deviation = float(np.abs(array).max()), float(np.sqrt(np.mean(array**2)))
    limit = expected * ROOT3
    family = "uniform between -{0} and {0}" if distribution == "uniform" else "normal with deviation {0}"
    asked = f"the question asks for {family}{called}"
    if not math.isfinite(deviation):
        return "not finite"
    if array.size > 1 and np.all(array == array.ravel()[0]):
        return f"{float(array.ravel()[0]):.3g} everywhere; " + asked.format(f"{limit if distribution == 'uniform' else expected:.3g}")
    kind = _named(array, largest, deviation)
    mine = largest if kind == "uniform" else largest / CUT if kind == "truncated" else deviation
    theirs = limit if distribution == "uniform" else expected
    if not kind and distribution == "uniform":      # compared by its deviation
        asked, theirs = asked.format(f"{limit:.3g}") + ", which has the deviation {0}", expected
    came, right = _apart(mine, theirs)
    seems = {"uniform": f"uniform between -{came} and {came}", "truncated": f"normal with deviation {came}, truncated at two deviations",
             "normal": f"normal with deviation {came}", "": f"of deviation {came}"}[kind]
    mean = float(array.mean())
    if abs(mean) > 6 * deviation / math.sqrt(array.size):
        seems += f", around {mean:.3g} in place of 0"
    return f"{seems}; {asked.format(right)}"


def _named(array: np.ndarray, largest: float, deviation: float) -> str:
    """The one distribution, whatever its deviation, that these values may come from; empty where there are several, or none."""
    fits = {"uniform": (largest, DISTRIBUTIONS["uniform"], ROOT3), "truncated": (largest, _truncated, CUT),
            "normal": (deviation, DISTRIBUTIONS["normal"], 1.0)}
    found = [name for name, (scale, function, at) in fits.items()
             if 2 * math.exp(-2 * array.size * _distance(array / scale * at, function) ** 2) > FITS]
    if "normal" in found and array.size * math.log1p(-math.erfc(largest / deviation / math.sqrt(2))) < math.log(FITS):
        found.remove("normal")      # it would have larger values
    return found[0] if len(found) == 1 else ""


def _alike(weights: dict[str, np.ndarray], specs: dict[str, Parameter], layout: str) -> Iterator[str]:
    """Layers that were given the same random numbers, whatever their scale: by one initializer with one seed."""
    seen: list[tuple[np.ndarray, list[str]]] = []
    for name, array in weights.items():
        first = to_native(specs[name], array, layout).ravel()[:BEGINNING]
        if first.size < ENOUGH or not np.isfinite(first).all() or np.all(first == first[0]):
            continue
        for other, names in seen:
            size = min(first.size, other.size)
            a, b = (part[:size] / np.linalg.norm(part[:size]) for part in (first, other))
            if np.abs(a - b).max() < ROUNDING:
                names.append(name)
                break
        else:
            seen.append((first, [name]))
    for _, names in seen:
        if len(names) > 1:
            yield f"{', '.join(names)} begin with the same numbers, but for their scale; each layer is to have numbers of its own"


def _apart(a: float, b: float) -> tuple[str, str]:
    """Two numbers, with as many digits as it takes to tell them apart."""
    pairs = [(f"{a:.{digits}g}", f"{b:.{digits}g}") for digits in range(3, 18)]
    return next((pair for pair in pairs if pair[0] != pair[1]), pairs[0])
