"""A quiet table as tall as its rows, for results that are read rather than worked with."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QSizePolicy, QTableWidget, QTableWidgetItem, QWidget

from metagui.gui.theme import Theme


class ResultTable(QTableWidget):
    """``stretched`` takes what room the other columns leave; at most ``most_rows`` are seen without scrolling.

    ``opened`` carries the row on a click or Enter, where ``clickable``.
    """

    opened = Signal(int)

    def __init__(
        self,
        name: str,
        columns: Sequence[str],
        stretched: int = 0,
        most_rows: int = 0,
        clickable: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(0, len(columns), parent)
        self._most_rows = most_rows
        self._clickable = clickable
        self.setAccessibleName(name)
        self.setHorizontalHeaderLabels(list(columns))
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 11)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setMinimumSectionSize(30)
        header.setSectionsClickable(False)
        for column in range(len(columns)):
            mode = QHeaderView.ResizeMode.Stretch if column == stretched else QHeaderView.ResizeMode.ResizeToContents
            header.setSectionResizeMode(column, mode)
            if column != stretched:
                self.horizontalHeaderItem(column).setTextAlignment(_RIGHT)
            else:
                self.horizontalHeaderItem(column).setTextAlignment(_LEFT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        if clickable:
            self.viewport().setCursor(Qt.CursorShape.PointingHandCursor)
            self.cellClicked.connect(lambda row, _column: self.opened.emit(row))

    def fill(self, rows: Sequence[Sequence[QTableWidgetItem]]) -> None:
        """Replace all rows and take their height."""
        self.clearSpans()
        self.setRowCount(len(rows))
        for index, row in enumerate(rows):
            for column, item in enumerate(row):
                self.setItem(index, column, item)
        self.clearSelection()
        self.setCurrentCell(-1, -1)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        shown = min(self.rowCount(), self._most_rows) if self._most_rows else self.rowCount()
        height = self.horizontalHeader().sizeHint().height() + shown * self.verticalHeader().defaultSectionSize() + 4
        return QSize(200, height)

    def minimumSizeHint(self) -> QSize:
        return QSize(140, self.sizeHint().height())

    def set_theme(self, theme: Theme) -> None:
        self.setStyleSheet(
            f"QTableView {{ background: {theme.panel}; }} QHeaderView, QHeaderView::section {{ background: "
            f"{theme.panel}; }}"
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._clickable and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentRow() >= 0:
            self.opened.emit(self.currentRow())
            return
        super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 11)
            self.updateGeometry()


_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def words(text: str, tip: str = "") -> QTableWidgetItem:
    """A cell of words."""
    return _cell(text, _LEFT, tip)


def figures(text: str, tip: str = "") -> QTableWidgetItem:
    """A cell of figures: they stand right, under one another."""
    return _cell(text, _RIGHT, tip)


def _cell(text: str, alignment: Qt.AlignmentFlag, tip: str) -> QTableWidgetItem:
    item = QTableWidgetItem(text)
    item.setTextAlignment(alignment)
    item.setToolTip(tip or text)
    return item
