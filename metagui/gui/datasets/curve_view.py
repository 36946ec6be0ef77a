"""Sample tasks of a table of curves: the whole curve, the points to adapt on, and those to be judged by."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from metagui.datasets.episodes import Drawn
from metagui.datasets.library import Description
from metagui.gui.datasets.paper import Rows, draw_curve, explain, write
from metagui.gui.theme import DARK, Theme

TASKS = 6
"""Tasks shown at once, each an episode of its own."""
_TOP, _FOOT, _HEAD, _GAP, _MARGIN = 32, 52, 22, 14, 16


class CurveView(QWidget):
    """Two rows of three boxes, axes of their own."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = DARK
        self._description: Description | None = None
        self._rows: Rows | None = None
        self._episodes: tuple[Drawn, ...] = ()
        self.setMinimumSize(420, 300)

    def show_episodes(self, description: Description, rows: Rows, episodes: tuple[Drawn, ...]) -> None:
        self._description, self._rows, self._episodes = description, rows, episodes
        self.setAccessibleDescription(f"{self.told} Tasks: {', '.join(drawn.group.name for drawn in episodes)}")
        self.update()

    @property
    def told(self) -> str:
        """What one of these tasks asks of a network."""
        if not self._episodes:
            return ""
        shots, queries = len(self._episodes[0].support), len(self._episodes[0].query)
        return (
            f"Each box is one task: the network adapts on {shots:,} support {'point' if shots == 1 else 'points'} of "
            f"the curve and is judged by its error on {queries:,} query {'point' if queries == 1 else 'points'}. "
            "Training standardises x and y."
        )

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._episodes or self._rows is None or self._description is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_key(painter)
        columns = min(3, len(self._episodes))
        lines = -(-len(self._episodes) // columns)
        width = (self.width() - 2 * _MARGIN + _GAP) // columns - _GAP
        height = (self.height() - _TOP - _FOOT + _GAP) // lines - _GAP
        for index, drawn in enumerate(self._episodes):
            left = _MARGIN + index % columns * (width + _GAP)
            top = _TOP + index // columns * (height + _GAP)
            self._paint_task(painter, drawn, QRect(left, top, width, height))
        place = QRect(_MARGIN, self.height() - _FOOT + 10, self.width() - 2 * _MARGIN, _FOOT - 12)
        explain(painter, place, self.told, self._theme.muted)
        painter.end()

    def _paint_key(self, painter: QPainter) -> None:
        assert self._description is not None
        theme, left = self._theme, _MARGIN
        shots, queries = len(self._episodes[0].support), len(self._episodes[0].query)
        for colour, text, filled in (
            (theme.support, f"support: {shots:,} a task", True),
            (theme.cycle[0], f"query: {queries:,} a task", False),
        ):
            _spot(painter, QPointF(left + 5, 15), colour, theme.panel, filled)
            width = painter.fontMetrics().horizontalAdvance(text) + 8
            write(painter, QRect(left + 16, 5, width, 20), text, theme.text, Qt.AlignmentFlag.AlignLeft)
            left += width + 34
        *x, y = self._description.columns
        text = f"{y} over {x[0]}" + (f" (of {len(x)} inputs)" if len(x) > 1 else "")
        room = QRect(left, 5, self.width() - left - _MARGIN, 20)
        write(painter, room, text, theme.muted, Qt.AlignmentFlag.AlignRight)

    def _paint_task(self, painter: QPainter, drawn: Drawn, place: QRect) -> None:
        assert self._rows is not None
        theme, group = self._theme, drawn.group
        title = QRect(place.left(), place.top(), place.width(), _HEAD)
        write(painter, title, group.name, theme.text, Qt.AlignmentFlag.AlignLeft)
        points = self._rows[group.first : group.first + group.count]
        box = place.adjusted(0, _HEAD, 0, -18)
        spots = draw_curve(painter, points, box, theme)
        for numbers, colour, filled in ((drawn.query, theme.cycle[0], False), (drawn.support, theme.support, True)):
            for number in numbers:
                _spot(painter, spots[number - group.first], colour, theme.plot_background, filled)
        x, y = points[:, 0], points[:, -1]
        below = QRect(place.left(), box.bottom() + 1, place.width(), 18)
        write(painter, below, f"{x.min():.4g} … {x.max():.4g}", theme.muted, Qt.AlignmentFlag.AlignLeft)
        write(painter, below, f"y {y.min():.4g} … {y.max():.4g}", theme.muted, Qt.AlignmentFlag.AlignRight)


def _spot(painter: QPainter, at: QPointF, colour: str, ground: str, filled: bool) -> None:
    """Support points are filled and query points are rings: colour is not all that tells them apart."""
    painter.setPen(QPen(QColor(colour), 1.8))
    painter.setBrush(QColor(colour if filled else ground))
    painter.drawEllipse(QRectF(at.x() - 4, at.y() - 4, 8, 8))
