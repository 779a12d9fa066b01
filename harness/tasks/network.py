"""A network as the question's table has it: layers with their shapes and parameters, framework-free.

Shapes leave the batch out and are canonical, which is PyTorch's way: maps are (channels, height, width). A network is
a list of tables in ``task.toml``; each names its ``layer`` and reads the output of the one before it, or of the layer
named in ``from``. Numbers may be arithmetic over the hyper-parameters, e.g. ``units = "height * width * channels"``.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import prod
from typing import Any

from simpleeval import NameNotDefined, simple_eval

Shape = tuple[int, ...]
Options = dict[str, Any]                    # of a layer, as task.toml has them
Made = tuple[Shape, dict[str, Shape]]       # a layer's output shape, {role: shape}


class NetworkError(Exception):
    """The description of a network makes no sense; the message says which layer and why."""


@dataclass(frozen=True)
class Parameter:
    """One array of a layer.

    ``role``: weight, bias, gamma, beta, mean or variance. ``flattened`` maps an axis to the (channels, height, width)
    that were laid out along it: that axis runs over C, H, W in channels-first frameworks and over H, W, C in the others.
    """

    name: str
    role: str
    shape: Shape
    flattened: dict[int, Shape]

    @property
    def trainable(self) -> bool:
        """Running averages are not: no optimizer has them."""
        return self.role not in ("mean", "variance")


@dataclass
class Layer:
    """A row of the question's table, and what follows from it. Shapes are canonical, without the batch."""

    kind: str
    name: str
    options: Options
    input_shapes: tuple[Shape, ...]
    output_shape: Shape
    roles: dict[str, Shape]              # parameter roles and their canonical shapes
    flattened: dict[str, dict[int, Shape]]
    sources: tuple["Layer", ...] = ()
    named: bool = False                  # its name, and what it reads, are given and not the default
    reads: bool = False

    def __str__(self) -> str:
        """As the question's table has it: "conv k4 s2 p1"; with its name, and what it reads, where these are given."""
        short = {"kernel": "k", "stride": "s", "padding": "p", "output_padding": "op", "size": "", "scale": "x"}
        options = [f"{short[k]}{v}" for k, v in self.options.items() if k in short]
        options += ["no bias"] if self.options.get("bias") is False else []
        named = f" ({self.name})" if self.named else ""
        read = f" of {', '.join(source.name for source in self.sources)}" if self.reads else ""
        return " ".join([self.kind, *options]) + read + named


def evaluate(value: Any, names: dict[str, Any]) -> Any:
    """``value`` itself, or the whole number that an arithmetic expression over ``names`` comes to."""
    if isinstance(value, list):
        return tuple(evaluate(v, names) for v in value)
    if not isinstance(value, str):
        return value
    result = arithmetic(value, names)
    if not result.is_integer():
        raise NetworkError(f"'{value}' is {result}, which is not a whole number")
    return int(result)


def arithmetic(value: Any, names: dict[str, Any]) -> float:
    """``value`` itself, or the number that an arithmetic expression over ``names`` comes to."""
    if not isinstance(value, str):
        return float(value)
    try:
        result = simple_eval(value, names=names)
    except NameNotDefined as error:
        raise NetworkError(f"'{value}' uses the unknown name '{error.name}'; the hyper-parameters are {', '.join(names)}") from None
    except Exception as error:                  # whatever arithmetic, or what is none, can raise
        raise NetworkError(f"'{value}' cannot be computed: {error}") from None
    if not isinstance(result, int | float) or isinstance(result, bool):
        raise NetworkError(f"'{value}' is {result}, which is not a number")
    return float(result)


def pair(value: Any) -> tuple[int, int]:
    """One number for both directions, or one for each."""
    return (value, value) if isinstance(value, int) else tuple(value)


def _maps(layer: str, shape: Shape) -> Shape:
    if len(shape) != 3:
        raise NetworkError(f"{layer} needs maps (channels, height, width), but gets {shape}")
    return shape


# One function a kind of layer: (options, input shapes) -> (output shape, {role: shape}).

def _dense(o: Options, shapes: tuple[Shape, ...]) -> Made:
    (shape,) = shapes
    if len(shape) != 1:
        raise NetworkError(f"dense needs a flat input, but gets {shape}: put a flatten before it")
    return (o["units"],), _with_bias(o, (o["units"], shape[0]), o["units"])


def _conv(o: Options, shapes: tuple[Shape, ...]) -> Made:
    channels, *size = _maps("conv", shapes[0])
    kernel, stride, padding = (pair(o.get(k, d)) for k, d in (("kernel", None), ("stride", 1), ("padding", 0)))
    out = tuple((n + 2 * p - k) // s + 1 for n, k, s, p in zip(size, kernel, stride, padding))
    return (o["channels"], *out), _with_bias(o, (o["channels"], channels, *kernel), o["channels"])


def _conv_transpose(o: Options, shapes: tuple[Shape, ...]) -> Made:
    channels, *size = _maps("conv_transpose", shapes[0])
    keys = (("kernel", None), ("stride", 1), ("padding", 0), ("output_padding", 0))
    kernel, stride, padding, extra = (pair(o.get(k, d)) for k, d in keys)
    out = tuple((n - 1) * s - 2 * p + k + e for n, k, s, p, e in zip(size, kernel, stride, padding, extra))
    return (o["channels"], *out), _with_bias(o, (channels, o["channels"], *kernel), o["channels"])


def _with_bias(o: Options, weight: Shape, units: int) -> dict[str, Shape]:
    return {"weight": weight, "bias": (units,)} if o.get("bias", True) else {"weight": weight}


def _batch_norm(o: Options, shapes: tuple[Shape, ...]) -> Made:
    (shape,) = shapes
    return shape, dict.fromkeys(("gamma", "beta", "mean", "variance"), shape[:1])


def _pool(o: Options, shapes: tuple[Shape, ...]) -> Made:
    channels, height, width = _maps("pooling", shapes[0])
    size = pair(o["size"])
    return (channels, height // size[0], width // size[1]), {}


def _upsample(o: Options, shapes: tuple[Shape, ...]) -> Made:
    channels, height, width = _maps("upsample", shapes[0])
    return (channels, height * o["scale"], width * o["scale"]), {}


def _concat(o: Options, shapes: tuple[Shape, ...]) -> Made:
    if len({s[1:] for s in shapes}) != 1:
        raise NetworkError(f"concat needs maps of one size, but gets {shapes}")
    return (sum(s[0] for s in shapes), *shapes[0][1:]), {}


def _add(o: Options, shapes: tuple[Shape, ...]) -> Made:
    if len(set(shapes)) != 1:
        raise NetworkError(f"add needs equal shapes, but gets {shapes}")
    return shapes[0], {}


def _reshape(o: Options, shapes: tuple[Shape, ...]) -> Made:
    if prod(o["shape"]) != prod(shapes[0]):
        raise NetworkError(f"reshape from {shapes[0]} to {o['shape']} changes the number of elements")
    return o["shape"], {}


def _same(o: Options, shapes: tuple[Shape, ...]) -> Made:
    return shapes[0], {}


KINDS: dict[str, Callable[[Options, tuple[Shape, ...]], Made]] = {
    "input": lambda o, shapes: (o["shape"], {}),
    "dense": _dense, "conv": _conv, "conv_transpose": _conv_transpose, "batch_norm": _batch_norm,
    "relu": _same, "leaky_relu": _same, "tanh": _same, "sigmoid": _same, "dropout": _same,
    "flatten": lambda o, shapes: ((prod(shapes[0]),), {}), "reshape": _reshape,
    "max_pool": _pool, "average_pool": _pool, "global_average_pool": lambda o, shapes: (shapes[0][:1], {}),
    "upsample": _upsample, "concat": _concat, "add": _add,
}


NOT_AS_ASKED = (NetworkError, KeyError, IndexError, TypeError, ValueError, ArithmeticError)       # by options, or too few shapes


def _hold_sizes(*shapes: Shape) -> None:
    for shape in shapes:
        if not all(isinstance(n, int) and n >= 1 for n in shape):
            raise NetworkError(f"its options give the shape {tuple(shape)}; sizes must be whole numbers from 1")


class Network:
    """The layers of one network at one size, in the order of the question's table.

    Raises NetworkError where a layer is unknown, lacks an option, or does not fit the shape that reaches it.
    """

    def __init__(self, name: str, tables: list[dict[str, Any]], hyperparameters: dict[str, Any]):
        self.name = name
        self.layers: list[Layer] = []
        counts: dict[str, int] = {}
        for table in tables:
            options = {k: evaluate(v, hyperparameters) if k not in ("layer", "name", "from") else v
                       for k, v in table.items()}
            kind = options.pop("layer", None)
            if kind not in KINDS:
                raise NetworkError(f"network '{name}': unknown layer '{kind}'; choose one of {', '.join(KINDS)}")
            counts[kind] = counts.get(kind, 0) + 1
            layer_name = options.pop("name", f"{kind}{counts[kind]}")
            sources = self._sources(options.pop("from", None), kind)
            shapes = tuple(source.output_shape for source in sources)
            try:
                output_shape, roles = KINDS[kind](options, shapes)
                _hold_sizes(output_shape, *roles.values())
            except NOT_AS_ASKED as error:
                reason = f"{error} is missing" if isinstance(error, KeyError | IndexError) else error
                raise NetworkError(f"network '{name}', layer {layer_name}: {reason}") from None
            layer = Layer(kind, layer_name, options, shapes, output_shape, roles, {role: {} for role in roles}, sources,
                          named="name" in table, reads="from" in table)
            self._mark_flattened(layer)
            self.layers.append(layer)

    def _sources(self, names: str | list[str] | None, kind: str) -> tuple[Layer, ...]:
        if kind == "input":
            return ()
        if names is None:
            if not self.layers:
                raise NetworkError(f"network '{self.name}' must start with an input")
            return (self.layers[-1],)
        known = {layer.name: layer for layer in self.layers}
        names = [names] if isinstance(names, str) else names
        missing = [n for n in names if n not in known]
        if missing:
            raise NetworkError(f"network '{self.name}': 'from' names {missing[0]}, which is not an earlier layer")
        return tuple(known[n] for n in names)

    @staticmethod
    def _mark_flattened(layer: Layer) -> None:
        """Note on which axes channels-first and channels-last frameworks count in another order."""
        def back(source: Layer) -> Iterator[Layer]:     # layers that keep the order of a flat vector
            while source.kind in ("batch_norm", "relu", "leaky_relu", "tanh", "sigmoid", "dropout"):
                yield source
                (source,) = source.sources
            yield source

        if layer.kind == "dense" or (layer.kind == "batch_norm" and len(layer.output_shape) == 1):
            *_, origin = back(layer.sources[0])
            if origin.kind == "flatten" and len(origin.input_shapes[0]) == 3:
                marks = {"weight": 1} if layer.kind == "dense" else dict.fromkeys(layer.roles, 0)
                for role, axis in marks.items():
                    layer.flattened[role][axis] = origin.input_shapes[0]
        if layer.kind == "reshape" and len(layer.output_shape) == 3 and len(layer.input_shapes[0]) == 1:
            for source in back(layer.sources[0]):
                for role in source.roles:
                    source.flattened[role][0] = layer.output_shape

    @property
    def input_shapes(self) -> tuple[Shape, ...]:
        """Of all its inputs, in the table's order."""
        return tuple(layer.output_shape for layer in self.layers if layer.kind == "input")

    @property
    def output_shape(self) -> Shape:
        """Of its last layer."""
        return self.layers[-1].output_shape

    def parameters(self) -> list[Parameter]:
        """All parameters in canonical order: layer by layer; weight, bias; gamma, beta, mean, variance."""
        return [Parameter(f"{self.name}.{layer.name}.{role}", role, shape, layer.flattened[role])
                for layer in self.layers for role, shape in layer.roles.items()]
