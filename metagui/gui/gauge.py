"""A small bar that shows which share of something is used."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from metagui.gui.theme import DARK, Theme

HIGH, FULL = 0.75, 0.92
"""From these shares on the bar is coloured as a warning, and as trouble."""


class Gauge(QWidget):
    """64 by 6 pixels, filled from the left; empty where the share is not known."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = DARK
        self._share: float | None = None
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    @property
    def share(self) -> float | None:
        return self._share

    @property
    def colour(self) -> str:
        """Of the filled part."""
        share = self._share or 0.0
        return self._theme.bad if share >= FULL else self._theme.warning if share >= HIGH else self._theme.accent

    def show_share(self, share: float | None) -> None:
        """0 to 1, or more where it is more than there is."""
        self._share = share
        self.update()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(64, 6)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        whole = QRectF(self.rect())
        radius = whole.height() / 2
        painter.setBrush(QColor(self._theme.line))
        painter.drawRoundedRect(whole, radius, radius)
        if self._share is not None:
            width = max(whole.height(), whole.width() * min(self._share, 1.0))  # a little of it can be seen, too
            painter.setBrush(QColor(self.colour))
            painter.drawRoundedRect(QRectF(0, 0, width, whole.height()), radius, radius)
        painter.end()
