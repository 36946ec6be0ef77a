"""The foot of the window: what goes on, in words, and the figures of the engine."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStatusBar, QWidget

from metagui.events import Progress
from metagui.gui.gauge import Gauge
from metagui.gui.theme import Theme
from metagui.gui.words import duration_text, memory_text, rate_text, step_text

Health = Literal["starting", "ready", "lost"]

_HEALTH_WORDS: dict[Health, str] = {
    "starting": "engine starting",
    "ready": "engine ready",
    "lost": "engine lost, restarting",
}


class StatusBar(QStatusBar):
    """``state`` in words on the left; speed, step, time left, memory and the worker's health on the right."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._health: Health = "starting"
        self._state = QLabel()
        self._state.setContentsMargins(12, 0, 0, 0)
        self._state.setAccessibleName("State")
        self.addWidget(self._state, 1)
        self._figures = QWidget()
        row = QHBoxLayout(self._figures)
        row.setContentsMargins(0, 4, 10, 4)
        row.setSpacing(18)
        self._rate, self._step, self._eta, self._memory, self._worker = (QLabel() for _ in range(5))
        self._gauge = Gauge()
        self._gauge.set_theme(theme)
        for label, name, tip in (
            (self._rate, "Speed", "Tasks adapted to a second, over the last seconds"),
            (self._step, "Step", "Updates of the initial parameters done"),
            (self._eta, "Time left", "At the present speed"),
            (self._memory, "Memory", "What training holds, of all the memory where it computes"),
            (self._worker, "Engine", "The process that answers what needs the network: adaptation, devices"),
        ):
            label.setAccessibleName(name)
            label.setToolTip(tip)
            if label is self._memory:
                self._gauge.setToolTip(tip)
                row.addWidget(self._gauge)
                row.setAlignment(self._gauge, Qt.AlignmentFlag.AlignVCenter)
            row.addWidget(label)
        self.addPermanentWidget(self._figures)
        self.setSizeGripEnabled(False)
        self.set_health("starting")
        self.clear_figures()

    @property
    def state(self) -> str:
        return self._state.text()

    @property
    def figures(self) -> str:
        """All figures as one line, for a reader of the screen."""
        labels = (self._rate, self._step, self._eta, self._memory, self._worker)
        return " · ".join(text for label in labels if (text := label.text()))

    @property
    def health(self) -> Health:
        return self._health

    def set_state(self, text: str) -> None:
        self._state.setText(text)

    def show_progress(self, progress: Progress) -> None:
        self._rate.setText(rate_text(progress.tasks_per_second) if progress.tasks_per_second else "")
        self._step.setText(step_text(progress.step, progress.total_steps))
        self._eta.setText(f"{duration_text(progress.eta)} left" if progress.eta is not None else "")
        self._memory.setText(memory_text(progress.memory_bytes, progress.memory_total))
        self._gauge.show_share(progress.memory_bytes / progress.memory_total if progress.memory_total else None)
        self._hide_empty()

    def clear_figures(self) -> None:
        for label in (self._rate, self._step, self._eta, self._memory):
            label.clear()
        self._hide_empty()

    def set_health(self, health: Health) -> None:
        self._health = health
        colour = {"ready": self._theme.good, "lost": self._theme.bad, "starting": self._theme.warning}[health]
        self._worker.setText(f"<span style='color:{colour}'>●</span> {_HEALTH_WORDS[health]}")

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._gauge.set_theme(theme)
        self.set_health(self._health)

    def _hide_empty(self) -> None:
        for label in (self._rate, self._step, self._eta, self._memory):
            label.setVisible(bool(label.text()))
        self._gauge.setVisible(bool(self._memory.text()) and self._gauge.share is not None)
