"""Gradient descent on iMAML's inner problem."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from torch import Tensor

from metagui.engine.proximal.problem import ProximalProblem


@dataclass(frozen=True, slots=True)
class GradientDescent:
    """phi_{k+1} = phi_k - alpha grad G(phi_k)."""

    rate: float

    def steps(self, problem: ProximalProblem, count: int) -> Iterator[tuple[Tensor, Tensor]]:
        phi = problem.start
        for k in range(count):
            slope = problem.bank.slope(phi, problem.support, k)
            # phi - alpha Lambda (phi - theta) lies between phi and theta.
            phi = phi.lerp(problem.start, self.rate * problem.strength).sub_(slope.gradient, alpha=self.rate)
            yield phi, slope.losses
