"""Every difference of protocol in a row: what was published, what is yours, and why that may matter."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from metagui.gui.evaluation.table import ResultTable, words
from metagui.papers.verdict import Difference

_COLUMNS = ("Setting", "Published", "Yours", "Why it may matter")
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class DifferenceTable(ResultTable):
    """Reasons are sentences: they are wrapped, and rows are as high as they need."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Differences of protocol", _COLUMNS, stretched=len(_COLUMNS) - 1, parent=parent)
        self.setWordWrap(True)
        for column in range(len(_COLUMNS)):
            self.horizontalHeaderItem(column).setTextAlignment(_LEFT)

    def show_differences(self, differences: Sequence[Difference]) -> None:
        self.fill([[words(text) for text in (each.title, each.paper, each.yours, each.why)] for each in differences])
        self._fit()

    def sizeHint(self) -> QSize:
        rows = sum(self.rowHeight(row) for row in range(self.rowCount()))
        return QSize(200, self.horizontalHeader().sizeHint().height() + rows + 4)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self._fit()

    def _fit(self) -> None:
        self.resizeRowsToContents()
        least = self.verticalHeader().defaultSectionSize()
        for row in range(self.rowCount()):
            self.setRowHeight(row, max(self.rowHeight(row) + 4, least))
        self.updateGeometry()
