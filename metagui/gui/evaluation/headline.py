"""The number, its interval and, always beside it, the protocol under which it was made."""

from __future__ import annotations

import html

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from metagui.events import Evaluated
from metagui.gui.evaluation.content import Circumstances, as_text, metric_words, protocol, value_text, with_interval
from metagui.gui.theme import DARK, Theme


class Headline(QWidget):
    """Large figure on the left, what it is the mean of beside it, the protocol below."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = DARK
        self._shown: tuple[Evaluated, Circumstances] | None = None
        self.number = QLabel()
        self.number.setTextFormat(Qt.TextFormat.RichText)
        self.number.setAccessibleName("Result")
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setProperty("role", "muted")
        self.protocol = QLabel()
        self.protocol.setTextFormat(Qt.TextFormat.RichText)
        self.protocol.setWordWrap(True)
        self.protocol.setAccessibleName("Protocol")
        for label in (self.number, self.protocol):
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.copy = QPushButton("Copy")
        self.copy.setProperty("kind", "quiet")
        self.copy.setToolTip("Copy the number with its protocol and comparisons as text")
        self.copy.clicked.connect(self._copy)
        top = QHBoxLayout()
        top.setSpacing(16)
        top.addWidget(self.number)
        top.addWidget(self.words, 1)
        top.addWidget(self.copy, 0, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2, 0, 2, 0)
        layout.setSpacing(4)
        layout.addLayout(top)
        layout.addWidget(self.protocol)

    def show_result(self, evaluated: Evaluated, circumstances: Circumstances) -> None:
        self._shown = evaluated, circumstances
        self._describe()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._describe()

    def _describe(self) -> None:
        if self._shown is None:
            return
        theme, (evaluated, circumstances) = self._theme, self._shown
        value, half = with_interval(evaluated.mean, evaluated.ci95, evaluated.metric)
        size = self.font().pointSizeF()
        self.number.setText(
            f"<span style='font-size:{size * 2.1:.1f}pt; font-weight:600; color:{theme.text}'>{value}</span>"
            f"<span style='font-size:{size * 1.3:.1f}pt; color:{theme.muted}'>&nbsp; {half}</span>"
        )
        self.number.setAccessibleDescription(f"{value} {half} {metric_words(evaluated.metric)}")
        self.words.setText(_sentence(evaluated))
        said = protocol(evaluated, circumstances)
        self.protocol.setAccessibleDescription("; ".join(f"{name}: {text}" for name, text in said))
        parts = [
            f"<span style='color:{theme.muted}'>{name}</span>&nbsp;"
            f"<span style='color:{theme.text}'>{_unbroken(text)}</span>"
            for name, text in said
        ]
        self.protocol.setText(f" <span style='color:{theme.muted}'>·</span> ".join(parts))

    def _copy(self) -> None:
        if self._shown is not None:
            QGuiApplication.clipboard().setText(as_text(*self._shown))


def _unbroken(text: str) -> str:
    """As HTML that breaks only where it does not hurt: not in 5-way, nor between seed and its number."""
    return html.escape(text).replace("-", "&#8209;").replace("seed ", "seed&nbsp;")


def _sentence(evaluated: Evaluated) -> str:
    text = (
        f"{metric_words(evaluated.metric)}, mean over {evaluated.n_tasks:,} held-out tasks with its 95 % interval; "
        f"median {value_text(evaluated.median, evaluated.metric)}."
    )
    if evaluated.n_worse:
        tasks = "task" if evaluated.n_worse == 1 else "tasks"
        text += f" On {evaluated.n_worse:,} {tasks} adaptation did not lower the query loss."
    return text[0].upper() + text[1:]
