"""Adam (Kingma and Ba, 2015) on iMAML's inner problem, from fresh moments for every task."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from metagui.engine.proximal.problem import ProximalProblem


@dataclass(frozen=True, slots=True)
class Adam:
    """The paper's decay rates and epsilon; the implicit gradient asks not how phi was found."""

    rate: float
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    def steps(self, problem: ProximalProblem, count: int) -> Iterator[tuple[Tensor, Tensor]]:
        phi = problem.start
        mean, square = torch.zeros_like(phi), torch.zeros_like(phi)
        for k in range(count):
            slope = problem.bank.slope(phi, problem.support, k)
            gradient = slope.gradient + problem.pull_gradient(phi)
            mean = mean.lerp(gradient, 1 - self.beta1)
            square = square.lerp(gradient.square(), 1 - self.beta2)
            unbiased_square = square / (1 - self.beta2 ** (k + 1))
            size = self.rate / (1 - self.beta1 ** (k + 1))
            phi = phi - size * mean / (unbiased_square.sqrt_() + self.epsilon)
            yield phi, slope.losses
