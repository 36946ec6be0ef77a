"""One line of small signs and their meaning, below the controls."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from metagui.events import AdaptationKind
from metagui.gui.theme import DARK, Theme, mixed
from metagui.gui.walkthrough.values import draw_graph_sign

_SIGN, _GAP, _SPACE = 18.0, 5.0, 14.0
_ENTRIES: tuple[tuple[str, str], ...] = (
    ("current", "line just run"),
    ("caller", "call still open"),
    ("badge", "line of the paper"),
    ("graph", "carries a graph"),
    ("heat", "negative, positive"),
    ("stair", "depth of calls"),
    ("memory", "memory held"),
)
_EXAMPLES: dict[AdaptationKind, tuple[tuple[str, str], ...]] = {
    "regression": (("support", "support"), ("query", "query")),
    "points": (("support", "support"), ("cross", "query")),
    "images": (),
}


class Legend(QWidget):
    """Entries that do not fit are left out from the end; the tip holds them all."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = DARK
        self._entries = _ENTRIES
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Legend")
        self.set_kind(None)

    def sizeHint(self) -> QSize:
        return QSize(400, self.fontMetrics().height() + 9)

    def set_kind(self, kind: AdaptationKind | None) -> None:
        """Which examples the picture shows."""
        self._entries = _ENTRIES + (_EXAMPLES[kind] if kind else ())
        words = ", ".join(text for _, text in self._entries)
        self.setAccessibleDescription(words)
        self.setToolTip(
            "Blue bar: the line just run, and what it changed\nSmall arrow: a call made here has not come back yet\n"
            "Number in a box: the line of the paper\nJoined dots: the tensor remembers how it was computed, so that "
            "gradients can flow through it\nBelow: the stair goes down into calls; the shade behind it is the memory "
            "that tensors hold"
        )
        self.update()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * 0.88)
        painter.setFont(font)
        metrics, x, middle = painter.fontMetrics(), 12.0, self.height() / 2 - 2
        for sign, text in self._entries:
            width = metrics.horizontalAdvance(text)
            if x + _SIGN + _GAP + width > self.width() - 6:
                break
            self._paint_sign(painter, sign, QRectF(x, middle - 6.5, _SIGN, 13))
            x += _SIGN + _GAP
            painter.setPen(QColor(self._theme.muted))
            painter.drawText(QRectF(x, 0, width + 4, middle * 2), Qt.AlignmentFlag.AlignVCenter, text)
            x += width + _SPACE
        painter.end()

    def _paint_sign(self, painter: QPainter, sign: str, box: QRectF) -> None:
        theme, centre = self._theme, box.center()
        painter.setPen(Qt.PenStyle.NoPen)
        match sign:
            case "current":
                painter.fillRect(box.adjusted(2, 0, 0, 0), QColor(mixed(theme.panel, theme.accent, 0.24)))
                painter.fillRect(QRectF(box.left() + 2, box.top(), 3.5, box.height()), QColor(theme.accent))
            case "caller":
                painter.setPen(QPen(QColor(theme.accent), 1.4))
                painter.drawPolyline(
                    QPolygonF([centre + QPointF(-2, -4), centre + QPointF(2.5, 0), centre + QPointF(-2, 4)])
                )
            case "badge":
                painter.setBrush(QColor(mixed(theme.plot_background, theme.cycle[4], 0.2)))
                painter.drawRoundedRect(box.adjusted(1, 0, -1, 0), 3, 3)
                painter.setPen(QColor(theme.cycle[4]))
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, "7")
            case "graph":
                draw_graph_sign(painter, box, theme.good)
            case "heat":
                painter.fillRect(QRectF(box.left(), box.top() + 2, 8, 9), QColor(theme.cycle[1]))
                painter.fillRect(QRectF(box.left() + 9, box.top() + 2, 8, 9), QColor(theme.cycle[0]))
            case "stair":
                painter.setPen(QPen(QColor(theme.text), 1.3))
                steps = [(0, 3), (6, 3), (6, 10), (12, 10), (12, 3), (18, 3)]
                painter.drawPolyline(QPolygonF([box.topLeft() + QPointF(x, y) for x, y in steps]))
            case "memory":
                shade = QColor(theme.muted)
                shade.setAlphaF(0.4)
                painter.setBrush(shade)
                corners = [(0, 13), (9, 4), (12, 8), (18, 6), (18, 13)]
                painter.drawPolygon(QPolygonF([box.topLeft() + QPointF(x, y) for x, y in corners]))
            case "support":
                painter.setBrush(QColor(theme.support))
                painter.drawEllipse(centre, 4.2, 4.2)
            case "query":
                painter.setPen(QPen(QColor(theme.muted), 1.3))
                painter.drawEllipse(centre, 3.4, 3.4)
            case "cross":
                painter.setPen(QPen(QColor(theme.muted), 1.6))
                painter.drawLine(centre + QPointF(-3, -3), centre + QPointF(3, 3))
                painter.drawLine(centre + QPointF(-3, 3), centre + QPointF(3, -3))
