"""The key to the cards' signs, in the theme's colours."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from metagui.events import AdaptationKind
from metagui.gui.theme import DARK, Theme

_ENTRIES: dict[AdaptationKind, tuple[tuple[str, str], ...]] = {
    "regression": (("support", "support"), ("query", "query"), ("truth", "truth")),
    "points": (("class", "support"), ("cross", "query"), ("line", "boundary")),
    "images": (("right", "right"), ("wrong", "wrong"), ("foot", "true class")),
}
_SIGN, _GAP, _SPACE = 18, 6, 16


class AdaptationKey(QWidget):
    """A row of signs with their meaning."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = DARK
        self._kind: AdaptationKind = "regression"
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._name()

    def set_kind(self, kind: AdaptationKind) -> None:
        if kind != self._kind:
            self._kind = kind
            self._name()
            self.updateGeometry()
            self.update()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        width = sum(_SIGN + _GAP + metrics.horizontalAdvance(text) + _SPACE for _, text in _ENTRIES[self._kind])
        return QSize(width, metrics.height() + 6)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        x, middle = 0.0, self.height() / 2
        for sign, text in _ENTRIES[self._kind]:
            self._paint_sign(painter, sign, QRectF(x, middle - 7, _SIGN, 14))
            x += _SIGN + _GAP
            painter.setPen(QColor(self._theme.muted))
            width = self.fontMetrics().horizontalAdvance(text)
            painter.drawText(QRectF(x, 0, width + 4, self.height()), Qt.AlignmentFlag.AlignVCenter, text)
            x += width + _SPACE
        painter.end()

    def _paint_sign(self, painter: QPainter, sign: str, box: QRectF) -> None:
        theme, centre = self._theme, box.center()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        match sign:
            case "support":
                painter.setBrush(QColor(theme.support))
                painter.drawEllipse(centre, 4.5, 4.5)
            case "query":
                painter.setPen(QPen(QColor(theme.muted), 1.4))
                painter.drawEllipse(centre, 3.2, 3.2)
            case "truth":
                pen = QPen(QColor(theme.truth), 1.6)
                pen.setDashPattern([3.0, 2.2])
                painter.setPen(pen)
                painter.drawLine(QPointF(box.left(), centre.y()), QPointF(box.right(), centre.y()))
            case "class":
                for index in range(3):
                    painter.setBrush(QColor(theme.cycle[index]))
                    painter.drawEllipse(QPointF(box.left() + 3.5 + index * 5.5, centre.y()), 3.6, 3.6)
            case "cross":
                painter.setPen(QPen(QColor(theme.muted), 1.6))
                for sign_y in (-1, 1):
                    painter.drawLine(centre + QPointF(-3.2, -3.2 * sign_y), centre + QPointF(3.2, 3.2 * sign_y))
            case "line":
                painter.setPen(QPen(QColor(theme.text), 1.6))
                painter.drawLine(QPointF(box.left(), centre.y()), QPointF(box.right(), centre.y()))
            case "right" | "wrong":
                painter.setBrush(QColor(theme.good if sign == "right" else theme.bad))
                painter.drawRoundedRect(QRectF(centre.x() - 6, centre.y() - 6, 12, 12), 3.5, 3.5)
                painter.setPen(QPen(QColor(theme.plot_background), 1.7))
                if sign == "right":
                    painter.drawPolyline(
                        [centre + QPointF(-3, 0.5), centre + QPointF(-1, 2.6), centre + QPointF(3, -2.6)]
                    )
                else:
                    painter.drawLine(centre + QPointF(-2.4, -2.4), centre + QPointF(2.4, 2.4))
                    painter.drawLine(centre + QPointF(2.4, -2.4), centre + QPointF(-2.4, 2.4))
            case "foot":
                painter.setBrush(QColor(theme.cycle[1]))
                painter.drawRect(QRectF(centre.x() - 2, centre.y() - 6, 4, 10))
                painter.setBrush(QColor(theme.text))
                painter.drawRect(QRectF(centre.x() - 2, centre.y() + 5, 4, 1.8))

    def _name(self) -> None:
        self.setAccessibleName("Signs: " + ", ".join(text for _, text in _ENTRIES[self._kind]))
