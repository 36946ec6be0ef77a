"""Reptile (Nichol, Achiam, Schulman 2018), batched over tasks."""

from __future__ import annotations

import torch
from torch import Tensor

from metagui.config.algorithms import Reptile as ReptileConfig
from metagui.engine.algorithms.base import MetaGradient, inner_series, outer_series
from metagui.engine.algorithms.descent import DescentAdaptation
from metagui.engine.bank import Bank, Boundary, no_boundary
from metagui.engine.episode import EpisodeBatch, Examples
from metagui.engine.inner_loop import descend, final_support_loss


class Reptile(DescentAdaptation):
    """Meta-gradient theta - phi_K: an outer step moves theta towards the adapted parameters."""

    def __init__(self, bank: Bank, config: ReptileConfig) -> None:
        super().__init__(bank, config)
        self.pool_query = config.pool_query
        self.query_every = config.query_every

    def meta_gradient(
        self, theta: Tensor, batch: EpisodeBatch, *, step: int = 0, boundary: Boundary = no_boundary
    ) -> MetaGradient:
        start = theta.detach().expand(len(batch), -1)
        examples = pooled(batch) if self.pool_query else batch.support
        descent = descend(self.bank, start, examples, self.rates(theta), boundary)
        support_loss = final_support_loss(self.bank, descent.phi, examples, self.inner_steps)
        series = inner_series(descent.losses, support_loss)
        if step % self.query_every == 0:
            # The query loss plays no part in the update: it is recorded to compare runs.
            series = outer_series(self.bank.judge(descent.phi, batch, self.inner_steps)) | series
        for task in range(len(batch)):
            boundary("task", task)
        return MetaGradient((start - descent.phi).mean(dim=0), series)


def pooled(batch: EpisodeBatch) -> Examples:
    """All examples of every task as one set, support first."""
    return Examples(
        torch.cat([batch.support.inputs, batch.query.inputs], dim=1),
        torch.cat([batch.support.targets, batch.query.targets], dim=1),
    )
