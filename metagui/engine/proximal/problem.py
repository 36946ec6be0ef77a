"""The inner problem of iMAML: G(phi) = L(phi) + 1/2 (phi - theta)' Lambda (phi - theta), for a bank of tasks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from metagui.engine.bank import Bank
from metagui.engine.episode import Examples
from metagui.engine.rows import weighted_square


@dataclass(frozen=True, slots=True)
class ProximalProblem:
    """L is the support loss of each task, ``start`` theta [T, P] without a graph, ``strength`` the diagonal Lambda: a
    number, or a tensor [] or [P]."""

    bank: Bank
    start: Tensor
    support: Examples
    strength: float | Tensor

    def pull(self, phi: Tensor) -> Tensor:
        """1/2 (phi - theta)' Lambda (phi - theta) of each task, [T]."""
        return 0.5 * weighted_square(phi - self.start, self.strength)

    def pull_gradient(self, phi: Tensor) -> Tensor:
        """Lambda (phi - theta), [T, P]."""
        return self.strength * (phi - self.start)

    @torch.no_grad()
    def objective(self, phi: Tensor, k: int) -> Tensor:
        """G(phi) of each task, [T]."""
        return self.bank.losses(phi, self.support, k) + self.pull(phi)


class InnerSolver(Protocol):
    """Minimises G from phi_0 = theta."""

    def steps(self, problem: ProximalProblem, count: int) -> Iterator[tuple[Tensor, Tensor]]:
        """phi_{k+1} [T, P] and the support losses L(phi_k) [T], for k = 0 .. count - 1, as they come."""
        ...
