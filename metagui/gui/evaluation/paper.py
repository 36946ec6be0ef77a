"""The result beside a paper's: both intervals, the verdict in words, and every difference of protocol."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from metagui.gui.evaluation.paper_axis import PaperAxis
from metagui.gui.evaluation.paper_differences import DifferenceTable
from metagui.gui.form.combos import QuietCombo
from metagui.gui.theme import DARK, Theme
from metagui.papers.table import Cell
from metagui.papers.verdict import Verdict
from metagui.papers.words import told

_OVERLAP_HINT = (
    "Overlapping intervals do not prove that two numbers are the same, only that these do not tell them apart."
)


class PaperPanel(QFrame):
    """``chosen`` carries the name of the cell to compare with."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("paperPanel")
        self._theme = DARK
        self._verdict: Verdict | None = None
        self.title = QLabel("Paper against you")
        self.title.setProperty("role", "heading")
        self.cells = QuietCombo()
        self.cells.setAccessibleName("Published number to compare with")
        self.cells.setToolTip("The published numbers for this very task")
        self.cells.activated.connect(lambda _index: self.chosen.emit(str(self.cells.currentData())))
        self.headline = QLabel()
        self.sentence = QLabel()
        self.axis = PaperAxis()
        self.table = DifferenceTable()
        self.count = QLabel()
        self.unstated = QLabel()
        self.reference = QLabel()
        for label in (self.headline, self.sentence, self.count, self.unstated, self.reference):
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        for label in (self.unstated, self.reference):
            label.setProperty("role", "muted")
        self._lay_out()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self.title)
        head.addStretch(1)
        head.addWidget(self.cells)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.setSpacing(8)
        layout.addLayout(head)
        for widget in (self.headline, self.sentence, self.axis, self.count, self.table, self.unstated, self.reference):
            layout.addWidget(widget)

    def set_cells(self, cells: Sequence[Cell], chosen: Cell) -> None:
        """What there is to compare with; announces nothing."""
        blocked = self.cells.blockSignals(True)
        self.cells.clear()
        for cell in cells:
            self.cells.addItem(f"{cell.title}: {told(cell)}", cell.name)
        self.cells.setCurrentIndex(self.cells.findData(chosen.name))
        longest = max(
            (self.fontMetrics().horizontalAdvance(self.cells.itemText(i)) for i in range(len(cells))), default=0
        )
        self.cells.setMinimumWidth(min(longest + 44, 360))
        self.cells.blockSignals(blocked)

    @property
    def verdict(self) -> Verdict | None:
        """What is on show."""
        return self._verdict

    def show_verdict(self, verdict: Verdict) -> None:
        self._verdict = verdict
        self.axis.setVisible(verdict.relation not in ("unknown", "not comparable"))
        self.axis.show_verdict(verdict)
        self.sentence.setText(
            f"{verdict.sentence} {_OVERLAP_HINT}" if verdict.relation == "overlap" else verdict.sentence
        )
        self.table.show_differences(verdict.differences)
        self.table.setVisible(bool(verdict.differences))
        self.count.setText(_count_words(verdict))
        self.unstated.setText(
            "Not stated here, so perhaps different: "
            + "; ".join(f"{each.title} {each.yours}" for each in verdict.unstated)
            + "."
        )
        self.unstated.setVisible(bool(verdict.unstated))
        self.reference.setText(f"{verdict.cell.reference}." if verdict.cell.by == "the paper" else "")
        self.reference.setVisible(verdict.cell.by == "the paper")
        self._colour()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.setStyleSheet(
            f"#paperPanel {{ background: {theme.panel}; border: 1px solid {theme.line}; border-radius: 8px; }}"
        )
        self.axis.set_theme(theme)
        self.table.set_theme(theme)
        self._colour()

    def _colour(self) -> None:
        if self._verdict is None:
            return
        theme = self._theme
        colour = {"overlap": theme.good, "better": theme.good, "worse": theme.warning}.get(
            self._verdict.relation, theme.text
        )
        self.headline.setText(self._verdict.headline)
        self.headline.setStyleSheet(f"color: {colour}; font-weight: 600;")


def _count_words(verdict: Verdict) -> str:
    if not verdict.differences:
        return f"All {verdict.agreeing} settings that are stated agree."
    many = len(verdict.differences)
    return f"{many} difference{'s' if many != 1 else ''} of protocol; {verdict.agreeing} stated settings agree."
