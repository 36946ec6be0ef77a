"""What goes wrong in an evaluation: classes taken for one another, and the tasks at the bad end."""

from __future__ import annotations

from collections import Counter

import numpy as np
from torch import Tensor

from metagui.engine.episode import EpisodeBatch
from metagui.engine.scoring import Scores
from metagui.engine.tasks.base import TaskFamily
from metagui.events import Array
from metagui.judgement import Confusion, WorstTask

MEETINGS = 1.5
"""Tasks in which a class has to occur, on average, for its accuracy to be its own."""

MOST_PAIRS = 40
MOST_TASKS = 12


class ConfusionCount:
    """Counts query examples by what they are and what they were taken for, by the names of their classes."""

    def __init__(self) -> None:
        self._judged: Counter[str] = Counter()
        self._right: Counter[str] = Counter()
        self._pairs: Counter[tuple[str, str]] = Counter()
        self._met: Counter[str] = Counter()

    def add(self, family: TaskFamily, batch: EpisodeBatch, outputs: Tensor) -> None:
        """``outputs`` [T, n, o] for the queries of ``batch``, as the family drew it."""
        labels, taken = batch.query.targets.tolist(), outputs.argmax(dim=-1).tolist()
        for task in range(len(batch)):
            names = family.portrait(batch, task).class_names
            self._met.update(names)
            for label, guess in zip(labels[task], taken[task], strict=True):
                self._judged[names[label]] += 1
                if label == guess:
                    self._right[names[label]] += 1
                else:
                    self._pairs[names[label], names[guess]] += 1

    def finished(self) -> Confusion | None:
        """Classes by name, the most frequent pairs first. None where classes were hardly met again in another task:
        of invented characters there is no end, and a class of one task says only how hard that task was."""
        if not self._met or self._met.total() < MEETINGS * len(self._met):
            return None
        names = sorted(self._judged)
        pairs = sorted(self._pairs.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST_PAIRS]
        return Confusion(
            class_names=tuple(names),
            judged=Array.of(np.array([self._judged[name] for name in names], np.int64)),
            right=Array.of(np.array([self._right[name] for name in names], np.int64)),
            pairs=tuple((actual, guess, count) for (actual, guess), count in pairs),
        )


class WorstTasks:
    """Keeps the tasks that end worst: by their value, and among equal accuracies by their loss."""

    def __init__(self) -> None:
        self._kept: list[tuple[tuple[float, float], WorstTask]] = []

    def add(self, family: TaskFamily, batch: EpisodeBatch, scores: Scores, first: int) -> None:
        """``first`` is the number of the batch's first task in the stream."""
        losses = np.where(np.isfinite(scores.losses[-1]), scores.losses[-1], np.inf)
        shortfall = losses if scores.accuracies is None else -scores.accuracies[-1]
        worst_here = np.lexsort((-losses, -shortfall))[:MOST_TASKS]
        for task in worst_here.tolist():
            rank = (-float(shortfall[task]), -float(losses[task]))
            if len(self._kept) == MOST_TASKS and rank >= self._kept[-1][0]:
                break
            portrait = family.portrait(batch, task)
            entry = WorstTask(
                task=first + task,
                title=portrait.title,
                class_names=portrait.class_names,
                before=float(scores.values[0, task]),
                after=float(scores.values[-1, task]),
            )
            self._kept = sorted([*self._kept, (rank, entry)], key=lambda kept: kept[0])[:MOST_TASKS]

    def finished(self) -> tuple[WorstTask, ...]:
        """The worst first."""
        return tuple(entry for _, entry in self._kept)
