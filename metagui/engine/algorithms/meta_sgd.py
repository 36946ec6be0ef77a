"""Meta-SGD (Li, Zhou, Chen, Li 2017, algorithm 1), batched over tasks."""

from __future__ import annotations

import torch
from torch import Tensor

from metagui.config.algorithms import MetaSGD as MetaSGDConfig
from metagui.engine.algorithms.unrolled import RateGradients, Unrolled
from metagui.engine.bank import Bank
from metagui.engine.gradient_step import Rate
from metagui.errors import InvalidValueError

RATES = "inner_lr"


class MetaSGD(Unrolled):
    """theta' = theta - alpha * grad L_support(theta), with a learned alpha [P], the same in every inner step."""

    def __init__(self, bank: Bank, config: MetaSGDConfig) -> None:
        super().__init__(bank, config)
        if not bank.space.size:
            raise InvalidValueError("algorithm.name", "Meta-SGD learns a rate a parameter, and this model has none")

    def initial_learned(self) -> dict[str, Tensor]:
        return {RATES: torch.full((self.bank.space.size,), self.inner_lr, dtype=torch.float64)}

    def rate(self, k: int, theta: Tensor) -> Rate:
        """[P]."""
        return self.learned[RATES].detach()

    def learned_gradients(self, rates: RateGradients) -> dict[str, Tensor]:
        """The same rate is used in every step: the sum over them."""
        return {RATES: torch.stack(list(rates.values())).sum(dim=0)}

    def rate_series(self) -> dict[str, Tensor]:
        """Mean and spread of the learned rates, and how many of them have turned negative."""
        rates = self.learned[RATES].detach()
        return {
            "parameter_rate": rates.mean(),
            "parameter_rate_min": rates.min(),
            "parameter_rate_max": rates.max(),
            "negative_rates": (rates < 0).to(rates.dtype).mean(),
        }
