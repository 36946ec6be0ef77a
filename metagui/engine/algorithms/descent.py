"""Adaptation by plain gradient descent, shared by all algorithms with an inner loop of gradient steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from torch import Tensor

from metagui.config.algorithms.base import InnerLoop
from metagui.engine.bank import Bank
from metagui.engine.episode import Examples
from metagui.engine.gradient_step import Rate
from metagui.engine.inner_loop import path


class DescentAdaptation:
    """Adapts by gradient descent on the support loss; algorithms differ in :meth:`rate`."""

    def __init__(self, bank: Bank, config: InnerLoop) -> None:
        self.bank = bank
        self.inner_lr = config.inner_lr
        self.inner_steps = config.inner_steps
        self.learned: Mapping[str, Tensor] = {}

    def initial_learned(self) -> dict[str, Tensor]:
        return {}

    def rate(self, k: int, theta: Tensor) -> Rate:
        """Step size of inner step ``k``: the same for all parameters here."""
        return self.inner_lr

    def rates(self, theta: Tensor) -> list[Rate]:
        """Those of all inner steps of training."""
        return [self.rate(k, theta) for k in range(self.inner_steps)]

    def adapt(self, theta: Tensor, support: Examples, steps: int) -> Iterator[Tensor]:
        """phi_0 .. phi_steps, each [T, P]."""
        return path(self.bank, theta, support, (self.rate(k, theta) for k in range(steps)))
