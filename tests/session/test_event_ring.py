from __future__ import annotations

import numpy as np
import pytest

from metagui.events import Array, LogLine, Metrics, Paused, Progress, RunStarted, WeightsSnapshot
from metagui.session import event_ring
from metagui.session.event_ring import EventRing


def metrics(first: int, count: int = 1, names: tuple[str, ...] = ("a", "b")) -> Metrics:
    steps = np.arange(first, first + count)
    return Metrics(
        names=names,
        steps=Array.of(steps),
        times=Array.of(steps / 2),
        values=Array.of(np.outer(steps, np.arange(1.0, len(names) + 1))),
    )


def progress(step: int) -> Progress:
    return Progress(step=step, total_steps=9, tasks_per_second=1.0, eta=None, memory_bytes=0)


def test_that_events_come_out_in_order_and_once() -> None:
    ring = EventRing()
    events = [
        RunStarted(step=0, total_steps=9, device="cpu", threads=1, parameters=1, norm_mode="none"),
        metrics(1),
        Paused(step=1, unit="task", inner_step=0, task=0),
    ]
    for event in events:
        ring.append(event)
    assert ring.drain() == events
    assert ring.drain() == []


def test_that_only_the_newest_progress_and_snapshot_wait_each_at_its_place() -> None:
    ring = EventRing()
    for event in (progress(1), WeightsSnapshot(step=1, weights={}), progress(2), metrics(3), progress(4)):
        ring.append(event)
    assert ring.drain() == [WeightsSnapshot(step=1, weights={}), metrics(3), progress(4)]
    ring.append(progress(5))
    assert ring.drain() == [progress(5)]


def test_that_metrics_of_equal_names_are_joined_and_none_is_lost() -> None:
    ring = EventRing()
    for event in (metrics(0, 2), metrics(2, 3), progress(4), metrics(5), metrics(6, names=("c",)), metrics(7)):
        ring.append(event)
    drained = ring.drain()
    assert drained == [metrics(0, 5), progress(4), metrics(5), metrics(6, names=("c",)), metrics(7)]


def test_that_a_window_that_is_very_late_gets_the_newest_and_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_ring, "MAX_METRICS", 5)
    ring = EventRing()
    for step in range(12):
        ring.append(metrics(step))
    for number in range(130):
        ring.append(LogLine(level="info", message=str(number)))
    drained = ring.drain()
    notices = [event.message for event in drained[:2] if isinstance(event, LogLine)]
    assert notices[0].startswith("The window was late: 7 batches")
    assert notices[1].startswith("30 earlier messages")
    assert drained[2] == metrics(7, 5)
    assert drained[3] == LogLine(level="info", message="30")
    assert len(drained) == 103
