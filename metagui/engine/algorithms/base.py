"""What an algorithm is: a way to adapt, and a meta-gradient for a batch of tasks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from metagui.engine.episode import EpisodeBatch, Examples
from metagui.engine.inner_loop import Boundary, Trajectory, Verdict, no_boundary


@dataclass(frozen=True, slots=True)
class MetaGradient:
    """``gradient`` [P] of the mean outer loss over the batch, and the step's recorded values, 0-d tensors by series."""

    gradient: Tensor
    series: dict[str, Tensor]


class Algorithm(Protocol):
    """One meta-learning algorithm over flat parameters theta [P]."""

    def adapt(self, theta: Tensor, support: Examples, steps: int) -> list[Tensor]:
        """The inner loop without a graph: phi_0 .. phi_steps, each [T, P], from theta [P]."""
        ...

    def meta_gradient(self, theta: Tensor, batch: EpisodeBatch, boundary: Boundary = no_boundary) -> MetaGradient:
        """The gradient for the outer step and what is recorded of it."""
        ...


def accumulate(gradients: Tensor, query: Verdict, boundary: Boundary) -> tuple[Tensor, Tensor]:
    """Sum of the tasks' meta-gradients [T, P] and of their query losses, divided once by T: [P] and 0-d.

    Task by task and in order, so that stepping through it changes no bit.
    """
    total_gradient = torch.zeros_like(gradients[0])
    total_loss = torch.zeros_like(query.losses[0])
    for task in range(gradients.shape[0]):
        total_gradient += gradients[task]
        total_loss += query.losses[task]
        boundary("task", task)
    return total_gradient / gradients.shape[0], total_loss / gradients.shape[0]


def inner_series(trajectory: Trajectory, final_loss: Tensor) -> dict[str, Tensor]:
    """``inner_loss/k`` for k = 0..K."""
    losses = [*trajectory.losses, final_loss]
    return {f"inner_loss/{k}": loss for k, loss in enumerate(losses)}


def outer_series(loss: Tensor, query: Verdict) -> dict[str, Tensor]:
    """``outer_loss`` and, for labels, ``outer_accuracy``."""
    series = {"outer_loss": loss}
    if query.accuracy is not None:
        series["outer_accuracy"] = query.accuracy.mean()
    return series
