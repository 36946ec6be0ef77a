"""Held-out tasks, step by step: the adaptation page with what happens inside each step, and the run's timeline."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from metagui.events import Adapted, Column
from metagui.gui.adaptation.content import MalformedAdaptationError
from metagui.gui.adaptation.page import AdaptationPage
from metagui.gui.studio.choices import StepsChoice, TaskCount
from metagui.gui.studio.series import series_of
from metagui.gui.studio.step_strip import StepStrip
from metagui.gui.studio.timeline import Timeline
from metagui.gui.theme import Theme


class HeldOutPanel(AdaptationPage):
    """``steps_chosen(int | None)`` asks for more inner steps, ``tasks_requested`` for other tasks or another number."""

    steps_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        self.steps = StepsChoice()
        self.count = TaskCount()
        self.inner = StepStrip()
        self.timeline = Timeline()
        super().__init__(parent)
        self.head.insertWidget(1, self.steps)
        self.head.insertWidget(2, self.count)
        self.rows.insertWidget(2, self.inner)
        self.rows.addWidget(self.timeline)
        self.steps.chosen.connect(self.steps_chosen)
        self.count.chosen.connect(self._ask_for_number)
        self.scrubber.step_changed.connect(self.inner.show_step)
        self.inner.step_chosen.connect(self.scrubber.slider.setValue)
        self.inner.hide()

    def show_column(self, request: int, column: Column, trained_steps: int) -> None:
        """Show what the network made of the tasks, or why it could not; what was shown before then stays."""
        if column.problem:
            self.set_message(column.problem)
            return
        self.show_adapted(Adapted(request=request, step=column.step, tasks=column.tasks))
        beyond = trained_steps if 0 < trained_steps < self.board.steps else None
        self.inner.set_mark(beyond)
        self.scrubber.slider.set_mark(beyond)
        try:
            self.inner.show_series(series_of(column), self.scrubber.step)
        except MalformedAdaptationError as error:
            self.inner.hide()
            self.set_message(f"What happens in each step cannot be shown: {error}")
            return
        self.inner.show()

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.inner.set_theme(theme)
        self.timeline.set_theme(theme)

    def clear(self, message: str = "") -> None:
        super().clear(message)
        self.inner.hide()

    def _reveal(self, shown: bool) -> None:
        super()._reveal(shown)
        self.steps.setVisible(shown)
        self.count.setVisible(shown)

    def _ask_for_number(self, count: int) -> None:
        first = min(self.tasks)
        self.tasks_requested.emit(tuple(range(first, first + count)))
