"""Prototypical networks, one task at a time.

Snell, Swersky and Zemel, "Prototypical Networks for Few-shot Learning", 2017, algorithm 1.
"""

from __future__ import annotations

import torch
from torch import Tensor

from metagui.engine.episode import EpisodeBatch, Examples
from metagui.engine.losses import task_loss
from metagui.engine.models.base import Model, Parameters


def embedded(model: Model, theta: Parameters, inputs: Tensor) -> Tensor:
    """f_φ(x): what all but the last layer make of inputs [n, *], [n, d]."""
    return model.features_bank({name: value[None] for name, value in theta.items()}, inputs[None])[0]


def prototypes(model: Model, theta: Parameters, support: Examples) -> Tensor:
    """c_k = 1/N_S Σ f_φ(x) over the support examples of class k, [ways, d]."""
    features = embedded(model, theta, support.inputs)
    return torch.stack([features[support.targets == k].mean(dim=0) for k in support.targets.unique()])


def meta_gradient(model: Model, theta: Parameters, tasks: EpisodeBatch) -> tuple[Parameters, Tensor]:
    """∇φ of −log softmax(−‖f_φ(x) − c_k‖²), mean over queries and tasks, by name (0 for the last layer); the loss."""
    total = torch.zeros(())
    for task in tasks:
        centres = prototypes(model, theta, task.support)
        queries = embedded(model, theta, task.query.inputs)
        distances = (queries[:, None] - centres[None]).square().sum(dim=-1)
        total = total + task_loss(-distances, task.query.targets)
    loss = total / len(tasks)
    body = {name: value for name, value in theta.items() if name not in model.head}
    gradients = torch.autograd.grad(loss, list(body.values()))
    zeros = {name: torch.zeros_like(value) for name, value in theta.items()}
    return zeros | dict(zip(body, gradients, strict=True)), loss.detach()
