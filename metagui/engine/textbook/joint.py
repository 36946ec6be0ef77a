"""Joint pretraining, one task at a time: what meta-learning is compared with (Finn et al. 2017, section 5.1)."""

from __future__ import annotations

import torch
from torch import Tensor

from metagui.engine.episode import EpisodeBatch
from metagui.engine.losses import task_loss
from metagui.engine.models.base import Model, Parameters
from metagui.engine.textbook.reptile import support_and_query


def meta_gradient(model: Model, theta: Parameters, tasks: EpisodeBatch) -> tuple[Parameters, Tensor]:
    """∇θ of the mean loss over all examples of all tasks at θ itself, by name; and that loss."""
    total = torch.zeros(())
    for task in tasks:
        examples = support_and_query(task)
        total = total + task_loss(model.forward(theta, examples.inputs), examples.targets)
    loss = total / len(tasks)
    gradients = torch.autograd.grad(loss, list(theta.values()))
    return dict(zip(theta, gradients, strict=True)), loss.detach()
