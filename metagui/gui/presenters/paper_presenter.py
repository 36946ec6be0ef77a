"""Puts the published number beside an evaluation, where there is one of its task."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, SignalInstance

from metagui.events import Evaluated
from metagui.gui.evaluation.content import Circumstances
from metagui.gui.evaluation.page import EvaluationPage
from metagui.gui.evaluation.paper import PaperPanel
from metagui.papers.table import Cell, cell_named
from metagui.papers.verdict import compare, matching_cells


class PaperPresenter(QObject):
    """``shown`` is the evaluation presenter's signal of (Evaluated, Circumstances)."""

    compared = Signal(object)
    """The :class:`~metagui.papers.verdict.Verdict` that has come on show."""

    def __init__(self, shown: SignalInstance, page: EvaluationPage, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._page = page
        self._answer: tuple[Evaluated, Circumstances] | None = None
        self._cells: list[Cell] = []
        self.panel = PaperPanel(page)
        self.panel.hide()
        self.panel.chosen.connect(self._choose)
        shown.connect(self.show_answer)

    def show_answer(self, evaluated: Evaluated, circumstances: Circumstances) -> None:
        """Compare with the number of the run's own method, or else the first of its task; where none is, show none."""
        self._answer = evaluated, circumstances
        self._cells = matching_cells(circumstances.config)
        if not self._cells:
            self._page.set_paper(None)
            return
        self._compare(self._cells[0])
        self._page.set_paper(self.panel)

    def _choose(self, name: str) -> None:
        self._compare(cell_named(name))

    def _compare(self, cell: Cell) -> None:
        if self._answer is None:
            return
        evaluated, circumstances = self._answer
        verdict = compare(cell, evaluated, circumstances.config, circumstances.step)
        self.panel.set_cells(self._cells, cell)
        self.panel.show_verdict(verdict)
        self.compared.emit(verdict)
