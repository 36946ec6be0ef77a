"""Support points of a curve under the mouse: click adds, drag moves, right-click or Delete takes away."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from metagui.events import Adaptation
from metagui.gui.adaptation.content import MalformedAdaptationError, Regression, read
from metagui.gui.adaptation.regression import RegressionPicture
from metagui.gui.studio.own.sketch import CurveSketch
from metagui.gui.theme import DARK, Theme

_REACH = 13.0
"""Pixels from a point within which it is meant."""
_NUDGE = 0.02
"""Share of the picture that an arrow key moves a point by."""

Frame = tuple[float, float, float, float]
SINE_FRAME: Frame = (-5.0, 5.0, -5.6, 5.6)
"""Left, right, bottom, top."""


class _StillPicture(RegressionPicture):
    """Axes that stay while points are dragged: what is under the mouse stays there."""

    def __init__(self) -> None:
        self.frame = SINE_FRAME
        super().__init__()

    def _fit(self, content: Regression) -> None:
        self.fit_frame()

    def fit_frame(self) -> None:
        left, right, bottom, top = self.frame
        self._range = (bottom, top)
        self.plot.setRange(xRange=(left, right), yRange=(bottom, top), padding=0.0)


class CurveEditor(QWidget):
    """``edited(sketch, done)``: ``done`` is False while a point is being dragged."""

    edited = Signal(object, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = DARK
        self.sketch = CurveSketch()
        self._held: int | None = None
        self.selected: int | None = None
        self.picture = _StillPicture()
        self.picture.fit_frame()
        self.ring = pg.ScatterPlotItem(pxMode=True, symbol="o", size=19, antialias=True)
        self.ring.setZValue(402)
        self.picture.plot.addItem(self.ring)
        self.picture.support.setSize(12)
        viewport = self.picture.plot.viewport()
        viewport.installEventFilter(self)
        viewport.setCursor(Qt.CursorShape.CrossCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Support points of your curve")
        self.setAccessibleDescription(
            "Click to add a point, drag to move it, right-click to take it away. With keys: Insert adds, Page Up and "
            "Page Down choose, Shift and the arrow keys move, Delete takes away."
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.picture)

    @property
    def frame(self) -> tuple[float, float, float, float]:
        return self.picture.frame

    def set_frame(self, frame: tuple[float, float, float, float]) -> None:
        """What is in view, as (left, right, bottom, top)."""
        self.picture.frame = frame
        self.picture.fit_frame()

    def show_sketch(self, sketch: CurveSketch) -> None:
        """Its points at once; the network's curve follows when it is known."""
        self.sketch = sketch
        if self.selected is not None and self.selected >= len(sketch.points):
            self.selected = None
        self._draw()

    def show_adaptation(self, adaptation: Adaptation, step: int) -> int:
        """The network's curve; returns the number of inner steps. Raises MalformedAdaptationError."""
        content = read(adaptation)
        if not isinstance(content, Regression):
            raise MalformedAdaptationError(f"kind: is {adaptation.kind}, it should be regression")
        self.picture.show_content(content, min(step, content.steps))
        self._draw()  # the hand may be ahead of the answer
        return content.steps

    def show_step(self, step: int) -> None:
        self.picture.show_step(step)

    def forget_answer(self) -> None:
        """Leave the points, without a network's curve."""
        for curve in self.picture.curves:
            curve.setVisible(False)

    def place_of(self, x: float, y: float) -> QPointF:
        """Where a point is on the viewport, in pixels."""
        scene = self.picture.plot.getPlotItem().getViewBox().mapViewToScene(QPointF(x, y))
        return QPointF(self.picture.plot.mapFromScene(scene))

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.picture.set_theme(theme)
        self.ring.setPen(pg.mkPen(theme.text, width=1.6 * self.devicePixelRatioF()))
        self.ring.setBrush(None)
        self._draw()

    # --- mouse and keys ------------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QMouseEvent):
            return super().eventFilter(watched, event)
        match event.type():
            case QEvent.Type.MouseButtonPress | QEvent.Type.MouseButtonDblClick:
                self._press(event)
            case QEvent.Type.MouseMove if self._held is not None:
                self._put(self._held, *self._value_at(event.position()), done=False)
            case QEvent.Type.MouseButtonRelease if self._held is not None:
                self._held = None
                self.edited.emit(self.sketch, True)
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        left, right, bottom, top = self.frame
        across, up = _NUDGE * (right - left), _NUDGE * (top - bottom)
        shift = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        moves = {
            Qt.Key.Key_Left: (-across, 0.0),
            Qt.Key.Key_Right: (across, 0.0),
            Qt.Key.Key_Up: (0.0, up),
            Qt.Key.Key_Down: (0.0, -up),
        }
        key = Qt.Key(event.key())
        count = len(self.sketch.points)
        if key == Qt.Key.Key_Insert:
            self._add((left + right) / 2, (bottom + top) / 2)
            self.edited.emit(self.sketch, True)
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and self.selected is not None:
            self._remove(self.selected)
        elif key in (Qt.Key.Key_PageDown, Qt.Key.Key_PageUp) and count:
            stride = 1 if key == Qt.Key.Key_PageDown else -1
            self.selected = 0 if self.selected is None else (self.selected + stride) % count
            self._draw()
        elif shift and key in moves and self.selected is not None:
            x, y = self.sketch.points[self.selected]
            self._put(self.selected, x + moves[key][0], y + moves[key][1], done=True)
        else:
            super().keyPressEvent(event)

    def _press(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        near = self._near(event.position())
        if event.button() == Qt.MouseButton.RightButton:
            if near is not None:
                self._remove(near)
        elif event.button() == Qt.MouseButton.LeftButton:
            if near is None:
                self._add(*self._value_at(event.position()))
                near = len(self.sketch.points) - 1
                self.edited.emit(self.sketch, False)
            self._held = self.selected = near
            self._draw()

    def _near(self, position: QPointF) -> int | None:
        """The point that is meant there."""
        best, reach = None, _REACH
        for index, (x, y) in enumerate(self.sketch.points):
            offset = self.place_of(x, y) - position
            distance = float(np.hypot(offset.x(), offset.y()))
            if distance <= reach:
                best, reach = index, distance
        return best

    def _value_at(self, position: QPointF) -> tuple[float, float]:
        view = self.picture.plot.getPlotItem().getViewBox()
        value = view.mapSceneToView(self.picture.plot.mapToScene(position.toPoint()))
        return self._inside(value.x(), value.y())

    def _inside(self, x: float, y: float) -> tuple[float, float]:
        left, right, bottom, top = self.frame
        return float(np.clip(x, left, right)), float(np.clip(y, bottom, top))

    def _add(self, x: float, y: float) -> None:
        self.sketch = _with_points(self.sketch, (*self.sketch.points, (x, y)))
        self.selected = len(self.sketch.points) - 1
        self._draw()

    def _put(self, index: int, x: float, y: float, *, done: bool) -> None:
        points = list(self.sketch.points)
        points[index] = self._inside(x, y)
        self.sketch = _with_points(self.sketch, tuple(points))
        self._draw()
        self.edited.emit(self.sketch, done)

    def _remove(self, index: int) -> None:
        points = self.sketch.points
        self.selected = self._held = None
        self.sketch = _with_points(self.sketch, points[:index] + points[index + 1 :])
        self._draw()
        self.edited.emit(self.sketch, True)

    def _draw(self) -> None:
        points = np.array(self.sketch.points, dtype=np.float64).reshape(-1, 2)
        self.picture.support.setData(points[:, 0], points[:, 1])
        self.picture.query.setData([], [])  # those on the true curve would hide it
        left, right, _, _ = self.frame
        x = np.linspace(left, right, 200) if self.sketch.on_curve else np.zeros(0)
        self.picture.truth.setData(x, self.sketch.truth(x))
        ring = points[self.selected : self.selected + 1] if self.selected is not None else points[:0]
        self.ring.setData(ring[:, 0], ring[:, 1])


def _with_points(sketch: CurveSketch, points: tuple[tuple[float, float], ...]) -> CurveSketch:
    return CurveSketch(points, sketch.amplitude, sketch.phase, sketch.on_curve)
