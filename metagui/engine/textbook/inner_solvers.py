"""Two other ways to solve iMAML's inner problem than gradient descent, one task at a time.

Both return what :func:`metagui.engine.textbook.imaml.proximal_parameters` does; the implicit gradient does not care how
φ was found.
"""

from __future__ import annotations

import torch
from torch import Tensor

from metagui.engine.episode import Examples
from metagui.engine.losses import task_loss
from metagui.engine.models.base import Model, Parameters, ParameterSpace
from metagui.engine.textbook.conjugate_gradient import conjugate_gradient


class _Objective:
    """G(φ) = L(φ) + ½ (φ − θ)'Λ(φ − θ) of flat parameters φ [P]."""

    def __init__(self, model: Model, theta: Parameters, support: Examples, proximal_lambda: float | Tensor) -> None:
        self.model, self.support, self.proximal_lambda = model, support, proximal_lambda
        self.space = ParameterSpace(model.shapes)
        self.start = self.space.flatten(theta).detach()

    def loss(self, phi: Tensor) -> Tensor:
        return task_loss(self.model.forward(self.space.unflatten(phi), self.support.inputs), self.support.targets)

    def pull(self, phi: Tensor) -> Tensor:
        return (self.proximal_lambda / 2 * (phi - self.start).square()).sum()

    def solution(self, path: list[Tensor]) -> tuple[Parameters, list[float], list[float]]:
        """The end of the path by name, and L and the pull along it."""
        losses = [self.loss(phi).item() for phi in path]
        return self.space.unflatten(path[-1]), losses, [self.pull(phi).item() for phi in path]


def adam_parameters(
    model: Model,
    theta: Parameters,
    support: Examples,
    inner_lr: float,
    inner_steps: int,
    proximal_lambda: float | Tensor,
) -> tuple[Parameters, list[float], list[float]]:
    """φ after Adam's steps (Kingma and Ba, 2015, algorithm 1, with its default decay rates)."""
    objective = _Objective(model, theta, support, proximal_lambda)
    path = [objective.start]
    m = v = torch.zeros_like(objective.start)
    for t in range(1, inner_steps + 1):
        phi = path[-1].detach().requires_grad_()
        (g,) = torch.autograd.grad(objective.loss(phi) + objective.pull(phi), phi)
        m = 0.9 * m + (1 - 0.9) * g
        v = 0.999 * v + (1 - 0.999) * g.square()
        m_hat, v_hat = m / (1 - 0.9**t), v / (1 - 0.999**t)
        path.append(phi.detach() - inner_lr * m_hat / (v_hat.sqrt() + 1e-8))
    return objective.solution(path)


def hessian_free_parameters(
    model: Model,
    theta: Parameters,
    support: Examples,
    inner_lr: float,
    inner_steps: int,
    proximal_lambda: float | Tensor,
    cg_steps: int = 10,
    halvings: int = 8,
) -> tuple[Parameters, list[float], list[float]]:
    """φ after Newton steps: (H + Λ) d = −∇G by conjugate gradient, then the longest of d, d/2, d/4, ... that lowers G
    by at least 10⁻⁴ of what the slope promises (Martens, 2010). There is no rate: ``inner_lr`` is not used."""
    objective = _Objective(model, theta, support, proximal_lambda)
    path = [objective.start]
    for _ in range(inner_steps):
        phi = path[-1].detach().requires_grad_()
        before = objective.loss(phi) + objective.pull(phi)
        (g,) = torch.autograd.grad(before, phi, create_graph=True)

        def multiply(vector: Tensor, phi: Tensor = phi, g: Tensor = g) -> Tensor:
            (product,) = torch.autograd.grad(g @ vector, phi, retain_graph=True)
            return product

        gradient, here = g.detach(), phi.detach()
        d, _ = conjugate_gradient(multiply, -gradient, cg_steps, 0.0)
        if not d.any():  # negative curvature along the gradient itself
            d = -gradient
        step = torch.zeros_like(d)
        for length in (0.5**halving for halving in range(halvings + 1)):
            trial = here + length * d
            if objective.loss(trial) + objective.pull(trial) <= before + 1e-4 * length * (gradient @ d):
                step = length * d
                break
        path.append(here + step)
    return objective.solution(path)
