"""The ranking: the network and its rivals on the very same tasks, with paired differences."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QTableWidgetItem, QWidget

from metagui.gui.evaluation.content import Competitor, decimals_for, difference_text, figure
from metagui.gui.evaluation.interval_bar import INTERVAL_ROLE, Interval, IntervalDelegate
from metagui.gui.evaluation.table import ResultTable, figures, words
from metagui.gui.theme import DARK, Theme

_INTERVAL = 2
_REACH = 16
"""Half-widths of its own interval within which a competitor is drawn to scale."""

_VERDICTS = {
    "better": "The evaluated network is better: the interval of the paired difference leaves zero out.",
    "worse": "The evaluated network is worse: the interval of the paired difference leaves zero out.",
    "level": "No clear difference: the interval of the paired difference has zero in it.",
}


class CompetitorTable(ResultTable):
    """One row a competitor, the best first; the evaluated network is bold."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            "Competitors on the same tasks", ("", "Mean ± 95 %", "", "Difference"), stretched=0, parent=parent
        )
        self._theme = DARK
        self._rows: list[Competitor] = []
        self._metric = "accuracy"
        self._decimals = 1
        self._bars = IntervalDelegate()
        self.setItemDelegateForColumn(_INTERVAL, self._bars)
        self.setSelectionMode(self.SelectionMode.NoSelection)
        self.setColumnWidth(_INTERVAL, 130)

    def show_ranking(self, rows: Sequence[Competitor], metric: str) -> None:
        self._rows, self._metric = list(rows), metric
        self._draw()

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self._theme = theme
        self._bars.set_theme(theme)
        self._draw()

    def _draw(self) -> None:
        low, high = _scale(self._rows)
        own = next((row for row in self._rows if row.evaluated), None)
        # One number of decimals in all rows, so that they can be compared down the column.
        self._decimals = decimals_for(own.ci95 if own is not None else math.nan, self._metric)
        self.fill([self._cells(row, low, high) for row in self._rows])
        for index, row in enumerate(self._rows):
            if row.problem:
                self.setSpan(index, 1, 1, 3)

    def _cells(self, row: Competitor, low: float, high: float) -> list[QTableWidgetItem]:
        theme = self._theme
        name = words(row.title)
        name.setIcon(_swatch(theme.cycle[row.colour % len(theme.cycle)]))
        if row.problem:
            trouble = words(f"not judged: {row.problem}")
            trouble.setForeground(QColor(theme.muted))
            return [name, trouble]
        mean = figures(figure(row.mean, row.ci95, self._metric, self._decimals))
        bar = QTableWidgetItem()
        bar.setData(INTERVAL_ROLE, Interval(row.mean, row.ci95, low, high, row.colour))
        bar.setToolTip(mean.text())
        gap = figures(self._gap(row), _VERDICTS.get(row.verdict, ""))
        colour = {"better": theme.good, "worse": theme.bad, "level": theme.muted}.get(row.verdict)
        if colour:
            gap.setForeground(QColor(colour))
        if row.evaluated:
            gap.setForeground(QColor(theme.muted))
            for item in (name, mean):
                font = item.font()
                font.setBold(True)
                item.setFont(font)
        return [name, mean, bar, gap]

    def _gap(self, row: Competitor) -> str:
        if row.evaluated:
            return "evaluated"
        return difference_text(row.difference, row.difference_ci95, self._metric, self._decimals)


def _scale(rows: Sequence[Competitor]) -> tuple[float, float]:
    """So wide that the intervals near the evaluated network's can be told apart; those far off are beyond it."""
    own = next((row for row in rows if row.evaluated), None)
    centre = own.mean if own is not None and math.isfinite(own.mean) else 0.0
    spread = own.ci95 if own is not None and math.isfinite(own.ci95) and own.ci95 > 0 else math.inf
    ends = [
        row.mean + side * (row.ci95 if math.isfinite(row.ci95) else 0.0)
        for row in rows
        if not row.problem and math.isfinite(row.mean) and abs(row.mean - centre) <= _REACH * spread
        for side in (-1.0, 1.0)
    ]
    return (min(ends), max(ends)) if ends else (0.0, 1.0)


def _swatch(colour: str) -> QIcon:
    pixmap = QPixmap(24, 24)
    pixmap.setDevicePixelRatio(2.0)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    painter.drawRoundedRect(1, 1, 10, 10, 3, 3)
    painter.end()
    return QIcon(pixmap)
