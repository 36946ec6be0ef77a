"""Moves the shared cross-hair: finds the points under it in all plots and puts them into words."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from PySide6.QtCore import QObject, QPoint, QPointF

from metagui.gui.monitor.chart import Chart
from metagui.gui.monitor.crosshair import CrosshairTip, Reading
from metagui.gui.monitor.curve import Sample, Style
from metagui.gui.monitor.panel import ChartPanel
from metagui.gui.monitor.ticks import duration, number, reading
from metagui.gui.monitor.traces import Trace
from metagui.gui.monitor.views import AxisChoice

_MOST_READINGS = 9  # of one plot in the tip


class Pointer(QObject):
    """Shows where the mouse, or the arrow keys, point in all plots at once."""

    def __init__(self, panels: Sequence[ChartPanel], tip: CrosshairTip, style: Callable[[], Style]) -> None:
        super().__init__(tip.parent())
        self._panels = tuple(panels)
        self._tip = tip
        self._style = style
        self._chart: Chart | None = None
        self._position = 0.0
        self._height: float | None = None
        for panel in self._panels:
            panel.chart.hovered.connect(self._hovered)
            panel.chart.cursor_moved.connect(self._moved)

    @property
    def position(self) -> float | None:
        """Where the cross-hair is on the horizontal axis, None while it is hidden."""
        return self._position if self._chart is not None else None

    def refresh(self) -> None:
        """The curves have changed under the cross-hair."""
        if self._chart is None:
            return
        sample = _nearest(self._chart, self._position)
        if sample is None:
            self.hide()
            return
        groups = []
        smoothing = self._style().weight > 0
        for panel in self._panels:
            found = _samples_at(panel.chart, sample.position)
            dots = [(each.position, each.height, trace.colour) for trace, each in found if np.isfinite(each.height)]
            panel.chart.crosshair.show_at(sample.position, dots)
            height = self._height if panel.chart is self._chart else None
            groups.append((panel.view.axis, _readings(panel, found, height, smoothing)))
        self._tip.show_readings(_heading(sample, self._style().axis), groups, self._beside(self._chart, sample))

    def hide(self) -> None:
        """No cross-hair and no tip."""
        self._chart = None
        self._tip.hide()
        for panel in self._panels:
            panel.chart.crosshair.show_at(None, [])

    def _hovered(self, place: QPointF | None) -> None:
        chart = self.sender()
        if place is None or not isinstance(chart, Chart):
            self.hide()
            return
        self._chart, self._position, self._height = chart, place.x(), place.y()
        self.refresh()

    def _moved(self, offset: int) -> None:
        chart = self.sender()
        if not isinstance(chart, Chart):
            return
        lead = _lead(chart)
        if lead is None:
            return
        extent, (low, high) = lead.curve.extent, chart.x_range
        start = self._position if self._chart is not None else min(high, extent[1] if extent else high)
        sample = lead.curve.neighbour(start, offset)
        if sample is not None and low <= sample.position <= high:
            self._chart, self._position, self._height = chart, sample.position, None
            self.refresh()

    def _beside(self, chart: Chart, sample: Sample) -> QPoint:
        """Where the tip goes: at the pointer, or at the point itself when the keys moved the cross-hair."""
        height = self._height if self._height is not None else sample.height
        if not np.isfinite(height):
            height = sum(chart.y_range) / 2
        scene = chart.view.mapViewToScene(QPointF(sample.position, height))
        place: QPoint = chart.plot.mapTo(self._tip.parentWidget(), chart.plot.mapFromScene(scene))
        return place


def _nearest(chart: Chart, position: float) -> Sample | None:
    """The nearest point of the plot's foremost curve: where the cross-hair snaps to."""
    lead = _lead(chart)
    return lead.curve.nearest(position) if lead is not None else None


def _heading(sample: Sample, axis: AxisChoice) -> str:
    """Where the cross-hair is."""
    step = f"meta-step {number(sample.step)}"
    if axis == "tasks":
        return f"{number(sample.position)} tasks seen ({step})"
    return f"{duration(sample.position)} ({step})" if axis == "time" else step


def _samples_at(chart: Chart, position: float) -> list[tuple[Trace, Sample]]:
    """For every trace that reaches this position, its point there."""
    found = []
    for trace in chart.traces.traces:
        extent = trace.curve.extent
        if extent is None or not extent[0] <= position <= extent[1]:
            continue
        sample = trace.curve.nearest(position)
        if sample is not None:
            found.append((trace, sample))
    return found


def _readings(
    panel: ChartPanel, found: Sequence[tuple[Trace, Sample]], height: float | None, smoothing: bool
) -> list[Reading]:
    """The values in words; the curve nearest to ``height`` stands out. Of many curves, evenly spaced ones."""
    nearest = None
    if height is not None and found:
        distances = [abs(sample.height - height) for _, sample in found]
        nearest = int(np.nanargmin(distances)) if not np.all(np.isnan(distances)) else None
    picks: Sequence[int] = range(len(found))
    if len(found) > _MOST_READINGS:
        chosen = {round(pick * (len(found) - 1) / (_MOST_READINGS - 1)) for pick in range(_MOST_READINGS)}
        picks = sorted(chosen | ({nearest} if nearest is not None else set()))
    lines = []
    for pick in picks:
        trace, sample = found[pick]
        value = _spoken(sample.smoothed, panel.view.percent)
        raw = _spoken(sample.value, panel.view.percent) if smoothing and trace.faint else ""
        lines.append(Reading(trace.name, trace.colour, value, raw, nearest == pick))
    return lines


def _lead(chart: Chart) -> Trace | None:
    """The current run's curve with the most points."""
    traces = [trace for trace in chart.traces.traces if len(trace.curve)]
    return max(traces, key=lambda trace: (trace.current, len(trace.curve)), default=None)


def _spoken(value: float, percent: bool) -> str:
    return f"{value:.1%}" if percent and np.isfinite(value) else reading(value)
