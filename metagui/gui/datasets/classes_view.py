"""All classes (or tasks) of a data set, a row each with its first examples; only what is seen is painted."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from metagui.datasets.inventory import title_of
from metagui.datasets.library import Description, Group
from metagui.datasets.splits import Split
from metagui.gui.datasets.paper import Rows, draw_curve, draw_pixels, write
from metagui.gui.theme import DARK, Theme

_CELL, _GAP, _LABEL, _MARGIN = 46, 8, 190, 16
_LINE = _CELL + _GAP + 2


class ClassesView(QAbstractScrollArea):
    """Scrolls over thousands of classes without reading them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = DARK
        self._description: Description | None = None
        self._rows: Rows | None = None
        self._groups: list[Group] = []
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Classes with examples")
        self.verticalScrollBar().setSingleStep(_LINE // 2)

    def show_classes(self, description: Description, rows: Rows, split: Split) -> None:
        if description is not self._description or (self._groups and self._groups[0].split != split):
            self.verticalScrollBar().setValue(0)
        self._description, self._rows = description, rows
        self._groups = description.of_split(split)
        self._measure()
        self.viewport().update()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._measure()

    def _measure(self) -> None:
        room = self.viewport().height()
        self.verticalScrollBar().setRange(0, max(0, len(self._groups) * _LINE + _GAP - room))
        self.verticalScrollBar().setPageStep(room)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), QColor(self._theme.panel))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        offset, room = self.verticalScrollBar().value(), self.viewport().height()
        for index in range(offset // _LINE, min(len(self._groups), (offset + room) // _LINE + 1)):
            self._paint_class(painter, self._groups[index], _GAP + index * _LINE - offset)
        painter.end()

    def _paint_class(self, painter: QPainter, group: Group, top: int) -> None:
        assert self._description is not None
        assert self._rows is not None
        theme, description = self._theme, self._description
        images = description.kind == "images"
        flags = Qt.AlignmentFlag.AlignLeft
        middle, width = top + _CELL // 2, _LABEL - _MARGIN - _GAP
        write(painter, QRect(_MARGIN, middle - 20, width, 20), title_of(description, group), theme.text, flags)
        count = f"{group.count:,} {'pictures' if images else 'points'}"
        write(painter, QRect(_MARGIN, middle, width, 20), count, theme.muted, flags)
        left, end = _LABEL, self.viewport().width() - _MARGIN
        if not images:
            points = self._rows[group.first : group.first + group.count]
            draw_curve(painter, points, QRect(left, top, end - left, _CELL), theme)
            return
        shown = min(group.count, max(1, (end - left + _GAP) // (_CELL + _GAP)))
        for number in range(group.first, group.first + shown):
            draw_pixels(painter, self._rows[number], QRect(left, top, _CELL, _CELL), self.devicePixelRatioF())
            left += _CELL + _GAP
