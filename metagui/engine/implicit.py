"""Implicit differentiation: linear systems with the Hessian, solved for a bank of tasks at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Solution:
    """``x`` [T, P] and the relative residual |Ax - b| / |b| of every task before the first and after each iteration.

    ``residuals`` [iterations + 1, T].
    """

    x: Tensor
    residuals: Tensor


def conjugate_gradient(
    product: Callable[[Tensor], Tensor],
    right_side: Tensor,
    *,
    iterations: int,
    tolerance: float,
    curvature_floor: float = 0.0,
) -> Solution:
    """Solve A x = b for T independent symmetric systems, b [T, P], from x = 0.

    A task keeps its x once its relative residual is at most ``tolerance`` or it meets p'Ap <= ``curvature_floor`` p'p
    (A is not positive definite enough along p, and the step would go astray); the other tasks go on. No value leaves
    the device.
    """
    x = torch.zeros_like(right_side)
    residual = right_side.clone()
    direction = right_side.clone()
    squared = residual.square().sum(dim=1, keepdim=True)
    scale = squared.sqrt().clamp_min(torch.finfo(right_side.dtype).tiny)
    active = squared.sqrt() > tolerance * scale
    history = [(squared.sqrt() / scale).squeeze(1)]
    for _ in range(iterations):
        image = product(direction)
        curvature = (direction * image).sum(dim=1, keepdim=True)
        active = active & (curvature > curvature_floor * direction.square().sum(dim=1, keepdim=True))
        step = torch.where(active, squared / torch.where(active, curvature, 1.0), 0.0)
        x = x + step * direction
        residual = residual - step * image
        new_squared = residual.square().sum(dim=1, keepdim=True)
        momentum = torch.where(active, new_squared / torch.where(active, squared, 1.0), 0.0)
        direction = residual + momentum * direction
        squared = new_squared
        active = active & (squared.sqrt() > tolerance * scale)
        history.append((squared.sqrt() / scale).squeeze(1))
    return Solution(x, torch.stack(history))
