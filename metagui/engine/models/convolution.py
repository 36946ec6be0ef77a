"""Convolution whose second derivative is written out, in the memory layout that the CPU convolves fastest in.

With y = x * w + b, a gradient g of y, and X(g, w), W(g, x) for what carries it back to inputs and weight:

    backward    by x: X(g, w)                  by w: W(g, x)               by b: sum(g)

and once more, for cotangents A of the gradient by x, B of that by w and c of that by b:

    by g: A * w + x * B + c                    by x: X(g, B)               by w: W(g, A)

torch computes the same, but goes through the groups of a grouped convolution one by one; its first derivative is as
fast as can be, and taken where no second one is asked for.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional

from metagui.engine.models.derivatives import is_differentiated_twice


def convolution(
    inputs: Tensor, weight: Tensor, bias: Tensor | None = None, stride: int = 1, padding: int = 0, groups: int = 1
) -> Tensor:
    """[n, groups * c, H, W] and [groups * f, c, h, w] -> [n, groups * f, H', W']. Can be differentiated twice.

    Raises nothing of its own; reduced precision and other devices are left to torch.
    """
    written_out = inputs.device.type == "cpu" and inputs.dtype in (torch.float32, torch.float64)
    if not written_out or torch.is_autocast_enabled("cpu") or not is_differentiated_twice():
        return functional.conv2d(inputs, weight, bias, stride, padding, groups=groups)
    convolved: Tensor = _Forward.apply(inputs, weight, bias, stride, padding, groups)  # type: ignore[no-untyped-call]
    return convolved


def laid_out(images: Tensor) -> Tensor:
    """The same images or weight [n, C, H, W], channels innermost in memory where that is faster, else outermost."""
    if not _prefers_channels_last(images):
        return images.contiguous()
    if images.shape[1] == 1:  # both layouts at once: told by its strides alone, which only a copy sets
        return images.clone(memory_format=torch.channels_last)
    return images.contiguous(memory_format=torch.channels_last)


def side_by_side(weights: Tensor) -> Tensor:
    """The convolution weights of T tasks as the groups of one: [T, f, c, h, w] -> [T * f, c, h, w], laid out alike."""
    if not _prefers_channels_last(weights):
        return weights.flatten(0, 1).contiguous()
    return weights.permute(0, 1, 3, 4, 2).flatten(0, 1).permute(0, 3, 1, 2)  # copies once, not twice


def _prefers_channels_last(values: Tensor) -> bool:
    return values.device.type == "cpu" and values.dtype == torch.float32


class _Forward(torch.autograd.Function):
    @staticmethod
    def forward(
        context: Any, inputs: Tensor, weight: Tensor, bias: Tensor | None, stride: int, padding: int, groups: int
    ) -> Tensor:
        context.save_for_backward(inputs, weight)
        context.form = (stride, padding, groups)
        context.has_bias = bias is not None
        return functional.conv2d(inputs, weight, bias, stride, padding, groups=groups)

    @staticmethod
    def backward(context: Any, gradient: Tensor) -> Any:
        wanted = (*context.needs_input_grad[:2], context.has_bias and context.needs_input_grad[2])
        by_all = _Backward.apply(gradient, *context.saved_tensors, context.form, wanted)  # type: ignore[no-untyped-call]
        return *by_all, None, None, None


class _Backward(torch.autograd.Function):
    """Differentiable by the gradient, the inputs and the weight."""

    @staticmethod
    def forward(
        context: Any,
        gradient: Tensor,
        inputs: Tensor,
        weight: Tensor,
        form: tuple[int, int, int],
        wanted: tuple[bool, bool, bool],
    ) -> Any:
        context.set_materialize_grads(False)
        context.save_for_backward(gradient, inputs, weight)
        context.form = form
        return _carried_back(gradient, inputs, weight, form, wanted)

    @staticmethod
    @once_differentiable
    def backward(context: Any, by_inputs: Tensor | None, by_weight: Tensor | None, by_bias: Tensor | None) -> Any:
        gradient, inputs, weight = context.saved_tensors
        stride, padding, groups = context.form
        to_gradient = None
        if by_inputs is not None:
            to_gradient = functional.conv2d(by_inputs, weight, by_bias, stride, padding, groups=groups)
        elif by_bias is not None:
            to_gradient = by_bias.view(1, -1, 1, 1).expand_as(gradient)
        if by_weight is not None:
            other = functional.conv2d(inputs, by_weight, None, stride, padding, groups=groups)
            to_gradient = other if to_gradient is None else other.add_(to_gradient)
        to_inputs, to_weight, _ = _carried_back(
            gradient,
            inputs if by_inputs is None else by_inputs,
            weight if by_weight is None else by_weight,
            context.form,
            (by_weight is not None and context.needs_input_grad[1], by_inputs is not None, False),
        )
        return to_gradient, to_inputs, to_weight, None, None


def _carried_back(
    gradient: Tensor,
    inputs: Tensor,
    weight: Tensor,
    form: tuple[int, int, int],
    wanted: tuple[bool, bool, bool],
) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
    """X(g, w), W(g, x) and sum(g), those that are wanted."""
    stride, padding, groups = form
    by_inputs, by_weight, by_bias = torch.ops.aten.convolution_backward(
        gradient,
        inputs,
        weight,
        [weight.shape[0]] if wanted[2] else None,
        [stride, stride],
        [padding, padding],
        [1, 1],
        False,
        [0, 0],
        groups,
        list(wanted),
    )
    return by_inputs, by_weight, by_bias
