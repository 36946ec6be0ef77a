"""iMAML in full: every solver against the textbook, against closed forms and against finite differences, in float64."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import pytest
import torch
from torch import Tensor

from metagui.config.algorithms import IMAML as Config
from metagui.engine.algorithms import MetaGradient
from metagui.engine.algorithms.imaml import IMAML
from metagui.engine.bank import Bank
from metagui.engine.episode import EpisodeBatch, Examples
from metagui.engine.implicit import Neumann, System
from metagui.engine.models import MLP, ParameterSpace
from metagui.engine.proximal.strength import LOG_LAMBDA
from metagui.engine.textbook import imaml as textbook
from metagui.engine.textbook.inner_solvers import adam_parameters, hessian_free_parameters
from metagui.engine.textbook.linear_solvers import exact_solution, neumann_series
from metagui.errors import InvalidValueError

DOUBLE = torch.float64
TASKS = 3


def sines(seed: int = 3) -> EpisodeBatch:
    random = torch.Generator().manual_seed(seed)

    def draw(examples: int) -> Examples:
        x = 4 * torch.rand(TASKS, examples, 1, generator=random, dtype=DOUBLE) - 2
        return Examples(x, torch.sin(x + torch.arange(TASKS, dtype=DOUBLE).view(-1, 1, 1)))

    return EpisodeBatch(draw(7), draw(9))


def plane(size: int = 30) -> EpisodeBatch:
    """Linear regression with more examples than weights: the support loss is a quadratic."""
    random = torch.Generator().manual_seed(4)
    scale = torch.linspace(0.3, 2.0, size, dtype=DOUBLE)

    def draw(examples: int) -> Examples:
        x = scale * torch.randn(TASKS, examples, size, generator=random, dtype=DOUBLE)
        return Examples(x, torch.randn(TASKS, examples, 1, generator=random, dtype=DOUBLE))

    return EpisodeBatch(draw(3 * size), draw(12))


SMOOTH = MLP(1, (6, 5), 1, "softplus")


def start_of(model: MLP) -> Tensor:
    space = ParameterSpace(model.shapes)
    return space.flatten(model.initial_parameters(torch.Generator().manual_seed(7))).to(DOUBLE)


def make(model: MLP, log_lambda: Tensor | None = None, **settings: Any) -> IMAML:
    algorithm = IMAML(Bank(model, ParameterSpace(model.shapes)), Config(**settings))
    algorithm.learned = {name: value.to(DOUBLE) for name, value in algorithm.initial_learned().items()}
    if log_lambda is not None:
        algorithm.learned = {LOG_LAMBDA: log_lambda}
    return algorithm


def relative(value: Tensor, truth: Tensor) -> float:
    return float((value - truth).norm() / truth.norm())


def hessians(model: MLP, phi: Tensor, support: Examples) -> Tensor:
    """[T, P, P], a column for each product with a unit vector."""
    at = Bank(model, ParameterSpace(model.shapes)).linearize(phi, support)
    columns = [at.product(unit.expand_as(phi)) for unit in torch.eye(phi.shape[1], dtype=phi.dtype)]
    return torch.stack(columns, dim=2)


# --- batched against the textbook ---------------------------------------------------------------------------------

INNER = {
    "gd": ({"inner_solver": "gd", "inner_lr": 0.05}, textbook.proximal_parameters),
    "adam": ({"inner_solver": "adam", "inner_lr": 0.05}, adam_parameters),
    "hessian_free": (
        {"inner_solver": "hessian_free", "newton_cg_steps": 4, "line_search_steps": 6},
        partial(hessian_free_parameters, cg_steps=4, halvings=6),
    ),
}
LINEAR = {
    "cg": ({"solver": "cg", "cg_steps": 4}, None),
    "neumann": ({"solver": "neumann", "neumann_steps": 7}, partial(neumann_series, terms=7)),
    "neumann-damped": (
        {"solver": "neumann", "neumann_steps": 7, "neumann_rate": 0.4},
        partial(neumann_series, terms=7, rate=0.4),
    ),
    "exact": ({"solver": "exact"}, exact_solution),
}
SIZES = {"scalar": [], "layer": [3], "element": [ParameterSpace(SMOOTH.shapes).size]}


def log_lambdas(shape: str, middle: float) -> Tensor:
    random = torch.Generator().manual_seed(8)
    return math.log(middle) + 0.4 * torch.randn(SIZES[shape], generator=random, dtype=DOUBLE)


def by_parameter(log_lambda: Tensor) -> Tensor:
    """Lambda [P] as the names of the parameters say."""
    if log_lambda.dim() == 0:
        return log_lambda.exp().expand(SIZES["element"])
    if log_lambda.numel() != 3:
        return log_lambda.exp()
    parts = [log_lambda[int(name[len("linear")])].exp().expand(shape.numel()) for name, shape in SMOOTH.shapes.items()]
    return torch.cat(parts)


def summed(values: Tensor, log_lambda: Tensor) -> Tensor:
    """A gradient by every parameter's log lambda [P], shaped like what is learned: the chain rule."""
    leaf = log_lambda.detach().requires_grad_()
    return torch.autograd.grad(by_parameter(leaf).log() @ values, leaf)[0]


@pytest.mark.parametrize("strength", [30.0, 2.0])
@pytest.mark.parametrize("shape", SIZES)
@pytest.mark.parametrize("linear", LINEAR)
@pytest.mark.parametrize("inner", INNER)
def test_that_every_variant_is_the_textbooks(inner: str, linear: str, shape: str, strength: float) -> None:
    inner_settings, solve_inner = INNER[inner]
    linear_settings, solve = LINEAR[linear]
    log_lambda = log_lambdas(shape, strength)
    settings = {"inner_steps": 4, "proximal_lambda": strength, "learn_lambda": True, "lambda_shape": shape}
    algorithm = make(SMOOTH, log_lambda, **settings, **inner_settings, **linear_settings)
    theta = start_of(SMOOTH)
    fast = algorithm.meta_gradient(theta, sines())
    slow = textbook.meta_gradient(
        SMOOTH,
        ParameterSpace(SMOOTH.shapes).unflatten(theta),
        sines(),
        0.05,
        4,
        by_parameter(log_lambda),
        cg_steps=4,
        solve_inner=solve_inner,
        solve=solve,
    )
    assert relative(fast.gradient, ParameterSpace(SMOOTH.shapes).flatten(slow.gradient)) <= 1e-9
    assert fast.learned[LOG_LAMBDA].shape == log_lambda.shape
    assert relative(fast.learned[LOG_LAMBDA], summed(slow.log_lambda_gradient, log_lambda)) <= 1e-8
    torch.testing.assert_close(fast.series["stationarity"], slow.stationarity.mean(), rtol=1e-7, atol=1e-12)
    pulls = torch.stack([fast.series[f"proximal/{k}"] for k in range(5)])
    torch.testing.assert_close(pulls, slow.proximal_losses.mean(dim=0), rtol=1e-8, atol=1e-14)
    residuals = [value for name, value in fast.series.items() if "_residual" in name]
    longest = max(map(len, slow.cg_residuals))
    padded = [[*task, *[task[-1]] * (longest - len(task))] for task in slow.cg_residuals]
    expected = torch.tensor(padded, dtype=DOUBLE).mean(dim=0)
    torch.testing.assert_close(torch.stack(residuals)[:longest], expected, rtol=1e-6, atol=1e-9)


# --- closed forms on quadratics -----------------------------------------------------------------------------------


def strength_for(hessian: Tensor, shape: Tensor, condition: float) -> Tensor:
    """The smallest multiple of ``shape`` [P] with which no H + Lambda has a larger condition number."""
    low, high = 1e-6, 1e6
    for _ in range(200):
        middle = math.sqrt(low * high)
        worst = float(torch.linalg.cond(hessian + torch.diag(middle * shape)).max())
        low, high = (middle, high) if worst > condition else (low, middle)
    return high * shape


@pytest.mark.parametrize(("condition", "cg_steps", "error"), [(4.0, 5, 1e-2), (50.0, 40, 1e-6)])
@pytest.mark.parametrize("elementwise", [False, True], ids=["H+lambda I", "H+Lambda"])
def test_that_cg_reaches_the_closed_form_on_quadratics(
    condition: float, cg_steps: int, error: float, elementwise: bool
) -> None:
    batch = plane()
    model = MLP(30, (), 1)
    theta = start_of(model)
    hessian = hessians(model, theta.expand(TASKS, -1), batch.support)
    spread = torch.linspace(1.0, 2.0, theta.numel(), dtype=DOUBLE) if elementwise else torch.ones_like(theta)
    strength = strength_for(hessian, spread, condition)
    assert float(torch.linalg.cond(hessian + torch.diag(strength)).max()) == pytest.approx(condition, rel=1e-3)

    # The exact inner solution, which one Newton step finds on a quadratic.
    algorithm = make(
        model,
        strength.log(),
        learn_lambda=True,
        lambda_shape="element",
        lambda_floor=1e-6,
        inner_solver="hessian_free",
        newton_cg_steps=200,
        inner_steps=2,
        cg_steps=cg_steps,
    )
    result = algorithm.meta_gradient(theta, batch)
    assert float(result.series["stationarity"]) <= 1e-10
    *_, phi = algorithm.adapt(theta, batch.support, 2)
    query = algorithm.bank.query_pass(phi, batch)
    x = torch.linalg.solve(hessian + torch.diag(strength), query.gradient)
    assert relative(result.gradient, (strength * x).mean(dim=0)) <= error
    truth = -((phi - theta) * strength * x).mean(dim=0)
    assert relative(result.learned[LOG_LAMBDA], truth) <= 5 * error


def test_that_the_exact_solver_is_the_closed_form() -> None:
    batch, model = sines(), SMOOTH
    algorithm = make(model, solver="exact", proximal_lambda=3.0, inner_lr=0.05, inner_steps=5)
    theta = start_of(model)
    *_, phi = algorithm.adapt(theta, batch.support, 5)
    matrix = hessians(model, phi, batch.support) + 3 * torch.eye(theta.numel(), dtype=DOUBLE)
    x = torch.linalg.solve(matrix, algorithm.bank.query_pass(phi, batch).gradient)
    result = algorithm.meta_gradient(theta, batch)
    assert relative(result.gradient, 3 * x.mean(dim=0)) <= 1e-10
    assert float(result.series["exact_residual"]) <= 1e-12


# --- learned lambda -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", SIZES)
def test_that_the_gradient_by_log_lambda_is_that_of_finite_differences_at_the_inner_solution(shape: str) -> None:
    batch, theta, at = sines(), start_of(SMOOTH), log_lambdas(shape, 1.0)
    algorithm = make(
        SMOOTH,
        at,
        learn_lambda=True,
        lambda_shape=shape,
        inner_solver="hessian_free",
        newton_cg_steps=100,
        inner_steps=12,
        solver="exact",
    )
    result = algorithm.meta_gradient(theta, batch)
    assert float(result.series["stationarity"]) <= 1e-9
    *_, solution = algorithm.adapt(theta, batch.support, 12)
    curvature = hessians(SMOOTH, solution, batch.support) + torch.diag(by_parameter(at))

    def query_loss(log_lambda: Tensor) -> float:
        """At the inner solution for this lambda, which is near: the curvature at the first one serves them all."""
        phi = solution
        for _ in range(12):
            gradient = algorithm.bank.slope(phi, batch.support).gradient + by_parameter(log_lambda) * (phi - theta)
            phi = phi - torch.linalg.solve(curvature, gradient)
        assert float(gradient.norm()) <= 1e-11
        return float(algorithm.bank.judge(phi, batch).losses.mean())

    checked = range(at.numel()) if at.numel() <= 3 else range(0, at.numel(), 9)
    step, flat = 1e-3, at.reshape(-1)
    for i in checked:
        unit = torch.zeros_like(flat)
        unit[i] = step
        losses = [query_loss((flat + k * unit).view_as(at)) for k in (-2, -1, 1, 2)]
        slope = (losses[0] - 8 * losses[1] + 8 * losses[2] - losses[3]) / (12 * step)
        assert float(result.learned[LOG_LAMBDA].reshape(-1)[i]) == pytest.approx(slope, rel=1e-6, abs=1e-10)


def test_that_a_learned_lambda_keeps_to_its_floor() -> None:
    algorithm = make(SMOOTH, torch.tensor(-20.0, dtype=DOUBLE), learn_lambda=True, lambda_floor=0.5)
    result = algorithm.meta_gradient(start_of(SMOOTH), sines())
    assert float(result.series["proximal_lambda"]) == 0.5
    assert float(result.learned[LOG_LAMBDA]) <= 0  # what would push further down is taken away


def test_that_lambdas_are_recorded_by_mean_and_extremes() -> None:
    at = log_lambdas("element", 2.0)
    series = make(SMOOTH, at, learn_lambda=True, lambda_shape="element").meta_gradient(start_of(SMOOTH), sines()).series
    values = at.exp()
    expected = {"": values.mean(), "_min": values.min(), "_max": values.max()}
    assert {end: float(series[f"proximal_lambda{end}"]) for end in expected} == pytest.approx(
        {end: float(value) for end, value in expected.items()}
    )


# --- solvers that fail, and say so --------------------------------------------------------------------------------


def curved(**settings: Any) -> tuple[IMAML, MetaGradient, float]:
    """On quadratics of largest curvature h = 1.5 lambda; the algorithm, what it found, and the error of that."""
    batch, model = plane(), MLP(30, (), 1)
    theta = start_of(model)
    hessian = hessians(model, theta.expand(TASKS, -1), batch.support)
    strength = float(torch.linalg.eigvalsh(hessian).max()) / 1.5
    common = {"proximal_lambda": strength, "inner_solver": "hessian_free", "newton_cg_steps": 200, "inner_steps": 2}
    algorithm = make(model, **common, **settings)
    result = algorithm.meta_gradient(theta, batch)
    truth = make(model, **common, solver="exact").meta_gradient(theta, batch)
    return algorithm, result, relative(result.gradient, truth.gradient)


def test_that_a_neumann_series_beyond_lambda_is_stopped_and_told_with_lambda_and_curvature() -> None:
    algorithm, result, _ = curved(solver="neumann", neumann_steps=60)
    series = {name: float(value) for name, value in result.series.items()}
    series["proximal_lambda"] = algorithm.proximal_lambda
    assert series["neumann_diverged"] > 0
    assert bool(torch.isfinite(result.gradient).all())
    sentence = algorithm.concern(series)
    assert f"λ is {algorithm.proximal_lambda:.4g}" in sentence
    estimate = series["neumann_curvature"] / series["neumann_diverged"]
    assert 1.0 < estimate <= 1.5 + 1e-9
    assert f"curvature of their support loss is about {estimate * algorithm.proximal_lambda:.3g}" in sentence
    assert "Use conjugate gradient or a damped step" in sentence


def test_that_no_damped_step_is_advised_where_negative_curvature_stops_a_neumann_series() -> None:
    right_side = torch.ones(2, 3, dtype=torch.float64)
    for curvature, advice in ((3.0, "or a damped step"), (-3.0, "or a larger λ")):
        solver = Neumann(terms=10)
        answer = solver.solve(System(lambda x, h=curvature: h * x, 1.0), right_side)
        values = {name: float(value) for name, value in answer.series.items()} | {"proximal_lambda": 1.0}
        assert values["neumann_curvature"] == pytest.approx(3.0)
        assert advice in solver.concern(values)


def test_that_a_damped_neumann_series_converges_where_the_plain_one_does_not() -> None:
    _, result, error = curved(solver="neumann", neumann_steps=60, neumann_rate=0.6)
    assert float(result.series["neumann_diverged"]) == 0
    assert error <= 1e-6
    residuals = [float(result.series[f"neumann_residual/{i}"]) for i in range(61)]
    assert residuals[0] == pytest.approx(1.0)
    assert residuals[-1] <= 1e-6


def test_that_one_neumann_term_is_the_first_order_gradient() -> None:
    algorithm = make(SMOOTH, solver="neumann", neumann_steps=1, proximal_lambda=5.0, inner_lr=0.05, inner_steps=3)
    theta = start_of(SMOOTH)
    *_, phi = algorithm.adapt(theta, sines().support, 3)
    truth = algorithm.bank.query_pass(phi, sines()).gradient.mean(dim=0)
    assert relative(algorithm.meta_gradient(theta, sines()).gradient, truth) <= 1e-12


def test_that_tasks_of_negative_curvature_are_counted() -> None:
    weak = make(SMOOTH, proximal_lambda=1e-3, inner_lr=0.01, inner_steps=1, cg_steps=30)
    strong = make(SMOOTH, proximal_lambda=50.0, inner_lr=0.01, inner_steps=1)
    theta = start_of(SMOOTH)
    assert float(weak.meta_gradient(theta, sines()).series["cg_guarded"]) > 0
    assert float(strong.meta_gradient(theta, sines()).series["cg_guarded"]) == 0


def test_that_hessian_free_comes_closer_to_the_solution_than_descent() -> None:
    theta = start_of(SMOOTH)
    reached = {
        name: float(make(SMOOTH, **INNER[name][0], inner_steps=16).meta_gradient(theta, sines()).series["stationarity"])
        for name in INNER
    }
    assert reached["hessian_free"] < 1e-3 < reached["gd"]


def test_that_an_exact_solution_of_a_large_network_is_refused_by_name() -> None:
    large = MLP(1, (60, 60), 1)
    with pytest.raises(InvalidValueError, match=r"algorithm\.solver: .* at most 2,000 parameters; this one has 3,841"):
        make(large, solver="exact")
