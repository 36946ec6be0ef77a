"""What a recording teaches: sentences, figures compared as bars, and vectors as arrows."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from metagui.events import Insight
from metagui.gui.monitor.ticks import reading
from metagui.gui.theme import DARK, Theme, mixed


class InsightsView(QScrollArea):
    """All insights of a recording, one below the other."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = DARK
        self._cards: list[InsightCard] = []
        self._insights: tuple[Insight, ...] = ()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("What it shows")
        self._holder = QWidget()
        self._column = QVBoxLayout(self._holder)
        self._column.setContentsMargins(12, 4, 12, 8)
        self._column.setSpacing(14)
        self._column.addStretch(1)
        self.setWidget(self._holder)

    @property
    def cards(self) -> Sequence[InsightCard]:
        return self._cards

    def show_insights(self, insights: tuple[Insight, ...]) -> None:
        if insights == self._insights:
            return
        self._insights = insights
        for card in self._cards:
            self._column.removeWidget(card)
            card.deleteLater()
        self._cards = [InsightCard(insight) for insight in insights]
        for index, card in enumerate(self._cards):
            card.set_theme(self._theme)
            self._column.insertWidget(index, card)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        for card in self._cards:
            card.set_theme(theme)


class InsightCard(QWidget):
    """Title, arrows, bars, and what they mean."""

    def __init__(self, insight: Insight, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        title, text = QLabel(insight.title), QLabel(insight.text)
        title.setProperty("role", "heading")
        text.setProperty("role", "muted")
        for label in (title, text):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.arrows = Arrows(insight.arrows)
        self.bars = Bars(insight.figures, insight.logarithmic)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(5)
        layout.addWidget(title)
        if insight.arrows:
            layout.addWidget(self.arrows)
        if insight.figures:
            layout.addWidget(self.bars)
        if insight.text:
            layout.addWidget(text)

    def set_theme(self, theme: Theme) -> None:
        self.arrows.set_theme(theme)
        self.bars.set_theme(theme)


class Bars(QWidget):
    """Named figures as bars from a common zero, negative ones to the left of it."""

    def __init__(self, figures: Sequence[tuple[str, float]], logarithmic: bool = False) -> None:
        super().__init__()
        self._theme = DARK
        self._figures = tuple(figures)
        self._shares = shares([value for _, value in figures], logarithmic)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        words = ", ".join(f"{name} {reading(value)}" for name, value in figures)
        self.setAccessibleName("Figures compared")
        self.setAccessibleDescription(words)
        self.setToolTip("\n".join(f"{name}: {value:.6g}" for name, value in figures))

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    @property
    def _pitch(self) -> int:
        return self.fontMetrics().height() * 2 + 5

    def sizeHint(self) -> QSize:
        return QSize(160, len(self._figures) * self._pitch)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, line = self._theme, self.fontMetrics().height()
        negative = max((-share for share in self._shares if share < 0), default=0.0)
        positive = max((share for share in self._shares if share > 0), default=0.0)
        unit = self.width() / max(negative + positive, 1e-9)
        zero = negative * unit
        for index, ((name, value), share) in enumerate(zip(self._figures, self._shares, strict=True)):
            top = index * self._pitch
            words = QRectF(0, top, self.width(), line)
            painter.setPen(QColor(theme.text))
            figure = reading(value)
            painter.drawText(words, Qt.AlignmentFlag.AlignRight, figure)
            room = self.width() - self.fontMetrics().horizontalAdvance(figure) - 10
            painter.setPen(QColor(theme.muted))
            painter.drawText(words, self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, room))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(mixed(theme.panel, theme.text, 0.1)))
            rail = QRectF(0, top + line + 1, self.width(), line * 0.45)
            painter.drawRoundedRect(rail, 2, 2)
            painter.setBrush(QColor(theme.cycle[index % len(theme.cycle)]))
            left, right = sorted((zero, zero + share * unit))
            painter.drawRoundedRect(QRectF(left, rail.top(), max(right - left, 2.0), rail.height()), 2, 2)
        painter.end()


class Arrows(QWidget):
    """Vectors from one point, in the plane of the first two."""

    def __init__(self, arrows: Sequence[tuple[str, float, float]]) -> None:
        super().__init__()
        self._theme = DARK
        self._arrows = tuple(arrow for arrow in arrows if math.isfinite(arrow[1]) and math.isfinite(arrow[2]))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Vectors compared")
        words = [f"{name} ({reading(x)}, {reading(y)})" for name, x, y in self._arrows]
        self.setAccessibleDescription(", ".join(words))
        self.setToolTip("\n".join(words))

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(160, 130 + len(self._arrows) * self.fontMetrics().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._arrows:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = self.fontMetrics().height()
        area = QRectF(6, 6, self.width() - 12, self.height() - 12 - len(self._arrows) * line)
        xs = [0.0, *(x for _, x, _ in self._arrows)]
        ys = [0.0, *(y for _, _, y in self._arrows)]
        width, height = max(max(xs) - min(xs), 1e-12), max(max(ys) - min(ys), 1e-12)
        scale = min(area.width() / width, area.height() / height) * 0.94
        origin = QPointF(
            area.center().x() - (max(xs) + min(xs)) / 2 * scale, area.center().y() + (max(ys) + min(ys)) / 2 * scale
        )
        for index, (name, x, y) in enumerate(self._arrows):
            colour = QColor(self._theme.cycle[index % len(self._theme.cycle)])
            self._paint_arrow(painter, origin, origin + QPointF(x, -y) * scale, colour)
            row = QRectF(0, area.bottom() + 6 + index * line, self.width(), line)
            painter.setPen(QPen(colour, 2.4))
            painter.drawLine(QPointF(2, row.center().y()), QPointF(16, row.center().y()))
            painter.setPen(QColor(self._theme.muted))
            painter.drawText(row.adjusted(22, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, name)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.text))
        painter.drawEllipse(origin, 2.6, 2.6)
        painter.end()

    def _paint_arrow(self, painter: QPainter, start: QPointF, end: QPointF, colour: QColor) -> None:
        pen = QPen(colour, 2.2)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawLine(start, end)
        angle = math.atan2(end.y() - start.y(), end.x() - start.x())
        wings = [
            end - QPointF(math.cos(angle + turn), math.sin(angle + turn)) * 9.0 for turn in (-math.pi / 7, math.pi / 7)
        ]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawPolygon(QPolygonF([end, *wings]))


def shares(values: Sequence[float], logarithmic: bool) -> list[float]:
    """Lengths of the bars, at most 1; logarithmic ones from a decade below the smallest positive value."""
    finite = [value if math.isfinite(value) else 0.0 for value in values]
    if logarithmic and any(value > 0 for value in finite):
        low = math.log10(min(value for value in finite if value > 0)) - 1
        high = math.log10(max(finite))
        return [(math.log10(value) - low) / (high - low) if value > 0 else 0.0 for value in finite]
    largest = max((abs(value) for value in finite), default=0.0) or 1.0
    return [value / largest for value in finite]
