"""One sample episode of pictures, with its words on it: ways are the columns, support above, query below."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from metagui.datasets.episodes import Drawn
from metagui.datasets.inventory import title_of
from metagui.datasets.library import Description
from metagui.gui.datasets.paper import Rows, draw_pixels, explain, write
from metagui.gui.theme import DARK, Theme

_LEFT, _TOP, _FOOT = 150, 58, 52
_SMALLEST, _LARGEST = 26, 104
_GAP, _DIVIDE = 8, 22
_MARGIN = 16


def _count(n: int, one: str, many: str) -> str:
    return f"{n:,} {one if n == 1 else many}"


class EpisodeView(QWidget):
    """Grows with its episode: put it into a scroll area."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = DARK
        self._description: Description | None = None
        self._rows: Rows | None = None
        self._episode: tuple[Drawn, ...] = ()

    def show_episode(self, description: Description, rows: Rows, episode: tuple[Drawn, ...]) -> None:
        self._description, self._rows, self._episode = description, rows, episode
        names = ", ".join(title_of(description, drawn.group) for drawn in episode)
        self.setAccessibleDescription(f"{self.told}. Classes: {names}")
        self.setMinimumSize(self._least())
        self.update()

    @property
    def told(self) -> str:
        """What this episode asks of a network, in a sentence or two."""
        if not self._episode:
            return ""
        ways, shots, queries = self._counts()
        return (
            f"The network adapts on the {_count(ways * shots, 'support picture', 'support pictures')} and is then "
            f"asked what the {_count(ways * queries, 'query picture', 'query pictures')} show. Guessing is right in "
            f"{100 / ways:.3g} % of them."
        )

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def _counts(self) -> tuple[int, int, int]:
        return len(self._episode), len(self._episode[0].support), len(self._episode[0].query)

    def _least(self) -> QSize:
        ways, shots, queries = self._counts()
        side = _SMALLEST + _GAP
        return QSize(_LEFT + ways * side + _MARGIN, _TOP + (shots + queries) * side + _DIVIDE + _FOOT)

    def _side(self) -> int:
        ways, shots, queries = self._counts()
        across = (self.width() - _LEFT - _MARGIN) // ways - _GAP
        down = (self.height() - _TOP - _DIVIDE - _FOOT) // (shots + queries) - _GAP
        return max(_SMALLEST, min(_LARGEST, across, down))

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._episode or self._rows is None or self._description is None:
            return
        ways, shots, queries = self._counts()
        theme, side = self._theme, self._side()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        right = _LEFT + ways * (side + _GAP) - _GAP
        below = _TOP + shots * (side + _GAP) - _GAP + _DIVIDE
        bottom = below + queries * (side + _GAP) - _GAP
        self._paint_ways(painter, ways, side, right)
        self._paint_role(painter, "support", f"{_count(shots, 'shot', 'shots')} each", _TOP, below - _DIVIDE, True)
        self._paint_role(painter, "query", f"{queries:,} of each class", below, bottom, False)
        painter.setPen(QPen(QColor(theme.line), 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(_LEFT, below - _DIVIDE / 2), QPointF(right, below - _DIVIDE / 2))
        ratio = self.devicePixelRatioF()
        for way, drawn in enumerate(self._episode):
            left = _LEFT + way * (side + _GAP)
            for first, numbers, frame in ((_TOP, drawn.support, theme.support), (below, drawn.query, theme.cycle[0])):
                for row, number in enumerate(numbers):
                    place = QRect(left, first + row * (side + _GAP), side, side)
                    if event.rect().intersects(place.adjusted(-3, -3, 3, 3)):
                        draw_pixels(painter, self._rows[number], place, ratio, frame)
        explain(painter, QRect(_MARGIN, bottom + 12, self.width() - 2 * _MARGIN, _FOOT - 12), self.told, theme.muted)
        painter.end()

    def _paint_ways(self, painter: QPainter, ways: int, side: int, right: int) -> None:
        theme = self._theme
        text = f"{ways:,} ways: the classes to tell apart"
        width = max(right - _LEFT, painter.fontMetrics().horizontalAdvance(text) + 8)
        write(painter, QRect(_LEFT, 4, width, 20), text, theme.text, Qt.AlignmentFlag.AlignLeft, bold=True)
        painter.setPen(QPen(QColor(theme.line), 1))
        painter.drawLine(QPointF(_LEFT, 27), QPointF(right, 27))
        assert self._description is not None
        for way, drawn in enumerate(self._episode):
            left = _LEFT + way * (side + _GAP)
            painter.setPen(QPen(QColor(theme.line), 1))
            painter.drawLine(QPointF(left, 27), QPointF(left, 31))
            name = title_of(self._description, drawn.group).rpartition("/")[2]
            write(painter, QRect(left, 31, side, 20), name, theme.muted, Qt.AlignmentFlag.AlignLeft)

    def _paint_role(self, painter: QPainter, role: str, told: str, top: int, bottom: int, support: bool) -> None:
        """A bracket beside its rows, and what they are."""
        theme = self._theme
        colour = theme.support if support else theme.cycle[0]
        x = _LEFT - 14
        painter.setPen(QPen(QColor(colour), 2))
        painter.drawLine(QPointF(x, top), QPointF(x, bottom))
        for y in (top, bottom):
            painter.drawLine(QPointF(x, y), QPointF(x + 5, y))
        middle = (top + bottom) // 2
        flags = Qt.AlignmentFlag.AlignRight
        write(painter, QRect(_MARGIN - 8, middle - 20, x - _MARGIN, 20), role, colour, flags, bold=True)
        write(painter, QRect(_MARGIN - 8, middle, x - _MARGIN, 20), told, theme.muted, flags)
