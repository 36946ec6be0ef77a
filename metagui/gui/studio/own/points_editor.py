"""A square to paint classes into; the network's regions lie beneath."""

from __future__ import annotations

import math

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QGraphicsRectItem, QVBoxLayout, QWidget

from metagui.events import Adaptation
from metagui.gui.adaptation.content import MalformedAdaptationError, Points, read
from metagui.gui.adaptation.points import PointsPicture, class_colours
from metagui.gui.studio.own.sketch import SQUARE, PointsSketch
from metagui.gui.theme import DARK, Theme

_APART = 0.09
"""So far does the mouse travel between two points of one stroke."""
_ERASER = 0.12
ERASER = -1
MOST_POINTS = 600
"""More could not be told apart, and would slow every answer down."""


class PointsEditor(QWidget):
    """``edited(sketch, done)``; ``class_picked(label)`` when a number key chose one, ``ERASER`` for the eraser."""

    edited = Signal(object, bool)
    class_picked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = DARK
        self.sketch = PointsSketch()
        self.brush = 0
        self._erasing = False
        self._last: tuple[float, float] | None = None
        self.cursor_at = (0.0, 0.0)
        self.picture = PointsPicture()
        self.picture.plot.setRange(QRectF(-SQUARE, -SQUARE, 2 * SQUARE, 2 * SQUARE), padding=0.0)
        self.edge = QGraphicsRectItem(-SQUARE, -SQUARE, 2 * SQUARE, 2 * SQUARE)  # where is painted, answered or not
        self.edge.setZValue(0.5)
        self.picture.plot.addItem(self.edge)
        self.sight = pg.ScatterPlotItem(pxMode=True, symbol="+", size=18, antialias=True)
        self.sight.setZValue(3)
        self.picture.plot.addItem(self.sight)
        viewport = self.picture.plot.viewport()
        viewport.installEventFilter(self)
        viewport.setCursor(Qt.CursorShape.CrossCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Support points of your classes")
        self.setAccessibleDescription(
            "Click or drag to paint points of the class chosen; number keys choose a class, E the eraser, the right "
            "button erases. With keys: Shift and the arrow keys move the sight, Insert paints, Delete erases there."
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.picture)
        self.set_theme(DARK)

    def show_sketch(self, sketch: PointsSketch) -> None:
        self.sketch = sketch
        self._draw()

    def show_adaptation(self, adaptation: Adaptation, step: int) -> int:
        """The network's regions; returns the number of inner steps. Raises MalformedAdaptationError."""
        content = read(adaptation)
        if not isinstance(content, Points):
            raise MalformedAdaptationError(f"kind: is {adaptation.kind}, it should be points")
        self.picture.show_content(content, min(step, content.steps))
        self.picture.regions.show()
        self._draw()  # the hand may be ahead of the answer
        return content.steps

    def show_step(self, step: int) -> None:
        self.picture.show_step(step)

    def forget_answer(self) -> None:
        self.picture.regions.hide()

    def place_of(self, x: float, y: float) -> QPointF:
        """Where a point is on the viewport, in pixels."""
        scene = self.picture.plot.getPlotItem().getViewBox().mapViewToScene(QPointF(x, y))
        return QPointF(self.picture.plot.mapFromScene(scene))

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.picture.set_theme(theme)
        self.edge.setPen(pg.mkPen(theme.line, width=self.devicePixelRatioF()))
        self.sight.setPen(pg.mkPen(theme.text, width=1.4 * self.devicePixelRatioF()))
        self._draw()

    # --- mouse and keys ------------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QMouseEvent):
            return super().eventFilter(watched, event)
        match event.type():
            case QEvent.Type.MouseButtonPress | QEvent.Type.MouseButtonDblClick:
                self.setFocus(Qt.FocusReason.MouseFocusReason)
                self._erasing = event.button() == Qt.MouseButton.RightButton or self.brush == ERASER
                self._last = None
                self._stroke(event.position())
            case QEvent.Type.MouseMove if event.buttons() != Qt.MouseButton.NoButton:
                self._stroke(event.position())
            case QEvent.Type.MouseButtonRelease:
                self._last = None
                self.edited.emit(self.sketch, True)
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        moves = {
            Qt.Key.Key_Left: (-0.05, 0.0),
            Qt.Key.Key_Right: (0.05, 0.0),
            Qt.Key.Key_Up: (0.0, 0.05),
            Qt.Key.Key_Down: (0.0, -0.05),
        }
        number = event.key() - Qt.Key.Key_1
        key = Qt.Key(event.key())
        if 0 <= number < self.sketch.ways:
            self.class_picked.emit(number)
        elif key == Qt.Key.Key_E:
            self.class_picked.emit(ERASER)
        elif key in moves and event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            across, up = moves[key]
            self.cursor_at = self._inside(self.cursor_at[0] + across, self.cursor_at[1] + up)
            self.sight.setData([self.cursor_at[0]], [self.cursor_at[1]])
        elif key in (Qt.Key.Key_Insert, Qt.Key.Key_Delete):
            change = self._erased if key == Qt.Key.Key_Delete or self.brush == ERASER else self._painted
            self.sketch = change(*self.cursor_at)
            self._draw()
            self.edited.emit(self.sketch, True)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: object) -> None:
        self.sight.setData([], [])

    def _stroke(self, position: QPointF) -> None:
        """Paint or erase along the mouse's way."""
        view = self.picture.plot.getPlotItem().getViewBox()
        value = view.mapSceneToView(self.picture.plot.mapToScene(position.toPoint()))
        x, y = self._inside(value.x(), value.y())
        if self._erasing:
            self.sketch = self._erased(x, y)
        elif self._last is None or math.dist(self._last, (x, y)) >= _APART:
            self._last = (x, y)
            self.sketch = self._painted(x, y)
        else:
            return
        self._draw()
        self.edited.emit(self.sketch, False)

    def _painted(self, x: float, y: float) -> PointsSketch:
        if len(self.sketch.points) >= MOST_POINTS:
            return self.sketch
        return PointsSketch(self.sketch.ways, (*self.sketch.points, (x, y, self.brush)))

    def _erased(self, x: float, y: float) -> PointsSketch:
        kept = tuple(spot for spot in self.sketch.points if math.dist(spot[:2], (x, y)) > _ERASER)
        return PointsSketch(self.sketch.ways, kept)

    def _inside(self, x: float, y: float) -> tuple[float, float]:
        return float(np.clip(x, -SQUARE, SQUARE)), float(np.clip(y, -SQUARE, SQUARE))

    def _draw(self) -> None:
        colours = class_colours(self._theme, self.sketch.ways)
        theme, ratio = self._theme, self.devicePixelRatioF()
        self.picture.support.setData(
            [x for x, _, _ in self.sketch.points],
            [y for _, y, _ in self.sketch.points],
            brush=[pg.mkBrush(colours[label]) for _, _, label in self.sketch.points],
            pen=pg.mkPen(theme.text if theme.is_dark else theme.plot_background, width=1.4 * ratio),
        )
