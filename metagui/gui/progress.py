"""How far the run is and how long it will take, in the toolbar."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QSizePolicy, QVBoxLayout, QWidget

from metagui.events import Progress
from metagui.gui.words import duration_text, step_text

_FINE = 10_000
"""Parts of the bar: meta-steps can be more than a progress bar's integers should be."""


class RunProgress(QWidget):
    """A line of words over a thin bar."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = QLabel()
        self._left = QLabel()
        self._left.setProperty("role", "muted")
        self._left.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setRange(0, _FINE)
        self.bar.setAccessibleName("Progress of the run")
        words = QHBoxLayout()
        words.addWidget(self._title, 1)
        words.addWidget(self._left)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 0, 12, 0)
        layout.setSpacing(3)
        layout.addStretch(1)
        layout.addLayout(words)
        layout.addWidget(self.bar)
        layout.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setMinimumWidth(220)
        self.show_idle()

    @property
    def text(self) -> str:
        """Both halves of the line."""
        return f"{self._title.text()} {self._left.text()}".strip()

    def show_idle(self, text: str = "") -> None:
        """Nothing is being trained."""
        self._title.setText(text)
        self._left.clear()
        self.bar.setRange(0, _FINE)
        self.bar.setValue(0)
        self.bar.setVisible(False)

    def show_busy(self, title: str, words: str) -> None:
        """Something is going on that has no measure."""
        self._title.setText(title)
        self._left.setText(words)
        self.bar.setVisible(True)
        self.bar.setRange(0, _FINE)

    def show_progress(self, title: str, progress: Progress) -> None:
        share = progress.step / progress.total_steps if progress.total_steps else 0.0
        self._title.setText(title)
        left = f" · {duration_text(progress.eta)} left" if progress.eta is not None else ""
        self._left.setText(f"{share:.0%}{left}")
        self.bar.setVisible(True)
        self.bar.setValue(round(share * _FINE))
        self.bar.setToolTip(step_text(progress.step, progress.total_steps))
