"""What every textbook meta-gradient returns, so that algorithms, tests and walk-through can be compared."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from metagui.engine.models.base import Parameters


@dataclass(frozen=True, slots=True)
class MetaGradient:
    """The mean over the tasks of a meta-batch.

    ``gradient`` by name, shaped like theta: what the outer optimizer descends along; ``outer_loss`` scalar, the query
    loss after the last inner step; ``inner_losses`` [T, K+1], the support loss of each task at inner step k = 0..K.
    """

    gradient: Parameters
    outer_loss: Tensor
    inner_losses: Tensor


@dataclass(frozen=True, slots=True)
class ImplicitMetaGradient(MetaGradient):
    """iMAML's, with what says whether to believe it.

    ``proximal_losses`` [T, K+1], λ/2·‖φ_k − θ‖²; ``stationarity`` [T], ‖∇G(φ)‖ after the last inner step (0 at the
    solution); ``cg_residuals``, one tuple a task: ‖v − A x_i‖/‖v‖ after CG iteration i = 0, 1, ... until it stopped;
    ``log_lambda_gradient`` [P], by the logarithm of each parameter's own λ: a λ that several share has their sum.
    """

    proximal_losses: Tensor
    stationarity: Tensor
    cg_residuals: tuple[tuple[float, ...], ...]
    log_lambda_gradient: Tensor
