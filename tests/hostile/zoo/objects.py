"""Beasts whose objects are broken or lie. None may pass."""

from beast import RAISED, WRONG, Kind

beast = Kind(__name__, states={WRONG, RAISED}, at="step", lone=True)


@beast
def a_loss_that_lies_to_float(losses):
    class Loss:
        array = type("Array", (), {"dtype": "float64", "shape": (), "size": 1, "item": lambda self: type("F", (float,), {})(0.5)})()
        __float__ = lambda self: 0.5
    return {"mse": Loss()}


@beast
def a_loss_that_raises(losses):
    class Loss:
        def __getattribute__(self, name):
            raise BaseException(name)
    return {"mse": Loss()}


@beast
def another_dict_each_time(losses):
    class Changing(dict):
        def __getitem__(self, key):
            self.update({f"key{len(self)}": 1})
            return 0.5
        __iter__ = lambda self: iter([f"mse{len(self)}"])
    return Changing(mse=0.5)


@beast
def a_dict_that_is_none(losses):
    return [("mse", losses["mse"])]


@beast
def one_loss_more(losses):
    return {**losses, "right": True}


@beast
def no_losses(losses):
    return {}


@beast
def a_loss_of_text(losses):
    return {"mse": "0.5"}


@beast
def a_complex_loss(losses):
    return {"mse": losses["mse"].array + 1j}


@beast
def a_loss_of_many_numbers(losses):
    import numpy as np
    return {"mse": np.zeros(10**7)}


@beast
def an_array_of_another_class(losses):
    import numpy as np

    class Sub(np.ndarray):
        def item(self, *a):
            return 0.5
        __array_finalize__ = lambda self, other: None
        __float__ = lambda self: 0.5
    return {"mse": np.array(0.0).view(Sub)}


@beast
def a_masked_loss(losses):
    import numpy as np
    return {"mse": np.ma.masked}


@beast(at="ask")
def a_generator(codes):
    return (row for row in codes)


@beast(at="ask")
def text_for_codes(codes):
    import numpy as np
    return np.full((8, 8), "right")


@beast(at="ask")
def objects_for_codes(codes):
    import numpy as np
    return np.array([[object()] * 8] * 8)


@beast(at="ask")
def codes_of_another_shape(codes):
    return codes[:1]


@beast(at="ask")
def a_shape_that_lies(codes):
    import numpy as np

    class Sub(np.ndarray):
        shape = (8, 8)
    return np.zeros(3).view(Sub)


@beast(at="ask")
def long_codes(codes):
    import numpy as np
    return np.zeros((8, 8), np.longdouble)


@beast(at="ask")
def codes_at_a_time(codes):
    import numpy as np
    return np.zeros((8, 8), "M8[s]")


@beast(at="build")
def networks_that_are_other_ones(answer):
    """At each look."""
    import chainer.links as L
    type(answer).encoder = property(lambda self: L.Linear(1152, 8))


@beast(at="build")
def networks_of_thousands(answer):
    import chainer
    import chainer.links as L
    answer.encoder = chainer.Sequential(*[L.Linear(1, 1) for _ in range(600)])


@beast(at="build")
def a_parameter_with_no_numbers(answer):
    import chainer
    answer.encoder.W = chainer.Parameter()


@beast(at="build")
def a_parameter_with_other_numbers(answer):
    """Words, where numbers were."""
    import numpy as np
    answer.encoder.W.array = np.full((8, 1152), "x", object)


@beast(at="build")
def no_optimizer(answer):
    answer.optimizer = object()


@beast(at="build")
def attributes_of_everything(answer):
    class All:
        def __getattr__(self, name):
            return All()
        __call__ = __iter__ = __getitem__ = lambda self, *a, **k: All()
    answer.encoder = answer.decoder = answer.optimizer = All()


@beast(at="import")
def a_class_that_is_a_function():
    globals()["Autoencoder"] = lambda **k: None


@beast(at="import")
def a_class_that_builds_itself_for_ever():
    class Meta(type):
        def __call__(cls, *a, **k):
            return cls(*a, **k)
    globals()["Autoencoder"] = Meta("Autoencoder", (), {})


@beast(at="build")
def a_step_that_is_a_class(answer):
    answer.train_step = type("Losses", (dict,), {"__init__": lambda self, batch: dict.__init__(self, mse=0.5)})


@beast(at="build")
def parameters_that_change_with_each_look(answer):
    import numpy as np

    class Changing(np.ndarray):
        def __array_finalize__(self, other):
            pass

        def __array__(self, *a, **k):
            return np.random.randn(8, 1152)
    answer.encoder.W.array = np.zeros((8, 1152)).view(Changing)
