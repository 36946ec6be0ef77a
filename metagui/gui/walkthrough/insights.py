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

_MOST_TALL = 6
"""Figures with a row for their name and one for their bar."""


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
    """Named figures as bars from a common zero, negative ones to the left; names alike up to a comma share a colour."""

    def __init__(self, figures: Sequence[tuple[str, float]], logarithmic: bool = False) -> None:
        super().__init__()
        self._theme = DARK
        self._figures = tuple(figures)
        self._shares = shares([value for _, value in figures], logarithmic)
        groups = dict.fromkeys(name.partition(",")[0] for name, _ in figures)
        self._colours = {group: index for index, group in enumerate(groups)}
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        words = ", ".join(f"{name} {reading(value)}" for name, value in figures)
        self.setAccessibleName("Figures compared")
        self.setAccessibleDescription(words)
        self.setToolTip("\n".join(f"{name}: {value:.6g}" for name, value in figures))

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    @property
    def _compact(self) -> bool:
        """Many figures take a row each instead of two."""
        return len(self._figures) > _MOST_TALL

    @property
    def _pitch(self) -> int:
        line = self.fontMetrics().height()
        return line + 4 if self._compact else line * 2 + 5

    def sizeHint(self) -> QSize:
        return QSize(160, len(self._figures) * self._pitch)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics, line = self.fontMetrics(), self.fontMetrics().height()
        names = max(metrics.horizontalAdvance(name) for name, _ in self._figures) + 10
        values = max(metrics.horizontalAdvance(reading(value)) for _, value in self._figures) + 10
        names = min(names, round(self.width() * 0.5))
        for index, ((name, value), share) in enumerate(zip(self._figures, self._shares, strict=True)):
            top = index * self._pitch
            words = QRectF(0, top, self.width(), line)
            if self._compact:
                rail = QRectF(names, top + line * 0.3, max(self.width() - names - values, 12), line * 0.45)
            else:
                rail = QRectF(0, top + line + 1, self.width(), line * 0.45)
            figure = reading(value)
            painter.setPen(QColor(self._theme.text))
            painter.drawText(words, Qt.AlignmentFlag.AlignRight, figure)
            room = names - 8 if self._compact else self.width() - metrics.horizontalAdvance(figure) - 10
            painter.setPen(QColor(self._theme.muted))
            painter.drawText(words, metrics.elidedText(name, Qt.TextElideMode.ElideRight, room))
            self._paint_bar(painter, rail, share, self._colours[name.partition(",")[0]])
        painter.end()

    def _paint_bar(self, painter: QPainter, rail: QRectF, share: float, colour: int) -> None:
        theme = self._theme
        negative = max((-other for other in self._shares if other < 0), default=0.0)
        positive = max((other for other in self._shares if other > 0), default=0.0)
        unit = rail.width() / max(negative + positive, 1e-9)
        zero = rail.left() + negative * unit
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(mixed(theme.panel, theme.text, 0.1)))
        painter.drawRoundedRect(rail, 2, 2)
        painter.setBrush(QColor(theme.cycle[colour % len(theme.cycle)]))
        left, right = sorted((zero, zero + share * unit))
        painter.drawRoundedRect(QRectF(left, rail.top(), max(right - left, 2.0), rail.height()), 2, 2)


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
        if len(self._arrows) == 2:
            self._paint_between(painter, [origin + QPointF(x, -y) * scale for _, x, y in self._arrows], area)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.text))
        painter.drawEllipse(origin, 2.6, 2.6)
        painter.end()

    def _paint_between(self, painter: QPainter, tips: list[QPointF], area: QRectF) -> None:
        """From the end of one to that of the other: what tells them apart."""
        painter.setPen(QPen(QColor(self._theme.muted), 1.2, Qt.PenStyle.DashLine))
        painter.drawLine(tips[1], tips[0])
        words, metrics = "difference", self.fontMetrics()
        width = metrics.horizontalAdvance(words) + 4
        middle = (tips[0] + tips[1]) / 2
        left = min(max(middle.x() + 6, area.left()), area.right() - width)
        painter.drawText(QRectF(left, middle.y() - metrics.height() / 2, width, metrics.height()), words)

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
