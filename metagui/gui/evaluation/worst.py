"""The tasks at the bad end; each leads to its picture."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from metagui.events import WorstTask
from metagui.gui.evaluation.content import value_text
from metagui.gui.evaluation.section import EvaluationSection
from metagui.gui.evaluation.table import ResultTable, figures, words
from metagui.gui.theme import Theme

_SEEN = 10


class WorstSection(EvaluationSection):
    """``task_chosen`` carries the numbers of the tasks to look at, the chosen one first."""

    task_chosen = Signal(tuple)

    def __init__(self, parent: QWidget | None = None) -> None:
        self._tasks: tuple[int, ...] = ()
        self.table = ResultTable(
            "Worst tasks", ("Task", "", "Before", "After"), stretched=1, most_rows=_SEEN, clickable=True
        )
        super().__init__(
            "Worst tasks", self.table, "Click one to see it adapted step by step, on the Adaptation page.", parent
        )
        self.table.opened.connect(self._choose)

    def show_worst(self, worst: Sequence[WorstTask], metric: str) -> None:
        self._tasks = tuple(task.task for task in worst)
        rows = []
        for task in worst:
            what = ", ".join(task.class_names) or task.title
            tip = f"{task.title}: {what}\nClick to see it adapted" if task.class_names else f"{what}\nClick to see it"
            cells = [figures(f"{task.task + 1:,}"), words(what)]
            cells += [figures(value_text(value, metric)) for value in (task.before, task.after)]
            for cell in cells:
                cell.setToolTip(tip)
            rows.append(cells)
        self.table.fill(rows)

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.table.set_theme(theme)

    def _choose(self, row: int) -> None:
        others = [task for index, task in enumerate(self._tasks) if index != row]
        self.task_chosen.emit((self._tasks[row], *others))
