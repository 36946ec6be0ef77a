"""Meta-SGD and MAML++'s learned rates, one task at a time.

Li, Zhou, Chen and Li, "Meta-SGD: Learning to Learn Quickly for Few-Shot Learning", 2017, algorithm 1: a rate for each
parameter. Antoniou, Edwards and Storkey, "How to train your MAML", 2019, section 4: a rate for each layer and inner
step, the query loss after every step, and no second derivatives at first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from metagui.engine.episode import EpisodeBatch
from metagui.engine.losses import task_loss
from metagui.engine.models.base import Model, Parameters


@dataclass(frozen=True, slots=True)
class LearnedRates:
    """Of one meta-batch: ``theta``, the gradient by name; ``rates``, by inner step and name; ``outer_loss`` scalar."""

    theta: Parameters
    rates: list[Parameters]
    outer_loss: Tensor


def meta_gradient(
    model: Model,
    theta: Parameters,
    tasks: EpisodeBatch,
    rates: Sequence[Parameters],
    loss_weights: Sequence[float],
    second_order: bool = True,
) -> LearnedRates:
    """Gradients of the mean over the tasks of Σ_k w_k L_query(φ_k), φ_k = φ_{k-1} − α_k ∘ ∇L_support(φ_{k-1}).

    ``rates`` hold α_k by name, shaped like theta or broadcast to it, leaves; Meta-SGD passes the same K times. The
    ``loss_weights`` are w_1 .. w_K, (0, .., 0, 1) but for MAML++'s multi-step loss.
    """
    total = torch.zeros(())
    for task in tasks:
        phi = dict(theta)
        for alpha, weight in zip(rates, loss_weights, strict=True):
            inner_loss = task_loss(model.forward(phi, task.support.inputs), task.support.targets)
            gradients = torch.autograd.grad(inner_loss, list(phi.values()), create_graph=second_order)
            phi = {
                name: value - alpha[name] * gradient
                for (name, value), gradient in zip(phi.items(), gradients, strict=True)
            }
            total = total + weight * task_loss(model.forward(phi, task.query.inputs), task.query.targets)
    loss = total / len(tasks)
    leaves = [*theta.values(), *(value for alpha in rates for value in alpha.values())]
    gradients = torch.autograd.grad(loss, leaves)
    names, size = list(theta), len(theta)
    by_step = [
        dict(zip(names, gradients[start : start + size], strict=True)) for start in range(size, len(gradients), size)
    ]
    return LearnedRates(dict(zip(names, gradients[:size], strict=True)), by_step, loss.detach())
