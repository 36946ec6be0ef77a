"""What a running training tells: metrics in batches, progress a few times a second, weights once a second."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import psutil
import torch
from torch import Tensor

from metagui.engine.learner import MetaLearner
from metagui.events import Array, Metrics, Progress, RunEvent, WeightsSnapshot

METRICS_EVERY = 1 / 30
PROGRESS_EVERY = 0.25
SNAPSHOT_EVERY = 1.0


class DivergedError(Exception):
    """A recorded value is no longer finite."""

    def __init__(self, step: int, series: str, value: float) -> None:
        super().__init__(f"{series} is {value} at meta-step {step}")
        self.step = step
        self.series = series
        self.value = value


@dataclass(slots=True)
class MetricsBuffer:
    """Rows of equal series, kept on the device until they are asked for."""

    names: tuple[str, ...] = ()
    steps: list[int] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    rows: list[Tensor] = field(default_factory=list)

    def add(self, step: int, series: Mapping[str, Tensor]) -> None:
        self.steps.append(step)
        self.times.append(time.time())
        self.rows.append(torch.stack([value.detach() for value in series.values()]))

    def take(self) -> Metrics:
        """All rows as one message; the buffer is empty afterwards."""
        values = torch.stack(self.rows).double().cpu().numpy()
        message = Metrics(
            names=self.names,
            steps=Array.of(np.array(self.steps, dtype=np.int64)),
            times=Array.of(np.array(self.times)),
            values=Array.of(values),
        )
        self.steps, self.times, self.rows = [], [], []
        return message


class Reporter:
    """Turns what the trainer measures into events, none of them more often than a person or a disk can use."""

    def __init__(self, learner: MetaLearner, total_steps: int, emit: Callable[[RunEvent], None]) -> None:
        self._learner = learner
        self._total_steps = total_steps
        self._emit = emit
        self._process = psutil.Process()
        self._buffer = MetricsBuffer()
        self._due = {"metrics": 0.0, "progress": 0.0, "snapshot": 0.0}
        self._window_start = (time.monotonic(), learner.step)
        self._rate = 0.0

    def record(self, step: int, series: Mapping[str, Tensor]) -> None:
        """Keep one row of values, the state after ``step`` meta-updates."""
        names = tuple(series)
        if names != self._buffer.names:
            self.flush()
            self._buffer.names = names
        self._buffer.add(step, series)

    def tick(self) -> None:
        """Send what is due."""
        now = time.monotonic()
        if now >= self._due["metrics"]:
            self._due["metrics"] = now + METRICS_EVERY
            self.flush()
        if now >= self._due["progress"]:
            self._due["progress"] = now + PROGRESS_EVERY
            self.progress()
        if now >= self._due["snapshot"]:
            self.snapshot()

    def flush(self) -> None:
        """Send all kept metrics; raises DivergedError once they are sent if one of the decisive ones is not finite."""
        if not self._buffer.rows:
            return
        message = self._buffer.take()
        self._emit(message)
        _refuse_non_finite(message)

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
                memory_bytes=self._process.memory_info().rss,
            )
        )

    def snapshot(self) -> None:
        """Send the network as it is now."""
        self._due["snapshot"] = time.monotonic() + SNAPSHOT_EVERY
        if not torch.isfinite(self._learner.theta).all():
            return
        weights = {name: Array.of(value.float().cpu().numpy()) for name, value in self._learner.parameters.items()}
        self._emit(WeightsSnapshot(step=self._learner.step, weights=weights))

    def skip_idle_time(self) -> None:
        """Time spent holding is no training time."""
        self._window_start = (time.monotonic(), self._learner.step)


def _refuse_non_finite(message: Metrics) -> None:
    values, steps = message.values.numpy(), message.steps.numpy()
    for column, name in enumerate(message.names):
        if name in ("outer_loss", "gradient_norm"):
            wrong = np.flatnonzero(~np.isfinite(values[:, column]))
            if wrong.size:
                row = int(wrong[0])
                raise DivergedError(int(steps[row]), name, float(values[row, column]))
