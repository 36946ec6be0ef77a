"""Hessian-free optimisation (Martens, 2010) of iMAML's inner problem: Newton directions by conjugate gradient."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from metagui.engine.implicit import System, conjugate_gradient
from metagui.engine.proximal.problem import ProximalProblem

SUFFICIENT = 1e-4
"""Share of the decrease that the slope promises which a step has to reach (Armijo)."""


@dataclass(frozen=True, slots=True)
class HessianFree:
    """phi_{k+1} = phi_k + s d with (H + Lambda) d = -grad G solved approximately, and s the first of 1, 1/2, 1/4, ...
    that lowers G enough; none does after ``halvings``, and the task stays where it is."""

    cg_iterations: int
    halvings: int

    def steps(self, problem: ProximalProblem, count: int) -> Iterator[tuple[Tensor, Tensor]]:
        phi = problem.start
        for k in range(count):
            at = problem.bank.linearize(phi, problem.support, k)
            gradient = at.gradient + problem.pull_gradient(phi)
            system = System(at.product, problem.strength)
            solution = conjugate_gradient(system.product, -gradient, iterations=self.cg_iterations, tolerance=0.0)
            # At a maximum along the gradient itself conjugate gradient has no direction to give: go downhill.
            found = solution.x.any(dim=1, keepdim=True)
            direction = torch.where(found, solution.x, -gradient)
            phi = self._search(problem, phi, direction, (gradient * direction).sum(dim=1), at.losses, k)
            yield phi, at.losses

    def _search(
        self, problem: ProximalProblem, phi: Tensor, direction: Tensor, slope: Tensor, losses: Tensor, k: int
    ) -> Tensor:
        """All tasks try all lengths, so that no value has to leave the device; each takes its first good one."""
        before = losses + problem.pull(phi)
        length = torch.zeros_like(before)
        for halving in range(self.halvings + 1):
            tried = 0.5**halving
            after = problem.objective(phi + tried * direction, k)
            good = after <= before + SUFFICIENT * tried * slope
            length = torch.where(good & (length == 0), tried, length)
        return phi + length.unsqueeze(1) * direction
