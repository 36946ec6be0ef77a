"""One cell of the drawing board: a page to draw on, and beside it what the network gets of the drawing."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPointingDevice,
    QPolygonF,
    QTabletEvent,
    QTouchEvent,
)
from PySide6.QtWidgets import QMenu, QWidget

from metagui.datasets.ink import Picture
from metagui.gui.adaptation.images import crisp, picture_of
from metagui.gui.studio.own.bringing import is_offered
from metagui.gui.studio.own.sketch import Cell
from metagui.gui.theme import DARK, Theme, mixed

INK_SHARE = 0.44
"""Side of the picture beside the page, as a share of the page's."""
_GAP = 6
_PEN = 0.05
_APART = 0.008
"""Shares of the page: the usual pen, and the way between two points of a stroke that are kept."""
MOST_STROKES = 200
MOST_PER_STROKE = 1500


class DrawingCell(QWidget):
    """``changed(cell, done)`` while and after it is drawn on; ``offered(QMimeData)`` for what is dropped or pasted;
    ``file_wanted()`` where a person wants to choose one."""

    changed = Signal(object, bool)
    offered = Signal(object)
    file_wanted = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = DARK
        self.cell = Cell()
        self.pen_width = 1.0
        self._picture: Picture | None = None
        self._line: list[tuple[float, float]] | None = None
        self._welcome = False
        self.setAcceptDrops(True)
        self.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setAccessibleName(name)
        self.setToolTip("Draw here, or drop or paste a picture. Delete clears it, Enter opens a picture file.")

    @property
    def page(self) -> QRectF:
        """Where is drawn, in pixels."""
        side = min(float(self.height()), (self.width() - _GAP) / (1 + INK_SHARE))
        return QRectF(0, 0, side, side).adjusted(1.5, 1.5, -1.5, -1.5)

    def show_cell(self, cell: Cell, picture: Picture | None) -> None:
        """The drawing, and as the network gets it."""
        self.cell = cell
        self._picture = picture
        self.setAccessibleDescription(
            "empty" if cell.is_blank else "a picture" if cell.picture is not None else f"{len(cell.strokes)} strokes"
        )
        self.update()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    # --- drawing -------------------------------------------------------------------------------------------------

    def begin(self, position: QPointF) -> None:
        """A stroke starts. One on a picture begins a drawing of its own."""
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        if self.cell.picture is None and len(self.cell.strokes) >= MOST_STROKES:
            return
        self._line = [self._share(position)]
        self._tell(False)

    def extend(self, position: QPointF) -> None:
        line = self._line
        if line is None or len(line) >= MOST_PER_STROKE:
            return
        place = self._share(position)
        if math.dist(line[-1], place) >= _APART:
            line.append(place)
            self._tell(False)

    def finish(self) -> None:
        if self._line is not None:
            self._tell(True)
            self._line = None

    def _tell(self, done: bool) -> None:
        before = () if self.cell.picture is not None else self.cell.strokes
        assert self._line is not None
        drawn = Cell((*before, tuple(self._line)), self.pen_width)
        kept = self.cell
        self.changed.emit(drawn, done)
        if not done:
            self.cell = kept  # the stroke that goes on is not yet part of it
        self.update()

    def _share(self, position: QPointF) -> tuple[float, float]:
        page = self.page
        x, y = (position.x() - page.left()) / page.width(), (position.y() - page.top()) / page.height()
        return round(min(max(x, 0.0), 1.0), 4), round(min(max(y, 0.0), 1.0), 4)

    # --- events --------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.begin(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.extend(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.finish()

    def tabletEvent(self, event: QTabletEvent) -> None:
        """A pen draws; its other end clears."""
        if event.pointerType() == QPointingDevice.PointerType.Eraser:
            if event.type() == QEvent.Type.TabletPress:
                self.changed.emit(Cell(), True)
        elif event.type() == QEvent.Type.TabletPress:
            self.begin(event.position())
        elif event.type() == QEvent.Type.TabletMove:
            self.extend(event.position())
        else:
            self.finish()
        event.accept()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QTouchEvent):
            position = event.points()[0].position() if event.points() else QPointF()
            match event.type():
                case QEvent.Type.TouchBegin:
                    self.begin(position)
                case QEvent.Type.TouchUpdate:
                    self.extend(position)
                case _:
                    self.finish()
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Paste):
            self.offered.emit(QGuiApplication.clipboard().mimeData())
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.changed.emit(Cell(), True)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.file_wanted.emit()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        menu.addAction("Clear", lambda: self.changed.emit(Cell(), True)).setEnabled(not self.cell.is_blank)
        menu.addAction("Paste picture", lambda: self.offered.emit(QGuiApplication.clipboard().mimeData()))
        menu.addAction("Open picture…", self.file_wanted.emit)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(event.globalPos())

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if is_offered(event.mimeData()):
            self._welcome = True
            self.update()
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._welcome = False
        self.update()

    def dropEvent(self, event: QDropEvent) -> None:
        self._welcome = False
        self.update()
        event.acceptProposedAction()
        self.offered.emit(event.mimeData())

    # --- painting ------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, page = self._theme, self.page
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = mixed(theme.plot_background, theme.text, 0.05)
        lively = self._welcome or self.hasFocus()
        painter.setPen(QPen(QColor(theme.accent if lively else theme.line), 2.0 if lively else 1.0))
        painter.setBrush(QColor(ground))
        painter.drawRoundedRect(page, 5, 5)
        if self.cell.picture is not None and self._line is None:
            self._paint_picture(painter, page.adjusted(3, 3, -3, -3))
        else:
            self._paint_strokes(painter, page)
        if self._picture is not None:
            side = page.width() * INK_SHARE
            self._paint_picture(painter, QRectF(page.right() + _GAP, page.top(), side, side))
        painter.end()

    def _paint_strokes(self, painter: QPainter, page: QRectF) -> None:
        strokes = [] if self.cell.picture is not None else list(self.cell.strokes)
        if self._line is not None:
            strokes.append(tuple(self._line))
        pen = QPen(QColor(self._theme.text), max(1.5, _PEN * self.pen_width * page.width()))
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.setClipRect(page)
        for stroke in strokes:
            line = [QPointF(page.left() + x * page.width(), page.top() + y * page.height()) for x, y in stroke]
            if len(line) > 1:
                painter.drawPolyline(QPolygonF(line))
            else:
                painter.drawPoint(line[0])
        painter.setClipping(False)

    def _paint_picture(self, painter: QPainter, place: QRectF) -> None:
        if self._picture is None:
            return
        ratio = self.devicePixelRatioF()
        ground = mixed(self._theme.plot_background, self._theme.text, 0.05)
        pixmap = crisp(picture_of(self._picture, ground, self._theme.text), place.size().toSize() * ratio)
        pixmap.setDevicePixelRatio(ratio)
        painter.drawPixmap(place.topLeft(), pixmap)
