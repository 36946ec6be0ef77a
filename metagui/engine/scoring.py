"""Adapting to tasks and judging every inner step: what validation, evaluation and benchmarks count with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from metagui.engine.episode import EpisodeBatch
from metagui.engine.learner import MetaLearner
from metagui.engine.tasks.base import Split

CHUNK = 25
"""Tasks adapted at once: keeps the memory of a long evaluation flat."""


@dataclass(frozen=True, slots=True)
class Scores:
    """Query loss and, for labels, accuracy of each task before and after every inner step: [K + 1, T], float64."""

    losses: npt.NDArray[np.float64]
    accuracies: npt.NDArray[np.float64] | None

    @property
    def metric(self) -> str:
        return "mse" if self.accuracies is None else "accuracy"

    @property
    def n_lost(self) -> int:
        """Tasks whose loss after the last step is no finite number."""
        return int((~np.isfinite(self.losses[-1])).sum())

    @property
    def values(self) -> npt.NDArray[np.float64]:
        """What is reported: accuracy where there is one, else the loss."""
        return self.losses if self.accuracies is None else self.accuracies


def score(learner: MetaLearner, batch: EpisodeBatch, steps: int) -> Scores:
    """Adapt to each task of a batch and judge every step on its query set."""
    return score_and_adapt(learner, batch, steps)[0]


def score_and_adapt(learner: MetaLearner, batch: EpisodeBatch, steps: int) -> tuple[Scores, Tensor]:
    """The same, and the parameters [T, P] after the last step."""
    losses, accuracies = [], []
    phi = learner.theta
    for k, phi in enumerate(learner.adaptation_path(batch.support, steps)):
        verdict = learner.bank.judge(phi, batch, k)
        losses.append(verdict.losses)
        if verdict.accuracy is not None:
            accuracies.append(verdict.accuracy)
    scores = Scores(
        torch.stack(losses).double().cpu().numpy(),
        torch.stack(accuracies).double().cpu().numpy() if accuracies else None,
    )
    return scores, phi


def held_out_batches(
    learner: MetaLearner, n_tasks: int, split: Split = "test", seed: int = 0
) -> Iterator[EpisodeBatch]:
    """The first ``n_tasks`` of the fixed stream, in batches of at most CHUNK."""
    for start in range(0, n_tasks, CHUNK):
        yield learner.held_out_tasks(range(start, min(start + CHUNK, n_tasks)), split, seed)


def join(parts: Sequence[Scores]) -> Scores:
    """Scores of several batches side by side."""
    accuracies = [part.accuracies for part in parts if part.accuracies is not None]
    return Scores(
        np.concatenate([part.losses for part in parts], axis=1),
        np.concatenate(accuracies, axis=1) if accuracies else None,
    )


def mean_and_interval(values: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Mean over tasks and half-width of its 95 % interval, 1.96 s / sqrt(n): [K + 1, T] -> two of [K + 1]."""
    n = values.shape[1]
    spread = values.std(axis=1, ddof=1) if n > 1 else np.full(values.shape[0], np.nan)
    mean = values.mean(axis=1)
    # Rounding would give even guessing, which is the same on every task, an interval.
    level = (values == values[:, :1]).all(axis=1) & (n > 1)
    return np.where(level, values[:, 0], mean), np.where(level, 0.0, 1.96 * spread / np.sqrt(n))
