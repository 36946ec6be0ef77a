"""Adaptation by plain gradient descent, shared by MAML, FOMAML and Reptile."""

from __future__ import annotations

from torch import Tensor

from metagui.engine.episode import Examples
from metagui.engine.inner_loop import Bank, descend


def inner_path(
    bank: Bank, theta: Tensor, support: Examples, *, inner_lr: float, steps: int, proximal_lambda: float = 0.0
) -> list[Tensor]:
    """phi_0 .. phi_steps, each [T, P] and without a graph, from one theta [P] for all tasks."""
    path: list[Tensor] = []
    start = theta.detach().expand(support.inputs.shape[0], -1)
    trajectory = descend(
        bank,
        start,
        support,
        inner_lr=inner_lr,
        steps=steps,
        proximal_lambda=proximal_lambda,
        visit=lambda _k, phi, _losses: path.append(phi),
    )
    return [*path, trajectory.phi.detach()]


class DescentAdaptation:
    """Adapts by gradient descent on the support loss."""

    def __init__(self, bank: Bank, inner_lr: float) -> None:
        self.bank = bank
        self.inner_lr = inner_lr

    def adapt(self, theta: Tensor, support: Examples, steps: int) -> list[Tensor]:
        """phi_0 .. phi_steps, each [T, P]."""
        return inner_path(self.bank, theta, support, inner_lr=self.inner_lr, steps=steps)
