"""One layer of each kind in each framework, built as an answer would build it, for the tests of parameters.

``build(framework, kind, sizes)`` gives (network, call): call takes and returns NumPy arrays in canonical layout.
"""

import numpy as np


def build(framework, kind, o):
    return {"pytorch": pytorch, "tensorflow": tensorflow, "keras": keras, "chainer": chainer}[framework](kind, o)


def to_last(x):
    return np.ascontiguousarray(x.transpose(0, 2, 3, 1)) if x.ndim == 4 else x


def to_first(x):
    return x.transpose(0, 3, 1, 2) if x.ndim == 4 else x


def pytorch(kind, o):
    import torch
    from torch import nn
    if kind == "dense":
        net = nn.Linear(o["inputs"], o["units"])
    elif kind == "conv":
        net = nn.Conv2d(o["inputs"], o["channels"], o["kernel"], o["stride"], o["padding"])
    elif kind == "conv_transpose":
        net = nn.ConvTranspose2d(o["inputs"], o["channels"], o["kernel"], o["stride"], o["padding"])
    elif kind == "batch_norm":
        net = nn.BatchNorm2d(o["inputs"])
    elif kind == "around_flatten":
        c, h, w = o["maps"]
        net = nn.Sequential(nn.Flatten(), nn.BatchNorm1d(c * h * w), nn.Linear(c * h * w, o["units"]), nn.ReLU(),
                            nn.Linear(o["units"], c * h * w), nn.BatchNorm1d(c * h * w), nn.Unflatten(1, (c, h, w)))
    net.eval()
    return net, lambda x: net(torch.from_numpy(x)).detach().numpy()


def keras(kind, o):
    import keras as k
    pad = [k.layers.ZeroPadding2D(o.get("padding", 0))]
    if kind == "dense":
        net = k.Sequential([k.Input((o["inputs"],)), k.layers.Dense(o["units"])])
    elif kind == "conv":
        net = k.Sequential([k.Input((*o["size"], o["inputs"])), *pad,
                            k.layers.Conv2D(o["channels"], o["kernel"], o["stride"])])
    elif kind == "conv_transpose":
        p = o["padding"]
        net = k.Sequential([k.Input((*o["size"], o["inputs"])),
                            k.layers.Conv2DTranspose(o["channels"], o["kernel"], o["stride"]),
                            k.layers.Cropping2D(p)])
    elif kind == "batch_norm":
        net = k.Sequential([k.Input((*o["size"], o["inputs"])), k.layers.BatchNormalization(epsilon=1e-5)])
    elif kind == "around_flatten":
        c, h, w = o["maps"]
        net = k.Sequential([k.Input((h, w, c)), k.layers.Flatten(), k.layers.BatchNormalization(epsilon=1e-5),
                            k.layers.Dense(o["units"], activation="relu"), k.layers.Dense(c * h * w),
                            k.layers.BatchNormalization(epsilon=1e-5), k.layers.Reshape((h, w, c))])
    return net, lambda x: to_first(np.asarray(net(to_last(x))))


def tensorflow(kind, o):
    import tensorflow as tf

    def variable(*shape):
        return tf.Variable(tf.keras.initializers.Ones()(shape))

    class Dense(tf.Module):
        def __init__(self, inputs, units):
            super().__init__()
            self.weight, self.bias = variable(inputs, units), variable(units)

        def __call__(self, x):
            return x @ self.weight + self.bias

    class BatchNorm(tf.Module):
        def __init__(self, features):
            super().__init__()
            self.gamma, self.beta = variable(features), variable(features)
            self.mean, self.variance = (tf.Variable(v, trainable=False) for v in (self.gamma, self.gamma))

        def __call__(self, x):
            return tf.nn.batch_normalization(x, self.mean, self.variance, self.beta, self.gamma, 1e-5)

    class Conv(tf.Module):
        def __init__(self):
            super().__init__()
            first, second = o["inputs"], o["channels"]
            if kind == "conv_transpose":
                first, second = second, first
            self.kernel, self.bias = variable(o["kernel"], o["kernel"], first, second), variable(o["channels"])

        def __call__(self, x):
            s, p, k = o["stride"], o["padding"], o["kernel"]
            if kind == "conv":
                return tf.nn.conv2d(x, self.kernel, s, [[0, 0], [p, p], [p, p], [0, 0]]) + self.bias
            n, h, w, _ = x.shape
            full = [n, (h - 1) * s + k, (w - 1) * s + k, o["channels"]]
            y = tf.nn.conv2d_transpose(x, self.kernel, full, s, "VALID")
            return y[:, p:full[1] - p, p:full[2] - p] + self.bias

    class AroundFlatten(tf.Module):
        def __init__(self):
            super().__init__()
            c, h, w = o["maps"]
            # Named against the alphabet, and in a list: order must not come from names.
            self.z_layers = [BatchNorm(c * h * w), Dense(c * h * w, o["units"])]
            self.a_layers = [Dense(o["units"], c * h * w), BatchNorm(c * h * w)]

        def __call__(self, x):
            first, second = self.z_layers, self.a_layers
            y = tf.nn.relu(first[1](first[0](tf.reshape(x, (len(x), -1)))))
            return tf.reshape(second[1](second[0](y)), x.shape)

    net = {"dense": lambda: Dense(o["inputs"], o["units"]), "batch_norm": lambda: BatchNorm(o["inputs"]),
           "around_flatten": AroundFlatten}.get(kind, Conv)()
    return net, lambda x: to_first(net(tf.constant(to_last(x))).numpy())


def chainer(kind, o):
    from harness.chainer_numpy2 import chainer as c
    L, F = c.links, c.functions
    if kind == "dense":
        net = L.Linear(o["inputs"], o["units"])
    elif kind == "conv":
        net = L.Convolution2D(o["inputs"], o["channels"], o["kernel"], o["stride"], o["padding"])
    elif kind == "conv_transpose":
        net = L.Deconvolution2D(o["inputs"], o["channels"], o["kernel"], o["stride"], o["padding"])
    elif kind == "batch_norm":
        net = L.BatchNormalization(o["inputs"], eps=1e-5)
    elif kind == "around_flatten":
        n = int(np.prod(o["maps"]))
        net = c.Sequential(lambda x: F.reshape(x, (len(x), -1)), L.BatchNormalization(n, eps=1e-5),
                           L.Linear(n, o["units"]), F.relu, L.Linear(o["units"], n), L.BatchNormalization(n, eps=1e-5),
                           lambda x: F.reshape(x, (len(x), *o["maps"])))

    def call(x):
        with c.using_config("train", False):
            return net(x).array
    return net, call
