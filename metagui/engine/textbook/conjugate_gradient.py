"""Conjugate gradient (Hestenes and Stiefel, 1952): solve A x = b knowing only how A multiplies a vector."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor


def conjugate_gradient(
    multiply: Callable[[Tensor], Tensor], b: Tensor, iterations: int, tolerance: float, curvature_floor: float = 0.0
) -> tuple[Tensor, tuple[float, ...]]:
    """x [P] with A x ≈ b, and ‖b − A x_i‖/‖b‖ for x_0 = 0 and after each iteration. A must be symmetric.

    Stops after ``iterations``, once the relative residual is at most ``tolerance``, or where the curvature p'Ap / p'p
    of a direction is at most ``curvature_floor``: A is not positive definite enough then, and the last x is kept.
    """
    x = torch.zeros_like(b)
    residual = b  # b − A x
    direction = residual
    residuals = [1.0]
    for _ in range(iterations):
        if residual.norm() <= tolerance * b.norm():
            break
        product = multiply(direction)
        curvature = direction @ product
        if curvature <= curvature_floor * (direction @ direction):
            break
        step = residual @ residual / curvature  # the minimum of ½ x'Ax − b'x along the direction
        x = x + step * direction
        new_residual = residual - step * product
        conjugacy = new_residual @ new_residual / (residual @ residual)  # makes the next direction A-orthogonal
        direction = new_residual + conjugacy * direction
        residual = new_residual
        residuals.append((residual.norm() / b.norm()).item())
    return x, tuple(residuals)
