"""The outer loss as it grows: one bar a task, and their mean once there is one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from metagui.gui.monitor.ticks import reading
from metagui.gui.theme import DARK, Theme, mixed


class LossBars(QWidget):
    """``losses`` holds the query losses of the tasks done so far; ``tasks`` is how many there will be."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = DARK
        self._losses: tuple[float, ...] = ()
        self._tasks = 0
        self._current = -1
        self._largest = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(self.fontMetrics().height() * 4)

    def sizeHint(self) -> QSize:
        return QSize(200, round(self.fontMetrics().height() * 4.6))

    def show_losses(self, losses: Sequence[float], tasks: int, current: int, largest: float) -> None:
        """``current`` is the task in progress (-1: none); ``largest`` the highest loss of the recording."""
        self._losses, self._tasks, self._current, self._largest = tuple(losses), tasks, current, largest
        self.setAccessibleName("Outer loss, one bar a task")
        self.setAccessibleDescription(self.sentence)
        self.setToolTip(self.sentence)
        self.update()

    @property
    def sentence(self) -> str:
        """What the bars say."""
        if not self._losses:
            return f"Query loss of each of {self._tasks} tasks, as soon as it is computed. None is yet."
        parts = ", ".join(f"task {index + 1}: {reading(loss)}" for index, loss in enumerate(self._losses))
        mean = sum(self._losses) / len(self._losses)
        return f"Query loss after adaptation. {parts}. Sum {reading(sum(self._losses))}, mean {reading(mean)}."

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._tasks:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * 0.88)
        painter.setFont(font)
        line = painter.fontMetrics().height()
        top, bottom = line * 1.35, self.height() - line * 1.25
        pitch = self.width() / (self._tasks + 1)
        for index in range(self._tasks):
            place = QRectF(index * pitch + 4, top, pitch - 8, bottom - top)
            loss = self._losses[index] if index < len(self._losses) else None
            self._paint_bar(
                painter,
                place,
                loss,
                self._theme.cycle[index % len(self._theme.cycle)],
                f"{index + 1}",
                index == self._current,
            )
        mean = sum(self._losses) / len(self._losses) if self._losses else None
        place = QRectF(self._tasks * pitch + 4, top, pitch - 8, bottom - top)
        painter.setPen(QPen(QColor(self._theme.line), 1))
        painter.drawLine(QPointF(place.left() - 4, place.top()), QPointF(place.left() - 4, self.height()))
        self._paint_bar(painter, place, mean, self._theme.text, "mean", False)
        painter.end()

    def _paint_bar(
        self, painter: QPainter, place: QRectF, loss: float | None, colour: str, name: str, current: bool
    ) -> None:
        theme, line = self._theme, painter.fontMetrics().height()
        width = min(place.width(), 46.0)
        column = QRectF(place.center().x() - width / 2, place.top(), width, place.height())
        foot = QRectF(place.left() - 4, place.bottom() + 2, place.width() + 8, line * 1.1)
        painter.setPen(QColor(theme.text if current else theme.muted))
        painter.drawText(foot, Qt.AlignmentFlag.AlignCenter, name)
        if loss is None:
            painter.setPen(
                QPen(QColor(colour if current else mixed(theme.panel, theme.muted, 0.5)), 1, Qt.PenStyle.DashLine)
            )
            painter.drawLine(column.bottomLeft(), column.bottomRight())
            return
        share = min(max(loss / self._largest, 0.0), 1.0) if self._largest > 0 else 0.0
        bar = QRectF(column.left(), column.bottom() - column.height() * share, width, column.height() * share)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(mixed(theme.panel, colour, 0.75)))
        painter.drawRoundedRect(bar, 2.5, 2.5)
        painter.setPen(QColor(theme.text))
        words = QRectF(place.left() - 6, bar.top() - line * 1.1, place.width() + 12, line * 1.1)
        painter.drawText(words, Qt.AlignmentFlag.AlignCenter, reading(loss))
