"""The next meta-batch is drawn in a thread of its own while the network learns from this one.

Pictures take time to gather, and invented ones to draw. What a batch holds is decided by seed and step alone, so it
does not matter when, or in which thread, it is made.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol

import torch

from metagui.engine.episode import EpisodeBatch
from metagui.engine.learner import MetaLearner

THREAD = "metagui-tasks"


class Batches(Protocol):
    """Where the meta-batches of a run come from. To be left (``with``) at its end."""

    def take(self) -> EpisodeBatch:
        """That of the learner's next step, on its device."""
        ...

    def __enter__(self) -> Batches: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def batches_of(learner: MetaLearner, threads: int, drawn_ahead: bool) -> Batches:
    """Ahead for pictures; points and curves are drawn faster than another thread is told to do it. ``threads`` of the
    engine, so that sums are the same to the last bit wherever they are made."""
    if drawn_ahead and learner.family.kind == "images":
        return BatchesAhead(learner, threads)
    return BatchesInTurn(learner)


class BatchesInTurn:
    """Each drawn when it is asked for."""

    def __init__(self, learner: MetaLearner) -> None:
        self._learner = learner

    def take(self) -> EpisodeBatch:
        return self._learner.sample_tasks()

    def __enter__(self) -> Batches:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass


@dataclass(frozen=True, slots=True)
class _Coming:
    step: int
    n_tasks: int
    batch: Future[EpisodeBatch]


class BatchesAhead:
    """One step ahead, in one thread that ends with the ``with`` block."""

    def __init__(self, learner: MetaLearner, threads: int) -> None:
        self._learner = learner
        self._pool = ThreadPoolExecutor(1, THREAD, torch.set_num_threads, (threads,))
        self._coming: _Coming | None = None

    def take(self) -> EpisodeBatch:
        learner, outer = self._learner, self._learner.config.outer
        step, n_tasks, coming = learner.step, outer.meta_batch_size, self._coming
        if coming is not None and (coming.step, coming.n_tasks) == (step, n_tasks):
            batch = coming.batch.result()
        else:  # the first one, or the run was taken elsewhere
            batch = learner.drawn_tasks(step, n_tasks)
        self._coming = None
        if step + 1 < outer.steps:
            self._coming = _Coming(step + 1, n_tasks, self._pool.submit(learner.drawn_tasks, step + 1, n_tasks))
        return batch.to(learner.device, learner.dtype)

    def __enter__(self) -> Batches:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)
