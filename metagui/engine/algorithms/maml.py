"""MAML (Finn, Abbeel, Levine 2017, algorithm 2), batched over tasks."""

from __future__ import annotations

from torch import Tensor

from metagui.engine.algorithms.base import MetaGradient, inner_series, outer_series
from metagui.engine.algorithms.descent import DescentAdaptation
from metagui.engine.bank import Boundary, no_boundary
from metagui.engine.episode import EpisodeBatch
from metagui.engine.inner_loop import final_support_loss, pull_back, unroll


class MAML(DescentAdaptation):
    """Meta-gradient through the unrolled inner loop: d L_query(phi_K(theta)) / d theta."""

    def meta_gradient(
        self, theta: Tensor, batch: EpisodeBatch, *, step: int = 0, boundary: Boundary = no_boundary
    ) -> MetaGradient:
        start = theta.detach().expand(len(batch), -1)
        descent = unroll(self.bank, start, batch.support, self.rates, boundary)
        query = self.bank.query_pass(descent.phi, batch, self.inner_steps, boundary)
        meta = pull_back(descent, query.gradient, boundary)
        support_loss = final_support_loss(self.bank, descent.phi, batch.support, self.inner_steps)
        series = outer_series(query) | inner_series(descent.losses, support_loss)
        return MetaGradient(meta.gradient.mean(dim=0), series)
