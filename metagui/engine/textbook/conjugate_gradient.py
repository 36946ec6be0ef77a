"""Conjugate gradient (Hestenes and Stiefel, 1952): solve A x = b knowing only how A multiplies a vector."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor


def conjugate_gradient(
    multiply: Callable[[Tensor], Tensor],
    b: Tensor,
    iterations: int,
    tolerance: float,
    curvature_floor: float | Tensor = 0.0,
) -> tuple[Tensor, tuple[float, ...]]:
    """x [P] with A x ≈ b, and ‖b − A x_i‖/‖b‖ for x_0 = 0 and after each iteration. A must be symmetric.

    Stops after ``iterations``, once the relative residual is at most ``tolerance``, or where the curvature p'Ap of
    a direction is at most p'Fp, F being the diagonal ``curvature_floor``, a number or [P]: A is not positive definite
    enough then, and the last x is kept.
    """
    x = torch.zeros_like(b)
    residual = b  # conjugate_gradient:1 b − A x
    direction = residual
    residuals = [1.0]
    for _ in range(iterations):  # conjugate_gradient:2
        if residual.norm() <= tolerance * b.norm():
            break
        product = multiply(direction)
        curvature = direction @ product  # conjugate_gradient:3
        if curvature <= direction @ (curvature_floor * direction):
            break
        step = residual @ residual / curvature  # conjugate_gradient:4 the minimum along p
        x = x + step * direction  # conjugate_gradient:5
        new_residual = residual - step * product  # conjugate_gradient:6
        conjugacy = new_residual @ new_residual / (residual @ residual)
        direction = new_residual + conjugacy * direction  # conjugate_gradient:7 A-orthogonal to the last
        residual = new_residual
        residuals.append((residual.norm() / b.norm()).item())
    return x, tuple(residuals)
