"""First-order MAML (Finn, Abbeel, Levine 2017, section 5.2), batched over tasks."""

from __future__ import annotations

from torch import Tensor

from metagui.config.algorithms import FOMAML as FOMAMLConfig
from metagui.engine.algorithms.base import MetaGradient, inner_series, outer_series
from metagui.engine.algorithms.descent import DescentAdaptation
from metagui.engine.episode import EpisodeBatch
from metagui.engine.inner_loop import Bank, Boundary, descend, final_support_loss, no_boundary, query_pass


class FOMAML(DescentAdaptation):
    """The query gradient at phi_K, as if phi did not depend on theta beyond the identity."""

    def __init__(self, bank: Bank, config: FOMAMLConfig) -> None:
        super().__init__(bank, config.inner_lr)
        self.inner_steps = config.inner_steps

    def meta_gradient(self, theta: Tensor, batch: EpisodeBatch, boundary: Boundary = no_boundary) -> MetaGradient:
        start = theta.detach().expand(len(batch), -1)
        trajectory = descend(
            self.bank, start, batch.support, inner_lr=self.inner_lr, steps=self.inner_steps, boundary=boundary
        )
        query = query_pass(self.bank, trajectory.phi, batch.query, boundary)
        support_loss = final_support_loss(self.bank, trajectory.phi, batch.support)
        return MetaGradient(query.gradient.mean(dim=0), outer_series(query) | inner_series(trajectory, support_loss))
