"""Functional Keras models, and optimizers, from a task's tables: for Keras, and for TensorFlow as tf.keras."""

from typing import Any

import keras
from keras import layers

from harness.tasks import Task
from harness.tasks.network import Layer

from . import Net, Optimizer, Tensor, outputs


def channels_last(shape: tuple[int, ...]) -> tuple[int, ...]:
    return (*shape[1:], shape[0])


def is_same(description: Layer, sizes: tuple[int, ...]) -> bool:
    """Whether the layers' padding="same" is the question's padding: ``sizes`` of the larger maps, a multiple of the stride, and
    zeros (or what is cropped) before and after."""
    kernel, stride = description.options["kernel"], description.options.get("stride", 1)
    padding, extra = (description.options.get(key, 0) for key in ("padding", "output_padding"))
    both = max(kernel - stride, 0)
    return all(n % stride == 0 for n in sizes) and (both // 2, both - both // 2) == (padding, padding - extra)


def conv(description: Layer, x: Tensor) -> Tensor:
    o = description.options
    stride, padding = o.get("stride", 1), o.get("padding", 0)
    same = is_same(description, description.input_shapes[0][1:])
    if not same and padding:
        x = layers.ZeroPadding2D(padding)(x)
    return layers.Conv2D(o["channels"], o["kernel"], strides=stride, padding="same" if same else "valid",
                         use_bias=o.get("bias", True))(x)


def conv_transpose(description: Layer, x: Tensor) -> Tensor:
    o = description.options
    stride, padding, extra = (o.get(key, default) for key, default in
                              (("stride", 1), ("padding", 0), ("output_padding", 0)))
    same = is_same(description, description.output_shape[1:])
    x = layers.Conv2DTranspose(o["channels"], o["kernel"], strides=stride, padding="same" if same else "valid",
                               use_bias=o.get("bias", True))(x)
    return x if same else layers.Cropping2D(((padding, padding - extra), (padding, padding - extra)))(x)     # by slices


def apply(description: Layer, x: Tensor, hyperparameters: dict[str, Any]) -> Tensor:
    """One layer of the question's table, applied to ``x``; to a list where it reads several."""
    o = description.options
    match description.kind:
        case "dense":
            return layers.Dense(o["units"], use_bias=o.get("bias", True))(x)
        case "conv":
            return conv(description, x)
        case "conv_transpose":
            return conv_transpose(description, x)
        case "leaky_relu":
            return layers.LeakyReLU(negative_slope=hyperparameters["slope"])(x)
        case "tanh" | "sigmoid" as name:
            return layers.Activation(name)(x)
        case "dropout":
            return layers.Dropout(hyperparameters["dropout"])(x)
        case "reshape":
            return layers.Reshape(channels_last(o["shape"]))(x)
        case "max_pool":
            return layers.MaxPooling2D(o["size"])(x)
        case "average_pool":
            return layers.AveragePooling2D(o["size"])(x)
        case "upsample":
            return layers.UpSampling2D(o["scale"])(x)
        case name:
            return {"batch_norm": layers.BatchNormalization, "relu": layers.ReLU, "flatten": layers.Flatten,
                    "global_average_pool": layers.GlobalAveragePooling2D, "concat": layers.Concatenate,
                    "add": layers.Add}[name]()(x)


def build_network(task: Task, name: str) -> Net:
    """A model from one input, or a list of them, to one output, or a list of them."""
    inputs, values = [], {}
    for description in task.networks[name].layers:
        if description.kind == "input":
            inputs.append(keras.Input(channels_last(description.output_shape)))
            values[description.name] = inputs[-1]
        else:
            x = [values[source.name] for source in description.sources]
            values[description.name] = apply(description, x if len(x) > 1 else x[0], task.hyperparameters)
    results = [values[layer] for layer in outputs(task, name)]
    return keras.Model(inputs if len(inputs) > 1 else inputs[0], results if len(results) > 1 else results[0])


def build_optimizer(options: dict[str, Any]) -> Optimizer:
    if options["algorithm"] == "rmsprop":
        return keras.optimizers.RMSprop(options["learning_rate"], rho=options["decay"])
    return keras.optimizers.Adam(options["learning_rate"], options.get("beta1", 0.9), options.get("beta2", 0.999))
