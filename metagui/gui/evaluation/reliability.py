"""The reliability diagram: of predictions made with so much confidence, how many were right, and how many there are."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from metagui.events import Calibration
from metagui.gui.theme import DARK, Theme, mixed

Floats = npt.NDArray[np.float64]
_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)
_COUNTS = 34.0
"""Pixels of height of the histogram below."""


class ReliabilityDiagram(QWidget):
    """Bars of accuracy over confidence against the diagonal of true probabilities, counts below them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = DARK
        self._confidence: Floats = np.zeros(0)
        self._accuracy: Floats = np.zeros(0)
        self._count: npt.NDArray[np.int64] = np.zeros(0, np.int64)
        self.setMinimumSize(180, 220)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Reliability diagram")

    def sizeHint(self) -> QSize:
        return QSize(280, 250)

    def show_calibration(self, calibration: Calibration) -> None:
        self._confidence = calibration.confidence.numpy().astype(np.float64)
        self._accuracy = calibration.accuracy.numpy().astype(np.float64)
        self._count = calibration.count.numpy().astype(np.int64)
        self.setAccessibleDescription(" ".join(self._reading(index) for index in np.flatnonzero(self._count)))
        self.update()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    # --- drawing -------------------------------------------------------------------------------------------------

    def _area(self) -> QRectF:
        """Where the bars stand; the histogram and the labels are below it."""
        line = self._small().pixelSize() * 1.5
        left, foot = line * 2.9, line * 2.4 + _COUNTS + 4
        return QRectF(left, 6, max(self.width() - left - 10, 10), max(self.height() - foot - 6, 10))

    def _small(self) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(11)
        return font

    def _columns(self) -> tuple[Floats, Floats]:
        edges = np.linspace(0.0, 1.0, self._count.size + 1)
        return edges[:-1], edges[1:]

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._small())
        area = self._area()
        self._paint_grid(painter, area)
        if self._count.size:
            self._paint_bars(painter, area)
            self._paint_counts(painter, area)
        painter.setPen(QPen(QColor(self._theme.truth), 1.3, Qt.PenStyle.DashLine))
        painter.drawLine(area.bottomLeft(), area.topRight())
        painter.end()

    def _paint_grid(self, painter: QPainter, area: QRectF) -> None:
        theme, line = self._theme, painter.fontMetrics().height()
        for share in _TICKS:
            y, x = area.bottom() - share * area.height(), area.left() + share * area.width()
            painter.setPen(QPen(QColor(theme.grid), 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(QColor(theme.muted))
            flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(0, y - line / 2, area.left() - 6, line), flags, f"{share:.0%}".replace("%", " %"))
            words = QRectF(x - 30, area.bottom() + _COUNTS + 6, 60, line)
            words.moveRight(min(words.right(), self.width() - 0.0 + (18 if share < 1 else 0)))
            side = Qt.AlignmentFlag.AlignRight if share == 1 else Qt.AlignmentFlag.AlignHCenter
            painter.drawText(words, side, f"{share:.0%}".replace("%", " %"))
        foot = QRectF(area.left(), area.bottom() + _COUNTS + 6 + line, area.width(), line + 2)
        painter.drawText(foot, Qt.AlignmentFlag.AlignHCenter, "confidence")

    def _paint_bars(self, painter: QPainter, area: QRectF) -> None:
        """The gap between confidence and accuracy is shown on top: too confident in red, too modest in green."""
        theme = self._theme
        for low, high, confidence, accuracy, count in zip(
            *self._columns(), self._confidence, self._accuracy, self._count, strict=True
        ):
            if not count:
                continue
            left, right = area.left() + low * area.width() + 1, area.left() + high * area.width() - 1
            top, level = (area.bottom() - share * area.height() for share in (accuracy, confidence))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(mixed(theme.panel, theme.cycle[0], 0.75)))
            painter.drawRect(QRectF(left, top, right - left, area.bottom() - top))
            gap = QColor(theme.bad if confidence > accuracy else theme.good)
            gap.setAlpha(110)
            painter.setBrush(gap)
            painter.drawRect(QRectF(left, min(top, level), right - left, abs(level - top)))

    def _paint_counts(self, painter: QPainter, area: QRectF) -> None:
        theme, most = self._theme, max(int(self._count.max()), 1)
        base = area.bottom() + 4 + _COUNTS
        painter.setPen(QPen(QColor(theme.grid), 1))
        painter.drawLine(QPointF(area.left(), base), QPointF(area.right(), base))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(mixed(theme.panel, theme.muted, 0.6)))
        for low, high, count in zip(*self._columns(), self._count, strict=True):
            height = (_COUNTS - 4) * count / most
            left, right = area.left() + low * area.width() + 1, area.left() + high * area.width() - 1
            painter.drawRect(QRectF(left, base - max(height, 1.0 if count else 0.0), right - left, height))

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip and self._count.size:
            area = self._area()
            share = (event.pos().x() - area.left()) / max(area.width(), 1.0)
            index = int(share * self._count.size)
            if 0 <= share < 1 and self._count[index]:
                QToolTip.showText(event.globalPos(), self._reading(index), self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)

    def _reading(self, index: int) -> str:
        return (
            f"Predicted with {self._confidence[index]:.0%} confidence: {self._accuracy[index]:.0%} were right, "
            f"of {int(self._count[index]):,}."
        )
