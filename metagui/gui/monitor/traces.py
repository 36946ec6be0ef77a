"""Draws all curves of a plot in one item: a few thousand points, however long the run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from pyqtgraph.Qt.internals import PrimitiveArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from metagui.gui.monitor.curve import Curve, Style
from metagui.gui.monitor.history import Floats
from metagui.gui.theme import mixed

Flags = npt.NDArray[np.bool_]

DASHES: tuple[tuple[float, ...], ...] = ((), (14.0, 4.0), (6.0, 4.0), (14.0, 4.0, 4.0, 4.0))
"""Lengths on and off in pixels, by turns; a second mark beside colour to tell runs apart."""

_FEW = 60  # points up to which a polyline with joins costs little
_SAME = 1.5  # pixels of height that make no visible difference
_REACH = 2.0  # heights of the plot beyond which lines are cut off before Qt sees them


@dataclass(slots=True)
class Trace:
    """How one curve looks. ``faint`` is the colour of the raw values under the smoothed ones, empty for none."""

    curve: Curve
    style: Style
    name: str
    colour: str
    faint: str = ""
    width: float = 2.0
    dash: tuple[float, ...] = ()
    marks: bool = False
    current: bool = True


class TracesItem(pg.GraphicsObject):
    """All traces of a plot, raw ones below, smoothed ones above, the current run's on top."""

    def __init__(self) -> None:
        super().__init__()
        self.traces: list[Trace] = []
        self.background = "#000000"
        self._lines = PrimitiveArray(QLineF, 4)

    def boundingRect(self) -> QRectF:
        """All that is in view: what is drawn follows the view, not the data."""
        return QRectF(self.viewRect() or QRectF(0, 0, 1, 1))

    def viewRangeChanged(self) -> None:
        self.prepareGeometryChange()
        self.update()

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        view = self.viewRect()
        transform = painter.transform()
        if view is None or not view.width() or not view.height() or not transform.m11():
            return
        canvas = _Canvas(
            left=view.left(),
            right=view.right(),
            low=view.top(),
            high=view.bottom(),
            scale_x=transform.m11(),
            shift_x=transform.dx(),
            scale_y=transform.m22(),
            shift_y=transform.dy(),
        )
        # Lines are drawn in pixels: thick ones in stretched coordinates cost Qt ten times as much.
        painter.save()
        painter.resetTransform()
        ordered = sorted(self.traces, key=lambda trace: trace.current)
        for trace in ordered:
            if trace.faint:
                x, y = canvas.points(trace.curve, smoothed=False)
                # Where lines are long their steps show; where they crowd, smoothing them would cost and not be seen.
                painter.setRenderHint(QPainter.RenderHint.Antialiasing, x.size < canvas.pixels / 3)
                self._draw(painter, x, y, QPen(QColor(trace.faint), 1.0))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for trace in ordered:
            self._draw_strong(painter, canvas, trace)
        painter.restore()

    def _draw_strong(self, painter: QPainter, canvas: _Canvas, trace: Trace) -> None:
        x, y = canvas.points(trace.curve, smoothed=True)
        if trace.curve.is_smoothed:
            x, y = _thinned(x, y)
        crowded = x.size > _FEW and float(np.nanmean(np.abs(np.diff(y)))) > 6.0
        line = QColor(mixed(trace.colour, self.background, 0.4) if trace.marks else trace.colour)
        pen = QPen(line, min(trace.width, 1.0) if crowded else trace.width)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        if trace.dash and x.size <= _FEW:  # few, long lines: the dashes must follow them
            pen.setDashPattern([length / pen.widthF() for length in trace.dash])
            self._draw(painter, x, y, pen)
        else:
            self._draw(painter, x, y, pen, trace.dash)
        if trace.marks and x.size <= max(canvas.pixels / 9, 4):
            painter.setPen(QPen(QColor(self.background), 1.0))
            painter.setBrush(QColor(trace.colour))
            for centre in zip(x.tolist(), y.tolist(), strict=True):
                painter.drawEllipse(QPointF(*centre), 3.6, 3.6)
            painter.setBrush(Qt.BrushStyle.NoBrush)

    def _draw(self, painter: QPainter, x: Floats, y: Floats, pen: QPen, dash: tuple[float, ...] = ()) -> None:
        gaps = np.isnan(y)
        if gaps.any():
            self._draw_stretches(painter, x, y, gaps, pen, dash)
            return
        if x.size == 1:
            pen = QPen(pen.color(), pen.widthF() + 2.0)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            painter.drawPoint(QPointF(float(x[0]), float(y[0])))
            return
        if x.size < 2:
            return
        painter.setPen(pen)
        if x.size <= _FEW:
            polygon = pg.functions.create_qpolygonf(x.size)
            corners = pg.functions.ndarray_from_qpolygonf(polygon)
            corners[:, 0], corners[:, 1] = x, y
            painter.drawPolyline(polygon)
            return
        drawn = _dash_on((x[:-1] + x[1:]) / 2, dash) if dash else slice(None)
        segments = np.column_stack((x[:-1], y[:-1], x[1:], y[1:]))[drawn]
        self._lines.resize(len(segments))
        self._lines.ndarray()[:] = segments
        painter.drawLines(*self._lines.drawargs())

    def _draw_stretches(
        self, painter: QPainter, x: Floats, y: Floats, gaps: Flags, pen: QPen, dash: tuple[float, ...]
    ) -> None:
        """What lies between gaps, piece by piece."""
        present = np.flatnonzero(~gaps)
        if not present.size:
            return
        for piece in np.split(present, np.flatnonzero(np.diff(present) > 1) + 1):
            self._draw(painter, x[piece], y[piece], pen, dash)


def _thinned(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """One point for every two that are about as high, which they mostly are on a smoothed curve."""
    if x.size <= _FEW:
        return x, y
    end = x.size // 2 * 2
    alike = np.abs(y[1:end:2] - y[:end:2]) < _SAME
    x, y = x.copy(), y.copy()
    for values in (x, y):
        values[:end:2][alike] = (values[:end:2][alike] + values[1:end:2][alike]) / 2
    kept = np.ones(x.size, dtype=bool)
    kept[1:end:2] = ~alike
    return x[kept], y[kept]


def _dash_on(x: Floats, dash: tuple[float, ...]) -> Flags:
    """Which places, in pixels along the axis, lie on a dash rather than in a gap."""
    ends = np.cumsum(dash)
    part = np.searchsorted(ends, np.mod(x, ends[-1]), side="right")
    on: Flags = part % 2 == 0
    return on


@dataclass(frozen=True, slots=True)
class _Canvas:
    """The view in data coordinates and its way to pixels."""

    left: float
    right: float
    low: float
    high: float
    scale_x: float
    shift_x: float
    scale_y: float
    shift_y: float

    @property
    def pixels(self) -> int:
        return max(int(abs((self.right - self.left) * self.scale_x)), 1)

    def points(self, curve: Curve, smoothed: bool) -> tuple[Floats, Floats]:
        """What a curve shows in view, in pixels."""
        # A smoothed curve changes little within two pixels.
        columns = max(self.pixels // 2, 1) if smoothed and curve.is_smoothed else self.pixels
        x, y = curve.window(self.left, self.right, columns, smoothed)
        reach = _REACH * (self.high - self.low)
        y = np.clip(y, self.low - reach, self.high + reach)
        return x * self.scale_x + self.shift_x, y * self.scale_y + self.shift_y
