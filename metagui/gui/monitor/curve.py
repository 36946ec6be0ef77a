"""One series as it is drawn: on the chosen axis and scale, raw and smoothed, at any zoom. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from metagui.analysis.ranges import robust_range
from metagui.analysis.smoothing import Smoother
from metagui.gui.monitor.follow import Range
from metagui.gui.monitor.history import Floats, RunHistory, Series
from metagui.gui.monitor.views import AxisChoice
from metagui.gui.monitor.window import WindowedCurve

_SAMPLES = 4096  # of a long curve, to find a range that leaves outliers out


@dataclass(frozen=True, slots=True)
class Style:
    """What all curves of the monitor share. ``weight`` of the smoothing in [0, 1); ``log`` heights."""

    axis: AxisChoice = "steps"
    weight: float = 0.0
    log: bool = False


@dataclass(frozen=True, slots=True)
class Sample:
    """One point: its position and height as drawn, its step, its value and the smoothed value."""

    position: float
    height: float
    step: int
    value: float
    smoothed: float


class Curve:
    """Follows one :class:`Series`; :meth:`update` takes in what is new since the last call."""

    def __init__(self, run: RunHistory, series: Series, style: Style) -> None:
        self._run = run
        self._series = series
        self._style = style
        self._begin()
        self.update(style)

    def __len__(self) -> int:
        return len(self._raw)

    @property
    def extent(self) -> Range | None:
        """First and last position, None while there is no point."""
        if not len(self._raw):
            return None
        return float(self._raw.pyramid.x[0]), float(self._raw.pyramid.x[-1])

    def update(self, style: Style) -> bool:
        """Take in new points, or start over where the style or the past has changed; True when anything did."""
        if style != self._style or self._series.cuts != self._cuts:
            self._style = style
            self._begin()
            self._take()
            return True
        return self._take()

    def window(self, low: float, high: float, columns: int, smoothed: bool) -> tuple[Floats, Floats]:
        """Positions and heights to draw between two positions, about two a column; NaN heights are gaps."""
        return (self._smooth if smoothed else self._raw).view(low, high, columns)

    @property
    def is_smoothed(self) -> bool:
        return self._smooth is not self._raw

    def heights(self, low: float, high: float, share: float = 0.0) -> Range | None:
        """Lowest and highest raw point between two positions, without a ``share`` of the points at either end."""
        if share > 0.0:
            heights = self._inside(low, high)
            percent = 100.0 * share
            bulk = robust_range(heights[:: max(1, heights.size // _SAMPLES)], lower=percent, upper=100.0 - percent)
            return (bulk.low, bulk.high) if bulk is not None else None
        if self.extent is not None and low <= self.extent[0] and self.extent[1] <= high:
            return (self._lowest, self._highest) if self._lowest <= self._highest else None
        x, heights = self._raw.pyramid.view(low, high, 8)
        heights = heights[np.isfinite(heights) & (x >= low) & (x <= high)]
        return (float(heights.min()), float(heights.max())) if heights.size else None

    def count_beyond(self, positions: Range, heights: Range) -> int:
        """How many raw points between two positions lie below or above the heights in view."""
        inside = self._inside(*positions)
        return int(np.count_nonzero((inside < heights[0]) | (inside > heights[1])))

    def nearest(self, position: float) -> Sample | None:
        """The point nearest to a position."""
        x = self._raw.pyramid.x
        if not x.size:
            return None
        after = int(np.searchsorted(x, position))
        index = min(max(after, 0), x.size - 1)
        if index > 0 and position - x[index - 1] < x[index] - position:
            index -= 1
        return self._sample(index)

    def neighbour(self, position: float, offset: int) -> Sample | None:
        """The point ``offset`` points after the one nearest to a position; the first or last at the ends."""
        here = self.nearest(position)
        if here is None:
            return None
        index = int(np.searchsorted(self._raw.pyramid.x, here.position)) + offset
        return self._sample(min(max(index, 0), len(self._raw) - 1))

    def _sample(self, index: int) -> Sample:
        height = float(self._smooth.pyramid.y[index])
        smoothed = 10.0**height if self._style.log else height
        return Sample(
            position=float(self._raw.pyramid.x[index]),
            height=height,
            step=int(self._series.steps[index]),
            value=float(self._series.values[index]),
            smoothed=smoothed,
        )

    def _inside(self, low: float, high: float) -> Floats:
        first, last = np.searchsorted(self._raw.pyramid.x, [low, np.nextafter(high, np.inf)])
        return self._raw.pyramid.y[first:last]

    def _begin(self) -> None:
        self._cuts = self._series.cuts
        self._raw = WindowedCurve()
        self._smooth = WindowedCurve() if self._style.weight > 0.0 else self._raw
        self._lowest, self._highest = np.inf, -np.inf
        self._smoother = Smoother(self._style.weight)
        self.masked = 0
        """Points without a place on the scale: not finite, or not positive on a logarithmic one."""

    def _take(self) -> bool:
        taken = len(self._raw)
        if len(self._series) == taken:
            return False
        positions = self._run.positions(self._series, self._style.axis, taken)
        if not np.isfinite(positions).all():  # times are unknown: nothing to draw on this axis
            return False
        if self._style.axis == "time":  # clocks are set back now and then
            earliest = self._raw.pyramid.x[-1] if taken else -np.inf
            positions = np.maximum.accumulate(np.maximum(positions, earliest))
        values = self._series.values[taken:]
        heights = self._heights(values)
        present = heights[np.isfinite(heights)]
        self.masked += heights.size - present.size
        if present.size:
            self._lowest = min(self._lowest, float(present.min()))
            self._highest = max(self._highest, float(present.max()))
        self._raw.append(positions, heights)
        if self._smooth is not self._raw:
            self._smooth.append(positions, self._heights(self._smoother.append(values)))
        return True

    def _heights(self, values: Floats) -> Floats:
        """Values on the scale: their decimal logarithms on a logarithmic one, NaN where there is no place."""
        if not self._style.log:
            return np.where(np.isfinite(values), values, np.nan)
        positive = np.isfinite(values) & (values > 0)
        return np.log10(values, out=np.full(values.shape, np.nan), where=positive)
