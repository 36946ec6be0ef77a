"""First-order MAML, one task at a time.

Finn, Abbeel and Levine, 2017, section 5.2: algorithm 2 without second derivatives. Nichol, Achiam and Schulman, "On
First-Order Meta-Learning Algorithms", 2018, section 2: the Jacobian of θ' by θ is taken to be the identity.
"""

from __future__ import annotations

import torch

from metagui.engine.episode import EpisodeBatch
from metagui.engine.losses import task_loss
from metagui.engine.models.base import Model, Parameters
from metagui.engine.textbook.inner_loop import adapted_parameters
from metagui.engine.textbook.optimizer_steps import outer_step_with_grad
from metagui.engine.textbook.results import MetaGradient


def meta_gradient(
    model: Model, theta: Parameters, tasks: EpisodeBatch, inner_lr: float, inner_steps: int
) -> MetaGradient:
    """The query gradient of each task at its own adapted parameters, mean over the tasks."""
    gradient = {name: torch.zeros_like(value) for name, value in theta.items()}
    query_losses, inner_losses = [], []
    for task in tasks:  # fomaml:4 for all T_i do
        phi, losses = adapted_parameters(  # θ'_i, by lines 5 to 7; the steps taken count as constants
            model, theta, task.support, inner_lr, inner_steps, create_graph=False
        )
        query_loss = task_loss(model.forward(phi, task.query.inputs), task.query.targets)  # fomaml:8
        query_gradients = torch.autograd.grad(query_loss, list(phi.values()))  # fomaml:8 at θ'_i
        for name, query_gradient in zip(phi, query_gradients, strict=True):
            gradient[name] += query_gradient / len(tasks)  # fomaml:10 the sum, as a mean
        query_losses.append(query_loss.detach())
        inner_losses.append(losses)
    return MetaGradient(gradient, torch.stack(query_losses).mean(), torch.tensor(inner_losses, dtype=torch.float64))


def meta_step(
    model: Model,
    theta: Parameters,
    tasks: EpisodeBatch,
    inner_lr: float,
    inner_steps: int,
    optimizer: torch.optim.Optimizer,
) -> float:
    """Lines 4 to 10: moves ``theta`` in place; returns the outer loss before the step."""
    result = meta_gradient(model, theta, tasks, inner_lr, inner_steps)
    outer_step_with_grad(optimizer, theta, list(result.gradient.values()))  # fomaml:10 θ ← θ − β g
    return result.outer_loss.item()
