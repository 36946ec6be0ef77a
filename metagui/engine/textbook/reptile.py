"""Reptile, one task at a time.

Nichol, Achiam and Schulman, "On First-Order Meta-Learning Algorithms", 2018, algorithm 1 in its batch version
(section 3). Their φ, the initial parameters, is theta here, and their adapted φ̃ is phi.
"""

from __future__ import annotations

from collections.abc import Callable

import torch

from metagui.engine.episode import Episode, EpisodeBatch, Examples
from metagui.engine.losses import task_loss
from metagui.engine.models.base import Model, Parameters
from metagui.engine.textbook.inner_loop import adapted_parameters
from metagui.engine.textbook.optimizer_steps import move_toward_target
from metagui.engine.textbook.results import MetaGradient


def support_and_query(task: Episode) -> Examples:
    """All examples of a task: Reptile needs no query set of its own."""
    return Examples(
        torch.cat([task.support.inputs, task.query.inputs]), torch.cat([task.support.targets, task.query.targets])
    )


def support_alone(task: Episode) -> Examples:
    """The support examples of a task; its query set stays unseen."""
    return task.support


def meta_gradient(
    model: Model,
    theta: Parameters,
    tasks: EpisodeBatch,
    inner_lr: float,
    inner_steps: int,
    training_set: Callable[[Episode], Examples] = support_and_query,
) -> MetaGradient:
    """θ − φ, mean over the tasks: no gradient of a loss, but used as one.

    The inner losses are those of the examples trained on; the outer loss, that of the query set, is for the eye alone.
    """
    gradient = {name: torch.zeros_like(value) for name, value in theta.items()}
    query_losses, inner_losses = [], []
    for task in tasks:  # reptile:4 for each task
        phi, losses = adapted_parameters(  # reptile:4 φ̃_i = U^k_τi(φ): k steps of SGD
            model, theta, training_set(task), inner_lr, inner_steps, create_graph=False
        )
        for name in theta:
            gradient[name] += (theta[name] - phi[name]).detach() / len(tasks)  # reptile:5 1/n Σ (φ − φ̃_i)
        with torch.no_grad():
            query_losses.append(task_loss(model.forward(phi, task.query.inputs), task.query.targets))
        inner_losses.append(losses)
    return MetaGradient(gradient, torch.stack(query_losses).mean(), torch.tensor(inner_losses, dtype=torch.float64))


def meta_step(
    model: Model,
    theta: Parameters,
    tasks: EpisodeBatch,
    inner_lr: float,
    inner_steps: int,
    optimizer: torch.optim.Optimizer,
    training_set: Callable[[Episode], Examples] = support_and_query,
) -> float:
    """φ ← φ + ε/n Σ (φ̃_i − φ), as a pull towards the mean of the adapted parameters; moves ``theta`` in place.

    With plain SGD its rate is ε: hence λ = 1. Returns the outer loss before the step.
    """
    result = meta_gradient(model, theta, tasks, inner_lr, inner_steps, training_set)
    target = {name: value.detach() - result.gradient[name] for name, value in theta.items()}
    move_toward_target(theta, target, optimizer, lam=1.0)  # reptile:5 φ ← φ + ε (target − φ)
    return result.outer_loss.item()
