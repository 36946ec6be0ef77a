"""A slim horizontal slider in the palette's accent."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QSizePolicy, QSlider, QWidget

from metagui.gui.theme import mixed


class SlimSlider(QSlider):
    """A line, its part up to the handle in colour, and a round handle; with a ring while it has the focus."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(130, 22)

    def paintEvent(self, event: QPaintEvent) -> None:
        palette, middle = self.palette(), self.height() / 2
        text = palette.color(QPalette.ColorRole.WindowText)
        accent = palette.color(QPalette.ColorRole.Highlight) if self.isEnabled() else text
        share = (self.value() - self.minimum()) / max(self.maximum() - self.minimum(), 1)
        x = 7 + (self.width() - 14) * share
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(mixed(palette.color(QPalette.ColorRole.Window).name(), text.name(), 0.2)))
        painter.drawRoundedRect(QRectF(7, middle - 1.5, self.width() - 14, 3), 1.5, 1.5)
        painter.setBrush(accent)
        painter.drawRoundedRect(QRectF(7, middle - 1.5, x - 7, 3), 1.5, 1.5)
        painter.setPen(QPen(text, 2) if self.hasFocus() else Qt.PenStyle.NoPen)
        painter.drawEllipse(QRectF(x - 6, middle - 6, 12, 12))
        painter.end()
