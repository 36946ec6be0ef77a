"""What an algorithm is: a way to adapt, and a meta-gradient for a batch of tasks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import torch
from torch import Tensor

from metagui.engine.bank import Boundary, FinalPass, Verdict, no_boundary
from metagui.engine.episode import EpisodeBatch, Examples


@dataclass(frozen=True, slots=True)
class MetaGradient:
    """What one meta-batch says.

    ``gradient`` [P] of the mean outer loss over the tasks; ``series``, the step's recorded values, 0-d tensors by
    name, each a mean over the tasks (so that parts of a batch can be joined) or a schedule's value; ``learned``, the
    gradient of the mean outer loss by each of the algorithm's own parameters.
    """

    gradient: Tensor
    series: dict[str, Tensor]
    learned: dict[str, Tensor] = field(default_factory=dict)


class Algorithm(Protocol):
    """One meta-learning algorithm over flat parameters theta [P]."""

    learned: Mapping[str, Tensor]
    """What is meta-learned besides theta (rates, log lambda), by name. The learner puts its own leaf tensors here,
    shaped like :meth:`initial_learned`, and steps them by the gradients in :attr:`MetaGradient.learned`."""

    def initial_learned(self) -> dict[str, Tensor]:
        """Where these start, on the CPU; empty for most algorithms. The learner brings them to its own type."""
        ...

    def adapt(self, theta: Tensor, support: Examples, steps: int) -> Iterator[Tensor]:
        """The inner loop without a graph, one step at a time: phi_0 .. phi_steps, each [T, P], from theta [P]."""
        ...

    def meta_gradient(
        self, theta: Tensor, batch: EpisodeBatch, *, step: int = 0, boundary: Boundary = no_boundary
    ) -> MetaGradient:
        """The gradient for the outer step after ``step`` completed meta-updates, and what is recorded of it.

        Parts of one meta-batch may be computed in several threads at once: it changes nothing that they share.
        """
        ...


def inner_series(losses: Sequence[Tensor], final_loss: Tensor) -> dict[str, Tensor]:
    """``inner_loss/k`` for k = 0..K, from each task's loss before each step and after the last, [T] each."""
    means = torch.stack([*losses, final_loss]).mean(dim=1)
    return {f"inner_loss/{k}": mean for k, mean in enumerate(means.unbind())}


def outer_series(query: Verdict) -> dict[str, Tensor]:
    """``outer_loss``, the tasks' query losses summed and divided once by their number, and ``outer_accuracy``."""
    series = {"outer_loss": query.losses.mean()}
    if query.accuracy is not None:
        series["outer_accuracy"] = query.accuracy.mean()
    return series


def descent_series(losses: Sequence[Tensor], final: FinalPass) -> dict[str, Tensor]:
    """Those of :func:`outer_series` and :func:`inner_series` for an inner loop with its final pass, in one mean."""
    means = torch.stack([*losses, final.support_losses, final.losses]).mean(dim=1).unbind()
    series = {"outer_loss": means[-1]}
    if final.accuracy is not None:
        series["outer_accuracy"] = final.accuracy.mean()
    return series | {f"inner_loss/{k}": mean for k, mean in enumerate(means[:-1])}


def watched_loss(series: Mapping[str, Tensor]) -> Tensor:
    """What tells whether training goes astray: ``outer_loss``; of a step without one the last ``inner_loss/k``, else
    the norm of the meta-gradient."""
    if "outer_loss" in series:
        return series["outer_loss"]
    inner = [int(name.removeprefix("inner_loss/")) for name in series if name.startswith("inner_loss/")]
    return series[f"inner_loss/{max(inner)}"] if inner else series["gradient_norm"]
