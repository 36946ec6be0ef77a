"""Adaptation by plain gradient descent, shared by MAML, FOMAML and Reptile."""

from __future__ import annotations

from collections.abc import Iterator

from torch import Tensor

from metagui.engine.episode import Examples
from metagui.engine.inner_loop import Bank, gradient_step


def inner_path(
    bank: Bank, theta: Tensor, support: Examples, *, inner_lr: float, steps: int, proximal_lambda: float = 0.0
) -> Iterator[Tensor]:
    """phi_0 .. phi_steps, each [T, P] and without a graph, from one theta [P] for all tasks, as they come."""
    start = phi = theta.detach().expand(support.inputs.shape[0], -1)
    yield phi
    for _ in range(steps):
        phi, _ = gradient_step(bank, phi, start, support, inner_lr=inner_lr, proximal_lambda=proximal_lambda)
        yield phi


class DescentAdaptation:
    """Adapts by gradient descent on the support loss."""

    def __init__(self, bank: Bank, inner_lr: float) -> None:
        self.bank = bank
        self.inner_lr = inner_lr

    def adapt(self, theta: Tensor, support: Examples, steps: int) -> Iterator[Tensor]:
        """phi_0 .. phi_steps, each [T, P]."""
        return inner_path(self.bank, theta, support, inner_lr=self.inner_lr, steps=steps)
