"""Convolution written out: the numbers of torch's own, and derivatives that finite differences confirm."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from metagui.engine.models.convolution import convolution, laid_out, side_by_side

FORMS = [(1, 2, 1), (3, 2, 1), (2, 1, 1), (2, 1, 0)]
"""groups, stride, padding"""


def drawn(groups: int, dtype: torch.dtype = torch.float64, channels: int = 2) -> list[Tensor]:
    random = torch.Generator().manual_seed(0)
    shapes = [(2, groups * channels, 5, 4), (groups * 3, channels, 3, 3), (groups * 3,)]
    return [torch.randn(shape, generator=random, dtype=dtype).requires_grad_() for shape in shapes]


def derivatives(function: Callable[..., Tensor], arguments: list[Tensor]) -> list[Tensor]:
    outputs = function(*arguments)
    towards = outputs.detach().sin().requires_grad_()
    first = torch.autograd.grad(outputs, arguments, towards, create_graph=True)
    second = torch.autograd.grad(first, [*arguments[:2], towards], [one.detach().cos() for one in first])
    return [outputs, *first, *second]


@pytest.mark.parametrize(("groups", "stride", "padding"), FORMS)
def test_that_it_and_its_first_and_second_derivatives_are_those_of_torch(
    groups: int, stride: int, padding: int
) -> None:
    arguments = drawn(groups)

    mine = derivatives(lambda *given: convolution(*given, stride, padding, groups), arguments)
    its = derivatives(lambda *given: functional.conv2d(*given, stride, padding, groups=groups), arguments)

    for one, other in zip(mine, its, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("groups", "stride", "padding"), FORMS[1:])
def test_that_finite_differences_confirm_both_derivatives(groups: int, stride: int, padding: int) -> None:
    arguments = tuple(drawn(groups))

    def convolved(*given: Tensor) -> Tensor:
        return convolution(*given, stride, padding, groups)

    assert torch.autograd.gradcheck(convolved, arguments)
    assert torch.autograd.gradgradcheck(convolved, arguments)


@pytest.mark.parametrize("kept", [(1,), (0,), (1, 2), (2,)])
def test_that_it_can_be_differentiated_by_some_of_its_arguments(kept: tuple[int, ...]) -> None:
    """Images need no gradient in the first layer."""

    def second_derivatives(function: Callable[..., Tensor]) -> list[Tensor | None]:
        arguments = [one.detach().requires_grad_(place in kept) for place, one in enumerate(drawn(2))]
        wanted = [arguments[place] for place in kept]
        outputs = function(*arguments)
        first = torch.autograd.grad(outputs, wanted, outputs.sin(), create_graph=True)
        return list(torch.autograd.grad(sum(one.square().sum() for one in first), wanted, allow_unused=True))

    mine = second_derivatives(lambda *given: convolution(*given, 2, 1, 2))
    its = second_derivatives(lambda *given: functional.conv2d(*given, 2, 1, groups=2))

    for one, other in zip(mine, its, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-12, atol=1e-12)


def test_that_it_does_without_a_bias() -> None:
    images, weight, _ = drawn(1)

    torch.testing.assert_close(convolution(images, weight), functional.conv2d(images, weight))
    assert torch.autograd.gradgradcheck(convolution, (images, weight))


@pytest.mark.parametrize("channels", [1, 2])
def test_that_the_faster_layout_changes_no_number_and_lasts_through_a_layer(channels: int) -> None:
    images, weights, bias = drawn(3, torch.float32, channels)
    tasks = weights.detach().unflatten(0, (3, 3))
    before = laid_out(images.detach())

    convolved = convolution(before, side_by_side(tasks), bias.detach(), 2, 1, groups=3)

    assert torch.equal(before, images)
    assert torch.equal(side_by_side(tasks), weights)
    assert before.is_contiguous(memory_format=torch.channels_last)
    assert convolved.is_contiguous(memory_format=torch.channels_last)
    assert not convolved.is_contiguous()
    wide = [one.detach().double() for one in (images, weights, bias)]
    torch.testing.assert_close(convolved.double(), functional.conv2d(*wide, 2, 1, groups=3), rtol=1e-5, atol=1e-5)


def test_that_a_single_channel_is_laid_out_so_that_the_next_layer_is_too() -> None:
    images = torch.rand(5, 1, 8, 8)

    convolved = convolution(laid_out(images), torch.rand(4, 1, 3, 3), None, 2, 1)

    assert not convolved.is_contiguous()
    assert convolved.is_contiguous(memory_format=torch.channels_last)


def test_that_double_precision_keeps_its_layout() -> None:
    images = torch.rand(2, 3, 4, 4, dtype=torch.float64)

    assert laid_out(images) is images
    assert side_by_side(images.unsqueeze(0)).is_contiguous()
