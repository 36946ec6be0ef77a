"""iMAML (Rajeswaran, Finn, Kakade, Levine 2019, algorithms 1 and 2), batched over tasks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import torch
from torch import Tensor

from metagui.config.algorithms import IMAML as IMAMLConfig
from metagui.config.algorithms.imaml import EXACT_LIMIT, exact_refusal
from metagui.engine.algorithms.base import MetaGradient, inner_series, outer_series
from metagui.engine.bank import Bank, Boundary, no_boundary
from metagui.engine.episode import EpisodeBatch, Examples
from metagui.engine.implicit import ConjugateGradient, Exact, LinearSolver, Neumann, System
from metagui.engine.proximal import Adam, GradientDescent, HessianFree, InnerSolver, ProximalProblem
from metagui.engine.proximal.strength import LOG_LAMBDA, LearnedStrength
from metagui.errors import InvalidValueError


class IMAML:
    """Meta-gradient of the proximal inner problem's solution, without unrolling the path to it.

    phi* minimises G(phi) = L_support(phi) + 1/2 (phi - theta)' Lambda (phi - theta). With H the Hessian of L_support at
    phi* and v = grad L_query(phi*), the symmetric (H + Lambda) x = v is solved; g = Lambda x is the meta-gradient, and
    -(phi* - theta) * g the gradient by log Lambda. Lambda is lambda I unless it is learned.

    Raises InvalidValueError where an exact solution is asked for and the network is too large.
    """

    def __init__(self, bank: Bank, config: IMAMLConfig) -> None:
        if config.solver == "exact" and bank.space.size > EXACT_LIMIT:
            raise InvalidValueError("algorithm.solver", exact_refusal(bank.space.size))
        self.bank = bank
        self.inner_steps = config.inner_steps
        self.proximal_lambda = config.proximal_lambda
        self.strength = (
            LearnedStrength(bank.space, config.lambda_shape, config.proximal_lambda, config.lambda_floor)
            if config.learn_lambda
            else None
        )
        self.inner_solver = inner_solver(config)
        self.linear_solver = linear_solver(config)
        self.learned: Mapping[str, Tensor] = {}

    @property
    def alarm(self) -> str:
        return self.linear_solver.alarm

    def concern(self, values: Mapping[str, float]) -> str:
        """What a person should know of a step with these series; asked where :attr:`alarm` is above 0."""
        return self.linear_solver.concern(values)

    def initial_learned(self) -> dict[str, Tensor]:
        return {LOG_LAMBDA: self.strength.initial_log()} if self.strength else {}

    def adapt(self, theta: Tensor, support: Examples, steps: int) -> Iterator[Tensor]:
        """phi_0 .. phi_steps of the inner solver, each [T, P]."""
        problem = self.problem(theta, support)
        yield problem.start
        for phi, _ in self.inner_solver.steps(problem, steps):
            yield phi

    def meta_gradient(
        self, theta: Tensor, batch: EpisodeBatch, *, step: int = 0, boundary: Boundary = no_boundary
    ) -> MetaGradient:
        problem = self.problem(theta, batch.support)
        phi, losses, pulls = problem.start, [], [problem.start.new_zeros(())]
        for k, (phi, loss) in enumerate(self.inner_solver.steps(problem, self.inner_steps)):
            losses.append(loss)
            pulls.append(problem.pull(phi).mean())
            boundary("inner_step", k)
        query = self.bank.query_pass(phi, batch, self.inner_steps, boundary)
        at_solution = self.bank.linearize(phi, batch.support, self.inner_steps)

        def hessian(vectors: Tensor) -> Tensor:
            boundary(None, 0)
            return at_solution.product(vectors)

        answer = self.linear_solver.solve(System(hessian, problem.strength), query.gradient)
        gradient = problem.strength * answer.x.mean(dim=0)

        stationarity = (at_solution.gradient + problem.pull_gradient(phi)).norm(dim=1)
        series = outer_series(query) | inner_series(losses, at_solution.losses)
        series |= {f"proximal/{k}": pull for k, pull in enumerate(pulls)}
        series |= {"stationarity": stationarity.mean()} | answer.series
        if self.strength is None:
            return MetaGradient(gradient, series)
        log_lambda = self.learned[LOG_LAMBDA]
        by_parameter = -problem.strength * ((phi - problem.start) * answer.x).mean(dim=0)
        by_log = self.strength.gradient(by_parameter, log_lambda)
        return MetaGradient(gradient, series | self.strength.series(log_lambda), {LOG_LAMBDA: by_log})

    def problem(self, theta: Tensor, support: Examples) -> ProximalProblem:
        """The inner problem of each task, from theta [P]."""
        start = theta.detach().expand(support.inputs.shape[0], -1)
        return ProximalProblem(self.bank, start, support, self.current_strength())

    @torch.no_grad()
    def current_strength(self) -> float | Tensor:
        """Lambda as it is now: a number, or [] or [P]."""
        return self.strength.of(self.learned[LOG_LAMBDA]) if self.strength else self.proximal_lambda


def inner_solver(config: IMAMLConfig) -> InnerSolver:
    """What solves the inner problem."""
    match config.inner_solver:
        case "gd":
            return GradientDescent(config.inner_lr)
        case "adam":
            return Adam(config.inner_lr)
        case "hessian_free":
            return HessianFree(config.newton_cg_steps, config.line_search_steps)


def linear_solver(config: IMAMLConfig) -> LinearSolver:
    """What solves the system of the implicit gradient."""
    match config.solver:
        case "cg":
            return ConjugateGradient(config.cg_steps, config.cg_tolerance, config.cg_damping)
        case "neumann":
            return Neumann(config.neumann_steps, config.neumann_rate)
        case "exact":
            return Exact()
