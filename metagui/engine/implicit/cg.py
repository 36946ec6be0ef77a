"""Conjugate gradient (Hestenes and Stiefel, 1952) for a bank of symmetric systems."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from metagui.engine.implicit.system import Answer, System
from metagui.engine.rows import dot, squared_norm, weighted_square


@dataclass(frozen=True, slots=True)
class Solution:
    """``x`` [T, P] and the relative residual |Ax - b| / |b| of every task before the first and after each iteration.

    ``residuals`` [iterations + 1, T]; ``guarded`` [T], whether a direction of too little curvature stopped the task.
    """

    x: Tensor
    residuals: Tensor
    guarded: Tensor


@dataclass(frozen=True, slots=True)
class ConjugateGradient:
    """Solves (H + Lambda + damping I) x = v in a few products.

    ``cg_guarded`` is the share of tasks that met a direction in which H takes more than half of Lambda away: there they
    stop, as the next step would be huge.
    """

    iterations: int
    tolerance: float
    damping: float = 0.0
    alarm: ClassVar[str] = ""

    def solve(self, system: System, right_side: Tensor) -> Answer:
        damped = System(system.hessian, system.strength + self.damping)
        solution = conjugate_gradient(
            damped.product,
            right_side,
            iterations=self.iterations,
            tolerance=self.tolerance,
            curvature_floor=damped.strength / 2,
        )
        series = {f"cg_residual/{i}": residual for i, residual in enumerate(solution.residuals.mean(dim=1))}
        return Answer(solution.x, series | {"cg_guarded": solution.guarded.to(right_side.dtype).mean()})

    def concern(self, values: Mapping[str, float]) -> str:
        return ""


def conjugate_gradient(
    product: Callable[[Tensor], Tensor],
    right_side: Tensor,
    *,
    iterations: int,
    tolerance: float,
    curvature_floor: float | Tensor = 0.0,
) -> Solution:
    """Solve A x = b for T independent symmetric systems, b [T, P], from x = 0.

    A task keeps its x once its relative residual is at most ``tolerance`` or it meets p'Ap <= p'Fp, with F the diagonal
    ``curvature_floor``, a number or [P] (A is not positive definite enough along p, and the step would go astray); the
    other tasks go on. No value leaves the device.
    """
    x = torch.zeros_like(right_side)
    residual = direction = right_side
    squared = squared_norm(residual).unsqueeze(1)
    scale = squared.sqrt().clamp_min(torch.finfo(right_side.dtype).tiny)
    active = squared.sqrt() > tolerance * scale
    guarded = torch.zeros_like(active)
    history = [(squared.sqrt() / scale).squeeze(1)]
    for _ in range(iterations):
        image = product(direction)
        curvature = dot(direction, image).unsqueeze(1)
        curved = curvature > weighted_square(direction, curvature_floor).unsqueeze(1)
        guarded = guarded | (active & ~curved)
        active = active & curved
        step = torch.where(active, squared / torch.where(active, curvature, 1.0), 0.0)
        x = torch.addcmul(x, step, direction)
        residual = torch.addcmul(residual, step, image, value=-1)
        new_squared = squared_norm(residual).unsqueeze(1)
        momentum = torch.where(active, new_squared / torch.where(active, squared, 1.0), 0.0)
        direction = torch.addcmul(residual, momentum, direction)
        squared = new_squared
        active = active & (squared.sqrt() > tolerance * scale)
        history.append((squared.sqrt() / scale).squeeze(1))
    return Solution(x, torch.stack(history), guarded.squeeze(1))
