"""Two other ways to solve (H + Λ) x = v than conjugate gradient, one task at a time."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor


def neumann_series(
    multiply: Callable[[Tensor], Tensor], v: Tensor, proximal_lambda: float | Tensor, terms: int, rate: float = 1.0
) -> tuple[Tensor, tuple[float, ...]]:
    """x = Σ (I − η Λ⁻¹ A)^i η Λ⁻¹ v over i < ``terms``, with A = H + Λ; for η = 1 it is Λ⁻¹ Σ (−H Λ⁻¹)^i v.

    Also ‖v − A x_i‖/‖v‖ for every partial sum, from x_0 = 0. The sum ends before a term that makes the residual grow in
    the norm r'Λ⁻¹r: the series diverges then. Its first term is kept in any case.
    """
    x, residual, residuals = torch.zeros_like(v), v, [1.0]
    for term in range(terms):
        step = rate / proximal_lambda * residual
        left = residual - multiply(step)
        grew = left @ (left / proximal_lambda) > residual @ (residual / proximal_lambda)
        if grew and term:
            break
        x, residual = x + step, left
        residuals.append((residual.norm() / v.norm()).item())
        if grew:
            break
    return x, tuple(residuals)


def exact_solution(
    multiply: Callable[[Tensor], Tensor], v: Tensor, proximal_lambda: float | Tensor
) -> tuple[Tensor, tuple[float, ...]]:
    """A⁻¹ v with A written out, a column for each product with a unit vector."""
    matrix = torch.stack([multiply(unit) for unit in torch.eye(len(v), dtype=v.dtype)], dim=1)
    x = torch.linalg.solve(matrix, v)
    return x, (((v - matrix @ x).norm() / v.norm()).item(),)
