"""Keras 3, on the TensorFlow backend."""

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from tensorflow.python.framework import op_callbacks

from harness.frameworks import (
    LAYOUTS,
    Answer,
    Arrays,
    Network,
    OnCall,
    OnUpdate,
    OnValue,
    Optimizer,
    Step,
    Tensor,
    Variable,
)
from harness.tasks import AnswerError, float32

layout = LAYOUTS["keras"]
ALIGNMENT = 64          # bytes, of memory that TensorFlow takes as a tensor's
EPSILON = 1e-7          # Keras's own, where no ~/.keras/keras.json has another
# Where Keras's optimizers keep their constants.
_CONSTANTS = ("learning_rate", "beta_1", "beta_2", "rho", "momentum", "epsilon")


def version() -> str:
    return str(keras.__version__)


def configure(precision: str, seed: int, device: str = "cpu") -> None:
    keras.config.set_floatx(precision)
    keras.config.set_dtype_policy(precision)        # the first layer of a process would keep the floatx of its time
    keras.config.set_image_data_format("channels_last")     # whatever ~/.keras/keras.json says
    keras.config.set_epsilon(EPSILON)
    keras.utils.set_random_seed(seed)
    if device == "cpu" and has_gpu():
        tf.config.set_visible_devices([], "GPU")


def has_gpu() -> bool:
    return bool(tf.config.list_physical_devices("GPU"))


def place(network: Network) -> None:
    """Nothing to do: TensorFlow puts everything on the GPU where it sees one."""


def lay_out(network: Network) -> None:
    """Nothing to do: maps are channels last anyway."""


# Layers that have weights, once they know the shape of their input.
_LATE = (keras.layers.Dense, keras.layers.EinsumDense, keras.layers.BatchNormalization, keras.layers.Conv2D,
         keras.layers.Conv2DTranspose)


def variables(network: Network) -> list[Variable]:
    """Layer by layer as declared. Raises AnswerError for a layer that has no shape yet."""
    if isinstance(network, _LATE) and not network.built:
        raise AnswerError(f"{type(network).__name__} '{network.name}' has no shape before its first call: "
                          "start the network with a keras.Input, or call the layer's build(input_shape) in __init__")
    # A layer's own weights, leaf by leaf: Model.weights would put all that is trainable first.
    # (_flatten_layers goes through the sublayers of a layer of one's own backwards.)
    if not network._layers:
        return [w for w in network.weights if len(w.shape)]
    own = network._trainable_variables + network._non_trainable_variables
    found = [w for w in own if len(w.shape)] + [w for layer in network._layers for w in variables(layer)]
    return list({id(w): w for w in found}.values())


def read(variable: Variable) -> np.ndarray:
    return np.array(variable)


def write(variable: Variable, array: np.ndarray) -> None:
    variable.assign(np.ascontiguousarray(array))


def align(optimizer: Optimizer) -> None:
    """Round the constants to float32. Keras itself casts some of them through float32, and others not."""
    for name in _CONSTANTS:
        value = getattr(optimizer, name, None)
        if isinstance(value, (float, keras.Variable)):      # the learning rate is a variable
            setattr(optimizer, name, float32(float(value)))


def align_network(network: Network) -> None:
    """Round the layers' constants to float32, and keep the running average of the unbiased variance.

    Keras averages the biased variance, PyTorch and Chainer the unbiased one, as does Ioffe & Szegedy 2015, algorithm 2.
    """
    for layer in network._flatten_layers():
        for name in ("epsilon", "negative_slope"):
            if isinstance(getattr(layer, name, None), float):
                setattr(layer, name, float32(getattr(layer, name)))
        if isinstance(layer, keras.layers.BatchNormalization):
            _average_unbiased_variance(layer)


def _average_unbiased_variance(layer: Any) -> None:
    moments, assign = layer._moments, layer.moving_variance.assign
    counts: list[Tensor] = []           # values a channel; there is one exactly while the layer runs in training mode

    def counting_moments(inputs: Tensor, mask: Tensor) -> Any:
        counts.append(tf.cast(tf.size(inputs) / inputs.shape[-1], inputs.dtype))
        return moments(inputs, mask)

    def assign_unbiased(value: Tensor) -> Any:
        if counts:
            kept, count = layer.moving_variance * layer.momentum, counts.pop()
            value = kept + (value - kept) * count / (count - 1)
        return assign(value)

    layer._moments, layer.moving_variance.assign = counting_moments, assign_unbiased


def build(optimizer: Optimizer, networks: Iterable[Network]) -> None:
    optimizer.build([variable for network in networks for variable in network.trainable_variables])


def optimizer_state(optimizer: Optimizer) -> Arrays:
    return {f"{i}": np.array(variable) for i, variable in enumerate(optimizer.variables)}


def set_optimizer_state(optimizer: Optimizer, state: Arrays) -> None:
    """Of an optimizer that has stepped: before, it may not have been built."""
    for i, variable in enumerate(optimizer.variables):
        variable.assign(state[f"{i}"])


def batch(arrays: Arrays) -> dict[str, Tensor]:
    return {name: _tensor(array) for name, array in arrays.items()}


def _tensor(array: np.ndarray) -> Tensor:
    """Without a copy where TensorFlow can use the memory as it is: a copy of a large batch takes as long as making it."""
    if array.ctypes.data % ALIGNMENT == 0 and array.flags.c_contiguous and array.flags.writeable and array.dtype.kind == "f":
        return tf.experimental.dlpack.from_dlpack(array.__dlpack__())
    return tf.convert_to_tensor(array)


def training_step(answer: Answer) -> Step:
    """Compiled as Model.fit compiles train_step (with jit_compile=False: XLA on a CPU is several times slower)."""
    compiled: Step = tf.function(answer.train_step)
    return compiled


@contextlib.contextmanager
def watching(answer: Answer, on_call: OnCall) -> Iterator[None]:
    call = keras.layers.Layer.__call__

    def watched(layer: Any, *arguments: Any, **keywords: Any) -> Any:
        before: list[Tensor] = []
        activation: Any = getattr(layer, "activation", None)
        own = [] if any(layer._flatten_layers(recursive=False, include_self=False)) else layer.weights
        if not own:
            return call(layer, *arguments, **keywords)

        def noted(x: Tensor) -> Tensor:
            before.append(x)
            return activation(x)

        if activation is not None:
            layer.activation = noted
        try:
            output = call(layer, *arguments, **keywords)
        finally:
            if activation is not None:
                layer.activation = activation
        on_call(own, before[0] if before else output)
        return output

    with eagerly():
        keras.layers.Layer.__call__ = watched
        try:
            yield
        finally:
            keras.layers.Layer.__call__ = call


@contextlib.contextmanager
def recording(optimizers: Mapping[str, Optimizer], on_value: OnValue | None, on_update: OnUpdate) -> Iterator[None]:
    paused: list[str] = []

    def heard(kind: str, inputs: Any, attributes: Any, outputs: Any, *_: Any) -> None:
        for value in outputs if not paused else ():
            if value.dtype.is_floating and isinstance(value, tf.Tensor):
                paused.append(kind)             # reading a value is an operation, too
                try:
                    on_value(value.numpy())     # type: ignore[misc]
                finally:
                    paused.pop()

    def stepping(name: str, apply: Any) -> Any:
        def step(gradients: Any, trainable_variables: Any = None) -> Any:
            gradients = list(gradients)
            of = trainable_variables if trainable_variables is not None else optimizers[name]._trainable_variables
            paused.append(name)
            try:
                on_update(name, [(v, np.array(tf.convert_to_tensor(g))) for g, v in zip(gradients, list(of)) if g is not None])
                made = apply(gradients, trainable_variables)
                on_update(name, None)
            finally:
                paused.pop()
            return made
        return step

    for name, optimizer in optimizers.items():
        optimizer.apply = stepping(name, optimizer.apply)
    if on_value:
        op_callbacks.add_op_callback(heard)
    try:
        with eagerly():
            yield
    finally:
        if on_value:
            op_callbacks.remove_op_callback(heard)
        for optimizer in optimizers.values():
            del optimizer.apply


_NAMES = {"learning_rate": "learning_rate", "beta_1": "beta1", "beta_2": "beta2", "epsilon": "epsilon", "rho": "decay",
          "momentum": "momentum", "weight_decay": "weight_decay", "clipnorm": "clip", "clipvalue": "clip", "global_clipnorm": "clip"}


def constants(optimizer: Optimizer) -> dict[str, float | str]:
    found: dict[str, float | str] = {"algorithm": type(optimizer).__name__}
    values = {ours: getattr(optimizer, theirs, None) for theirs, ours in _NAMES.items()}
    return found | {name: float(value) for name, value in values.items() if isinstance(value, (int, float, keras.Variable))}


def rates(answer: Answer, optimizer: Optimizer, done: int, steps: list[int]) -> list[float]:
    schedule, updates = getattr(optimizer, "_learning_rate", None), int(optimizer.iterations)
    if not isinstance(schedule, keras.optimizers.schedules.LearningRateSchedule) or not updates or updates % done:
        return []
    return [float(schedule(tf.constant(step * updates // done, tf.int64))) for step in (0, *(done + step for step in steps))]


@contextlib.contextmanager
def eagerly() -> Iterator[None]:
    """Run what is in a tf.function line by line."""
    before = tf.config.functions_run_eagerly()
    tf.config.run_functions_eagerly(True)
    try:
        yield
    finally:
        tf.config.run_functions_eagerly(before)


def evaluation(networks: Iterable[Network]) -> contextlib.nullcontext[None]:
    return contextlib.nullcontext()     # Keras layers evaluate unless they are told training=True


def array(value: Any) -> np.ndarray:
    return np.asarray(value)
