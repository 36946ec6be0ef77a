"""ANIL and BOIL, one task at a time: MAML whose inner loop changes one half of the network.

Raghu, Raghu, Bengio and Vinyals, "Rapid Learning or Feature Reuse? Towards Understanding the Effectiveness of MAML",
2020, section 4 (ANIL: the last layer adapts). Oh, Yoo, Kim and Yun, "BOIL: Towards Representation Change for Few-shot
Learning", 2021, section 3 (BOIL: all but the last layer adapts).
"""

from __future__ import annotations

from collections.abc import Collection

import torch

from metagui.engine.episode import EpisodeBatch
from metagui.engine.losses import task_loss
from metagui.engine.models.base import Model, Parameters
from metagui.engine.textbook.results import MetaGradient


def head(model: Model) -> list[str]:
    """What ANIL adapts."""
    return list(model.head)


def body(model: Model) -> list[str]:
    """What BOIL adapts."""
    return [name for name in model.shapes if name not in model.head]


def meta_gradient(
    model: Model,
    theta: Parameters,
    tasks: EpisodeBatch,
    inner_lr: float,
    inner_steps: int,
    adapting: Collection[str],
) -> MetaGradient:
    """∇θ of the mean query loss, through inner steps that move the ``adapting`` parameters alone."""
    total, inner_losses = torch.zeros(()), []
    for task in tasks:
        phi, losses = dict(theta), []
        for _ in range(inner_steps):
            inner_loss = task_loss(model.forward(phi, task.support.inputs), task.support.targets)
            moving = [phi[name] for name in adapting]
            gradients = torch.autograd.grad(inner_loss, moving, create_graph=True)
            for name, gradient in zip(adapting, gradients, strict=True):
                phi[name] = phi[name] - inner_lr * gradient
            losses.append(inner_loss.item())
        losses.append(task_loss(model.forward(phi, task.support.inputs), task.support.targets).item())
        total = total + task_loss(model.forward(phi, task.query.inputs), task.query.targets)
        inner_losses.append(losses)
    loss = total / len(tasks)
    gradients = torch.autograd.grad(loss, list(theta.values()))
    return MetaGradient(
        dict(zip(theta, gradients, strict=True)), loss.detach(), torch.tensor(inner_losses, dtype=torch.float64)
    )
