"""Turns the events of a run into rows. The run thread and the command line both use it."""

from __future__ import annotations

import contextlib
import time
from types import TracebackType

import numpy as np

from metagui.errors import StoreError
from metagui.events import (
    CheckpointWritten,
    LogLine,
    Metrics,
    Paused,
    Progress,
    Resumed,
    RunEnded,
    RunEvent,
    RunStarted,
    SettingChanged,
    WeightsSnapshot,
)
from metagui.runs.curves import Float64s, Int64s
from metagui.runs.store import RunStore

FLUSH_POINTS = 100
FLUSH_SECONDS = 0.5
HEARTBEAT_SECONDS = 1.0
PACK_POINTS = 60_000
"""A long run's rows are packed each time that many have gathered."""


class RunRecorder:
    """Records one run, in the thread that opened ``store``.

    Points are committed once ``FLUSH_POINTS`` of them wait or the oldest is ``FLUSH_SECONDS`` old; what is committed
    survives a kill -9. :meth:`record` and :meth:`flush` raise StoreError when the disk refuses; points that could
    not be written wait and are tried again with the next flush, so stop a run whose recorder keeps raising.
    """

    def __init__(self, store: RunStore, run_id: str) -> None:
        self._store = store
        self._run_id = run_id
        self._waiting: list[Metrics] = []
        self._waiting_points = 0
        self._waiting_since = 0.0
        self._unpacked_points = 0
        self._step: int | None = None
        self._total_steps: int | None = None
        self._last_heartbeat = 0.0

    def __enter__(self) -> RunRecorder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def record(self, event: RunEvent) -> None:
        """Take one event; they are to come in the order in which the engine emitted them."""
        match event:
            case Metrics():
                self._add(event)
            case Progress():
                self._step, self._total_steps = event.step, event.total_steps
                self._beat_if_due()
            case WeightsSnapshot():
                pass
            case LogLine():
                self._store.add_log(self._run_id, event.level, event.message)
            case CheckpointWritten():
                self.flush()
                self._store.add_checkpoint(self._run_id, event)
                self._store.prune_checkpoints(self._run_id)
            case SettingChanged():
                self._store.change_setting(self._run_id, event.path, event.value)
            case RunStarted():
                self._start(event)
            case Paused():
                self.flush()
                self._beat(event.step)
                self._store.set_status(self._run_id, "paused")
            case Resumed():
                self.flush()
                self._beat(event.step)
                self._store.set_status(self._run_id, "running")
            case RunEnded():
                self._end(event)

    def flush(self) -> None:
        """Commit all points that wait."""
        if not self._waiting:
            return
        with self._store.database.writing():
            for metrics in self._waiting:
                self._store.write_points(self._run_id, _columns(metrics))
        self._unpacked_points += self._waiting_points
        self._waiting, self._waiting_points = [], 0
        if self._unpacked_points >= PACK_POINTS:
            self._pack(whole=False)
            self._unpacked_points = 0

    def close(self) -> None:
        """Commit what waits. The run's status is left as it is."""
        self.flush()

    def _add(self, metrics: Metrics) -> None:
        now = time.monotonic()
        if not self._waiting:
            self._waiting_since = now
        self._waiting.append(metrics)
        self._waiting_points += len(metrics.names) * metrics.steps.shape[0]
        if self._waiting_points >= FLUSH_POINTS or now - self._waiting_since >= FLUSH_SECONDS:
            self.flush()

    def _start(self, event: RunStarted) -> None:
        self.flush()
        self._store.truncate_after(self._run_id, event.step)
        facts = {
            "device": event.device,
            "threads": event.threads,
            "parameters": event.parameters,
            "norm_mode": event.norm_mode,
            "n_query": event.n_query,
        }
        self._store.set_facts(self._run_id, facts)
        self._total_steps = event.total_steps
        self._beat(event.step)
        self._store.set_status(self._run_id, "running")

    def _end(self, event: RunEnded) -> None:
        self.flush()
        self._beat(event.step)
        self._store.set_status(self._run_id, event.status, event.reason, event.detail)
        self._pack(whole=True)

    def _pack(self, *, whole: bool) -> None:
        # The points are safe as rows: where there is no room to rearrange them, they stay so.
        with contextlib.suppress(StoreError):
            self._store.pack(self._run_id, whole=whole)

    def _beat_if_due(self) -> None:
        if time.monotonic() - self._last_heartbeat >= HEARTBEAT_SECONDS:
            self.flush()
            self._beat(self._step)

    def _beat(self, step: int | None) -> None:
        self._store.heartbeat(self._run_id, step, self._total_steps)
        self._last_heartbeat = time.monotonic()


def _columns(metrics: Metrics) -> list[tuple[str, Int64s, Float64s, Float64s]]:
    steps = metrics.steps.numpy().astype(np.int64, copy=False)
    times = metrics.times.numpy().astype(np.float64, copy=False)
    values = metrics.values.numpy().astype(np.float64, copy=False)
    return [(name, steps, values[:, column], times) for column, name in enumerate(metrics.names)]
