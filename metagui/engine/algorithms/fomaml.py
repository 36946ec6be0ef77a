"""First-order MAML (Finn, Abbeel, Levine 2017, section 5.2), batched over tasks."""

from __future__ import annotations

from torch import Tensor

from metagui.engine.algorithms.base import MetaGradient, inner_series, outer_series
from metagui.engine.algorithms.descent import DescentAdaptation
from metagui.engine.bank import Boundary, no_boundary
from metagui.engine.episode import EpisodeBatch
from metagui.engine.inner_loop import descend, final_support_loss


class FOMAML(DescentAdaptation):
    """The query gradient at phi_K, as if phi did not depend on theta beyond the identity."""

    def meta_gradient(
        self, theta: Tensor, batch: EpisodeBatch, *, step: int = 0, boundary: Boundary = no_boundary
    ) -> MetaGradient:
        start = theta.detach().expand(len(batch), -1)
        descent = descend(self.bank, start, batch.support, self.rates(theta), boundary)
        query = self.bank.query_pass(descent.phi, batch, self.inner_steps, boundary)
        support_loss = final_support_loss(self.bank, descent.phi, batch.support, self.inner_steps)
        series = outer_series(query) | inner_series(descent.losses, support_loss)
        return MetaGradient(query.gradient.mean(dim=0), series)
