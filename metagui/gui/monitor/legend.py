"""The key inside a plot: a line and a name for every curve, or a colour bar where there are many."""

from __future__ import annotations

from dataclasses import dataclass

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QLinearGradient, QPainter, QPen
from PySide6.QtWidgets import QGraphicsSceneMouseEvent, QStyleOptionGraphicsItem, QWidget

from metagui.gui.theme import DARK, Theme, mixed

_LINE, _ROW, _PAD, _GAP = 22.0, 19.0, 8.0, 8.0
_LONGEST = 260.0  # pixels of a name, longer ones are cut


@dataclass(frozen=True, slots=True)
class Entry:
    """One row. ``key`` is what a click reports; ``faded`` names are of hidden curves; ``mark`` adds a dot."""

    text: str
    colour: str
    key: str = ""
    dash: tuple[float, ...] = ()
    mark: bool = False
    faded: bool = False


class Legend(pg.GraphicsObject):
    """Stays in the upper right corner of its plot. Clicking a row with a key emits ``clicked``."""

    clicked = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.entries: tuple[Entry, ...] = ()
        self.bar: tuple[str, ...] = ()
        self.bar_ends = ("", "")
        self._theme = DARK
        self._plot = QRectF()
        self._box = QRectF()
        self._font = QFont()
        self._font.setPixelSize(12)
        self.setZValue(1000)
        self.setCacheMode(pg.GraphicsObject.CacheMode.DeviceCoordinateCache)

    def set_entries(self, entries: list[Entry]) -> None:
        """One row each."""
        self._show(tuple(entries), (), ("", ""))

    def set_bar(self, title: str, colours: list[str], ends: tuple[str, str]) -> None:
        """A colour bar from the first to the last of many curves, with a heading."""
        self._show((Entry(title, ""),), tuple(colours), ends)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def place(self, plot: QRectF) -> None:
        """Stay in the upper right corner of the plot's area, in coordinates of the parent item."""
        self._plot = QRectF(plot)
        size = self.boundingRect()
        self.setPos(plot.right() - size.width() - 10, plot.top() + 8)

    def boundingRect(self) -> QRectF:
        return self._box

    def _measured(self) -> QRectF:
        if not self.entries:
            return QRectF()
        width = max(self._text_width(entry.text) for entry in self.entries) + 2 * _PAD
        height = _ROW * len(self.entries) + 2 * _PAD - 3
        if self.bar:
            return QRectF(0, 0, max(width, 150.0), height + 30)
        return QRectF(0, 0, width + _LINE + _GAP, height)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        if not self.entries:
            return
        theme = self._theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = QColor(theme.plot_background)
        ground.setAlpha(215)
        painter.setPen(QPen(QColor(theme.grid), 1))
        painter.setBrush(ground)
        painter.drawRoundedRect(self.boundingRect().adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        painter.setFont(self._font)
        for row, entry in enumerate(self.entries):
            self._paint_row(painter, _PAD - 1.5 + row * _ROW, entry)
        if self.bar:
            self._paint_bar(painter)

    def mousePressEvent(self, event: QGraphicsSceneMouseEvent) -> None:
        row = int((event.pos().y() - _PAD) // _ROW)
        if 0 <= row < len(self.entries) and self.entries[row].key:
            self.clicked.emit(self.entries[row].key)
            event.accept()
        else:
            event.ignore()

    def _show(self, entries: tuple[Entry, ...], bar: tuple[str, ...], ends: tuple[str, str]) -> None:
        if (entries, bar, ends) == (self.entries, self.bar, self.bar_ends):
            return
        self.prepareGeometryChange()
        self.entries, self.bar, self.bar_ends = entries, bar, ends
        self._box = self._measured()
        clickable = any(entry.key for entry in entries)
        self.setAcceptedMouseButtons(Qt.MouseButton.LeftButton if clickable else Qt.MouseButton.NoButton)
        self.setToolTip("Click a name to hide or show its curve" if clickable else "")
        self.place(self._plot)
        self.update()

    def _text_width(self, text: str) -> float:
        return min(QFontMetricsF(self._font).horizontalAdvance(text) + 2, _LONGEST)

    def _paint_row(self, painter: QPainter, top: float, entry: Entry) -> None:
        theme, middle = self._theme, top + _ROW / 2
        left = _PAD
        if entry.colour:
            colour = QColor(mixed(entry.colour, theme.plot_background, 0.65) if entry.faded else entry.colour)
            pen = QPen(colour, 2.2)
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            if entry.dash:
                pen.setDashPattern([length * 0.6 / 2.2 for length in entry.dash])
            painter.setPen(pen)
            painter.drawLine(QPointF(left, middle), QPointF(left + _LINE, middle))
            if entry.mark:
                painter.setPen(QPen(QColor(theme.plot_background), 1))
                painter.setBrush(colour)
                painter.drawEllipse(QPointF(left + _LINE / 2, middle), 3.6, 3.6)
            left += _LINE + _GAP
        painter.setPen(QColor(mixed(theme.muted, theme.plot_background, 0.55) if entry.faded else theme.text))
        text = QFontMetricsF(self._font).elidedText(entry.text, Qt.TextElideMode.ElideMiddle, _LONGEST)
        painter.drawText(QRectF(left, top, _LONGEST, _ROW), Qt.AlignmentFlag.AlignVCenter, text)

    def _paint_bar(self, painter: QPainter) -> None:
        box = self.boundingRect()
        bar = QRectF(_PAD, _PAD + _ROW * len(self.entries), box.width() - 2 * _PAD, 7)
        shades = QLinearGradient(bar.left(), 0, bar.right(), 0)
        for index, colour in enumerate(self.bar):
            shades.setColorAt(index / max(len(self.bar) - 1, 1), QColor(colour))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(shades)
        painter.drawRoundedRect(bar, 3, 3)
        painter.setPen(QColor(self._theme.muted))
        under = QRectF(bar.left(), bar.bottom() + 1, bar.width(), 18)
        for text, side in zip(self.bar_ends, (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight), strict=True):
            painter.drawText(under, side | Qt.AlignmentFlag.AlignVCenter, text)
