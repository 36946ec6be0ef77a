"""The promise that nothing is differentiated twice: kept to where it was made, and no number depends on it."""

from __future__ import annotations

import threading

import pytest
import torch

from metagui.engine.bank import Bank
from metagui.engine.episode import Examples
from metagui.engine.models import Conv4, ParameterSpace
from metagui.engine.models.batch_norm import batch_norm
from metagui.engine.models.convolution import convolution
from metagui.engine.models.derivatives import differentiated_once, is_differentiated_twice


def test_that_it_ends_where_it_was_made_even_by_an_error() -> None:
    assert is_differentiated_twice()
    with pytest.raises(ZeroDivisionError), differentiated_once():
        with differentiated_once():
            pass
        assert not is_differentiated_twice()
        raise ZeroDivisionError
    assert is_differentiated_twice()


def test_that_without_gradients_nothing_is_differentiated_twice() -> None:
    with torch.no_grad():
        assert not is_differentiated_twice()


def test_that_other_threads_have_not_made_it() -> None:
    seen: list[bool] = []
    with differentiated_once():
        thread = threading.Thread(target=lambda: seen.append(is_differentiated_twice()))
        thread.start()
        thread.join()
    assert seen == [True]


def test_that_then_torch_goes_back_by_itself() -> None:
    images = torch.randn(2, 3, 6, 6).to(memory_format=torch.channels_last).requires_grad_()
    weight = torch.randn(4, 3, 3, 3)
    names = []
    for promised in (True, False):
        with differentiated_once() if promised else torch.enable_grad():
            convolved = convolution(images, weight)
            normalised = batch_norm(convolved, torch.ones(4), torch.zeros(4), 1e-5)
        names.append([type(step.grad_fn).__name__ for step in (convolved, normalised)])
    assert names[0] == ["ConvolutionBackward0", "NativeBatchNormBackward0"]
    assert not set(names[0]) & set(names[1])


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-12), (torch.float32, 1e-5)])
def test_that_a_slope_is_that_of_the_linearization(dtype: torch.dtype, tolerance: float) -> None:
    random = torch.Generator().manual_seed(0)
    model = Conv4(1, 8, 3)
    bank = Bank(model, ParameterSpace(model.shapes))
    theta = bank.space.flatten(model.initial_parameters(random)).to(dtype)
    support = Examples(
        torch.randn(2, 6, 1, 20, 20, generator=random).to(dtype), torch.arange(6).remainder(3).expand(2, -1)
    )

    once = bank.slope(theta.expand(2, -1), support)
    twice = bank.linearize(theta.expand(2, -1), support)

    torch.testing.assert_close(once.losses, twice.losses, rtol=tolerance, atol=tolerance)
    torch.testing.assert_close(once.gradient, twice.gradient, rtol=tolerance, atol=tolerance)
