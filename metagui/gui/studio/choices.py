"""Small choices of the studio: how many inner steps, how many tasks, and whether one's own."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QPushButton, QWidget

MOST_STEPS = 200
_BEYOND = (5, 10, 20, 50, 100, MOST_STEPS)


class StepsChoice(QComboBox):
    """``chosen(None)`` for as many inner steps as the run takes on held-out tasks, else a number well beyond."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Inner steps")
        self.setToolTip(
            "How many inner steps: as many as in evaluation, or well beyond. Does adaptation settle, or fall apart?"
        )
        self.addItem("Usual steps", None)
        for steps in _BEYOND:
            self.addItem(f"{steps} steps", steps)
        self.activated.connect(self._tell)

    @property
    def steps(self) -> int | None:
        value: int | None = self.currentData()
        return value

    def choose(self, steps: int | None) -> None:
        """As a person would; a number that is not offered is ignored."""
        place = self.findData(steps)
        if place >= 0:
            self.setCurrentIndex(place)
            self._tell()

    def _tell(self) -> None:
        self.chosen.emit(self.steps)


class TaskCount(QComboBox):
    """``chosen(n)``: one task, large, or a board of several."""

    chosen = Signal(int)

    def __init__(
        self, counts: tuple[int, ...] = (1, 2, 4, 6, 9), count: int = 4, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName("Tasks on show")
        self.setToolTip("How many held-out tasks are on show")
        for number in counts:
            self.addItem("1 task" if number == 1 else f"{number} tasks", number)
        self.setCurrentIndex(max(self.findData(count), 0))
        self.activated.connect(lambda _place: self.chosen.emit(self.count))

    @property
    def count(self) -> int:
        return int(self.currentData())


class OwnTaskSwitch(QPushButton):
    """``chosen(bool)``: the task that a person made, in place of held-out ones. Hidden while there is none."""

    chosen = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Your own task", parent)
        self.setCheckable(True)
        self.setToolTip("Show the task that you made, in place of a held-out one")
        self.clicked.connect(self.chosen)
        self.hide()

    def offer(self, there: bool) -> None:
        """Whether there is such a task."""
        self.setVisible(there)
        if not there:
            self.setChecked(False)
