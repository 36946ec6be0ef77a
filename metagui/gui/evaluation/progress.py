"""How far an evaluation is, and how long it will take."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QWidget

from metagui.gui.words import duration_text


class EvaluationProgressRow(QWidget):
    """A thin bar and a few words; hidden while nothing is evaluated."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress of the evaluation")
        self.words = QLabel()
        self.words.setProperty("role", "muted")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 2, 0, 2)
        layout.setSpacing(12)
        layout.addWidget(self.bar, 1)
        layout.addWidget(self.words)
        self.hide()

    def begin(self) -> None:
        """Nothing is known yet: the bar turns."""
        self.bar.setRange(0, 0)
        self.words.setText("getting ready…")
        self.show()

    def show_progress(self, done: int, total: int, seconds_left: float | None) -> None:
        self.bar.setRange(0, max(total, 1))
        self.bar.setValue(done)
        text = f"{done:,} of {total:,} tasks"
        if seconds_left is not None:
            text += f", about {duration_text(seconds_left)} left"
        self.words.setText(text)
        self.show()
