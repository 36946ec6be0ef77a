"""iMAML (Rajeswaran, Finn, Kakade, Levine 2019, algorithms 1 and 2), batched over tasks."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from metagui.config.algorithms import IMAML as IMAMLConfig
from metagui.engine.algorithms.base import MetaGradient, inner_series, outer_series
from metagui.engine.algorithms.descent import inner_path
from metagui.engine.episode import EpisodeBatch, Examples
from metagui.engine.implicit import SupportCurvature, conjugate_gradient
from metagui.engine.inner_loop import Bank, Boundary, descend, no_boundary, query_pass


class IMAML:
    """Meta-gradient of the proximal inner problem's solution, without unrolling the path to it.

    phi* minimises L_support(phi) + lambda/2 |phi - theta|^2; the meta-gradient solves (I + H/lambda) g = v with
    v = grad L_query(phi*). We solve the equivalent symmetric (H + lambda I) x = v and return g = lambda x.
    """

    def __init__(self, bank: Bank, config: IMAMLConfig) -> None:
        self.bank = bank
        self.inner_lr = config.inner_lr
        self.inner_steps = config.inner_steps
        self.proximal_lambda = config.proximal_lambda
        self.cg_steps = config.cg_steps
        self.cg_tolerance = config.cg_tolerance
        self.cg_damping = config.cg_damping

    def adapt(self, theta: Tensor, support: Examples, steps: int) -> Iterator[Tensor]:
        """phi_0 .. phi_steps of gradient descent on the proximal objective, each [T, P]."""
        return inner_path(
            self.bank,
            theta,
            support,
            inner_lr=self.inner_lr,
            steps=steps,
            proximal_lambda=self.proximal_lambda,
        )

    def meta_gradient(self, theta: Tensor, batch: EpisodeBatch, boundary: Boundary = no_boundary) -> MetaGradient:
        start = theta.detach().expand(len(batch), -1)
        pulls = [start.new_zeros(())]
        trajectory = descend(
            self.bank,
            start,
            batch.support,
            inner_lr=self.inner_lr,
            steps=self.inner_steps,
            proximal_lambda=self.proximal_lambda,
            boundary=boundary,
            visit=lambda phi: pulls.append(self._pull(phi, start)),
        )
        phi = trajectory.phi.detach()
        query = query_pass(self.bank, phi, batch.query, boundary)

        curvature = SupportCurvature(self.bank, phi, batch.support)
        shift = self.proximal_lambda + self.cg_damping

        def product(vectors: Tensor) -> Tensor:
            boundary(None, 0)
            return curvature.product(vectors) + shift * vectors

        solution = conjugate_gradient(
            product,
            query.gradient,
            iterations=self.cg_steps,
            tolerance=self.cg_tolerance,
            curvature_floor=shift / 2,  # below, H + lambda I is nearly singular: the step would be huge
        )
        gradient = self.proximal_lambda * solution.x.mean(dim=0)

        stationarity = (curvature.gradient + self.proximal_lambda * (phi - start)).norm(dim=1)
        series = outer_series(query) | inner_series(trajectory, curvature.losses.mean())
        series |= {f"proximal/{k}": pull for k, pull in enumerate(pulls)}
        series |= {"stationarity": stationarity.mean()}
        series |= {f"cg_residual/{i}": residual.mean() for i, residual in enumerate(solution.residuals)}
        return MetaGradient(gradient, series)

    def _pull(self, phi: Tensor, theta: Tensor) -> Tensor:
        """lambda/2 |phi - theta|^2, mean over the tasks."""
        with torch.no_grad():
            return 0.5 * self.proximal_lambda * (phi - theta).square().sum(dim=1).mean()
