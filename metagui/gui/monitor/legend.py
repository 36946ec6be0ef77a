"""The key inside a plot: a line and a name for every curve, or a colour bar where there are many."""

from __future__ import annotations

from dataclasses import dataclass

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QLinearGradient, QPainter, QPen
from PySide6.QtWidgets import QGraphicsSceneMouseEvent, QStyleOptionGraphicsItem, QWidget

from metagui.gui.theme import DARK, Theme, mixed

_LINE, _ROW, _PAD, _GAP = 22.0, 19.0, 8.0, 8.0
_LOW = 210.0  # pixels of plot below which the rows lie side by side
_MARGIN = 60.0
_BAR_LENGTH, _END = 170.0, 32.0
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
    """Stays in a right corner of its plot. Clicking a row with a key emits ``clicked``."""

    clicked = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.entries: tuple[Entry, ...] = ()
        self.bar: tuple[str, ...] = ()
        self.bar_ends = ("", "")
        self._theme = DARK
        self._plot = QRectF()
        self._box = QRectF()
        self._bar_box = QRectF()
        self._cells: list[QRectF] = []
        self._at_bottom = False
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

    def set_at_bottom(self, at_bottom: bool) -> None:
        """Losses leave the upper right corner free, accuracies the lower."""
        if at_bottom != self._at_bottom:
            self._at_bottom = at_bottom
            self.place(self._plot)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def place(self, plot: QRectF) -> None:
        """Stay in the right corner of the plot's area, in coordinates of the parent item.

        In a low plot the rows flow side by side, so that they cover less of the curves.
        """
        self.prepareGeometryChange()
        self._plot = QRectF(plot)
        self._arrange()
        top = plot.bottom() - self._box.height() - 8 if self._at_bottom else plot.top() + 8
        self.setPos(plot.right() - self._box.width() - 10, top)
        self.update()

    def boundingRect(self) -> QRectF:
        return self._box

    def _arrange(self) -> None:
        """Decides where each row, the bar and the two ends of its scale go."""
        self._cells, self._box = [], QRectF()
        if not self.entries:
            return
        lead = 0.0 if self.bar else _LINE + _GAP
        widths = [self._text_width(entry.text) + lead for entry in self.entries]
        low = self._plot.height() < _LOW
        # A single column is a flow with no room beside its widest row.
        room = max(max(widths), self._plot.width() - _MARGIN if low else 0.0)
        left, top = _PAD, 3.0 if low else _PAD - 1.5
        for width in widths:
            if self._cells and left + width - _PAD > room:
                left, top = _PAD, top + _ROW
            self._cells.append(QRectF(left, top, width, _ROW))
            left += width + 2 * _GAP
        right = max(cell.right() for cell in self._cells)
        bottom = self._cells[-1].bottom()
        if self.bar and low and left + _BAR_LENGTH - _PAD <= room:
            self._bar_box = QRectF(left + _END, _ROW / 2 - 0.5, _BAR_LENGTH - 2 * _END, 7)
            right = left + _BAR_LENGTH
        elif self.bar:
            right = max(right, _PAD + _BAR_LENGTH)
            self._bar_box = QRectF(_PAD + _END, bottom + 6, right - _PAD - 2 * _END, 7)
            bottom += _ROW
        self._box = QRectF(0, 0, right + _PAD, bottom + (3 if low else _PAD - 1.5))

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
        for entry, cell in zip(self.entries, self._cells, strict=True):
            self._paint_row(painter, cell, entry)
        if self.bar:
            self._paint_bar(painter)

    def mousePressEvent(self, event: QGraphicsSceneMouseEvent) -> None:
        hit = [entry for entry, cell in zip(self.entries, self._cells, strict=True) if cell.contains(event.pos())]
        if hit and hit[0].key:
            self.clicked.emit(hit[0].key)
            event.accept()
        else:
            event.ignore()

    def _show(self, entries: tuple[Entry, ...], bar: tuple[str, ...], ends: tuple[str, str]) -> None:
        if (entries, bar, ends) == (self.entries, self.bar, self.bar_ends):
            return
        self.entries, self.bar, self.bar_ends = entries, bar, ends
        clickable = any(entry.key for entry in entries)
        self.setAcceptedMouseButtons(Qt.MouseButton.LeftButton if clickable else Qt.MouseButton.NoButton)
        self.setToolTip("Click a name to hide or show its curve" if clickable else "")
        self.place(self._plot)

    def _text_width(self, text: str) -> float:
        return min(QFontMetricsF(self._font).horizontalAdvance(text) + 2, _LONGEST)

    def _paint_row(self, painter: QPainter, cell: QRectF, entry: Entry) -> None:
        theme, left, middle = self._theme, cell.left(), cell.center().y()
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
        painter.drawText(QRectF(left, cell.top(), _LONGEST, _ROW), Qt.AlignmentFlag.AlignVCenter, text)

    def _paint_bar(self, painter: QPainter) -> None:
        bar = self._bar_box
        shades = QLinearGradient(bar.left(), 0, bar.right(), 0)
        for index, colour in enumerate(self.bar):
            shades.setColorAt(index / max(len(self.bar) - 1, 1), QColor(colour))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(shades)
        painter.drawRoundedRect(bar, 3, 3)
        painter.setPen(QColor(self._theme.muted))
        middle = bar.center().y() - _ROW / 2
        before = QRectF(bar.left() - 60, middle, 60 - 5, _ROW)
        after = QRectF(bar.right() + 5, middle, 60, _ROW)
        centred = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(before, Qt.AlignmentFlag.AlignRight | centred, self.bar_ends[0])
        painter.drawText(after, Qt.AlignmentFlag.AlignLeft | centred, self.bar_ends[1])
