"""What PyTorch does with a graph whose weights an optimizer has changed since, as the questions' pages say it."""

import pytest
import torch


def gradient_after_a_step(**options):
    """(of D(x) to x, taken after D's step; the same by hand: new weights with the old activations)"""
    generator = torch.Generator().manual_seed(0)
    first, second = (torch.randn(shape, generator=generator, dtype=torch.float64).requires_grad_() for shape in ((6, 5), (5, 1)))
    x = torch.randn((4, 6), generator=generator, dtype=torch.float64).requires_grad_()
    optimizer = torch.optim.Adam([first, second], lr=0.1, **options)
    before = x @ first
    score = torch.nn.functional.leaky_relu(before, 0.2) @ second
    first.grad, second.grad = torch.ones_like(first), torch.ones_like(second)
    optimizer.step()
    slopes = torch.ones_like(before).masked_fill(before <= 0, 0.2)
    return torch.autograd.grad(score.sum(), x)[0], ((slopes * second.T) @ first.T).detach()


@pytest.mark.parametrize("options", [{}, {"foreach": True}])
def test_it_refuses(options):
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        gradient_after_a_step(**options)


def test_with_fused_it_mixes_old_and_new_in_silence():
    came, mixed = gradient_after_a_step(fused=True)
    assert torch.allclose(came, mixed, rtol=1e-12, atol=0)
