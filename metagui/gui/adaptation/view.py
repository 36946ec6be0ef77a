"""What the adaptation page and the strip under the monitor have in common: a board, a scrubber and the figures."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from metagui.events import Adapted
from metagui.gui.adaptation.board import AdaptationBoard, change
from metagui.gui.adaptation.elided import ElidedLabel
from metagui.gui.adaptation.scrubber import Scrubber
from metagui.gui.theme import DARK, Theme

DEFAULT_TASKS = (0, 1, 2, 3)
_NOTHING_YET = "Held-out tasks appear here as soon as there is a network to adapt."


class AdaptationView(QWidget):
    """Shows answers of the engine; subclasses lay the parts out. ``tasks_requested`` asks for other held-out tasks."""

    tasks_requested = Signal(tuple)

    def __init__(self, board: AdaptationBoard, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = DARK
        self._tasks: tuple[int, ...] = DEFAULT_TASKS
        self._step = 0
        self._weights = ""
        self._message = ""
        self.board = board
        self.board.tasks_shown_changed.connect(self._describe)
        self.scrubber = Scrubber()
        self.scrubber.step_changed.connect(self._show_step)
        self.figures = QLabel()
        self.origin = ElidedLabel()
        self.origin.setProperty("role", "muted")
        self.other_tasks = QPushButton("Other tasks")
        self.other_tasks.setToolTip("Adapt to another draw of held-out tasks")
        self.other_tasks.clicked.connect(self._ask_for_others)
        self.clear()

    @property
    def tasks(self) -> tuple[int, ...]:
        """Numbers of the tasks shown, or of those to show first."""
        return self._tasks

    def show_adapted(self, adapted: Adapted) -> None:
        """Show an answer; the chosen inner step stays chosen, the last stays the last."""
        if not adapted.tasks:
            return
        self._tasks = tuple(task.task for task in adapted.tasks)
        self._step = adapted.step
        self._message = ""
        self.board.show_adapted(adapted, self.scrubber.step)
        self.scrubber.set_steps(self.board.steps)
        self._reveal(True)
        self._show_step(self.scrubber.step)

    def set_message(self, text: str) -> None:
        """Say what is going on: in place of the cards while there are none, beside them otherwise."""
        self._message = text
        if self.board.shown and not self.board.message:
            self._describe()
        else:
            self.board.show_message(text or _NOTHING_YET)

    def clear(self, message: str = "") -> None:
        """Take the cards away, for another experiment."""
        self.board.show_message(message or _NOTHING_YET)
        self._tasks = DEFAULT_TASKS
        self._message = ""
        self.figures.clear()
        self.origin.clear()
        self._reveal(False)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.board.set_theme(theme)
        self.scrubber.set_theme(theme)
        if not self.board.message:
            self._describe()

    def _reveal(self, shown: bool) -> None:
        """What is of use only beside cards."""
        for widget in (self.scrubber, self.other_tasks, self.figures, self.origin):
            widget.setVisible(shown)

    def _show_step(self, step: int) -> None:
        self.board.show_step(step)
        self._describe()

    def _describe(self) -> None:
        step = self.scrubber.step
        theme = self._theme
        parts = []
        for name, pair, percent in self._measures(step):
            figure = change(pair, step, percent)
            parts.append(f"<span style='color:{theme.muted}'>{name}</span>&nbsp; <b>{figure}</b>")
        self.figures.setText(f"<span style='color:{theme.text}'>{'&nbsp;&nbsp;&nbsp; '.join(parts)}</span>")
        self.origin.setText(self._message or self._origin())

    def _measures(self, step: int) -> list[tuple[str, tuple[float, float], bool]]:
        """Name, value before adaptation and after ``step``, and whether it is a share; as far as there are any."""
        loss, accuracy = self.board.mean_query_loss(step), self.board.mean_query_accuracy(step)
        measures = [("query loss", loss, False), ("accuracy", accuracy, True)]
        return [(name, pair, percent) for name, pair, percent in measures if pair is not None]

    def _origin(self) -> str:
        """Of what the figures are the mean, and after how much training."""
        tasks = f"mean of {self.board.shown} held-out tasks" if self.board.shown > 1 else "one held-out task"
        return f"{tasks} · " + (f"meta-step {self._step:,}" if self._step else "before any training")

    def _ask_for_others(self) -> None:
        first = max(self._tasks) + 1
        self.tasks_requested.emit(tuple(range(first, first + len(self._tasks))))
