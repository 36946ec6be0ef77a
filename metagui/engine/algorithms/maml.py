"""MAML (Finn, Abbeel, Levine 2017, algorithm 2), batched over tasks."""

from __future__ import annotations

import torch
from torch import Tensor

from metagui.config.algorithms import MAML as MAMLConfig
from metagui.engine.algorithms.base import MetaGradient, inner_series, outer_series
from metagui.engine.algorithms.descent import DescentAdaptation
from metagui.engine.episode import EpisodeBatch
from metagui.engine.inner_loop import Bank, Boundary, descend, final_support_loss, no_boundary, query_pass


class MAML(DescentAdaptation):
    """Meta-gradient through the unrolled inner loop: d L_query(phi_K(theta)) / d theta."""

    def __init__(self, bank: Bank, config: MAMLConfig) -> None:
        super().__init__(bank, config.inner_lr)
        self.inner_steps = config.inner_steps

    def meta_gradient(self, theta: Tensor, batch: EpisodeBatch, boundary: Boundary = no_boundary) -> MetaGradient:
        start = theta.detach().expand(len(batch), -1).clone().requires_grad_()
        trajectory = descend(
            self.bank,
            start,
            batch.support,
            inner_lr=self.inner_lr,
            steps=self.inner_steps,
            differentiable=True,
            boundary=boundary,
        )
        query = query_pass(self.bank, trajectory.phi, batch.query, boundary)
        # Chain rule: the query gradient at phi, pulled back through the inner loop to every task's copy of theta.
        (gradients,) = torch.autograd.grad(trajectory.phi, start, query.gradient)
        support_loss = final_support_loss(self.bank, trajectory.phi, batch.support)
        return MetaGradient(gradients.mean(dim=0), outer_series(query) | inner_series(trajectory, support_loss))
