"""Algorithms that differentiate through their inner loop: MAML and those that differ from it in their rates alone."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

from metagui.engine.algorithms.base import MetaGradient, descent_series
from metagui.engine.algorithms.descent import DescentAdaptation
from metagui.engine.bank import Boundary, no_boundary
from metagui.engine.episode import EpisodeBatch
from metagui.engine.inner_loop import mean_pull_back, unroll

RateGradients = dict[int, Tensor]
"""By inner step: the gradient of the mean outer loss by the rate of each parameter, [P]."""


class Unrolled(DescentAdaptation):
    """Meta-gradient d L_query(phi_K(theta)) / d theta, through phi_{k+1} = phi_k - a_k * grad L_support(phi_k)."""

    def meta_gradient(
        self, theta: Tensor, batch: EpisodeBatch, *, step: int = 0, boundary: Boundary = no_boundary
    ) -> MetaGradient:
        start = theta.detach().expand(len(batch), -1)
        descent = unroll(self.bank, start, batch.support, self.rates(theta), boundary)
        final = self.bank.final_pass(descent.phi, batch, self.inner_steps, boundary)
        rates: RateGradients = {}
        gradient = mean_pull_back(descent, final.gradient, boundary, self.collector(rates))
        series = descent_series(descent.losses, final) | self.rate_series()
        return MetaGradient(gradient, series, self.learned_gradients(rates))

    def collector(self, rates: RateGradients) -> Callable[[int, Tensor], None] | None:
        """Where :func:`pull_back` puts the gradients by the rates; nowhere where none is learned."""
        return (lambda k, gradient: rates.update({k: gradient.mean(dim=0)})) if self.learned else None

    def learned_gradients(self, rates: RateGradients) -> dict[str, Tensor]:
        """By each of what is learned; nothing here."""
        return {}

    def rate_series(self) -> dict[str, Tensor]:
        """What is recorded of rates that are learned; nothing here."""
        return {}
