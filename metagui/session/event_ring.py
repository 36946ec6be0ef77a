"""Events on their way from the run's thread to the window: bounded, and kind to a window that is late."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from dataclasses import dataclass

import numpy as np

from metagui.events import Array, LogLine, Metrics, Progress, RunEvent, WeightsSnapshot

MAX_METRICS = 20_000
MAX_LOG_LINES = 100


@dataclass(slots=True)
class _LeftOut:
    metrics: int = 0
    log_lines: int = 0


class EventRing:
    """Thread-safe; one side appends, the other drains.

    Of Progress and WeightsSnapshot only the newest waits. Metrics are all kept, neighbours of equal names joined,
    up to ``MAX_METRICS`` batches, which is minutes; log lines up to ``MAX_LOG_LINES``. What is left out is said, and
    is in the store. The other events are few and never left out.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._events: OrderedDict[int, RunEvent] = OrderedDict()
        self._next = 0
        self._newest: dict[type[RunEvent], int] = {}
        self._metrics: deque[int] = deque()
        self._log_lines: deque[int] = deque()
        self._left_out = _LeftOut()

    def append(self, event: RunEvent) -> None:
        with self._lock:
            key = self._next
            self._next += 1
            self._events[key] = event
            match event:
                case Progress() | WeightsSnapshot():
                    self._events.pop(self._newest.pop(type(event), -1), None)
                    self._newest[type(event)] = key
                case Metrics():
                    self._left_out.metrics += self._add(self._metrics, key, MAX_METRICS)
                case LogLine():
                    self._left_out.log_lines += self._add(self._log_lines, key, MAX_LOG_LINES)

    def drain(self) -> list[RunEvent]:
        """All that waits, in order; empty afterwards."""
        with self._lock:
            events = list(self._events.values())
            left_out = self._left_out
            self._events.clear()
            self._newest.clear()
            self._metrics.clear()
            self._log_lines.clear()
            self._left_out = _LeftOut()
        return [*_notices(left_out), *_join_metrics(events)]

    def _add(self, keys: deque[int], key: int, limit: int) -> int:
        """Number of older events that had to go."""
        keys.append(key)
        if len(keys) <= limit:
            return 0
        del self._events[keys.popleft()]
        return 1


def _notices(left_out: _LeftOut) -> list[RunEvent]:
    notices: list[RunEvent] = []
    if left_out.metrics:
        message = f"The window was late: {left_out.metrics:,} batches of points are not shown, but they are stored."
        notices.append(LogLine(level="warning", message=message))
    if left_out.log_lines:
        message = f"{left_out.log_lines:,} earlier messages of the run are not shown."
        notices.append(LogLine(level="warning", message=message))
    return notices


def _join_metrics(events: list[RunEvent]) -> list[RunEvent]:
    joined: list[RunEvent] = []
    group: list[Metrics] = []
    for event in events:
        if group and not (isinstance(event, Metrics) and event.names == group[0].names):
            joined.append(_concatenate(group))
            group = []
        if isinstance(event, Metrics):
            group.append(event)
        else:
            joined.append(event)
    if group:
        joined.append(_concatenate(group))
    return joined


def _concatenate(group: list[Metrics]) -> Metrics:
    if len(group) == 1:
        return group[0]
    return Metrics(
        names=group[0].names,
        steps=Array.of(np.concatenate([metrics.steps.numpy() for metrics in group])),
        times=Array.of(np.concatenate([metrics.times.numpy() for metrics in group])),
        values=Array.of(np.concatenate([metrics.values.numpy() for metrics in group])),
    )
