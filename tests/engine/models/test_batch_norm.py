"""Batch norm written out: the numbers of torch's own, and derivatives that finite differences confirm."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from metagui.engine.models.batch_norm import batch_norm

EPSILON = 1e-5
SHAPES = [(3, 4, 5, 6), (1, 2, 3, 3), (5, 6, 1, 1), (2, 3, 1, 7)]


def torchs(inputs: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    return functional.batch_norm(inputs, None, None, weight, bias, training=True, eps=EPSILON)


def ours(inputs: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    return batch_norm(inputs, weight, bias, EPSILON)


def drawn(shape: tuple[int, ...], dtype: torch.dtype = torch.float64, seed: int = 0) -> list[Tensor]:
    random = torch.Generator().manual_seed(seed)
    tensors = [torch.randn(size, generator=random, dtype=dtype) for size in (shape, shape[1:2], shape[1:2])]
    return [tensor.add(0.5).requires_grad_() for tensor in tensors]


@pytest.mark.parametrize("shape", SHAPES)
def test_that_it_gives_the_numbers_of_torch(shape: tuple[int, ...]) -> None:
    arguments = drawn(shape)

    torch.testing.assert_close(ours(*arguments), torchs(*arguments), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("shape", SHAPES)
def test_that_its_first_and_second_derivatives_are_those_of_torch(shape: tuple[int, ...]) -> None:
    def derivatives(function: object) -> list[Tensor]:
        arguments = drawn(shape)
        towards = torch.randn(shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64).requires_grad_()
        first = torch.autograd.grad(function(*arguments), arguments, towards, create_graph=True)  # type: ignore[operator]
        cotangents = [one.detach().cos() for one in first]
        second = torch.autograd.grad(first, [*arguments[:2], towards], cotangents)
        return [*first, *second]

    for mine, its in zip(derivatives(ours), derivatives(torchs), strict=True):
        torch.testing.assert_close(mine, its, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("shape", SHAPES[:2])
def test_that_finite_differences_confirm_both_derivatives(shape: tuple[int, ...]) -> None:
    arguments = tuple(drawn(shape))

    assert torch.autograd.gradcheck(ours, arguments)
    assert torch.autograd.gradgradcheck(ours, arguments)


def test_that_a_far_away_mean_costs_no_precision() -> None:
    inputs, weight, bias = drawn((5, 3, 8, 8), torch.float32)
    shifted = inputs.detach() + 1000

    exact = torchs(shifted.double(), weight.double(), bias.double())

    torch.testing.assert_close(ours(shifted, weight, bias).double(), exact, rtol=0, atol=5e-4)


def test_that_a_channel_without_variation_becomes_its_bias() -> None:
    weight, bias = torch.tensor([2.0, 3.0]), torch.tensor([0.5, -0.5])

    outputs = ours(torch.full((4, 2, 3, 3), 7.0), weight, bias)

    torch.testing.assert_close(outputs, bias.view(1, 2, 1, 1).expand(4, 2, 3, 3))


def test_that_the_order_in_memory_does_not_matter() -> None:
    inputs, weight, bias = drawn((3, 4, 5, 6))
    turned = inputs.detach().to(memory_format=torch.channels_last).requires_grad_()

    def first(given: Tensor) -> Tensor:
        return torch.autograd.grad(ours(given, weight, bias).square().sum(), given)[0]

    torch.testing.assert_close(ours(turned, weight, bias), ours(inputs, weight, bias))
    torch.testing.assert_close(first(turned), first(inputs))


def test_that_reduced_precision_is_left_to_torch() -> None:
    inputs, weight, bias = (tensor.detach() for tensor in drawn((3, 4, 5, 6), torch.float32))

    outputs = ours(inputs.bfloat16(), weight, bias)

    assert outputs.dtype == torch.bfloat16
    assert torch.equal(outputs, torchs(inputs.bfloat16(), weight, bias))


def last(values: Tensor) -> Tensor:
    """The same numbers, channels innermost in memory."""
    return values.detach().contiguous(memory_format=torch.channels_last).requires_grad_()


def test_that_finite_differences_confirm_both_derivatives_with_channels_innermost() -> None:
    inputs, weight, bias = drawn((3, 4, 5, 6))
    arguments = (last(inputs), weight, bias)

    assert torch.autograd.gradcheck(ours, arguments)
    assert torch.autograd.gradgradcheck(ours, arguments)


def test_that_the_layout_changes_no_number_and_is_kept() -> None:
    inputs, weight, bias = drawn((3, 4, 5, 6))

    def all_of(images: Tensor) -> list[Tensor]:
        outputs = ours(images, weight, bias)
        towards = torch.arange(360.0, dtype=torch.float64).view(3, 4, 5, 6).sin()
        first = torch.autograd.grad(outputs, (images, weight), towards, create_graph=True)
        second = torch.autograd.grad(first, (images, weight), [one.detach().cos() for one in first])
        return [outputs, *first, *second]

    plain, innermost = all_of(inputs), all_of(last(inputs))

    assert innermost[0].is_contiguous(memory_format=torch.channels_last)
    assert innermost[1].is_contiguous(memory_format=torch.channels_last)
    for mine, its in zip(innermost, plain, strict=True):
        torch.testing.assert_close(mine, its, rtol=1e-10, atol=1e-10)
