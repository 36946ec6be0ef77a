"""One meta-batch in several threads, a part of the tasks each, for networks that are bound by arithmetic.

torch lets go of Python's lock while it computes, and two threads that compute alone beat two that share the work of
every small operation. Parts are decided by the numbers of tasks and threads alone, and joined in order: however the
threads are scheduled, the result is the same to the last bit.

The threads compute; the boundaries are the caller's, in the caller's thread. An inner step is a boundary once all
parts have made it; tasks end one after another.
"""

from __future__ import annotations

import queue
import threading
from dataclasses import dataclass, field

import torch
from torch import Tensor

from metagui.engine.algorithms.base import MetaGradient
from metagui.engine.bank import Boundary, no_boundary
from metagui.engine.episode import EpisodeBatch
from metagui.engine.parts import GivesMetaGradients, joined, part_sizes
from metagui.events import StepUnit


def meta_gradient(
    algorithm: GivesMetaGradients,
    theta: Tensor,
    batch: EpisodeBatch,
    *,
    threads: int,
    step: int = 0,
    boundary: Boundary = no_boundary,
) -> MetaGradient:
    """That of the algorithm, from at most ``threads`` threads that are gone when it returns or raises."""
    sizes = part_sizes(len(batch), threads)
    if len(sizes) == 1:
        return algorithm.meta_gradient(theta, batch, step=step, boundary=boundary)
    ends = [sum(sizes[: i + 1]) for i in range(len(sizes))]
    parts = [batch.part(slice(end - size, end)) for end, size in zip(ends, sizes, strict=True)]
    reports: queue.SimpleQueue[_Report] = queue.SimpleQueue()
    workers = [_Worker(algorithm, theta, part, step, reports) for part in parts]
    intra_op = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        for worker in workers:
            worker.start()
        _serve(reports, len(workers), boundary)
    finally:
        for worker in workers:
            worker.dismiss()
        for worker in workers:
            if worker.ident is not None:
                worker.join()
        torch.set_num_threads(intra_op)
    return joined([worker.result for worker in workers if worker.result is not None], sizes)


class _DismissedError(Exception):
    """Unwinds a worker that is no longer needed."""


@dataclass(slots=True)
class _Report:
    """What a worker tells: it stands at a boundary until it is let go, or it has ended, well or not."""

    worker: _Worker
    unit: StepUnit | None = None
    index: int = 0
    ended: bool = False
    error: BaseException | None = None


class _Worker(threading.Thread):
    """Computes one part. Daemonic, for a caller that is killed; all others join it."""

    def __init__(
        self,
        algorithm: GivesMetaGradients,
        theta: Tensor,
        part: EpisodeBatch,
        step: int,
        reports: queue.SimpleQueue[_Report],
    ) -> None:
        super().__init__(name="tasks", daemon=True)
        self.result: MetaGradient | None = None
        self._algorithm, self._theta, self._part, self._step = algorithm, theta, part, step
        self._reports = reports
        self._may_go_on = threading.Semaphore(0)
        self._dismissed = False

    def run(self) -> None:
        torch.set_num_threads(1)  # holds for each thread apart
        try:
            self.result = self._algorithm.meta_gradient(
                self._theta, self._part, step=self._step, boundary=self._boundary
            )
        except BaseException as error:
            self._reports.put(_Report(self, ended=True, error=error))
        else:
            self._reports.put(_Report(self, ended=True))

    def go_on(self) -> None:
        self._may_go_on.release()

    def dismiss(self) -> None:
        """End at the next boundary, if it has not ended."""
        self._dismissed = True
        self._may_go_on.release()

    def _boundary(self, unit: StepUnit | None, index: int) -> None:
        self._reports.put(_Report(self, unit, index))
        self._may_go_on.acquire()
        if self._dismissed:
            raise _DismissedError


@dataclass(slots=True)
class _Standing:
    """Workers at the end of an inner step, waiting for the others."""

    index: int = 0
    workers: list[_Worker] = field(default_factory=list)


def _serve(reports: queue.SimpleQueue[_Report], running: int, boundary: Boundary) -> None:
    """Call the caller's boundary for the workers until all have ended; raises what it or one of them raises."""
    standing, tasks_ended = _Standing(), 0
    while running:
        report = reports.get()
        if report.error is not None:
            raise report.error
        if report.ended:
            running -= 1
        elif report.unit == "inner_step":
            standing.index = report.index
            standing.workers.append(report.worker)
        else:
            # Tasks are numbered as they end, whichever part they belong to.
            boundary(report.unit, tasks_ended if report.unit == "task" else report.index)
            tasks_ended += report.unit == "task"
            report.worker.go_on()
        if standing.workers and len(standing.workers) == running:
            boundary("inner_step", standing.index)
            for worker in standing.workers:
                worker.go_on()
            standing.workers.clear()
