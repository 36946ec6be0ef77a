"""One training in the background: started, supervised, recorded and brought to exactly one end."""

from __future__ import annotations

import queue
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QThread, Signal

from metagui.errors import MetaguiError
from metagui.events import (
    CheckpointWritten,
    ControlCommand,
    EndStatus,
    LogLine,
    Metrics,
    Paused,
    Progress,
    Resumed,
    RunEnded,
    RunEvent,
    RunStarted,
    SettingChanged,
    Stop,
    Train,
    WeightsSnapshot,
)
from metagui.hosts import Delivery, Host, Inbox, WorkerLost, new_inbox
from metagui.runs.checkpoints import files_in
from metagui.session.event_ring import EventRing
from metagui.session.ledger import Ledger

STOP_GRACE = 10.0
"""Seconds a training gets for its inner step and its last checkpoint before it is ended by force."""

_POLL_SECONDS = 0.25
_SETTLE_SECONDS = 3.0

HostFactory = Callable[[Inbox], Host]

_RUN_EVENTS = (
    RunStarted,
    Metrics,
    Progress,
    Paused,
    Resumed,
    WeightsSnapshot,
    CheckpointWritten,
    SettingChanged,
    LogLine,
)


class RunThread(QThread):
    """Pumps the events of one run from its host into the store and the ring.

    Commands go straight to the host, from whatever thread gives them: they never wait behind events. ``ended`` comes
    exactly once, when host, worker and store are given back already.
    """

    ended = Signal(str, str)
    """status (events.EndStatus), reason (a sentence)"""

    def __init__(
        self,
        run_id: str,
        train: Train,
        make_host: HostFactory,
        ring: EventRing,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName(f"run {run_id}")
        self._run_id = run_id
        self._train = train
        self._make_host = make_host
        self._ring = ring
        self._lock = threading.Lock()
        self._host: Host | None = None
        self._early: list[ControlCommand] = []
        self._deadline: float | None = None
        self._started = False
        self._step = 0
        self._verdict = ("failed", "The run was not begun.")

    @property
    def verdict(self) -> tuple[str, str]:
        """status and reason, once the thread has finished."""
        return self._verdict

    def command(self, command: ControlCommand) -> None:
        """Steer the run, from any thread, without blocking; kept until the worker is there."""
        with self._lock:
            if self._host is None:
                self._early.append(command)
            else:
                self._host.send(command)

    def stop(self, grace: float = STOP_GRACE) -> None:
        """Ask for an end with a checkpoint; after ``grace`` seconds the worker is made to end. Any thread."""
        deadline = time.monotonic() + grace
        with self._lock:
            self._deadline = deadline if self._deadline is None else min(deadline, self._deadline)
        self.command(Stop())

    # --- in the background ---------------------------------------------------------------------------------------

    def run(self) -> None:
        try:
            end = self._run_recorded()
        except Exception as error:  # the store cannot even be opened
            end = self._failure(error)
            self._ring.append(end)
        self._verdict = (end.status, end.reason)
        self.ended.emit(end.status, end.reason)

    def _run_recorded(self) -> RunEnded:
        with Ledger(Path(self._train.data_dir), self._run_id, self._tell) as ledger:
            try:
                end = self._train_to_end(ledger)
            except Exception as error:
                end = self._failure(error)
            ledger.record(end)
            if not ledger.settle(_SETTLE_SECONDS):
                self._tell(f"The end of the run could not be recorded: {ledger.trouble}")
            self._ring.append(end)
            return end

    def _failure(self, error: Exception) -> RunEnded:
        """A sentence of ours, or a mistake of ours, which must not take the window down either."""
        if isinstance(error, MetaguiError):
            return self._end("failed", str(error))
        reason = f"The run could not be followed any longer: {type(error).__name__}: {error}"
        return self._end("failed", reason, "".join(traceback.format_exception(error)))

    def _train_to_end(self, ledger: Ledger) -> RunEnded:
        inbox = new_inbox()
        host = self._make_host(inbox)
        try:
            host.start(self._train)
            with self._lock:
                self._host = host
                for command in self._early:
                    host.send(command)
            end = self._pump(host, inbox, ledger)
        except BaseException:
            host.close(STOP_GRACE)  # asks the training to save itself
            raise
        host.close()
        return end

    def _pump(self, host: Host, inbox: queue.Queue[Delivery], ledger: Ledger) -> RunEnded:
        while True:
            try:
                record = inbox.get(timeout=_POLL_SECONDS)
            except queue.Empty:
                record = None
            end = self._take(record, ledger)
            if end is not None:
                return end
            ledger.tick()
            if ledger.given_up and self._deadline is None:
                self._tell("Recording keeps failing: the training is stopped with a checkpoint.")
                self.stop()
            if self._is_overdue(host):
                return self._force(host, inbox, ledger)

    def _take(self, record: Delivery | None, ledger: Ledger) -> RunEnded | None:
        """Pass one record on; the end of the run if that is what it is."""
        if isinstance(record, RunEnded):
            return record
        if isinstance(record, WorkerLost):
            return self._end(
                "crashed", f"{record.reason[:1].upper()}{record.reason[1:]}. {self._kept()}", record.detail
            )
        if isinstance(record, _RUN_EVENTS):
            self._note(record)
            ledger.record(record)
            self._ring.append(record)
        return None

    def _note(self, event: RunEvent) -> None:
        if isinstance(event, RunStarted | Progress | Paused | Resumed):
            self._started = True
            self._step = event.step

    def _is_overdue(self, host: Host) -> bool:
        """A worker that has not begun has nothing to save and is not waited for."""
        if self._deadline is None:
            return False
        return (host.isolated and not self._started) or time.monotonic() > self._deadline

    def _force(self, host: Host, inbox: queue.Queue[Delivery], ledger: Ledger) -> RunEnded:
        """End a worker that does not end by itself; what it still managed to say counts."""
        host.close(grace=0.0)
        while True:
            try:
                record = inbox.get_nowait()
            except queue.Empty:
                break
            if not isinstance(record, WorkerLost) and (end := self._take(record, ledger)) is not None:
                return end
        if not self._started:
            return self._end("stopped", "Stopped before training began.")
        if not host.isolated:
            reason = "Training did not answer to Stop and may still occupy this program: save your work and restart it."
            return self._end("stopped", f"{reason} {self._kept()}")
        return self._end("stopped", f"Training did not answer to Stop and was ended. {self._kept()}")

    def _kept(self) -> str:
        if not self._started:
            return "Training had not begun."
        # The folder knows more than the events: a worker may die between writing a checkpoint and telling of it.
        saved = files_in(Path(self._train.run_dir))
        if saved:
            kept = f"the checkpoint of meta-step {saved[-1].step:,} is kept"
        elif self._train.resume_from:
            kept = "the checkpoint it was resumed from is kept"
        else:
            kept = "nothing had been saved yet"
        return f"About {self._step:,} meta-steps were done; {kept}."

    def _end(self, status: EndStatus, reason: str, detail: str = "") -> RunEnded:
        return RunEnded(
            status=status, step=self._step, reason=reason, detail=detail, exit_code=int(status != "stopped")
        )

    def _tell(self, message: str) -> None:
        self._ring.append(LogLine(level="error", message=message))
