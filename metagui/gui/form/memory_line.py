"""The form's line on memory: what the experiment would need, of what there is."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from metagui.events import MemoryEstimated
from metagui.gui.gauge import Gauge
from metagui.gui.theme import DARK, Theme
from metagui.gui.words import bytes_text


class MemoryLine(QWidget):
    """``Memory  [▮▮▯▯▯▯]  0.4 of 16.0 GB``; all of the sentence, and what to do where it is too little, in the tip."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = DARK
        self._answer: MemoryEstimated | None = None
        self._waiting = True
        self._title = QLabel("Memory")
        self._gauge = Gauge()
        self._figure = QLabel()
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 7, 14, 7)
        row.setSpacing(10)
        row.addWidget(self._title)
        row.addWidget(self._gauge)
        row.addWidget(self._figure, 1)
        self.setAccessibleName("Memory needed")
        self.show_waiting()

    @property
    def text(self) -> str:
        return self._figure.text()

    @property
    def refusal(self) -> str:
        """Why the experiment cannot start: it fits in no way. Empty where it may."""
        if self._answer is None or self._waiting:
            return ""
        return self._answer.message if self._answer.verdict == "impossible" else ""

    def show_waiting(self) -> None:
        """Another experiment is being estimated; the last answer stays in sight until then."""
        self._waiting = True
        if self._answer is None:
            self._figure.setText("estimating…")
        self._show()

    def show_unknown(self) -> None:
        """It cannot be told, because something else is wrong."""
        self._answer, self._waiting = None, False
        self._figure.setText("not known")
        self._show()

    def show_answer(self, answer: MemoryEstimated) -> None:
        self._answer, self._waiting = answer, False
        needed = f"about {bytes_text(answer.needed)}"
        words = {
            "fits": f"{needed} of {bytes_text(answer.total)}",
            "tight": f"{needed}, {bytes_text(answer.available)} free",
            "impossible": f"{needed}, too much",
        }
        self._figure.setText(words[answer.verdict])
        self._show()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._gauge.set_theme(theme)
        self._show()

    def _show(self) -> None:
        answer, theme = self._answer, self._theme
        colour = theme.muted
        if answer is not None and answer.verdict != "fits":
            colour = theme.bad if answer.verdict == "impossible" else theme.warning
        self._title.setStyleSheet(f"color: {theme.muted}")
        self._figure.setStyleSheet(f"color: {colour}")
        self._gauge.show_share(answer.needed / answer.total if answer is not None and answer.total else None)
        message = "What training would hold at once, estimated before it starts."
        self.setToolTip(f"{message} {answer.message}" if answer is not None else message)
        self.setAccessibleDescription(answer.message if answer is not None else self._figure.text())
