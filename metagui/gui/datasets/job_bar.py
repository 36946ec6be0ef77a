"""How far a job with data has come, how long it will take, and a button that breaks it off."""

from __future__ import annotations

import time

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from metagui.datasets.reporting import Step, size_text
from metagui.gui.words import duration_text

_SOONEST_SECONDS = 1.0
"""A time left that is guessed sooner jumps about."""
_STEPS = 1000
"""Of the bar: sizes in bytes may not fit into Qt's whole numbers."""


class JobBar(QFrame):
    """Hidden while nothing is done."""

    cancel = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._doing = ""
        self._began = (0.0, 0)
        self.title = QLabel()
        self.title.setProperty("role", "heading")
        self.words = QLabel()
        self.words.setProperty("role", "muted")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.button = QPushButton("Cancel")
        self.button.clicked.connect(self._cancel)
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self.title)
        head.addWidget(self.words, 1)
        column = QVBoxLayout()
        column.setSpacing(6)
        column.addLayout(head)
        column.addWidget(self.bar)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(18, 10, 18, 10)
        layout.setSpacing(18)
        layout.addLayout(column, 1)
        layout.addWidget(self.button)
        self.hide()

    def begin(self, title: str) -> None:
        """Nothing is known yet: the bar turns."""
        self._doing = ""
        self.title.setText(title)
        self.words.setText("getting ready…")
        self.bar.setRange(0, 0)
        self.bar.setAccessibleName(title)
        self.button.setEnabled(True)
        self.show()

    def show_step(self, step: Step) -> None:
        now = time.monotonic()
        if step.doing != self._doing:
            self._doing, self._began = step.doing, (now, step.done)
            self.title.setText(step.doing)
            self.bar.setAccessibleName(step.doing)
        if not self.button.isEnabled():
            return
        known = step.total > 0
        self.bar.setRange(0, _STEPS if known else 0)
        if known:
            self.bar.setValue(round(_STEPS * step.done / step.total))
        self.words.setText(progress_text(step, now - self._began[0], self._began[1]))

    def _cancel(self) -> None:
        """It may take a moment until the job notices."""
        self.button.setEnabled(False)
        self.words.setText("stopping…")
        self.cancel.emit()


def progress_text(step: Step, seconds: float, first: int) -> str:
    """``4.1 MB of 9.5 MB, about 12 s left``; ``first`` was done when the clock started."""
    if step.unit == "bytes":
        amount = f"{size_text(step.done)} of {size_text(step.total)}" if step.total else size_text(step.done)
    else:
        amount = f"{step.done:,} of {step.total:,}"
    gained = step.done - first
    if seconds < _SOONEST_SECONDS or gained <= 0 or step.done >= step.total:
        return amount
    return f"{amount}, about {duration_text(seconds / gained * (step.total - step.done))} left"
