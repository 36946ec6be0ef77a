"""The textbook against what needs no trust: finite differences, closed forms, definitions. All in float64."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import pytest
import torch
from torch import Tensor

from metagui.engine.episode import Episode, EpisodeBatch, Examples
from metagui.engine.losses import task_loss
from metagui.engine.models import MLP, Parameters, ParameterSpace
from metagui.engine.textbook import adapted_parameters, fomaml, imaml, maml, reptile

DOUBLE = torch.float64


def sinusoids(n_tasks: int = 3, n_support: int = 6, n_query: int = 7) -> EpisodeBatch:
    random = torch.Generator().manual_seed(5)

    def uniform(low: float, high: float, *shape: int) -> Tensor:
        return low + (high - low) * torch.rand(shape, generator=random, dtype=DOUBLE)

    amplitude, phase = uniform(0.5, 2, n_tasks, 1, 1), uniform(0, math.pi, n_tasks, 1, 1)
    support, query = uniform(-3, 3, n_tasks, n_support, 1), uniform(-3, 3, n_tasks, n_query, 1)
    return EpisodeBatch(
        Examples(support, amplitude * torch.sin(support + phase)), Examples(query, amplitude * torch.sin(query + phase))
    )


def clouds(n_tasks: int = 3, n_examples: int = 9, n_way: int = 3) -> EpisodeBatch:
    random = torch.Generator().manual_seed(6)
    centres = torch.randn(n_tasks, n_way, 2, generator=random, dtype=DOUBLE)
    labels = torch.arange(n_examples).remainder(n_way).expand(n_tasks, n_examples)

    def draw() -> Examples:
        noise = 0.3 * torch.randn(n_tasks, n_examples, 2, generator=random, dtype=DOUBLE)
        return Examples(torch.stack([c[y] for c, y in zip(centres, labels, strict=True)]) + noise, labels)

    return EpisodeBatch(draw(), draw())


BATCHES = {"sinusoids": sinusoids, "clouds": clouds}
Problem = tuple[MLP, Parameters, EpisodeBatch]


def make_problem(name: str, activation: str = "softplus", hidden: tuple[int, ...] = (6, 5)) -> Problem:
    batch = BATCHES[name]()
    output_size = 3 if batch.query.is_labelled else 1
    model = MLP(batch.support.inputs.shape[-1], hidden, output_size, activation)
    initial = model.initial_parameters(torch.Generator().manual_seed(7))
    return model, {name: value.to(DOUBLE).requires_grad_() for name, value in initial.items()}, batch


def finite_differences(function: Callable[[Tensor], float], at: Tensor, step: float = 1e-3) -> Tensor:
    """Gradient [P] by the central five-point rule, whose error falls with step to the fourth."""
    gradient = torch.empty_like(at)
    for i in range(len(at)):
        unit = torch.zeros_like(at)
        unit[i] = step
        near = function(at + unit) - function(at - unit)
        far = function(at + 2 * unit) - function(at - 2 * unit)
        gradient[i] = (8 * near - far) / (12 * step)
    return gradient


def relative_error(value: Tensor, truth: Tensor) -> float:
    return float((value - truth).norm() / truth.norm())


def query_loss(model: MLP | Line, phi: Mapping[str, Tensor], task: Episode) -> Tensor:
    return task_loss(model.forward(phi, task.query.inputs), task.query.targets)


def hessian(function: Callable[[Tensor], Tensor], at: Tensor) -> Tensor:
    """Second derivatives [P, P], row by row."""
    matrix = torch.autograd.functional.hessian(function, at)
    assert isinstance(matrix, Tensor)
    return matrix


# --- MAML --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("inner_steps", [1, 3])
@pytest.mark.parametrize("activation", ["softplus", "tanh"])
@pytest.mark.parametrize("name", BATCHES)
def test_that_maml_is_the_derivative_of_its_outer_loss(name: str, activation: str, inner_steps: int) -> None:
    model, theta, batch = make_problem(name, activation)
    space = ParameterSpace(model.shapes)
    result = maml.meta_gradient(model, theta, batch, inner_lr=0.1, inner_steps=inner_steps)

    def outer_loss(vector: Tensor) -> float:
        parameters = {name: value.clone().requires_grad_() for name, value in space.unflatten(vector).items()}
        return maml.outer_loss(model, parameters, batch, 0.1, inner_steps)[0].item()

    truth = finite_differences(outer_loss, space.flatten(theta).detach())
    assert relative_error(space.flatten(result.gradient), truth) < 1e-8
    first_order = fomaml.meta_gradient(model, theta, batch, inner_lr=0.1, inner_steps=inner_steps)
    assert relative_error(space.flatten(first_order.gradient), truth) > 1e-3  # the rule can tell the two apart


@pytest.mark.parametrize("name", BATCHES)
def test_that_the_outer_loss_is_the_mean_over_tasks_of_the_query_loss_after_adaptation(name: str) -> None:
    model, theta, batch = make_problem(name)
    losses = []
    for task in batch:
        phi, _ = adapted_parameters(model, theta, task.support, inner_lr=0.1, inner_steps=2, create_graph=False)
        losses.append(query_loss(model, phi, task))
    for algorithm in (maml, fomaml):
        result = algorithm.meta_gradient(model, theta, batch, inner_lr=0.1, inner_steps=2)
        torch.testing.assert_close(result.outer_loss, torch.stack(losses).mean().detach())


def test_that_the_inner_losses_are_those_of_each_task_before_and_after_every_step() -> None:
    model, theta, batch = make_problem("clouds")
    result = maml.meta_gradient(model, theta, batch, inner_lr=0.1, inner_steps=3)
    assert result.inner_losses.shape == (3, 4)
    for number, task in enumerate(batch):
        for k in range(4):
            phi, _ = adapted_parameters(model, theta, task.support, inner_lr=0.1, inner_steps=k, create_graph=False)
            loss = task_loss(model.forward(phi, task.support.inputs), task.support.targets)
            torch.testing.assert_close(result.inner_losses[number, k], loss.detach())
    assert bool((result.inner_losses[:, 1:] < result.inner_losses[:, :-1]).all())


def test_that_an_inner_step_descends_along_the_finite_difference_gradient() -> None:
    model, theta, batch = make_problem("sinusoids")
    space, task = ParameterSpace(model.shapes), batch[0]
    phi, _ = adapted_parameters(model, theta, task.support, inner_lr=0.1, inner_steps=1, create_graph=False)
    start = space.flatten(theta).detach()

    def support_loss(vector: Tensor) -> float:
        return task_loss(model.forward(space.unflatten(vector), task.support.inputs), task.support.targets).item()

    expected = start - 0.1 * finite_differences(support_loss, start)
    torch.testing.assert_close(space.flatten(phi).detach(), expected, rtol=0, atol=1e-9)


# --- FOMAML and Reptile ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", BATCHES)
def test_that_fomaml_is_the_query_gradient_at_the_adapted_parameters(name: str) -> None:
    model, theta, batch = make_problem(name)
    space = ParameterSpace(model.shapes)
    result = fomaml.meta_gradient(model, theta, batch, inner_lr=0.1, inner_steps=3)
    truths = []
    for task in batch:
        phi, _ = adapted_parameters(model, theta, task.support, inner_lr=0.1, inner_steps=3, create_graph=False)

        def at(vector: Tensor, task: Episode = task) -> float:
            return query_loss(model, space.unflatten(vector), task).item()

        truths.append(finite_differences(at, space.flatten(phi).detach()))
    assert relative_error(space.flatten(result.gradient), torch.stack(truths).mean(dim=0)) < 1e-9


def test_that_fomaml_is_what_maml_becomes_when_the_inner_steps_count_as_constants() -> None:
    model, theta, batch = make_problem("sinusoids")
    total = torch.zeros((), dtype=DOUBLE)
    for task in batch:
        phi, _ = adapted_parameters(model, theta, task.support, inner_lr=0.1, inner_steps=3, create_graph=False)
        total = total + query_loss(model, phi, task)
    gradients = torch.autograd.grad(total / len(batch), list(theta.values()))
    result = fomaml.meta_gradient(model, theta, batch, inner_lr=0.1, inner_steps=3)
    for name, gradient in zip(theta, gradients, strict=True):
        torch.testing.assert_close(result.gradient[name], gradient)


@pytest.mark.parametrize("training_set", [reptile.support_and_query, reptile.support_alone])
def test_that_reptile_is_theta_minus_phi(training_set: Callable[[Episode], Examples]) -> None:
    model, theta, batch = make_problem("clouds")
    result = reptile.meta_gradient(model, theta, batch, inner_lr=0.1, inner_steps=3, training_set=training_set)
    differences = []
    for task in batch:
        examples = training_set(task)
        assert len(examples.targets) == (18 if training_set is reptile.support_and_query else 9)
        phi, _ = adapted_parameters(model, theta, examples, inner_lr=0.1, inner_steps=3, create_graph=False)
        differences.append({name: theta[name] - phi[name] for name in theta})
    for name in theta:
        mean = torch.stack([difference[name] for difference in differences]).mean(dim=0)
        torch.testing.assert_close(result.gradient[name], mean.detach())


def test_that_one_step_of_reptile_is_the_inner_rate_times_the_gradient() -> None:
    model, theta, batch = make_problem("sinusoids")
    result = reptile.meta_gradient(model, theta, batch, inner_lr=0.1, inner_steps=1, training_set=reptile.support_alone)
    loss = torch.stack([task_loss(model.forward(theta, t.support.inputs), t.support.targets) for t in batch]).mean()
    for name, gradient in zip(theta, torch.autograd.grad(loss, list(theta.values())), strict=True):
        torch.testing.assert_close(result.gradient[name], 0.1 * gradient)


# --- iMAML -------------------------------------------------------------------------------------------------------

LAM = 2.0


class InnerProblem:
    """argmin G(φ) = L(φ) + λ/2·‖φ − θ‖² of one task, solved near one ``theta`` to ‖∇G‖ <= 1e-12."""

    def __init__(self, model: MLP | Line, task: Episode, theta: Tensor) -> None:
        self.model, self.task, self.space = model, task, ParameterSpace(model.shapes)
        self.solution = theta
        for _ in range(10):  # Newton's method
            self.curvature = hessian(self.support_loss, self.solution) + LAM * torch.eye(len(theta), dtype=DOUBLE)
            self.solution = self.solution - torch.linalg.solve(self.curvature, self.gradient(self.solution, theta))

    def support_loss(self, phi: Tensor) -> Tensor:
        outputs = self.model.forward(self.space.unflatten(phi), self.task.support.inputs)
        return task_loss(outputs, self.task.support.targets)

    def gradient(self, phi: Tensor, theta: Tensor) -> Tensor:
        phi = phi.detach().requires_grad_()
        return torch.autograd.grad(self.support_loss(phi), phi)[0] + LAM * (phi.detach() - theta)

    def solve(self, theta: Tensor) -> Parameters:
        """φ* by name, for this theta; the curvature of the first solution serves them all."""
        phi = self.solution
        for _ in range(30):
            gradient = self.gradient(phi, theta)
            if gradient.norm() <= 1e-12:
                return self.space.unflatten(phi)
            phi = phi - torch.linalg.solve(self.curvature, gradient)
        raise AssertionError(f"the inner problem is not solved: gradient {gradient.norm():g}")


@pytest.mark.parametrize("activation", ["softplus", "tanh"])
@pytest.mark.parametrize("name", BATCHES)
def test_that_imaml_is_the_derivative_of_the_query_loss_at_the_inner_solution(name: str, activation: str) -> None:
    model, theta, batch = make_problem(name, activation, hidden=(5,))
    space = ParameterSpace(model.shapes)
    result = imaml.meta_gradient(
        model, theta, batch, inner_lr=0.1, inner_steps=400, proximal_lambda=LAM, cg_steps=100, cg_tolerance=1e-12
    )
    assert float(result.stationarity.max()) <= 1e-10
    assert max(residuals[-1] for residuals in result.cg_residuals) <= 1e-12

    start = space.flatten(theta).detach()
    problems = [InnerProblem(model, task, start) for task in batch]

    def outer_loss(vector: Tensor) -> float:
        losses = [query_loss(model, problem.solve(vector), problem.task).item() for problem in problems]
        return sum(losses) / len(losses)

    truth = finite_differences(outer_loss, start)
    assert result.outer_loss.item() == pytest.approx(outer_loss(start), rel=1e-9)
    assert relative_error(space.flatten(result.gradient), truth) < 1e-8
    first_order = imaml.meta_gradient(model, theta, batch, 0.1, 400, LAM, cg_steps=1)
    assert relative_error(space.flatten(first_order.gradient), truth) > 1e-3  # one CG step is not enough, and it shows


def test_that_the_proximal_term_holds_in_every_inner_step() -> None:
    model, theta, batch = make_problem("sinusoids")
    space, task = ParameterSpace(model.shapes), batch[0]
    phi, inner_losses, proximal_losses = imaml.proximal_parameters(model, theta, task.support, 0.05, 3, LAM)
    start = space.flatten(theta).detach()
    expected = start.clone()
    for k in range(4):
        vector = expected.clone().requires_grad_()
        loss = task_loss(model.forward(space.unflatten(vector), task.support.inputs), task.support.targets)
        assert inner_losses[k] == pytest.approx(loss.item(), rel=1e-12)
        assert proximal_losses[k] == pytest.approx(float(LAM / 2 * (expected - start).square().sum()), rel=1e-12)
        if k < 3:
            expected = expected - 0.05 * (torch.autograd.grad(loss, vector)[0] + LAM * (expected - start))
    assert proximal_losses[1] > 0
    torch.testing.assert_close(space.flatten(phi).detach(), expected, rtol=1e-12, atol=0)


def test_that_damping_shifts_the_diagonal_that_is_solved() -> None:
    model, theta, batch = make_problem("sinusoids", hidden=(5,))
    space, task = ParameterSpace(model.shapes), batch[0]
    start = space.flatten(theta).detach()
    phi = InnerProblem(model, task, start).solve(start)
    gradient, _, _ = imaml.implicit_gradient(model, phi, task, LAM, cg_steps=100, cg_tolerance=1e-12, cg_damping=0.5)

    def support_loss(vector: Tensor) -> Tensor:
        return task_loss(model.forward(space.unflatten(vector), task.support.inputs), task.support.targets)

    at = space.flatten(phi)
    matrix = hessian(support_loss, at) + (LAM + 0.5) * torch.eye(space.size, dtype=DOUBLE)
    v = torch.func.grad(lambda vector: query_loss(model, space.unflatten(vector), task))(at)
    torch.testing.assert_close(gradient, LAM * torch.linalg.solve(matrix, v), rtol=1e-9, atol=1e-12)


# --- closed forms on quadratics ----------------------------------------------------------------------------------


class Line:
    """outputs = X w: with the squared error every loss is quadratic, with H = 2 X'X / n."""

    norm_mode = "none"
    query_task_by_task = False

    def __init__(self, size: int) -> None:
        self.shapes = {"weight": torch.Size([size, 1])}

    def initial_parameters(self, random: torch.Generator) -> Parameters:
        return {"weight": torch.randn(self.shapes["weight"], generator=random)}

    def forward(self, parameters: Mapping[str, Tensor], inputs: Tensor) -> Tensor:
        return inputs @ parameters["weight"]

    def forward_bank(self, parameters: Mapping[str, Tensor], inputs: Tensor) -> Tensor:
        return inputs @ parameters["weight"]


def make_quadratic(size: int = 4, n_tasks: int = 3) -> tuple[Line, Parameters, EpisodeBatch]:
    random = torch.Generator().manual_seed(8)

    def draw(*shape: int) -> Tensor:
        return torch.randn(shape, generator=random, dtype=DOUBLE)

    batch = EpisodeBatch(
        Examples(draw(n_tasks, 9, size), draw(n_tasks, 9, 1)), Examples(draw(n_tasks, 8, size), draw(n_tasks, 8, 1))
    )
    model = Line(size)
    return model, {"weight": draw(size, 1).requires_grad_()}, batch


def quadratic(examples: Examples) -> tuple[Tensor, Tensor]:
    """H and c of the loss ½ w'Hw − c'w + constant, whose gradient is Hw − c."""
    n = len(examples.targets)
    return 2 / n * examples.inputs.T @ examples.inputs, 2 / n * examples.inputs.T @ examples.targets


def test_that_maml_on_quadratics_is_the_closed_form() -> None:
    model, theta, batch = make_quadratic()
    steps, rate, w = 3, 0.1, theta["weight"].detach()
    result = maml.meta_gradient(model, theta, batch, rate, steps)
    truth = torch.zeros_like(w)
    for task in batch:
        (h, c), (query_h, query_c) = quadratic(task.support), quadratic(task.query)
        optimum = torch.linalg.solve(h, c)
        contraction = torch.linalg.matrix_power(torch.eye(4, dtype=DOUBLE) - rate * h, steps)
        phi = optimum + contraction @ (w - optimum)
        truth += contraction @ (query_h @ phi - query_c) / len(batch)
    torch.testing.assert_close(result.gradient["weight"], truth, rtol=1e-12, atol=1e-12)


def test_that_imaml_on_quadratics_is_the_closed_form() -> None:
    model, theta, batch = make_quadratic()
    w, identity = theta["weight"].detach(), torch.eye(4, dtype=DOUBLE)
    result = imaml.meta_gradient(model, theta, batch, 0.1, 400, LAM, cg_steps=4, cg_tolerance=0.0)
    truth = torch.zeros_like(w)
    for task in batch:
        (h, c), (query_h, query_c) = quadratic(task.support), quadratic(task.query)
        phi = torch.linalg.solve(h + LAM * identity, c + LAM * w)
        v = query_h @ phi - query_c
        truth += torch.linalg.solve(identity + h / LAM, v) / len(batch)
    torch.testing.assert_close(result.gradient["weight"], truth, rtol=1e-11, atol=1e-12)


def test_that_imaml_depends_on_the_solution_and_not_on_the_path_to_it() -> None:
    model, theta, batch = make_quadratic()
    slow = imaml.meta_gradient(model, theta, batch, 0.05, 1000, LAM, cg_steps=4)
    fast = imaml.meta_gradient(model, theta, batch, 0.2, 300, LAM, cg_steps=4)
    torch.testing.assert_close(slow.gradient["weight"], fast.gradient["weight"], rtol=1e-10, atol=1e-12)


def test_that_a_strong_pull_makes_imaml_the_query_gradient_at_theta() -> None:
    model, theta, batch = make_quadratic()
    result = imaml.meta_gradient(model, theta, batch, 1e-7, 10, proximal_lambda=1e6, cg_steps=10, cg_tolerance=1e-12)
    loss = torch.stack([query_loss(model, theta, task) for task in batch]).mean()
    (truth,) = torch.autograd.grad(loss, list(theta.values()))
    assert relative_error(result.gradient["weight"], truth) < 1e-4
