"""What lies over the audience's page: the pointer's dot, and the black screen."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QRadialGradient
from PySide6.QtWidgets import QWidget

_LASER = "#ff2d2d"


class LaserDot(QWidget):
    """A red dot where the mouse is. It lets every click through."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self._place: QPointF | None = None
        self.hide()

    @property
    def place(self) -> QPointF | None:
        return self._place

    def move_to(self, place: QPointF | None) -> None:
        """Where the dot is, in the parent's coordinates; None: nowhere."""
        old, self._place = self._place, place
        for spot in (old, place):
            if spot is not None:
                self.update(self._around(spot))

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._place is None:
            return
        radius = self._radius()
        glow = QRadialGradient(self._place, radius * 2)
        solid, clear = QColor(_LASER), QColor(_LASER)
        solid.setAlpha(150)
        clear.setAlpha(0)
        glow.setColorAt(0.0, solid)
        glow.setColorAt(1.0, clear)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(glow)
        painter.drawEllipse(self._place, radius * 2, radius * 2)
        painter.setBrush(QColor(_LASER))
        painter.drawEllipse(self._place, radius, radius)
        painter.setBrush(QColor("#ffffff"))
        painter.drawEllipse(self._place, radius * 0.35, radius * 0.35)
        painter.end()

    def _radius(self) -> float:
        return max(6.0, self.height() / 110)

    def _around(self, spot: QPointF) -> QRect:
        reach = round(self._radius() * 2) + 2
        return QRect(round(spot.x()) - reach, round(spot.y()) - reach, 2 * reach, 2 * reach)


class BlackScreen(QWidget):
    """Nothing to look at but the speaker."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("Black screen")
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor("#000000"))
        painter.end()
