"""One bar a layer, from the input at the top to the head at the bottom."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from metagui.gui.monitor.ticks import reading
from metagui.gui.theme import DARK, Theme, mixed

_ROOM_FOR_NAME = 11.0  # pixels of row


class LayerBars(QWidget):
    """``what`` names the quantity in tips. Where rows become too low, only the names of the first and last stay."""

    def __init__(self, what: str, *, share: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._what = what
        self._share = share
        self._theme = DARK
        self.names: tuple[str, ...] = ()
        self.values: tuple[float, ...] = ()
        self._largest = 1.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(60)
        self.setMouseTracking(True)

    def sizeHint(self) -> QSize:
        return QSize(180, 90)

    def show_bars(self, names: Sequence[str], values: Sequence[float], largest: float) -> None:
        """``largest`` fills the width; a value that is not a number has no bar, but a word."""
        self.names, self.values = tuple(names), tuple(float(value) for value in values)
        self._largest = largest if math.isfinite(largest) and largest > 0 else 1.0
        self.setAccessibleName(f"{self._what}, layer by layer")
        self.setAccessibleDescription(self.sentence)
        self.update()

    @property
    def sentence(self) -> str:
        """What the bars say."""
        return ", ".join(f"{name}: {self._word(value)}" for name, value in zip(self.names, self.values, strict=True))

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.values:
            return
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._font())
        metrics = painter.fontMetrics()
        label = min(max(metrics.horizontalAdvance(name) for name in self.names) + 8, self.width() // 3)
        figure = max(metrics.horizontalAdvance(self._word(value)) for value in self.values) + 6
        track = max(self.width() - label - figure, 10)
        row = self._row()
        for index, (name, value) in enumerate(zip(self.names, self.values, strict=True)):
            top = index * row
            thick = min(row * 0.62, 14.0)
            middle = top + row / 2
            if self._named(index):
                painter.setPen(QColor(theme.muted))
                text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, label - 6)
                _text(painter, QRectF(0, middle - 10, label - 6, 20), Qt.AlignmentFlag.AlignRight, text)
                painter.setPen(QColor(theme.text))
                place = QRectF(label + track, middle - 10, figure, 20)
                _text(painter, place, Qt.AlignmentFlag.AlignRight, self._word(value))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(mixed(theme.plot_background, theme.text, 0.07)))
            painter.drawRoundedRect(QRectF(label, middle - thick / 2, track, thick), 2, 2)
            if math.isfinite(value) and value > 0:
                length = max(track * min(value / self._largest, 1.0), 2.0)
                head = index == len(self.values) - 1
                painter.setBrush(QColor(theme.support if head else theme.cycle[0]))
                painter.drawRoundedRect(QRectF(label, middle - thick / 2, length, thick), 2, 2)
        painter.end()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and self.values:
            index = int(event.pos().y() // self._row())
            if 0 <= index < len(self.values):
                QToolTip.showText(
                    event.globalPos(), f"{self._what} of {self.names[index]}: {self._word(self.values[index])}", self
                )
                return True
        return super().event(event)

    def _row(self) -> float:
        return min(self.height() / len(self.values), 30.0)

    def _named(self, index: int) -> bool:
        return self._row() >= _ROOM_FOR_NAME or index in (0, len(self.values) - 1)

    def _word(self, value: float) -> str:
        if not math.isfinite(value):
            return "from zero" if not self._share else "–"
        return f"{value:.0%}" if self._share else reading(value)

    def _font(self) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(11)
        return font


def _text(painter: QPainter, box: QRectF, side: Qt.AlignmentFlag, text: str) -> None:
    painter.drawText(box, side | Qt.AlignmentFlag.AlignVCenter, text)
