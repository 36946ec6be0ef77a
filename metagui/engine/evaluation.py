"""How well a network adapts to held-out tasks: by inner step, with an interval over tasks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from metagui.config.changes import with_changes_of
from metagui.config.experiment import parse
from metagui.engine.checkpoint import read_checkpoint
from metagui.engine.episode import EpisodeBatch
from metagui.engine.learner import MetaLearner
from metagui.engine.tasks.base import Split
from metagui.engine.tasks.provenance import refuse_leak
from metagui.events import Array, Evaluate, Evaluated
from metagui.workspace import datasets_dir

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
    losses, accuracies = [], []
    for k, phi in enumerate(learner.adaptation_path(batch.support, steps)):
        verdict = learner.bank.judge(phi, batch, k)
        losses.append(verdict.losses)
        if verdict.accuracy is not None:
            accuracies.append(verdict.accuracy)
    return Scores(
        torch.stack(losses).double().cpu().numpy(),
        torch.stack(accuracies).double().cpu().numpy() if accuracies else None,
    )


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
    return values.mean(axis=1), 1.96 * spread / np.sqrt(n)


def evaluate(
    request: Evaluate,
    superseded: Callable[[], bool],
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Evaluated | None:
    """Answer a request; None when it was superseded. Raises MetaguiError where weights or data do not fit."""
    config = parse(request.config)
    learner = MetaLearner(config, datasets=datasets_dir(Path(request.data_dir)))
    if request.weights:
        learner.load_parameters({name: torch.tensor(array.numpy()) for name, array in request.weights.items()})
    elif request.checkpoint:
        saved = read_checkpoint(Path(request.checkpoint))
        refuse_leak(saved.data, learner.family)
        learner.load_parameters(saved.weights)
        # Rates and lambda as they were then: they may have been changed while the run went on.
        learner.reconfigure(with_changes_of(config, saved.config))
    steps = request.inner_steps if request.inner_steps is not None else config.algorithm.evaluation_steps

    parts = []
    for batch in held_out_batches(learner, request.n_tasks, seed=request.task_seed):
        parts.append(score(learner, batch, steps))
        progress(min(len(parts) * CHUNK, request.n_tasks), request.n_tasks)
        if superseded():
            return None
    scores = join(parts)
    mean, ci95 = mean_and_interval(scores.values)
    final = scores.values[-1]
    return Evaluated(
        request=request.request,
        metric=scores.metric,
        mean=float(mean[-1]),
        ci95=float(ci95[-1]),
        median=float(np.median(final)),
        n_tasks=request.n_tasks,
        n_worse=int((~(scores.losses[-1] <= scores.losses[0])).sum()),
        inner_steps=steps,
        norm_mode=learner.norm_mode,
        n_query=config.task.n_query,
        mean_by_step=Array.of(mean),
        ci95_by_step=Array.of(ci95),
    )
