"""Gradient descent on the support set, for all tasks of a bank at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from metagui.engine.episode import Examples
from metagui.engine.losses import bank_accuracy, bank_loss, task_loss
from metagui.engine.models.base import Model, ParameterSpace
from metagui.events import StepUnit

Boundary = Callable[[StepUnit | None, int], None]
"""Called after every inner step and every task with its number; may block (pause) or raise (stop).

With None instead of a unit it may raise but not block: long work between two boundaries calls it so that a stop need
not wait.
"""


def no_boundary(unit: StepUnit | None, index: int) -> None:
    """Train without stopping anywhere."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Each task's query loss [T], and accuracy [T] or None."""

    losses: Tensor
    accuracy: Tensor | None


@dataclass(frozen=True, slots=True)
class QueryPass(Verdict):
    """A verdict with the gradient of each task's query loss at its adapted parameters, [T, P]."""

    gradient: Tensor


@dataclass(frozen=True, slots=True)
class Bank:
    """A model and the flat layout of its parameters: turns vectors [T, P] into losses [T]."""

    model: Model
    space: ParameterSpace

    def outputs(self, phi: Tensor, inputs: Tensor) -> Tensor:
        """phi [T, P], inputs [T, n, *] -> [T, n, o]."""
        return self.model.forward_bank(self.space.unflatten(phi), inputs)

    def losses(self, phi: Tensor, examples: Examples) -> Tensor:
        """Mean loss of each task, [T]."""
        return bank_loss(self.outputs(phi, examples.inputs), examples.targets)

    @torch.no_grad()
    def judge(self, phi: Tensor, query: Examples) -> Verdict:
        """Query loss and accuracy of each task, without gradients."""
        if self.model.query_task_by_task:
            parts = [
                self.model.forward(self.space.unflatten(one), inputs)
                for one, inputs in zip(phi, query.inputs, strict=True)
            ]
            outputs = torch.stack(parts)
        else:
            outputs = self.outputs(phi, query.inputs)
        return Verdict(bank_loss(outputs, query.targets), accuracy_of(outputs, query))


@dataclass(frozen=True, slots=True)
class Trajectory:
    """Where the inner loop ended, ``phi`` [T, P], and the mean loss before each step, 0-d each."""

    phi: Tensor
    losses: list[Tensor]


def gradient_step(
    bank: Bank,
    phi: Tensor,
    theta: Tensor,
    support: Examples,
    *,
    inner_lr: float,
    proximal_lambda: float = 0.0,
    differentiable: bool = False,
) -> tuple[Tensor, Tensor]:
    """phi - alpha * grad[L_support(phi) + lambda/2 |phi - theta|^2], [T, P], and the losses L_support(phi), [T].

    With ``differentiable`` the result remembers how it came from phi (MAML); otherwise the step is cut off.
    """
    if not differentiable:
        phi = phi.detach().requires_grad_()
    losses = bank.losses(phi, support)
    # The tasks are independent: the gradient of the sum is each task's own gradient.
    (gradient,) = torch.autograd.grad(losses.sum(), phi, create_graph=differentiable)
    if not differentiable:
        phi = phi.detach()
    if proximal_lambda:
        gradient = gradient + proximal_lambda * (phi - theta)
    return phi - inner_lr * gradient, losses.detach()


def descend(
    bank: Bank,
    theta: Tensor,
    support: Examples,
    *,
    inner_lr: float,
    steps: int,
    proximal_lambda: float = 0.0,
    differentiable: bool = False,
    boundary: Boundary = no_boundary,
    visit: Callable[[Tensor], None] | None = None,
) -> Trajectory:
    """``steps`` gradient steps from phi = theta [T, P]; ``visit`` sees phi after each."""
    phi = theta
    losses = []
    for k in range(steps):
        phi, loss = gradient_step(
            bank,
            phi,
            theta,
            support,
            inner_lr=inner_lr,
            proximal_lambda=proximal_lambda,
            differentiable=differentiable,
        )
        losses.append(loss.mean())
        if visit is not None:
            visit(phi)
        boundary("inner_step", k)
    return Trajectory(phi, losses)


@torch.no_grad()
def final_support_loss(bank: Bank, phi: Tensor, support: Examples) -> Tensor:
    """Mean support loss after the last step, 0-d."""
    return bank.losses(phi, support).mean()


def query_pass(bank: Bank, phi: Tensor, query: Examples, boundary: Boundary = no_boundary) -> QueryPass:
    """Query losses and their gradients at ``phi`` [T, P], whose graph is not followed; each task ends at a boundary."""
    tasks = range(phi.shape[0])
    if bank.model.query_task_by_task:
        parts = []
        for task in tasks:
            parts.append(_one_query_pass(bank, phi[task], query, task))
            boundary("task", task)
        losses, gradient, outputs = (torch.stack(column) for column in zip(*parts, strict=True))
    else:
        phi = phi.detach().requires_grad_()
        outputs = bank.outputs(phi, query.inputs)
        losses = bank_loss(outputs, query.targets)
        (gradient,) = torch.autograd.grad(losses.sum(), phi)
        for task in tasks:  # computed together: fully connected networks are far faster that way
            boundary("task", task)
    return QueryPass(losses.detach(), accuracy_of(outputs.detach(), query), gradient)


def _one_query_pass(bank: Bank, phi: Tensor, query: Examples, task: int) -> tuple[Tensor, Tensor, Tensor]:
    phi = phi.detach().requires_grad_()
    outputs = bank.model.forward(bank.space.unflatten(phi), query.inputs[task])
    loss = task_loss(outputs, query.targets[task])
    (gradient,) = torch.autograd.grad(loss, phi)
    return loss.detach(), gradient, outputs.detach()


def accuracy_of(outputs: Tensor, examples: Examples) -> Tensor | None:
    """Accuracy of each task [T]; None where targets are no labels."""
    return bank_accuracy(outputs, examples.targets) if examples.is_labelled else None
