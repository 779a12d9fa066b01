"""TensorFlow: tf.Module, with Keras's optimizers and initializers, which are TensorFlow's own."""

import contextlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import tensorflow as tf

from harness.frameworks import Answer, Network, OnCall, Step, Variable
from harness.frameworks import keras as _keras

layout = _keras.layout
configure = _keras.configure            # tf.keras.initializers draw in keras.config.floatx()
has_gpu, place, lay_out = _keras.has_gpu, _keras.place, _keras.lay_out
read, write, align, batch = _keras.read, _keras.write, _keras.align, _keras.batch
build, optimizer_state, set_optimizer_state = _keras.build, _keras.optimizer_state, _keras.set_optimizer_state


def align_network(network: Network) -> None:
    """Nothing to do for a tf.Module, whose constants are in its own code; Keras layers in one are Keras's matter."""
    for layer in _parts(network):
        if isinstance(layer, tf.keras.layers.Layer):
            _keras.align_network(layer)


evaluation, array, eagerly = _keras.evaluation, _keras.array, _keras.eagerly
recording, constants, rates = _keras.recording, _keras.constants, _keras.rates


def version() -> str:
    return str(tf.__version__)


def variables(network: Network) -> list[Variable]:
    """In the order of assignment (tf.Module.variables would sort by attribute name), each once. Raises AnswerError."""
    found: list[Variable] = []
    for part in _parts(network):
        if isinstance(part, tf.Variable):
            found += [part] if part.shape.rank else []
        elif isinstance(part, tf.keras.layers.Layer):
            found += _keras.variables(part)
    return list({id(v): v for v in found}.values())


def _parts(whole: Any) -> list[Any]:
    """What a network or an answer is made of, itself first, in the order of assignment, each once: tf.Modules, tf.Variables, and
    Keras layers, whose own parts Keras knows. (tf.Module.submodules knows of no Keras layer, which is no tf.Module.)
    """
    found: dict[int, Any] = {}

    def walk(part: Any, children: Iterable[Any]) -> None:
        found[id(part)] = part
        for child in children:
            if id(child) in found:
                continue
            if isinstance(child, tf.Module):        # "_self_..." is TensorFlow's own book-keeping
                walk(child, [value for name, value in vars(child).items() if not name.startswith("_self_")])
            elif isinstance(child, dict):
                walk(child, child.values())
            elif isinstance(child, (list, tuple)):
                walk(child, child)
            elif isinstance(child, (tf.Variable, tf.keras.layers.Layer)):
                walk(child, ())

    walk([whole], [whole])
    return list(found.values())[1:]


def training_step(answer: Answer) -> Step:
    return answer.train_step            # the answer itself says @tf.function


@contextlib.contextmanager
def watching(answer: Any, on_call: OnCall) -> Iterator[None]:
    """Keras layers as in Keras; a tf.Module with variables of its own by its class's __call__."""
    def own_of(module: Any) -> list[Variable]:
        return [value for value in vars(module).values() if isinstance(value, tf.Variable)]

    def watched(call: Callable[..., Any]) -> Callable[..., Any]:
        def watching_call(module: Any, *arguments: Any, **keywords: Any) -> Any:
            output = call(module, *arguments, **keywords)
            if own_of(module) and tf.is_tensor(output):
                on_call(own_of(module), output)
            return output
        return watching_call

    # An answer need not be a module itself.
    modules = [m for m in _parts(list(vars(answer).values())) if isinstance(m, tf.Module) and own_of(m)]
    # The class that defines __call__, which may be a base of the module's, once.
    classes: set[Any] = {next((c for c in type(m).__mro__ if "__call__" in vars(c)), None) for m in modules} - {None}
    calls = {c: c.__call__ for c in classes}
    with _keras.watching(answer, on_call):
        for c, call in calls.items():
            c.__call__ = watched(call)
        try:
            yield
        finally:
            for c, call in calls.items():
                c.__call__ = call
