"""TensorFlow: tf.Module, with Keras's optimizers and initializers, which are TensorFlow's own."""

import tensorflow as tf

from harness.frameworks import keras as _keras

layout = _keras.layout
configure = _keras.configure            # tf.keras.initializers draw in keras.config.floatx()
read, write, align, batch = _keras.read, _keras.write, _keras.align, _keras.batch


def align_network(network) -> None:
    """Nothing to do for a tf.Module, whose constants are in its own code; Keras layers in one are Keras's matter."""
    for layer in (m for m in getattr(network, "submodules", ()) if isinstance(m, tf.keras.layers.Layer)):
        _keras.align_network(layer)


evaluation, array = _keras.evaluation, _keras.array


def version() -> str:
    return tf.__version__


def variables(network) -> list:
    """In the order of assignment (tf.Module.variables would sort by attribute name), each once."""
    return list({id(v): v for v in _walk(network)}.values())


def _walk(network):
    if isinstance(network, tf.Variable):
        yield from [network] if network.shape.rank else []
    elif isinstance(network, tf.keras.layers.Layer):
        yield from _keras.variables(network)
    else:
        if isinstance(network, tf.Module):      # "_self_..." is TensorFlow's own book-keeping
            children = [child for name, child in vars(network).items() if not name.startswith("_self_")]
        elif isinstance(network, dict):
            children = network.values()
        else:
            children = network if isinstance(network, (list, tuple)) else ()
        for child in children:
            yield from _walk(child)


def training_step(answer):
    return answer.train_step            # the answer itself says @tf.function

