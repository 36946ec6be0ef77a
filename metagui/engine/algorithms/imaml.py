"""iMAML (Rajeswaran, Finn, Kakade, Levine 2019, algorithms 1 and 2), batched over tasks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from torch import Tensor

from metagui.config.algorithms import IMAML as IMAMLConfig
from metagui.engine.algorithms.base import MetaGradient, inner_series, outer_series
from metagui.engine.bank import Bank, Boundary, no_boundary
from metagui.engine.episode import EpisodeBatch, Examples
from metagui.engine.implicit import conjugate_gradient


class IMAML:
    """Meta-gradient of the proximal inner problem's solution, without unrolling the path to it.

    phi* minimises G(phi) = L_support(phi) + lambda/2 |phi - theta|^2; the meta-gradient solves (I + H/lambda) g = v
    with v = grad L_query(phi*). We solve the equivalent symmetric (H + lambda I) x = v and return g = lambda x.
    """

    def __init__(self, bank: Bank, config: IMAMLConfig) -> None:
        self.bank = bank
        self.inner_lr = config.inner_lr
        self.inner_steps = config.inner_steps
        self.proximal_lambda = config.proximal_lambda
        self.cg_steps = config.cg_steps
        self.cg_tolerance = config.cg_tolerance
        self.cg_damping = config.cg_damping
        self.learned: Mapping[str, Tensor] = {}

    def initial_learned(self) -> dict[str, Tensor]:
        return {}

    def adapt(self, theta: Tensor, support: Examples, steps: int) -> Iterator[Tensor]:
        """phi_0 .. phi_steps of gradient descent on the proximal objective, each [T, P]."""
        start = phi = theta.detach().expand(support.inputs.shape[0], -1)
        yield phi
        for k in range(steps):
            phi, _ = self._proximal_step(phi, start, support, k)
            yield phi

    def meta_gradient(
        self, theta: Tensor, batch: EpisodeBatch, *, step: int = 0, boundary: Boundary = no_boundary
    ) -> MetaGradient:
        start = phi = theta.detach().expand(len(batch), -1)
        losses, pulls = [], [start.new_zeros(())]
        for k in range(self.inner_steps):
            phi, loss = self._proximal_step(phi, start, batch.support, k)
            losses.append(loss)
            pulls.append(self._pull(phi, start))
            boundary("inner_step", k)
        query = self.bank.query_pass(phi, batch, self.inner_steps, boundary)

        at_solution = self.bank.linearize(phi, batch.support, self.inner_steps)
        shift = self.proximal_lambda + self.cg_damping

        def product(vectors: Tensor) -> Tensor:
            boundary(None, 0)
            return at_solution.product(vectors) + shift * vectors

        solution = conjugate_gradient(
            product,
            query.gradient,
            iterations=self.cg_steps,
            tolerance=self.cg_tolerance,
            curvature_floor=shift / 2,  # below, H + lambda I is nearly singular: the step would be huge
        )
        gradient = self.proximal_lambda * solution.x.mean(dim=0)

        stationarity = (at_solution.gradient + self.proximal_lambda * (phi - start)).norm(dim=1)
        series = outer_series(query) | inner_series(losses, at_solution.losses)
        series |= {f"proximal/{k}": pull for k, pull in enumerate(pulls)}
        series |= {"stationarity": stationarity.mean()}
        series |= {f"cg_residual/{i}": residual.mean() for i, residual in enumerate(solution.residuals)}
        return MetaGradient(gradient, series)

    def _proximal_step(self, phi: Tensor, theta: Tensor, support: Examples, k: int) -> tuple[Tensor, Tensor]:
        """phi - alpha grad G(phi), [T, P], and the support losses L(phi), [T]."""
        slope = self.bank.slope(phi, support, k)
        return phi - self.inner_lr * (slope.gradient + self.proximal_lambda * (phi - theta)), slope.losses

    def _pull(self, phi: Tensor, theta: Tensor) -> Tensor:
        """lambda/2 |phi - theta|^2, mean over the tasks."""
        return 0.5 * self.proximal_lambda * (phi - theta).square().sum(dim=1).mean()
