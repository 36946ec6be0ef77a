"""What a running training tells: metrics in batches, progress a few times a second, weights once a second."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from metagui.engine.host_copy import HostCopy
from metagui.engine.learner import MetaLearner
from metagui.engine.machine_memory import held_on, room_on
from metagui.engine.sentinel import UnsoundStepError
from metagui.events import Array, Metrics, Progress, RunEvent, WeightsSnapshot

METRICS_EVERY = 1 / 30
PROGRESS_EVERY = 0.25
SNAPSHOT_EVERY = 1.0


@dataclass(frozen=True, slots=True)
class _Rows:
    """Rows of equal series on their way to the host."""

    names: tuple[str, ...]
    steps: list[int]
    times: list[float]
    values: HostCopy
    judged: bool
    """Whether the last column says if the step was sound."""

    def read(self) -> tuple[Metrics | None, int | None]:
        """The rows up to the first unsound step, and that step."""
        values = self.values.numpy().astype(np.float64, copy=False)
        bad = None
        if self.judged:
            wrong = np.flatnonzero(values[:, -1] == 0.0)
            bad, values = (int(wrong[0]) if wrong.size else None), values[:, :-1]
        good = slice(bad)  # all where there is no bad one
        if bad == 0:
            return None, self.steps[0]
        message = Metrics(
            names=self.names,
            steps=Array.of(np.array(self.steps[good], dtype=np.int64)),
            times=Array.of(np.array(self.times[good])),
            values=Array.of(values[good]),
        )
        return message, None if bad is None else self.steps[bad]


@dataclass(slots=True)
class MetricsBuffer:
    """Rows of series, kept on the device and sent to the host in batches that nothing waits for."""

    _names: tuple[str, ...] = ()
    _judged: bool = False
    _steps: list[int] = field(default_factory=list)
    _times: list[float] = field(default_factory=list)
    _rows: list[Tensor] = field(default_factory=list)
    _sent: deque[_Rows] = field(default_factory=deque)

    def add(self, step: int, series: Mapping[str, Tensor], sound: Tensor | None = None) -> None:
        """Keep one row; ``sound`` [] is a device's verdict on the step."""
        names, judged = tuple(series), sound is not None
        if (names, judged) != (self._names, self._judged):
            self.send()
            self._names, self._judged = names, judged
        values = [value.detach() for value in series.values()]
        if sound is not None:
            values.append(sound.to(values[0].dtype))
        self._steps.append(step)
        self._times.append(time.time())
        self._rows.append(torch.stack(values))

    def send(self) -> None:
        """Ask for all kept rows."""
        if self._rows:
            values = HostCopy(torch.stack(self._rows))
            self._sent.append(_Rows(self._names, self._steps, self._times, values, self._judged))
            self._steps, self._times, self._rows = [], [], []

    def arrived(self, wait: bool) -> Iterator[tuple[Metrics | None, int | None]]:
        """Every batch that is there, in order, or all that were sent; with the first unsound step in it, if any."""
        while self._sent and (wait or self._sent[0].values.is_there):
            yield self._sent.popleft().read()


class Reporter:
    """Turns what the trainer measures into events, none of them more often than a person or a disk can use."""

    def __init__(self, learner: MetaLearner, total_steps: int, emit: Callable[[RunEvent], None]) -> None:
        self._learner = learner
        self._total_steps = total_steps
        self._emit = emit
        self._memory_total = room_on(learner.device).total
        self._buffer = MetricsBuffer()
        self._due = {"metrics": 0.0, "progress": 0.0, "snapshot": 0.0}
        self._window_start = (time.monotonic(), learner.step)
        self._rate = 0.0

    def record(self, step: int, series: Mapping[str, Tensor], sound: Tensor | None = None) -> None:
        """Keep one row of values, the state after ``step`` meta-updates; ``sound`` as a sentinel answered."""
        self._buffer.add(step, series, sound)

    def tick(self) -> None:
        """Send what is due."""
        now = time.monotonic()
        if now >= self._due["metrics"]:
            self._due["metrics"] = now + METRICS_EVERY
            self._buffer.send()
            self._pass_on(wait=False)
        if now >= self._due["progress"]:
            self._due["progress"] = now + PROGRESS_EVERY
            self.progress()
        if now >= self._due["snapshot"]:
            self.snapshot()

    def flush(self) -> None:
        """Send all kept metrics, waiting for the device; raises UnsoundStepError, once they are sent, where a step was
        bad."""
        self._buffer.send()
        self._pass_on(wait=True)

    def _pass_on(self, wait: bool) -> None:
        for metrics, bad_step in self._buffer.arrived(wait):
            if metrics is not None:
                self._emit(metrics)
            if bad_step is not None:
                raise UnsoundStepError(bad_step)

    def progress(self) -> None:
        now, step = time.monotonic(), self._learner.step
        since, since_step = self._window_start
        rate = self._rate
        if step > since_step:
            latest = (step - since_step) / max(now - since, 1e-9)
            rate = 0.7 * self._rate + 0.3 * latest if self._rate else latest
            if now - since > 1.0:
                self._rate, self._window_start = rate, (now, step)
        self._emit(
            Progress(
                step=step,
                total_steps=self._total_steps,
                tasks_per_second=rate * self._learner.config.outer.meta_batch_size,
                eta=(self._total_steps - step) / rate if rate else None,
                memory_bytes=held_on(self._learner.device),
                memory_total=self._memory_total,
            )
        )

    def snapshot(self) -> None:
        """Send the network as it is now."""
        self._due["snapshot"] = time.monotonic() + SNAPSHOT_EVERY
        weights = {name: Array.of(value.float().cpu().numpy()) for name, value in self._learner.parameters.items()}
        self._emit(WeightsSnapshot(step=self._learner.step, weights=weights))

    def skip_idle_time(self) -> None:
        """Time spent holding is no training time."""
        self._window_start = (time.monotonic(), self._learner.step)
