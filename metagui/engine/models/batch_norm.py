"""Batch norm by the statistics of the batch, with its first and second derivatives written out for the CPU.

With N numbers a channel, mean m, r = 1 / sqrt(variance + eps) and the projection
P(v) = v - mean(v) - h mean(v h), which is symmetric:

    forward     h = r (x - m)                  y = w h + b
    backward    by x: w r P(g)                 by w: sum(g h)              by b: sum(g)

and once more, for cotangents A of the gradient by x, a of that by w and c of that by b:

    by g: w r P(A) + a h + c                   by w: r sum(A P(g))
    by x: a r P(g) - w r^2 / N (sum(g h) P(A) + sum(A h) P(g) + sum(A P(g)) h)

torch computes the same, but composes the second derivative of some twenty passes over the data, and with channels
outermost in memory sums number by number in its forward pass. Here sums run along what lies side by side, which
vectorises; the first derivative, and the forward pass with channels innermost, are torch's.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional

from metagui.engine.models.derivatives import is_differentiated_twice


def batch_norm(inputs: Tensor, weight: Tensor, bias: Tensor, epsilon: float) -> Tensor:
    """[n, C, H, W] normalised by its own mean and variance in each channel, then scaled by weight and bias [C].

    Can be differentiated twice. Raises nothing of its own; reduced precision and other devices are left to torch.
    """
    written_out = inputs.device.type == "cpu" and inputs.dtype in (torch.float32, torch.float64)
    if not written_out or (_is_channels_last(inputs) and not is_differentiated_twice()):
        return functional.batch_norm(inputs, None, None, weight, bias, training=True, eps=epsilon)
    normalised: Tensor = _Forward.apply(inputs, weight, bias, epsilon)  # type: ignore[no-untyped-call]
    return normalised


class _Forward(torch.autograd.Function):
    @staticmethod
    def forward(context: Any, inputs: Tensor, weight: Tensor, bias: Tensor, epsilon: float) -> Tensor:
        inputs = inputs.contiguous(memory_format=_layout(inputs))
        if _is_channels_last(inputs):
            normalised, mean, rate = torch.native_batch_norm(inputs, weight, bias, None, None, True, 0.0, epsilon)
            context.save_for_backward(inputs, weight, mean, rate)
            return normalised
        count = inputs.numel() // inputs.shape[1]
        mean = _sum(inputs) / count
        centred = inputs - _wide(mean)
        variance = _sum_of_squares(centred) / count
        rate = torch.rsqrt(variance + epsilon)
        context.save_for_backward(inputs, weight, mean, rate)
        return centred.mul_(_wide(weight * rate)).add_(_wide(bias))

    @staticmethod
    def backward(context: Any, gradient: Tensor) -> Any:
        return *_Backward.apply(gradient, *context.saved_tensors), None  # type: ignore[no-untyped-call]


class _Backward(torch.autograd.Function):
    """Differentiable by the gradient, the inputs and the weight; ``mean`` and ``rate`` follow from the inputs, and the
    formula for them counts that in."""

    @staticmethod
    def forward(context: Any, gradient: Tensor, inputs: Tensor, weight: Tensor, mean: Tensor, rate: Tensor) -> Any:
        gradient = gradient.contiguous(memory_format=_layout(inputs))
        by_inputs, along, total = torch.ops.aten.native_batch_norm_backward(
            gradient, inputs, weight, None, None, mean, rate, True, 0.0, [True, True, True]
        )
        context.save_for_backward(gradient, inputs, weight, mean, rate, along, total)
        return by_inputs, along, total  # sum(g h), sum(g)

    @staticmethod
    @once_differentiable
    def backward(context: Any, by_inputs: Tensor, by_weight: Tensor, by_bias: Tensor) -> Any:
        gradient, inputs, weight, mean, rate, along, total = context.saved_tensors
        given = by_inputs.contiguous(memory_format=_layout(inputs))
        count = inputs.numel() // inputs.shape[1]
        scale = weight * rate
        given_total = _sum(given)
        given_along = rate * (_sum_of_products(given, inputs) - mean * given_total)  # sum(A h)
        # sum(A P(g))
        shared = _sum_of_products(given, gradient) - (given_total * total + given_along * along) / count

        # w r P(A) + a h + c
        by_x = rate * (by_weight - scale * given_along / count)
        constant = by_bias - scale * given_total / count - by_x * mean
        to_gradient = _combined((scale, given), (by_x, inputs), constant)

        # coefficients of P(g), P(A) and h
        of_gradient = rate * (by_weight - scale * given_along / count)
        of_given = -scale * rate * along / count
        of_normalised = -scale * rate * shared / count
        by_x = rate * (of_normalised - (of_gradient * along + of_given * given_along) / count)
        constant = -(of_gradient * total + of_given * given_total) / count - by_x * mean
        to_inputs = _combined((of_gradient, gradient), (of_given, given), constant).addcmul_(_wide(by_x), inputs)
        return to_gradient, to_inputs, rate * shared, None, None


def _combined(first: tuple[Tensor, Tensor], second: tuple[Tensor, Tensor], constant: Tensor) -> Tensor:
    """p u + q v + constant, with coefficients [C]."""
    return (first[1] * _wide(first[0])).addcmul_(_wide(second[0]), second[1]).add_(_wide(constant))


def _wide(values: Tensor) -> Tensor:
    return values.view(1, -1, 1, 1)


def _is_channels_last(values: Tensor) -> bool:
    return values.is_contiguous(memory_format=torch.channels_last) and not values.is_contiguous()


def _layout(values: Tensor) -> torch.memory_format:
    return torch.channels_last if _is_channels_last(values) else torch.contiguous_format


def _rows(values: Tensor) -> Tensor:
    """[n, C, H, W], channels last in memory, as a view [n * H * W, C]."""
    return values.permute(0, 2, 3, 1).flatten(0, 2)


def _sum(values: Tensor) -> Tensor:
    """[n, C, H, W] -> [C]."""
    if _is_channels_last(values):
        return _rows(values).sum(dim=0)
    return values.flatten(2).sum(dim=2).sum(dim=0)


def _sum_of_squares(values: Tensor) -> Tensor:
    norms: Tensor = torch.linalg.vector_norm(values.flatten(2), dim=2)
    return norms.square_().sum(dim=0)


def _sum_of_products(values: Tensor, others: Tensor) -> Tensor:
    """Both laid out alike: [n, C, H, W] twice -> [C]."""
    if _is_channels_last(values):
        products: Tensor = torch.linalg.vecdot(_rows(values), _rows(others), dim=0)
        return products
    products = torch.linalg.vecdot(values.flatten(2), others.flatten(2), dim=2)
    return products.sum(dim=0)
