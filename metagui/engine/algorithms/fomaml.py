"""First-order MAML (Finn, Abbeel, Levine 2017, section 5.2), batched over tasks."""

from __future__ import annotations

from torch import Tensor

from metagui.engine.algorithms.base import MetaGradient, descent_series
from metagui.engine.algorithms.descent import DescentAdaptation
from metagui.engine.bank import Boundary, no_boundary
from metagui.engine.episode import EpisodeBatch
from metagui.engine.inner_loop import descend


class FOMAML(DescentAdaptation):
    """The query gradient at phi_K, as if phi did not depend on theta beyond the identity."""

    def meta_gradient(
        self, theta: Tensor, batch: EpisodeBatch, *, step: int = 0, boundary: Boundary = no_boundary
    ) -> MetaGradient:
        start = theta.detach().expand(len(batch), -1)
        descent = descend(self.bank, start, batch.support, self.rates(theta), boundary)
        final = self.bank.final_pass(descent.phi, batch, self.inner_steps, boundary)
        return MetaGradient(final.gradient.mean(dim=0), descent_series(descent.losses, final))
