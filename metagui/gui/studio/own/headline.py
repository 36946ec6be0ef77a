"""The head of the panel: what adaptation achieves, and below it where the weights come from, or what is wrong."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from metagui.events import Adaptation
from metagui.gui.adaptation.board import change
from metagui.gui.adaptation.elided import ElidedLabel
from metagui.gui.theme import DARK, Theme

_SERIES = (("support_loss", "support loss", False), ("query_loss", "query loss", False))


class Headline(QWidget):
    """Both lines keep their room, so that the picture below stands still."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = DARK
        self._adaptation: Adaptation | None = None
        self._step = 0
        self._origin = self._trouble = self._remark = self._note = self._news = ""
        self.figures = QLabel()
        font = self.figures.font()
        font.setPointSizeF(font.pointSizeF() * 1.25)
        self.figures.setFont(font)
        self.figures.setMinimumHeight(self.figures.fontMetrics().height() + 4)
        self.line = ElidedLabel(" ")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        layout.addWidget(self.figures)
        layout.addWidget(self.line)

    @property
    def text(self) -> str:
        """The line below the figures."""
        return self.line.text()

    def show_adaptation(self, adaptation: Adaptation | None, step: int) -> None:
        self._adaptation = adaptation
        self.show_step(step)

    def show_step(self, step: int) -> None:
        self._step = step
        parts = []
        if self._adaptation is not None:
            for field, name, percent in _SERIES:
                values = np.asarray(getattr(self._adaptation, field).numpy(), dtype=np.float64).reshape(-1)
                at = min(step, len(values) - 1)
                if values.size and np.isfinite(values[[0, at]]).all():
                    pair = change((float(values[0]), float(values[at])), step, percent)
                    parts.append(f"<span style='color:{self._theme.muted}'>{name}</span>&nbsp; <b>{pair}</b>")
        words = "&nbsp;&nbsp;&nbsp; ".join(parts) or "<b>Your own task</b>"
        self.figures.setText(f"<span style='color:{self._theme.text}'>{words}</span>")

    def set_origin(self, text: str) -> None:
        self._origin = text
        self._tell()

    def set_trouble(self, text: str) -> None:
        """Why the newest sketch is not answered; empty where it is."""
        self._trouble, self._news = text, ""
        self._tell()

    def set_remark(self, text: str) -> None:
        self._remark = text
        self._tell()

    def set_news(self, text: str) -> None:
        """What was done just now, until the next answer."""
        self._trouble, self._news = "", text
        self._tell()

    def set_note(self, text: str) -> None:
        """What the engine says of its numbers: beside where they come from, whole in the tip."""
        self._note = text
        self._tell()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.show_step(self._step)
        self._tell()

    def _tell(self) -> None:
        text = self._trouble or self._news or self._remark or " · ".join(filter(None, [self._origin, self._note]))
        colour = self._theme.warning if text in (self._trouble, self._remark) else self._theme.muted
        self.line.setText(text or " ")
        self.line.setStyleSheet(f"color: {colour};")
        self.line.setAccessibleName(text)
