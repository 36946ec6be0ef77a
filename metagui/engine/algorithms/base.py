"""What an algorithm is: a way to adapt, and a meta-gradient for a batch of tasks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

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

    def adapt(self, theta: Tensor, support: Examples, steps: int) -> Iterator[Tensor]:
        """The inner loop without a graph, one step at a time: phi_0 .. phi_steps, each [T, P], from theta [P]."""
        ...

    def meta_gradient(self, theta: Tensor, batch: EpisodeBatch, boundary: Boundary = no_boundary) -> MetaGradient:
        """The gradient for the outer step and what is recorded of it."""
        ...


def inner_series(trajectory: Trajectory, final_loss: Tensor) -> dict[str, Tensor]:
    """``inner_loss/k`` for k = 0..K."""
    losses = [*trajectory.losses, final_loss]
    return {f"inner_loss/{k}": loss for k, loss in enumerate(losses)}


def outer_series(query: Verdict) -> dict[str, Tensor]:
    """``outer_loss``, the tasks' query losses summed and divided once by their number, and ``outer_accuracy``."""
    series = {"outer_loss": query.losses.mean()}
    if query.accuracy is not None:
        series["outer_accuracy"] = query.accuracy.mean()
    return series
