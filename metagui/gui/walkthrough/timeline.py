"""The scrubber over all moments: calls as a stair, tasks as bands, memory as a shade behind, and where one is."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QSlider, QToolTip, QWidget

from metagui.gui.theme import DARK, Theme, mixed
from metagui.gui.walkthrough.timeline_ticks import Tick

_MARGIN = 9.0


class Timeline(QSlider):
    """Drag, click or use the arrow keys; ``valueChanged`` carries the moment."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._theme = DARK
        self._ticks: tuple[Tick, ...] = ()
        self._breakpoints: tuple[int, ...] = ()
        self._ground: QPixmap | None = None
        self.setRange(0, 0)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("All moments of the recording")
        self.setMinimumWidth(180)

    def sizeHint(self) -> QSize:
        return QSize(400, round(self.fontMetrics().height() * 1.25) + 34)

    def show_ticks(self, ticks: tuple[Tick, ...]) -> None:
        """Another recording."""
        self._ticks = ticks
        self._breakpoints = ()
        self._ground = None
        self.setRange(0, max(len(ticks) - 1, 0))
        self.setPageStep(max(1, len(ticks) // 20))
        self.update()

    def set_breakpoints(self, positions: tuple[int, ...]) -> None:
        self._breakpoints = positions
        self._ground = None
        self.update()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._ground = None
        self.update()

    def x_of(self, position: float) -> float:
        """Pixels from the left."""
        return _MARGIN + (self.width() - 2 * _MARGIN) * position / max(self.maximum(), 1)

    def position_at(self, x: float) -> int:
        share = (x - _MARGIN) / max(self.width() - 2 * _MARGIN, 1.0)
        return min(max(round(share * self.maximum()), 0), self.maximum())

    # --- painting ------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        ratio = self.devicePixelRatioF()
        if self._ground is None or self._ground.deviceIndependentSize().toSize() != self.size():
            self._ground = QPixmap(self.size() * ratio)
            self._ground.setDevicePixelRatio(ratio)
            self._ground.fill(Qt.GlobalColor.transparent)
            ground = QPainter(self._ground)
            ground.setRenderHint(QPainter.RenderHint.Antialiasing)
            if self._ticks:
                self._paint_ground(ground)
            ground.end()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.drawPixmap(0, 0, self._ground)
        if self._ticks:
            self._paint_head(painter)
        painter.end()

    def _paint_ground(self, painter: QPainter) -> None:
        bands = self.fontMetrics().height() * 1.15
        body = QRectF(0, bands + 3, self.width(), self.height() - bands - 6)
        self._paint_tasks(painter, bands, body)
        self._paint_memory(painter, body)
        self._paint_stair(painter, body)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.bad))
        for position in self._breakpoints:
            painter.drawEllipse(QPointF(self.x_of(position), body.bottom() - 1), 2.4, 2.4)

    def _paint_tasks(self, painter: QPainter, bands: float, body: QRectF) -> None:
        theme = self._theme
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * 0.88)
        painter.setFont(font)
        for task, (first, last) in self._spans().items():
            left, right = self.x_of(first - 0.5), self.x_of(last + 0.5)
            colour = theme.cycle[task % len(theme.cycle)]
            area = QRectF(left, body.top(), right - left, body.height())
            painter.fillRect(area, QColor(mixed(theme.window, colour, 0.12)))
            painter.setPen(QColor(colour))
            words = painter.fontMetrics()
            name = next(
                (text for text in (f"task {task + 1}", f"{task + 1}") if words.horizontalAdvance(text) < area.width()),
                "",
            )
            painter.drawText(
                QRectF(left, 0, right - left, bands), Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom, name
            )

    def _spans(self) -> dict[int, tuple[int, int]]:
        spans: dict[int, tuple[int, int]] = {}
        for index, tick in enumerate(self._ticks):
            if tick.task >= 0:
                spans[tick.task] = (spans.get(tick.task, (index, index))[0], index)
        return spans

    def _paint_memory(self, painter: QPainter, body: QRectF) -> None:
        most = max((tick.memory for tick in self._ticks), default=0)
        if not most:
            return
        points = [QPointF(self.x_of(0), body.bottom())]
        for index, tick in enumerate(self._ticks):
            points.append(QPointF(self.x_of(index), body.bottom() - body.height() * 0.92 * tick.memory / most))
        points.append(QPointF(self.x_of(len(self._ticks) - 1), body.bottom()))
        painter.setPen(Qt.PenStyle.NoPen)
        shade = QColor(self._theme.muted)
        shade.setAlphaF(0.28)
        painter.setBrush(shade)
        painter.drawPolygon(QPolygonF(points))

    def _paint_stair(self, painter: QPainter, body: QRectF) -> None:
        deepest = max(tick.depth for tick in self._ticks)
        points = []
        for index, tick in enumerate(self._ticks):
            y = self._level(tick.depth, deepest, body)
            points += [QPointF(self.x_of(index - 0.5), y), QPointF(self.x_of(index + 0.5), y)]
        pen = QPen(QColor(self._theme.text), 1.3)
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(QPolygonF(points))

    def _level(self, depth: int, deepest: int, body: QRectF) -> float:
        """Deeper calls are lower."""
        return body.top() + 4 + (body.height() - 9) * depth / max(deepest, 1)

    def _paint_head(self, painter: QPainter) -> None:
        theme = self._theme
        bands = self.fontMetrics().height() * 1.15
        body = QRectF(0, bands + 3, self.width(), self.height() - bands - 6)
        tick = self._ticks[min(self.value(), len(self._ticks) - 1)]
        x = self.x_of(self.value())
        painter.setPen(QPen(QColor(theme.accent), 2))
        painter.drawLine(QPointF(x, body.top() - 1), QPointF(x, body.bottom() + 2))
        y = self._level(tick.depth, max(other.depth for other in self._ticks), body)
        painter.setPen(QPen(QColor(theme.text if self.hasFocus() else theme.window), 1.6))
        painter.setBrush(QColor(theme.accent))
        painter.drawEllipse(QPointF(x, y), 5.4, 5.4)

    # --- events --------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.setValue(self.position_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.setValue(self.position_at(event.position().x()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and self._ticks:
            QToolTip.showText(event.globalPos(), self._ticks[self.position_at(event.pos().x())].words, self)
            return True
        return super().event(event)
