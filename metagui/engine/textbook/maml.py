"""MAML, one task at a time.

Finn, Abbeel and Levine, "Model-Agnostic Meta-Learning for Fast Adaptation of Deep Networks", 2017, algorithm 2.
"""

from __future__ import annotations

import torch
from torch import Tensor

from metagui.engine.episode import EpisodeBatch
from metagui.engine.losses import task_loss
from metagui.engine.models.base import Model, Parameters
from metagui.engine.textbook.inner_loop import adapted_parameters
from metagui.engine.textbook.results import MetaGradient


def outer_loss(
    model: Model, theta: Parameters, tasks: EpisodeBatch, inner_lr: float, inner_steps: int
) -> tuple[Tensor, Tensor]:
    """The query loss after adaptation, mean over the tasks, as a function of theta; and inner losses [T, K+1].

    The paper and the slides keep the sum over the tasks. It is divided once by their number here: under SGD the sum
    would multiply the outer step by the meta-batch size.
    """
    total, inner_losses = torch.zeros(()), []
    for task in tasks:  # maml:4 for all T_i do
        phi, losses = adapted_parameters(  # θ'_i, by lines 5 to 7
            model, theta, task.support, inner_lr, inner_steps, create_graph=True
        )
        outputs = model.forward(phi, task.query.inputs)  # maml:8 other examples D'_i of the same task
        total = total + task_loss(outputs, task.query.targets)  # maml:10 Σ L_Ti(f_θ'_i)
        inner_losses.append(losses)
    return total / len(tasks), torch.tensor(inner_losses, dtype=torch.float64)


def meta_gradient(
    model: Model, theta: Parameters, tasks: EpisodeBatch, inner_lr: float, inner_steps: int
) -> MetaGradient:
    """∇θ of the outer loss, through every inner step."""
    loss, inner_losses = outer_loss(model, theta, tasks, inner_lr, inner_steps)
    gradients = torch.autograd.grad(loss, list(theta.values()))  # maml:10 ∇θ Σ L_Ti(f_θ'_i)
    return MetaGradient(dict(zip(theta, gradients, strict=True)), loss.detach(), inner_losses)


def meta_step(
    model: Model,
    theta: Parameters,
    tasks: EpisodeBatch,
    inner_lr: float,
    inner_steps: int,
    optimizer: torch.optim.Optimizer,
) -> float:
    """Lines 4 to 10: one backward pass and one step of the outer optimizer, which moves ``theta`` in place.

    Returns the outer loss before the step.
    """
    loss, _ = outer_loss(model, theta, tasks, inner_lr, inner_steps)
    optimizer.zero_grad()
    loss.backward()  # maml:10 one backward pass for all tasks
    optimizer.step()  # maml:10 θ ← θ − β ∇θ Σ L_Ti(f_θ'_i)
    return loss.item()
