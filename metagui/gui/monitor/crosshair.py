"""The vertical line that all plots share, with a dot on every curve, and the one tip that names the values."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import pyqtgraph as pg
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QFrame, QLabel, QStyleOptionGraphicsItem, QVBoxLayout, QWidget

from metagui.gui.theme import DARK, Theme


class CrosshairItem(pg.GraphicsObject):
    """The line and dots in one plot; hidden while ``position`` is None."""

    def __init__(self) -> None:
        super().__init__()
        self.position: float | None = None
        self.dots: list[tuple[float, float, str]] = []
        self._theme = DARK
        self.setZValue(900)

    def show_at(self, position: float | None, dots: list[tuple[float, float, str]]) -> None:
        """``dots`` are position, height and colour, in the plot's coordinates."""
        if position is None and self.position is None:
            return
        self.position, self.dots = position, dots
        self.update()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def boundingRect(self) -> QRectF:
        return QRectF(self.viewRect() or QRectF(0, 0, 1, 1))

    def viewRangeChanged(self) -> None:
        self.prepareGeometryChange()

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        view = self.viewRect()
        if self.position is None or view is None or not view.left() <= self.position <= view.right():
            return
        transform = painter.transform()
        painter.save()
        painter.resetTransform()
        top = transform.map(QPointF(self.position, view.bottom()))
        bottom = transform.map(QPointF(self.position, view.top()))
        painter.setPen(QPen(QColor(self._theme.muted), 1.0, Qt.PenStyle.DashLine))
        painter.drawLine(top, bottom)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self._theme.plot_background), 1.5))
        for x, y, colour in self.dots:
            painter.setBrush(QColor(colour))
            painter.drawEllipse(transform.map(QPointF(x, y)), 4.2, 4.2)
        painter.restore()


@dataclass(frozen=True, slots=True)
class Reading:
    """One curve's value at the cross-hair: smoothed where there is smoothing, then the raw one."""

    name: str
    colour: str
    value: str
    raw: str = ""
    nearest: bool = False


class CrosshairTip(QFrame):
    """A card beside the pointer with the values of all plots."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._page = parent
        self.setObjectName("crosshairTip")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._theme = DARK
        self.label = QLabel()
        self.label.setTextFormat(Qt.TextFormat.RichText)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 7, 10, 8)
        layout.addWidget(self.label)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.setStyleSheet(
            f"#crosshairTip {{ background: {theme.panel}; border: 1px solid {theme.line}; border-radius: 7px; }}"
        )

    def show_readings(self, heading: str, groups: list[tuple[str, list[Reading]]], beside: QPoint) -> None:
        """``groups`` are a plot's title and its readings; ``beside`` is the pointer in the parent's coordinates."""
        theme = self._theme
        rows = [f"<tr><td colspan=4><b>{escape(heading)}</b></td></tr>"]
        for title, readings in groups:
            if not readings:
                continue
            rows.append(f"<tr><td colspan=4 style='color:{theme.muted}; padding-top:4px'>{escape(title)}</td></tr>")
            rows += [_row(reading, theme) for reading in readings]
        text = f"<table cellspacing=0 cellpadding=1>{''.join(rows)}</table>"
        if text != self.label.text():
            self.label.setText(text)
            self.adjustSize()
        self.move(self._place(beside))
        self.show()
        self.raise_()

    def _place(self, beside: QPoint) -> QPoint:
        """Right of the pointer, or left where there is no room; never outside the parent."""
        room = self._page.rect()
        x = beside.x() + 18
        if x + self.width() > room.right() - 6:
            x = beside.x() - 18 - self.width()
        y = min(max(beside.y() - self.height() // 2, 6), room.bottom() - self.height() - 6)
        return QPoint(max(x, 6), max(y, 6))


def _row(reading: Reading, theme: Theme) -> str:
    name, value = escape(reading.name), escape(reading.value)
    if reading.nearest:
        name = f"<b>{name}</b>"
    return (
        f"<tr><td style='color:{reading.colour}'>■&nbsp;</td><td>{name}&nbsp;&nbsp;</td>"
        f"<td align=right><b>{value}</b></td>"
        f"<td align=right style='color:{theme.muted}'>&nbsp;&nbsp;{escape(reading.raw)}</td></tr>"
    )
