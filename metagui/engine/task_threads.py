"""One meta-batch in several threads, a part of the tasks each, for networks that are bound by arithmetic.

torch lets go of Python's lock while it computes, and two threads that compute alone beat two that share the work of
every small operation. Parts are decided by the numbers of tasks and threads alone, and joined in order: however the
threads are scheduled, the result is the same to the last bit.

The threads compute; the boundaries are the caller's, in the caller's thread. An inner step is a boundary once all
parts have made it; tasks end one after another. Nobody waits for the caller to say that he may go on: each thread is
allowed one boundary more than the caller has passed.
"""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

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
    try:
        with one_torch_thread():
            for worker in workers:
                worker.start()
            _serve(reports, workers, boundary)
    finally:
        for worker in workers:
            worker.dismiss()
        for worker in workers:
            if worker.ident is not None:
                worker.join()
    return joined([worker.result for worker in workers if worker.result is not None], sizes)


_AHEAD = 1
"""Boundaries that a thread may pass before the caller has. With none the threads would all wait for the slowest, and
then to be woken, at every inner step: a tenth of the time of a short one."""


@contextmanager
def one_torch_thread() -> Iterator[None]:
    """No operation is shared among torch's own threads, which would linger for milliseconds where others compute."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


class _DismissedError(Exception):
    """Unwinds a worker that is no longer needed."""


@dataclass(slots=True)
class _Report:
    """What a worker tells: it has come to a boundary, or it has ended, well or not."""

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
        self._may_go_on = threading.Semaphore(_AHEAD)
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


def _serve(reports: queue.SimpleQueue[_Report], workers: Sequence[_Worker], boundary: Boundary) -> None:
    """Call the caller's boundary for the workers until all have ended; raises what it or one of them raises."""
    waiting = {worker: deque[_Report]() for worker in workers}
    running, tasks_ended = set(workers), 0
    while running:
        report = reports.get()
        if report.error is not None:
            raise report.error
        if report.ended:
            running.discard(report.worker)
        else:
            waiting[report.worker].append(report)
        while due := _next_boundary(waiting, running):
            unit, index = due[0].unit, due[0].index
            # Tasks are numbered as they end, whichever part they belong to.
            boundary(unit, tasks_ended if unit == "task" else index)
            tasks_ended += unit == "task"
            for reached in due:
                waiting[reached.worker].popleft()
                reached.worker.go_on()


def _next_boundary(waiting: dict[_Worker, deque[_Report]], running: set[_Worker]) -> list[_Report]:
    """The reports that make up the next one; none while workers that have not come to it are running."""
    first = [reports[0] for reports in waiting.values() if reports]
    for report in first:
        if report.unit != "inner_step":
            return [report]
    missing = any(worker in running and not reports for worker, reports in waiting.items())
    return [] if missing else first
