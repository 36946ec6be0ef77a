"""Held-out tasks, step by step: the adaptation page with what happens inside each step, and the run's timeline."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QWidget

from metagui.events import Adapted, Column
from metagui.gui.adaptation.content import MalformedAdaptationError
from metagui.gui.adaptation.elided import ElidedLabel
from metagui.gui.adaptation.page import AdaptationPage
from metagui.gui.studio.choices import StepsChoice, TaskCount
from metagui.gui.studio.series import series_of
from metagui.gui.studio.step_strip import StepStrip
from metagui.gui.studio.timeline import Timeline
from metagui.gui.theme import Theme

_ROOM_FOR_FIGURES = 800
"""Width from which all figures stand beside the choices."""


class HeldOutPanel(AdaptationPage):
    """``steps_chosen(int | None)`` asks for more inner steps, ``tasks_requested`` for other tasks or another number."""

    steps_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        self.steps = StepsChoice()
        self.count = TaskCount()
        self.inner = StepStrip()
        self.timeline = Timeline()
        self.trouble = QLabel()
        self.trouble.setProperty("role", "warning")
        self.trouble.setWordWrap(True)
        self.note = ElidedLabel()
        self.note.setProperty("role", "muted")
        super().__init__(parent)
        self.head.insertWidget(1, self.steps)
        self.head.insertWidget(2, self.count)
        self.figures.setMinimumWidth(140)
        self.rows.insertWidget(1, self.trouble)
        self.rows.insertWidget(2, self.note)
        self.rows.insertWidget(4, self.inner)
        self.rows.addWidget(self.timeline)
        self.steps.chosen.connect(self.steps_chosen)
        self.count.chosen.connect(self._ask_for_number)
        self.scrubber.step_changed.connect(self.inner.show_step)
        self.inner.step_chosen.connect(self.scrubber.slider.setValue)
        for part in (self.inner, self.trouble, self.note):
            part.hide()

    def set_message(self, text: str) -> None:
        """In place of the tasks while there are none, above them otherwise."""
        if self.board.shown and not self.board.message:
            self.trouble.setText(text)
            self.trouble.setVisible(bool(text))
        else:
            super().set_message(text)

    def show_column(self, request: int, column: Column, trained_steps: int) -> None:
        """Show what the network made of the tasks, or why it could not; what was shown before then stays."""
        if column.problem:
            self.set_message(column.problem)
            return
        self.trouble.hide()
        self.note.setText(column.note)
        self.note.setVisible(bool(column.note))
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
        for part in (self.inner, self.trouble, self.note):
            part.hide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if not self.board.message:
            self._describe()

    def _measures(self, step: int) -> list[tuple[str, tuple[float, float], bool]]:
        """In a narrow window the last alone: the charts below have them all."""
        measures = super()._measures(step)
        return measures if self.width() >= _ROOM_FOR_FIGURES else measures[-1:]

    def _reveal(self, shown: bool) -> None:
        super()._reveal(shown)
        self.steps.setVisible(shown)
        self.count.setVisible(shown)

    def _ask_for_number(self, count: int) -> None:
        first = min(self.tasks)
        self.tasks_requested.emit(tuple(range(first, first + count)))
