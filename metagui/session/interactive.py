"""The warm second worker: adapts, evaluates and lists devices while a training runs elsewhere."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal

from metagui.config import ExperimentConfig
from metagui.errors import WorkerLostError
from metagui.events import (
    PROTOCOL_VERSION,
    Adapt,
    Adapted,
    Array,
    Baseline,
    Cancel,
    Devices,
    EstimateMemory,
    Evaluate,
    Evaluated,
    EvaluationProgress,
    Inside,
    ListDevices,
    LookInside,
    MemoryEstimated,
    Network,
    OwnTask,
    Record,
    Recorded,
    RequestFailed,
    Rival,
    Studied,
    Study,
    WorkerReady,
)
from metagui.hosts import INTERACTIVE_NICE, ChildHost, Delivery, Inbox, WorkerLost

_Pending = Adapt | Study | LookInside | Evaluate | ListDevices | Record | EstimateMemory

MAX_RESTARTS = 3
RESTART_WINDOW_SECONDS = 60.0


def interactive_host(inbox: Inbox) -> ChildHost:
    """Below the window in priority, above training; one core is left to the window."""
    threads = str(max(1, (os.cpu_count() or 1) - 1))
    return ChildHost(
        inbox, nice=INTERACTIVE_NICE, title="the background process", variables={"OMP_NUM_THREADS": threads}
    )


class _SignalInbox(QObject):
    """An inbox that carries each record into the GUI thread; answers are few."""

    arrived = Signal(object, object)
    """this inbox, the record"""

    def put(self, item: Delivery, block: bool = True, timeout: float | None = None) -> None:
        self.arrived.emit(self, item)


class InteractiveWorker(QObject):
    """Lives in the GUI thread. Requests return a number that the answer bears; a later one supersedes an unanswered
    one of its kind.

    A worker that dies is started again and given what it had not answered; after ``MAX_RESTARTS`` within a minute
    requests fail with a sentence instead, until the minute is over.
    """

    ready = Signal()
    adapted = Signal(object)
    evaluated = Signal(object)
    evaluation_progress = Signal(object)
    """events.EvaluationProgress"""
    devices = Signal(object)
    studied = Signal(object)
    """events.Studied"""
    looked_inside = Signal(object)
    """events.Inside"""
    recorded = Signal(object)
    """events.Recorded"""
    estimated = Signal(object)
    """events.MemoryEstimated"""
    failed = Signal(object)
    """events.RequestFailed"""
    restarted = Signal()

    def __init__(
        self, *, make_host: Callable[[Inbox], ChildHost] = interactive_host, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._make_host = make_host
        self._host: ChildHost | None = None
        self._inbox: _SignalInbox | None = None
        self._pending: dict[int, _Pending] = {}
        self._failures: deque[RequestFailed] = deque()
        self._restarts: deque[float] = deque(maxlen=MAX_RESTARTS)
        self._last_words = ""
        self._number = 0
        self._closed = False
        application = QCoreApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.shutdown)

    def warm_up(self) -> None:
        """Start the worker, so that it has imported torch when it is first asked; ``ready`` follows."""
        if self._host is None and not self._closed and not self._keeps_dying():
            self._open()

    def adapt(
        self,
        config: ExperimentConfig,
        data_dir: Path,
        step: int,
        tasks: tuple[int, ...],
        weights: Mapping[str, Array] | None = None,
        checkpoint: str = "",
        inner_steps: int | None = None,
    ) -> int:
        """Adapt to held-out tasks; ``adapted`` or ``failed`` follows, unless superseded."""
        self._drop(Adapt)
        return self._request(
            Adapt(
                request=self._next(),
                config=config.to_dict(),
                data_dir=str(data_dir),
                step=step,
                tasks=tasks,
                weights=dict(weights or {}),
                checkpoint=checkpoint,
                inner_steps=inner_steps,
            )
        )

    def evaluate(
        self,
        config: ExperimentConfig,
        data_dir: Path,
        n_tasks: int,
        weights: Mapping[str, Array] | None = None,
        checkpoint: str = "",
        inner_steps: int | None = None,
        *,
        n_query: int | None = None,
        baselines: tuple[Baseline, ...] = (),
        rivals: tuple[Rival, ...] = (),
        detail: bool = False,
    ) -> int:
        """Mean and interval over held-out tasks; ``evaluated`` or ``failed`` follows, unless superseded."""
        self._drop(Evaluate)
        return self._request(
            Evaluate(
                request=self._next(),
                config=config.to_dict(),
                data_dir=str(data_dir),
                n_tasks=n_tasks,
                weights=dict(weights or {}),
                checkpoint=checkpoint,
                inner_steps=inner_steps,
                n_query=n_query,
                baselines=baselines,
                rivals=rivals,
                detail=detail,
            )
        )

    def cancel(self, request: int) -> None:
        """Expect no answer to this request, and let the worker leave it."""
        if self._pending.pop(request, None) is not None and self._host is not None:
            self._host.send(Cancel(request=request))

    def study(
        self,
        data_dir: Path,
        networks: Sequence[Network],
        tasks: Sequence[int] = (0,),
        own: OwnTask | None = None,
        inner_steps: int | None = None,
        channel: str = "",
    ) -> int:
        """Several networks on the very same tasks; ``studied`` or ``failed`` follows, unless superseded by a later one
        of the same channel."""
        self._forget(lambda other: isinstance(other, Study) and other.channel == channel)
        return self._request(
            Study(
                request=self._next(),
                data_dir=str(data_dir),
                networks=tuple(networks),
                tasks=tuple(tasks),
                own=own,
                inner_steps=inner_steps,
                channel=channel,
            )
        )

    def look_inside(
        self,
        data_dir: Path,
        network: Network,
        tasks: Sequence[int] = (0, 1, 2),
        own: OwnTask | None = None,
        inner_steps: int | None = None,
        resolution: int = 21,
    ) -> int:
        """What adaptation does inside a network; ``looked_inside`` or ``failed`` follows, unless superseded."""
        self._forget(lambda other: isinstance(other, LookInside))
        return self._request(
            LookInside(
                request=self._next(),
                data_dir=str(data_dir),
                network=network,
                tasks=tuple(tasks),
                own=own,
                inner_steps=inner_steps,
                resolution=resolution,
            )
        )

    def record(
        self,
        config: ExperimentConfig,
        data_dir: Path,
        walkthrough: str,
        n_tasks: int,
        step: int = 0,
        weights: Mapping[str, Array] | None = None,
        checkpoint: str = "",
    ) -> int:
        """Record a walk-through; ``recorded`` or ``failed`` follows, unless superseded."""
        self._drop(Record)
        return self._request(
            Record(
                request=self._next(),
                config=config.to_dict(),
                data_dir=str(data_dir),
                walkthrough=walkthrough,
                n_tasks=n_tasks,
                step=step,
                weights=dict(weights or {}),
                checkpoint=checkpoint,
            )
        )

    def estimate_memory(self, config: ExperimentConfig, data_dir: Path) -> int:
        """What training would need; ``estimated`` or ``failed`` follows, unless superseded."""
        self._drop(EstimateMemory)
        request = EstimateMemory(request=self._next(), config=config.to_dict(), data_dir=str(data_dir))
        return self._request(request)

    def list_devices(self) -> int:
        """What training can run on; ``devices`` or ``failed`` follows."""
        return self._request(ListDevices(request=self._next()))

    def shutdown(self) -> None:
        """End the worker; unanswered requests stay unanswered. Idempotent."""
        self._closed = True
        self._pending.clear()
        self._failures.clear()
        self._close_host()

    # --- inside --------------------------------------------------------------------------------------------------

    def _drop(self, kind: type[Adapt] | type[Evaluate] | type[Record] | type[EstimateMemory]) -> None:
        """Expect no answer to earlier requests of this kind."""
        self._forget(lambda other: isinstance(other, kind))

    def _forget(self, answered: Callable[[_Pending], bool]) -> None:
        """Expect no answer to requests of which this holds."""
        self._pending = {number: other for number, other in self._pending.items() if not answered(other)}

    def _next(self) -> int:
        self._number += 1
        return self._number

    def _request(self, request: _Pending) -> int:
        if self._closed:
            return request.request
        self._pending[request.request] = request
        if self._host is not None:
            self._host.send(request)
        elif self._keeps_dying():
            self._fail_pending(self._gave_up())
        else:
            self._open()
        return request.request

    def _open(self) -> None:
        inbox = _SignalInbox(self)
        inbox.arrived.connect(self._receive)
        host = self._make_host(inbox)
        try:
            host.open()
        except WorkerLostError as error:
            self._restarts.append(time.monotonic())
            self._last_words = str(error)
            inbox.deleteLater()
            self._fail_pending(str(error))
            return
        self._host, self._inbox = host, inbox
        for request in self._pending.values():
            host.send(request)

    def _close_host(self) -> None:
        host, inbox = self._host, self._inbox
        self._host = self._inbox = None
        if host is not None:
            host.close(grace=0.5)
        if inbox is not None:
            inbox.deleteLater()

    def _receive(self, inbox: _SignalInbox, record: Delivery) -> None:
        if inbox is not self._inbox:
            return  # a late word of a worker that was given up
        match record:
            case WorkerReady():
                self._greet(record)
            case Adapted() if self._pending.pop(record.request, None):
                self.adapted.emit(record)
            case Evaluated() if self._pending.pop(record.request, None):
                self.evaluated.emit(record)
            case EvaluationProgress() if record.request in self._pending:
                self.evaluation_progress.emit(record)
            case Devices() if self._pending.pop(record.request, None):
                self.devices.emit(record)
            case Studied() if self._pending.pop(record.request, None):
                self.studied.emit(record)
            case Inside() if self._pending.pop(record.request, None):
                self.looked_inside.emit(record)
            case Recorded() if self._pending.pop(record.request, None):
                self.recorded.emit(record)
            case MemoryEstimated() if self._pending.pop(record.request, None):
                self.estimated.emit(record)
            case RequestFailed() if self._pending.pop(record.request, None):
                self.failed.emit(record)
            case WorkerLost():
                self._revive(record)

    def _greet(self, ready: WorkerReady) -> None:
        if ready.protocol == PROTOCOL_VERSION:
            self.ready.emit()
            return
        self._restarts.extend([time.monotonic()] * MAX_RESTARTS)
        self._last_words = "the background process is of another version: restart the program"
        self._close_host()
        self._fail_pending(self._last_words)

    def _revive(self, lost: WorkerLost) -> None:
        self._close_host()
        self._last_words = lost.reason
        if self._keeps_dying():
            self._fail_pending(self._gave_up())
            return
        self._restarts.append(time.monotonic())
        self._open()
        self.restarted.emit()

    def _keeps_dying(self) -> bool:
        recent = time.monotonic() - RESTART_WINDOW_SECONDS
        return len(self._restarts) == MAX_RESTARTS and self._restarts[0] > recent

    def _gave_up(self) -> str:
        return f"{self._last_words}; it was started {MAX_RESTARTS} more times within a minute and is left alone for now"

    def _fail_pending(self, message: str) -> None:
        """Tell later: whoever asked has not got the request's number yet."""
        for number in self._pending:
            self._failures.append(RequestFailed(request=number, message=message))
        self._pending.clear()
        QTimer.singleShot(0, self, self._tell_failures)

    def _tell_failures(self) -> None:
        while self._failures:
            self.failed.emit(self._failures.popleft())
