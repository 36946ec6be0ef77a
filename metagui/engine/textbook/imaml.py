"""iMAML, one task at a time.

Rajeswaran, Finn, Kakade and Levine, "Meta-Learning with Implicit Gradients", 2019, algorithms 1 and 2. λ is one number
or, as a vector [P], one for each parameter, in the order of the model's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from metagui.engine.episode import Episode, EpisodeBatch, Examples
from metagui.engine.losses import task_loss
from metagui.engine.models.base import Model, Parameters, ParameterSpace
from metagui.engine.textbook.conjugate_gradient import conjugate_gradient
from metagui.engine.textbook.optimizer_steps import outer_step_with_grad
from metagui.engine.textbook.results import ImplicitMetaGradient

Lambda = float | Tensor
InnerSolution = tuple[Parameters, list[float], list[float]]
InnerSolver = Callable[[Model, Parameters, Examples, float, int, Lambda], InnerSolution]
LinearSolver = Callable[[Callable[[Tensor], Tensor], Tensor, Lambda], tuple[Tensor, tuple[float, ...]]]


def proximal_parameters(
    model: Model, theta: Parameters, support: Examples, inner_lr: float, inner_steps: int, proximal_lambda: Lambda
) -> InnerSolution:
    """φ after ``inner_steps`` gradient steps from ``theta`` on G(φ) = L(φ) + λ/2·‖φ − θ‖², L being the support loss.

    Also L and λ/2·‖φ − θ‖² at inner step k = 0..K (K + 1 numbers each). φ does not remember how it came from theta:
    the implicit gradient needs the solution alone, not the path to it.
    """
    phi, inner_losses, proximal_losses = _leaves(theta), [], []
    for _ in range(inner_steps):
        inner_loss = task_loss(model.forward(phi, support.inputs), support.targets)  # implicit_gradient:3 L(φ) ...
        proximal_loss = _proximal_loss(phi, theta, proximal_lambda)  # implicit_gradient:3 + λ/2·‖φ − θ‖²
        gradients = torch.autograd.grad(inner_loss + proximal_loss, list(phi.values()))  # implicit_gradient:3 ∇G(φ)
        phi = _leaves({name: p - inner_lr * g for (name, p), g in zip(phi.items(), gradients, strict=True)})
        inner_losses.append(inner_loss.item())
        proximal_losses.append(proximal_loss.item())
    inner_losses.append(task_loss(model.forward(phi, support.inputs), support.targets).item())  # for the plots alone
    proximal_losses.append(_proximal_loss(phi, theta, proximal_lambda).item())
    return phi, inner_losses, proximal_losses


def implicit_gradient(
    model: Model,
    phi: Parameters,
    task: Episode,
    proximal_lambda: Lambda,
    cg_steps: int,
    cg_tolerance: float = 1e-10,
    cg_damping: float = 0.0,
    solve: LinearSolver | None = None,
) -> tuple[Tensor, Tensor, tuple[float, ...]]:
    """g = (I + H/λ)⁻¹ v [P] with H of the support loss at ``phi``; the query loss; the residuals of its solution.

    The meta-gradient of a task where ``phi`` solves the inner problem (lemma 1). We solve (H + λI) x = v and return
    g = λx: the same g, and a symmetric matrix still when λ is one number a parameter. ``cg_damping`` is added to the
    diagonal. ``solve`` takes the place of conjugate gradient where it is given.
    """
    phi = _leaves(phi)
    parameters = [phi[name] for name in model.shapes]

    query_loss = task_loss(model.forward(phi, task.query.inputs), task.query.targets)
    v = _flat(torch.autograd.grad(query_loss, parameters))  # implicit_gradient:4 v = ∇φ L_query(φ)

    inner_loss = task_loss(model.forward(phi, task.support.inputs), task.support.targets)
    inner_gradient = _flat(torch.autograd.grad(inner_loss, parameters, create_graph=True))

    def multiply(vector: Tensor) -> Tensor:
        product = _flat(torch.autograd.grad(inner_gradient @ vector, parameters, retain_graph=True))  # H·x = ∇(∇L·x)
        return product + (proximal_lambda + cg_damping) * vector

    # Lemma 1 needs H + λI to be positive definite; where H takes most of λ away, a step would be huge.
    curvature_floor = (proximal_lambda + cg_damping) / 2
    if solve is None:
        x, residuals = conjugate_gradient(multiply, v, cg_steps, cg_tolerance, curvature_floor)  # implicit_gradient:5
    else:
        x, residuals = solve(multiply, v, proximal_lambda)
    return proximal_lambda * x, query_loss.detach(), residuals  # implicit_gradient:6


def log_lambda_gradient(theta: Parameters, phi: Parameters, gradient: Tensor) -> Tensor:
    """−(φ − θ)·g [P]: how the query loss at the solution follows the logarithm of each parameter's λ.

    Where λ changes by dλ, stationarity moves the solution by dφ = −(H + Λ)⁻¹ (φ − θ) dλ, and v·dφ = −(φ − θ)·x dλ; with
    g = λx and dλ = λ d(log λ) the λ cancels. Steps in log λ keep λ positive.
    """
    pull = _flat([phi[name].detach() - theta[name].detach() for name in theta])
    return -pull * gradient


def stationarity(
    model: Model, theta: Parameters, phi: Parameters, support: Examples, proximal_lambda: Lambda
) -> Tensor:
    """‖∇G(φ)‖, 0-d: how far ``phi`` is from solving the inner problem, which line 3 bounds by δ."""
    phi = _leaves(phi)
    inner_loss = task_loss(model.forward(phi, support.inputs), support.targets)
    proximal_loss = _proximal_loss(phi, theta, proximal_lambda)
    gradient = _flat(torch.autograd.grad(inner_loss + proximal_loss, list(phi.values())))
    return gradient.square().sum().sqrt()


def meta_gradient(
    model: Model,
    theta: Parameters,
    tasks: EpisodeBatch,
    inner_lr: float,
    inner_steps: int,
    proximal_lambda: Lambda,
    cg_steps: int,
    cg_tolerance: float = 1e-10,
    cg_damping: float = 0.0,
    solve_inner: InnerSolver = proximal_parameters,
    solve: LinearSolver | None = None,
) -> ImplicitMetaGradient:
    """Algorithm 1, lines 4 to 7: the implicit gradients of the tasks, averaged; and those by log λ."""
    space = ParameterSpace(model.shapes)
    gradients, query_losses, distances, residuals = [], [], [], []
    inner_losses, proximal_losses, by_log_lambda = [], [], []
    for task in tasks:  # imaml:4 for each task T_i do
        phi, inner, proximal = solve_inner(  # implicit_gradient:3 φ_i near the solution
            model, theta, task.support, inner_lr, inner_steps, proximal_lambda
        )
        gradient, query_loss, residual = implicit_gradient(  # imaml:5 g_i, by lines 4 to 6 of algorithm 2
            model, phi, task, proximal_lambda, cg_steps, cg_tolerance, cg_damping, solve
        )
        gradients.append(gradient)
        by_log_lambda.append(log_lambda_gradient(theta, phi, gradient))
        query_losses.append(query_loss)
        distances.append(stationarity(model, theta, phi, task.support, proximal_lambda))
        residuals.append(residual)
        inner_losses.append(inner)
        proximal_losses.append(proximal)
    average = torch.stack(gradients).mean(dim=0)  # imaml:7 ∇F(θ) = 1/B Σ g_i
    return ImplicitMetaGradient(
        gradient=space.unflatten(average),
        outer_loss=torch.stack(query_losses).mean(),
        inner_losses=torch.tensor(inner_losses, dtype=torch.float64),
        proximal_losses=torch.tensor(proximal_losses, dtype=torch.float64),
        stationarity=torch.stack(distances),
        cg_residuals=tuple(residuals),
        log_lambda_gradient=torch.stack(by_log_lambda).mean(dim=0),
    )


def meta_step(
    model: Model,
    theta: Parameters,
    tasks: EpisodeBatch,
    inner_lr: float,
    inner_steps: int,
    proximal_lambda: Lambda,
    cg_steps: int,
    optimizer: torch.optim.Optimizer,
) -> float:
    """Algorithm 1, lines 4 to 8: moves ``theta`` in place; returns the outer loss before the step."""
    result = meta_gradient(model, theta, tasks, inner_lr, inner_steps, proximal_lambda, cg_steps)
    vector = ParameterSpace({name: value.shape for name, value in theta.items()}).flatten(result.gradient)
    outer_step_with_grad(optimizer, theta, vector, flat_grad=True)  # imaml:8 θ ← θ − η ∇F(θ), or Adam
    return result.outer_loss.item()


def _proximal_loss(phi: Parameters, theta: Parameters, proximal_lambda: Lambda) -> Tensor:
    pull = _flat([phi[name] - theta[name].detach() for name in theta])
    return (proximal_lambda / 2 * pull.square()).sum()


def _leaves(parameters: Parameters) -> Parameters:
    return {name: value.detach().requires_grad_() for name, value in parameters.items()}


def _flat(tensors: Sequence[Tensor]) -> Tensor:
    return torch.cat([tensor.flatten() for tensor in tensors])
