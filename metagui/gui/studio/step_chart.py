"""Lines over the inner steps, with a cursor at the step on show. A click or drag goes to a step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from metagui.gui.adaptation.content import Floats
from metagui.gui.monitor.axes import Axis, dress_plot, plain_plot
from metagui.gui.monitor.ticks import Scale, reading
from metagui.gui.theme import DARK, Theme

_DECADES = 1.5
"""From so many decades on, losses are told apart on a logarithmic axis only."""
_EXPLODED = 50.0
"""So many times above where it began, a loss has left the room: the axis does not follow it."""


@dataclass(frozen=True, slots=True)
class Line:
    """``values`` [K + 1], not a number where unknown; ``colour`` #rrggbb."""

    name: str
    values: Floats
    colour: str
    dashed: bool = False


class _StepAxis(Axis):
    """Ticks at whole steps only."""

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:  # noqa: N803
        return [
            (1.0, [place for place in places if place == round(place)])
            for _, places in super().tickValues(minVal, maxVal, size)
        ]


class StepChart(QWidget):
    """``scale``: ``percent`` for shares in 0..1; ``linear`` else, logarithmic by itself where values span decades."""

    step_chosen = Signal(int)

    def __init__(self, name: str, scale: Scale = "linear", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = DARK
        self._scale: Scale = scale
        self._step = 0
        self._mark: int | None = None
        self.lines: tuple[Line, ...] = ()
        self.left = Axis("left", pixels_per_tick=20)
        self.left.setWidth(40)
        self.bottom = _StepAxis("bottom", pixels_per_tick=44)
        self.bottom.setHeight(18)
        self.plot = plain_plot(self.left, self.bottom)
        self.plot.getPlotItem().layout.setContentsMargins(0, 4, 8, 0)
        self.plot.setMouseEnabled(False, False)
        self.plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.plot.setAccessibleName(name)
        self.plot.viewport().installEventFilter(self)
        self.plot.viewport().setCursor(Qt.CursorShape.PointingHandCursor)
        self.curves: list[pg.PlotCurveItem] = []
        self.cursor_line = pg.InfiniteLine(angle=90)
        self.mark_line = pg.InfiniteLine(angle=90)
        self.dots = pg.ScatterPlotItem(pxMode=True, size=7, antialias=True)
        for item, depth in ((self.mark_line, 1), (self.cursor_line, 2), (self.dots, 500)):
            item.setZValue(depth)
            self.plot.addItem(item, ignoreBounds=True)
        self.mark_line.hide()
        self.setMinimumHeight(76)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.plot)
        self.set_theme(DARK)

    @property
    def steps(self) -> int:
        return max((len(line.values) for line in self.lines), default=1) - 1

    def show_lines(self, lines: tuple[Line, ...], step: int) -> None:
        """Draw these lines; the axis becomes logarithmic where they are positive and span decades."""
        self.lines = lines
        while len(self.curves) < len(lines):
            curve = pg.PlotCurveItem(antialias=True, connect="finite")
            curve.setZValue(10 + len(self.curves))
            self.curves.append(curve)
            self.plot.addItem(curve)
        self.left.set_scale_name(self._scale_for())
        self._draw()
        self._fit()
        self.show_step(step)

    def show_step(self, step: int) -> None:
        self._step = step
        self.cursor_line.setPos(min(step, self.steps))
        places, heights, brushes = [], [], []
        for line in self.lines:
            at = min(step, len(line.values) - 1)
            height = float(self._heights(line.values)[at])
            if np.isfinite(height):
                places.append(at)
                heights.append(height)
                brushes.append(pg.mkBrush(line.colour))
        self.dots.setData(places, heights, brush=brushes, pen=pg.mkPen(self._theme.plot_background, width=1.2))

    def set_mark(self, step: int | None) -> None:
        """Where training stops taking steps; None where that is the end or unknown."""
        self._mark = step
        self.mark_line.setVisible(step is not None)
        if step is not None:
            self.mark_line.setPos(step)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        dress_plot(self.plot, theme)
        ratio = self.devicePixelRatioF()
        self.cursor_line.setPen(pg.mkPen(theme.muted, width=1.2 * ratio))
        pen = pg.mkPen(theme.muted, width=1.0 * ratio)
        pen.setDashPattern([2.0, 3.0])
        self.mark_line.setPen(pen)
        self._draw()
        self.show_step(self._step)

    def reading_of(self, line: Line) -> str:
        """Its value at the step on show, in words."""
        value = float(line.values[min(self._step, len(line.values) - 1)])
        if not np.isfinite(value):
            return "–"
        return f"{value:.0%}" if self._scale == "percent" else reading(value)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QMouseEvent) and event.buttons() & Qt.MouseButton.LeftButton and self.steps > 0:
            view = self.plot.getPlotItem().getViewBox()
            place = view.mapSceneToView(self.plot.mapToScene(event.position().toPoint())).x()
            self.step_chosen.emit(int(np.clip(round(place), 0, self.steps)))
            return True
        return super().eventFilter(watched, event)

    def _scale_for(self) -> Scale:
        if self._scale != "linear" or not self.lines:
            return self._scale
        values = np.concatenate([line.values for line in self.lines])
        values = values[np.isfinite(values)]
        if not values.size or values.min() <= 0:
            return "linear"
        return "log" if np.log10(values.max() / values.min()) > _DECADES else "linear"

    def _heights(self, values: Floats) -> Floats:
        if self.left.scale_name != "log":
            return values
        with np.errstate(divide="ignore", invalid="ignore"):
            heights: Floats = np.log10(np.where(values > 0, values, np.nan))
        return heights

    def _draw(self) -> None:
        ratio = self.devicePixelRatioF()
        for curve, line in zip(self.curves, self.lines, strict=False):
            pen = pg.mkPen(line.colour, width=1.9 * ratio)
            if line.dashed:
                pen.setDashPattern([4.0, 2.5])
            curve.setPen(pen)
            curve.setData(np.arange(len(line.values)), self._heights(line.values))
            curve.setVisible(True)
        for curve in self.curves[len(self.lines) :]:
            curve.setVisible(False)

    def _fit(self) -> None:
        steps = self.steps
        low, high = (0.0, 1.0) if self._scale == "percent" else self._extent()
        room = (0.12 if self._scale == "percent" else 0.06) * (high - low) or 0.5
        side = 0.02 * steps or 0.5
        self.plot.setRange(xRange=(-side, steps + side), yRange=(low - room, high + room), padding=0.0)

    def _extent(self) -> tuple[float, float]:
        heights = [self._heights(line.values) for line in self.lines]
        values = np.concatenate(heights) if heights else np.zeros(0)
        values = values[np.isfinite(values)]
        if not values.size:
            return 0.0, 1.0
        low, high = float(values.min()), float(values.max())
        if self.left.scale_name == "log":
            return low, high
        begun = [abs(float(each[0])) for each in heights if len(each) and np.isfinite(each[0])]
        if low >= 0:
            low = 0.0
        return low, min(high, max(begun, default=high) * _EXPLODED or high)
