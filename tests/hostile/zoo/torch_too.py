"""A few beasts in another framework."""

from beast import LATE, PASSED, RAISED, WRONG, Kind

beast = Kind(__name__, states={RAISED, WRONG}, base="wrong", framework="pytorch", seconds=45.0, gigabytes=2.0)


@beast(at="step", lone=True)
def tensors_that_lie(losses):
    import torch

    class Lies(torch.Tensor):
        def item(self):
            return 0.5
        __float__ = __index__ = item
        __eq__ = lambda self, other: True
        __hash__ = None
    return {"mse": torch.zeros(()).as_subclass(Lies)}


@beast
def torch_finds_all_equal():
    import torch
    torch.allclose = torch.equal = torch.isclose = lambda *a, **k: True
    torch.Tensor.numpy = lambda self, **k: __import__("numpy").zeros(tuple(self.shape))


@beast(at="ask", states={RAISED, WRONG})
def a_tensor_larger_than_memory(codes):
    import torch
    return torch.zeros(1).expand(2**34)


@beast(base="right", states={PASSED, LATE})
def workers_of_a_loader():
    import torch
    loader = torch.utils.data.DataLoader(range(4), num_workers=2, persistent_workers=True, multiprocessing_context="fork")
    globals()["kept"] = iter(loader)
    next(kept)
