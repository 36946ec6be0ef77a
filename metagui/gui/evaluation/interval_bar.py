"""Draws a mean with its interval in a cell, all rows on one scale, so that overlaps are seen."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from metagui.gui.theme import DARK, Theme, mixed

INTERVAL_ROLE = int(Qt.ItemDataRole.UserRole) + 1
_MARGIN = 10.0


@dataclass(frozen=True, slots=True)
class Interval:
    """``low`` .. ``high`` is the scale that all rows share; ``colour`` counts in the theme's cycle."""

    mean: float
    ci95: float
    low: float
    high: float
    colour: int

    @property
    def beyond(self) -> int:
        """-1 or 1 where the mean is off the scale to that side."""
        slack = 1e-9 * max(abs(self.low), abs(self.high), 1.0)
        return (self.mean > self.high + slack) - (self.mean < self.low - slack)

    def position(self, value: float) -> float:
        """Share of the way from the scale's low end."""
        return (min(max(value, self.low), self.high) - self.low) / max(self.high - self.low, 1e-12)


class IntervalDelegate(QStyledItemDelegate):
    """For a column whose items carry an :class:`Interval` under ``INTERVAL_ROLE``."""

    def __init__(self) -> None:
        super().__init__()
        self._theme = DARK

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(120, 20)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().paint(painter, option, index)
        interval = index.data(INTERVAL_ROLE)
        if not isinstance(interval, Interval) or not math.isfinite(interval.mean):
            return
        box = QRectF(option.rect)  # type: ignore[attr-defined]
        left, width, middle = box.left() + _MARGIN, box.width() - 2 * _MARGIN, box.center().y()

        def x(value: float) -> float:
            return left + width * interval.position(value)

        colour = QColor(self._theme.cycle[interval.colour % len(self._theme.cycle)])
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(mixed(self._theme.panel, self._theme.text, 0.1)), 1))
        painter.drawLine(QPointF(left, middle), QPointF(left + width, middle))
        beyond = interval.beyond
        if beyond:
            tip = left + width if beyond > 0 else left
            base = tip - 7.0 * beyond
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawPolygon(
                QPolygonF([QPointF(tip, middle), QPointF(base, middle - 4.0), QPointF(base, middle + 4.0)])
            )
            painter.restore()
            return
        if math.isfinite(interval.ci95):
            painter.setPen(QPen(colour, 2.0))
            ends = x(interval.mean - interval.ci95), x(interval.mean + interval.ci95)
            painter.drawLine(QPointF(ends[0], middle), QPointF(ends[1], middle))
            for end in ends:
                painter.drawLine(QPointF(end, middle - 3.5), QPointF(end, middle + 3.5))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawEllipse(QPointF(x(interval.mean), middle), 3.6, 3.6)
        painter.restore()
