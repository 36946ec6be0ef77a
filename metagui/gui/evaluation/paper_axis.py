"""Two intervals on one axis: the published one above, yours below, and what they share."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from metagui.gui.theme import DARK, Theme, mixed
from metagui.papers.verdict import Interval, Verdict, interval_words
from metagui.papers.words import scale_of

_MARGIN = 10.0
_GAP = 14.0
_TICKS = 5


class PaperAxis(QWidget):
    """Shows nothing until it is given a verdict."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = DARK
        self._verdict: Verdict | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Both intervals on one axis")

    def show_verdict(self, verdict: Verdict) -> None:
        self._verdict = verdict
        self.setAccessibleDescription(f"{verdict.headline}. {verdict.sentence}")
        self.update()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(320, round(4.45 * self.fontMetrics().height()) + 8)

    def minimumSizeHint(self) -> QSize:
        return QSize(220, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        verdict = self._verdict
        if verdict is None or not math.isfinite(verdict.yours.mean):
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint(painter, verdict)
        painter.end()

    def _paint(self, painter: QPainter, verdict: Verdict) -> None:
        theme, metrics = self._theme, self.fontMetrics()
        names = (f"{verdict.cell.title}, published", "Yours")
        told = tuple(interval_words(each, verdict.cell) for each in (verdict.paper, verdict.yours))
        left = _MARGIN + max(metrics.horizontalAdvance(name) for name in names) + _GAP
        right = self.width() - _MARGIN - max(metrics.horizontalAdvance(text) for text in told) - _GAP
        row = metrics.height() * 1.45
        rows = (row * 0.7, row * 1.7)
        bottom = row * 2.35
        low, high = axis_range(verdict)

        def x(value: float) -> float:
            return left + (right - left) * (value - low) / (high - low)

        shared = (max(verdict.paper.low, verdict.yours.low), min(verdict.paper.high, verdict.yours.high))
        if verdict.relation == "overlap":
            band = QRectF(x(shared[0]), 2.0, max(x(shared[1]) - x(shared[0]), 2.0), bottom - 2.0)
            painter.fillRect(band, QColor(mixed(theme.panel, theme.good, 0.22)))
        self._paint_scale(painter, verdict, (left, right, bottom), (low, high))
        colours = (theme.truth, theme.cycle[0])
        parts = zip(rows, names, told, (verdict.paper, verdict.yours), colours, strict=True)
        for middle, name, text, interval, colour in parts:
            box = QRectF(0, middle - row / 2, self.width(), row)
            painter.setPen(QColor(theme.text))
            painter.drawText(
                box.adjusted(_MARGIN, 0, 0, 0), int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), name
            )
            painter.drawText(
                box.adjusted(0, 0, -_MARGIN, 0), int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), text
            )
            ends = tuple(min(max(x(value), left), right) for value in (interval.low, interval.high))
            self._paint_interval(painter, ends, x(interval.mean), middle, colour)

    def _paint_scale(
        self, painter: QPainter, verdict: Verdict, place: tuple[float, float, float], shown: tuple[float, float]
    ) -> None:
        left, right, bottom = place
        low, high = shown
        scale, unit = scale_of(verdict.cell.metric)
        theme = self._theme
        painter.setPen(QPen(QColor(theme.line), 1))
        painter.drawLine(QPointF(left, bottom), QPointF(right, bottom))
        marks, decimals = ticks(scale * low, scale * high)
        for index, mark in enumerate(marks):
            at = left + (right - left) * (mark / scale - low) / (high - low)
            painter.setPen(QPen(QColor(theme.grid), 1))
            painter.drawLine(QPointF(at, 4.0), QPointF(at, bottom))
            painter.setPen(QColor(theme.muted))
            words = f"{mark:.{decimals}f}" + (unit if index == len(marks) - 1 else "")
            box = QRectF(at - 50, bottom + 4, 100, self.fontMetrics().height())
            painter.drawText(box, int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop), words)

    def _paint_interval(
        self, painter: QPainter, ends: tuple[float, ...], mean: float, middle: float, colour: str
    ) -> None:
        painter.setPen(QPen(QColor(colour), 2.4))
        painter.drawLine(QPointF(ends[0], middle), QPointF(ends[1], middle))
        if ends[1] - ends[0] > 1.0:
            for end in ends:
                painter.drawLine(QPointF(end, middle - 5.0), QPointF(end, middle + 5.0))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colour))
        painter.drawEllipse(QPointF(mean, middle), 4.2, 4.2)


def axis_range(verdict: Verdict) -> tuple[float, float]:
    """Both intervals with some room; an accuracy's axis ends at 100 %."""
    intervals: tuple[Interval, ...] = (verdict.paper, verdict.yours)
    low, high = min(each.low for each in intervals), max(each.high for each in intervals)
    room = max(0.15 * (high - low), 0.002)
    low, high = low - room, high + room
    if verdict.cell.metric == "accuracy":
        return max(low, 0.0), min(high, 1.0)
    return max(low, 0.0), high


def ticks(low: float, high: float) -> tuple[list[float], int]:
    """At most about five round marks within a range, and the decimals that tell them apart."""
    raw = (high - low) / _TICKS
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * power for factor in (1.0, 2.0, 5.0, 10.0) if factor * power >= raw * (1 - 1e-9))
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [index * step for index in range(first, last + 1)], max(0, -math.floor(math.log10(step) + 1e-9))
