"""Adaptation by plain gradient descent, shared by MAML, FOMAML and Reptile."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import repeat

from torch import Tensor

from metagui.config.algorithms.base import InnerLoop
from metagui.engine.bank import Bank
from metagui.engine.episode import Examples
from metagui.engine.inner_loop import path


class DescentAdaptation:
    """Adapts by gradient descent on the support loss, at one rate."""

    def __init__(self, bank: Bank, config: InnerLoop) -> None:
        self.bank = bank
        self.inner_lr = config.inner_lr
        self.inner_steps = config.inner_steps
        self.learned: Mapping[str, Tensor] = {}

    @property
    def rates(self) -> list[float]:
        """The rate of each inner step."""
        return [self.inner_lr] * self.inner_steps

    def initial_learned(self) -> dict[str, Tensor]:
        return {}

    def adapt(self, theta: Tensor, support: Examples, steps: int) -> Iterator[Tensor]:
        """phi_0 .. phi_steps, each [T, P]."""
        return path(self.bank, theta, support, repeat(self.inner_lr, steps))
