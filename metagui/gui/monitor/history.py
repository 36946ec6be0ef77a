"""The points of a run as they arrive, in arrays that grow. No Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from metagui.config import ExperimentConfig
from metagui.events import Metrics
from metagui.gui.monitor.views import AxisChoice

Floats = npt.NDArray[np.float64]
Steps = npt.NDArray[np.int64]


class GrowingArray:
    """A one-dimensional array with cheap appending; ``values`` is a view of what is there."""

    def __init__(self, dtype: npt.DTypeLike) -> None:
        self._room = np.empty(1024, dtype=dtype)
        self._size = 0

    def __len__(self) -> int:
        return self._size

    @property
    def values(self) -> npt.NDArray[Any]:
        return self._room[: self._size]

    def append(self, values: npt.ArrayLike) -> None:
        values = np.asarray(values, dtype=self._room.dtype)
        needed = self._size + values.size
        if needed > self._room.size:
            room = np.empty(max(needed, 2 * self._room.size), dtype=self._room.dtype)
            room[: self._size] = self.values
            self._room = room
        self._room[self._size : needed] = values
        self._size = needed

    def cut(self, size: int) -> None:
        """Forget everything from index ``size`` on."""
        self._size = min(self._size, size)


class Series:
    """Points of one series in the order of their steps; NaN means no point and is left out.

    ``cuts`` counts how often points were taken back: a resumed run replays the steps after its checkpoint.
    """

    def __init__(self) -> None:
        self._steps = GrowingArray(np.int64)
        self._values = GrowingArray(np.float64)
        self._times = GrowingArray(np.float64)
        self.cuts = 0

    def __len__(self) -> int:
        return len(self._steps)

    @property
    def steps(self) -> Steps:
        return self._steps.values

    @property
    def values(self) -> Floats:
        return self._values.values

    @property
    def times(self) -> Floats:
        """Seconds since the epoch, NaN where unknown."""
        return self._times.values

    def append(self, steps: Steps, values: Floats, times: Floats) -> None:
        """Add points; those at or after the first new step are replaced."""
        present = ~np.isnan(values)
        if not present.all():
            steps, values, times = steps[present], values[present], times[present]
        if not steps.size:
            return
        if len(self) and steps[0] <= self.steps[-1]:
            keep = int(np.searchsorted(self.steps, steps[0]))
            for column in (self._steps, self._values, self._times):
                column.cut(keep)
            self.cuts += 1
        for column, new in ((self._steps, steps), (self._values, values), (self._times, times)):
            column.append(new)


class RunHistory:
    """All series of one run, with what a plot must know of its configuration."""

    def __init__(self, run_id: str, title: str, config: ExperimentConfig | None, slot: int) -> None:
        self.run_id = run_id
        self.title = title
        self.config = config
        self.slot = slot
        self.visible = True
        self.series: dict[str, Series] = {}

    def add(self, metrics: Metrics) -> None:
        """Append a batch of events."""
        steps = metrics.steps.numpy().astype(np.int64)
        times = metrics.times.numpy().astype(np.float64)
        values = metrics.values.numpy().astype(np.float64)
        for column, name in enumerate(metrics.names):
            self.series.setdefault(name, Series()).append(steps, values[:, column], times)

    def load(self, series: Mapping[str, Sequence[npt.ArrayLike]]) -> None:
        """Take stored series: steps and values, and times where known."""
        for name, columns in series.items():
            steps = np.asarray(columns[0], dtype=np.int64)
            values = np.asarray(columns[1], dtype=np.float64)
            times = np.asarray(columns[2], dtype=np.float64) if len(columns) > 2 else np.full(steps.size, np.nan)
            self.series.setdefault(name, Series()).append(steps, values, times)

    def members(self, family: str) -> list[int]:
        """The k of all series ``family/k`` that have points, ascending."""
        prefix = family + "/"
        tails = (name[len(prefix) :] for name, points in self.series.items() if name.startswith(prefix) and len(points))
        return sorted(int(tail) for tail in tails if tail.isdigit())

    def positions(self, series: Series, axis: AxisChoice, first: int = 0) -> Floats:
        """Where the points of a series, from index ``first`` on, lie on the chosen axis."""
        if axis == "time":
            return series.times[first:] - self.start_time
        steps = series.steps[first:].astype(np.float64)
        return steps * self.tasks_per_step if axis == "tasks" else steps

    @property
    def start_time(self) -> float:
        """Time of the first point of any series; NaN where times are unknown."""
        firsts = [points.times[0] for points in self.series.values() if len(points)]
        known = [first for first in firsts if not np.isnan(first)]
        return min(known) if known else float("nan")

    @property
    def tasks_per_step(self) -> int:
        return self.config.outer.meta_batch_size if self.config is not None else 1

    @property
    def n_way(self) -> int | None:
        """Classes of a task; None for regression and where the configuration is not known."""
        return getattr(self.config.task, "n_way", None) if self.config is not None else None
