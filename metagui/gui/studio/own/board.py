"""The drawing board: a row of cells a class, and beside them queries with what the network takes them for."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QColor, QResizeEvent
from PySide6.QtWidgets import QLabel, QScrollArea, QWidget

from metagui.gui.adaptation.points import class_colours
from metagui.gui.studio.own.answer_bars import AnswerBars
from metagui.gui.studio.own.cell import INK_SHARE, DrawingCell
from metagui.gui.studio.own.inks import Inks
from metagui.gui.studio.own.sketch import BoardSketch
from metagui.gui.theme import DARK, Theme

Place = tuple[int, int]
_HEAD, _CHIP, _GAP, _BETWEEN, _BARS = 24, 26, 10, 34, 176
_LEAST, _MOST = 72, 132
"""Side of a page in pixels."""


class Board(QScrollArea):
    """``changed(place, cell, done)``, ``offered(place, QMimeData)``, ``file_wanted(place)``; a place is (class, shot),
    or (-1, query)."""

    changed = Signal(tuple, object, bool)
    offered = Signal(tuple, object)
    file_wanted = Signal(tuple)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = DARK
        self._shape = (0, 0, 0)
        self.sheet = QWidget()
        self.setWidget(self.sheet)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.cells: dict[Place, DrawingCell] = {}
        self.bars: list[AnswerBars] = []
        self._chips: list[QLabel] = []
        self.support_head = QLabel("Support: draw each class", self.sheet)
        self.query_head = QLabel("Queries: what is this?", self.sheet)
        for head in (self.support_head, self.query_head):
            head.setProperty("role", "muted")

    def show_sketch(self, sketch: BoardSketch, inks: Inks | None, pen_width: float) -> None:
        """Every cell; widgets are made anew only when their number changes."""
        shape = (sketch.ways, sketch.shots, len(sketch.queries))
        if shape != self._shape:
            self._build(sketch)
            self._shape = shape
            self._lay_out()
        for place, widget in self.cells.items():
            cell = sketch.cell(place)
            widget.pen_width = pen_width
            if widget.cell is not cell:
                widget.show_cell(cell, None if inks is None else inks.picture(cell))

    def refresh_pictures(self, inks: Inks | None) -> None:
        """The same drawings, for a network that gets them otherwise."""
        for widget in self.cells.values():
            widget.show_cell(widget.cell, None if inks is None else inks.picture(widget.cell))

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.setStyleSheet("QScrollArea { background: transparent; }")
        self.sheet.setObjectName("boardSheet")
        self.sheet.setStyleSheet(f"#boardSheet {{ background: {theme.plot_background}; }}")
        for part in (*self.cells.values(), *self.bars):
            part.set_theme(theme)
        for chip, colour in zip(self._chips, class_colours(theme, len(self._chips)), strict=True):
            ink = "#000000" if QColor(colour).lightnessF() > 0.5 else "#ffffff"
            chip.setStyleSheet(f"background: {colour}; color: {ink}; border-radius: 4px; font-weight: 600;")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def _build(self, sketch: BoardSketch) -> None:
        for widget in (*self.cells.values(), *self.bars, *self._chips):
            widget.hide()
            widget.deleteLater()
        self.cells, self.bars, self._chips = {}, [], []
        for way, row in enumerate(sketch.support):
            chip = QLabel(str(way + 1), self.sheet)
            chip.setAlignment(Qt.AlignmentFlag.AlignCenter)
            self._chips.append(chip)
            for shot in range(len(row)):
                self._add((way, shot), f"Class {way + 1}, drawing {shot + 1}")
        for query in range(len(sketch.queries)):
            self._add((-1, query), f"Query {query + 1}")
            self.bars.append(AnswerBars(f"What query {query + 1} is taken for", self.sheet))
        self.set_theme(self._theme)
        for part in (*self._chips, *self.cells.values(), *self.bars):
            part.show()

    def _add(self, place: Place, name: str) -> None:
        cell = DrawingCell(name, self.sheet)
        cell.changed.connect(lambda content, done: self.changed.emit(place, content, done))
        cell.offered.connect(lambda data: self.offered.emit(place, data))
        cell.file_wanted.connect(lambda: self.file_wanted.emit(place))
        self.cells[place] = cell

    def _lay_out(self) -> None:
        """Pages as large as there is room for; queries in as many columns as fit."""
        ways, shots, queries = self._shape
        if not ways:
            return
        room = self.viewport().size()
        columns = 2 if queries > 1 else 1
        by_height = (room.height() - _HEAD) // ways - _GAP
        across = room.width() - _CHIP - _BETWEEN - columns * (_BARS + 2 * _GAP) - shots * _GAP
        by_width = int(across / ((1 + INK_SHARE) * (shots + columns)))
        side = max(_LEAST, min(_MOST, by_height, by_width))
        pitch, width = side + _GAP, round(side * (1 + INK_SHARE)) + 6
        for way, chip in enumerate(self._chips):
            chip.setGeometry(0, _HEAD + way * pitch + 1, _CHIP - 6, _CHIP - 6)
        right = _CHIP + shots * (width + _GAP) + _BETWEEN
        card = width + _GAP + _BARS
        columns = max(1, min((room.width() - right + 2 * _GAP) // (card + 2 * _GAP), queries or 1))
        for (way, index), cell in self.cells.items():
            if way >= 0:
                cell.setGeometry(_CHIP + index * (width + _GAP), _HEAD + way * pitch, width, side)
            else:
                left = right + (index % columns) * (card + 2 * _GAP)
                top = _HEAD + (index // columns) * pitch
                cell.setGeometry(left, top, width, side)
                self.bars[index].setGeometry(left + width + _GAP, top, _BARS, side)
        self.support_head.setGeometry(QRect(_CHIP, 0, right - _CHIP, _HEAD - 4))
        self.query_head.setGeometry(QRect(right, 0, max(room.width() - right, 10), _HEAD - 4))
        rows = max(ways, -(-queries // columns))
        self.sheet.resize(max(room.width(), right + columns * (card + 2 * _GAP)), _HEAD + rows * pitch)
