"""The Neumann series of (I + Lambda^-1 H)^-1, with a step that can be damped and a watch on whether it converges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from metagui.engine.implicit.system import Answer, System


@dataclass(frozen=True, slots=True)
class Neumann:
    """x_{i+1} = x_i + eta Lambda^-1 (v - (H + Lambda) x_i) from x_0 = 0; with eta = 1 the plain series.

    It converges where every eigenvalue h of Lambda^-1 H has |1 - eta (1 + h)| < 1: for eta = 1, where the curvature is
    below lambda in size. An iteration multiplies the residual r by a matrix that is symmetric in the norm
    r' Lambda^-1 r: where that norm grows, an eigenvalue beyond the bound is proved, and the task keeps the terms it had
    (the first one in any case, which is the first-order meta-gradient). ``neumann_diverged`` is the share of such
    tasks; ``neumann_curvature`` the curvature that stopped them, relative to Lambda and in size, 0 for all other tasks;
    ``neumann_indefinite`` the share of tasks that a negative curvature stopped, against which no damping helps.
    """

    terms: int
    rate: float = 1.0
    alarm: ClassVar[str] = "neumann_diverged"

    def solve(self, system: System, right_side: Tensor) -> Answer:
        inverse = self.rate / system.strength
        rounding = torch.finfo(right_side.dtype).eps ** 0.5
        x, residual = torch.zeros_like(right_side), right_side
        size = _dot(residual, inverse * residual)
        scale = right_side.norm(dim=1, keepdim=True).clamp_min(torch.finfo(right_side.dtype).tiny)
        diverged = torch.zeros_like(scale, dtype=torch.bool)
        curvature = torch.zeros_like(scale)
        history = [residual.norm(dim=1, keepdim=True) / scale]
        for term in range(self.terms):
            step = inverse * residual
            image = system.product(step)
            left = residual - image
            left_size = _dot(left, inverse * left)
            # Where nothing but rounding is left of the residual, its growth means nothing.
            grew = ~(left_size <= size) & (history[-1] > rounding) & ~diverged
            relative = _dot(step, image) / _dot(step, system.strength * step) - 1
            curvature = torch.where(grew, relative, curvature)
            diverged = diverged | grew
            goes_on = ~diverged if term else torch.ones_like(diverged)
            x = x + torch.where(goes_on, step, 0.0)
            residual = torch.where(goes_on, left, residual)
            size = torch.where(goes_on, left_size, size)
            history.append(residual.norm(dim=1, keepdim=True) / scale)
        series = {f"neumann_residual/{i}": residuals.mean() for i, residuals in enumerate(history)}
        series["neumann_diverged"] = diverged.to(x.dtype).mean()
        series["neumann_curvature"] = curvature.abs().mean()
        series["neumann_indefinite"] = (curvature < 0).to(x.dtype).mean()
        return Answer(x, series)

    def concern(self, values: Mapping[str, float]) -> str:
        share, strength = values["neumann_diverged"], values["proximal_lambda"]
        relative = values["neumann_curvature"] / share
        damping_helps = relative > 1 and not values["neumann_indefinite"]
        way_out = f"a damped step (η below {2 / (1 + relative):.2g})" if damping_helps else "a larger λ"
        return (
            f"the Neumann series diverges on {share:.0%} of the tasks: λ is {strength:.4g}, but the curvature of their "
            f"support loss is about {relative * strength:.3g} in size. It is stopped at the last term before its "
            f"residual grew, which makes those meta-gradients biased. Use conjugate gradient or {way_out}"
        )


def _dot(left: Tensor, right: Tensor) -> Tensor:
    """Inner products of the rows, [T, 1]."""
    return (left * right).sum(dim=1, keepdim=True)
