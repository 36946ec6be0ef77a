"""The frame around one picture of the studio: its name, its figures, and a sentence that says how to read it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from metagui.gui.adaptation.elided import ElidedLabel
from metagui.gui.theme import DARK, Theme


class Figure(QFrame):
    """``sentence`` stands below where it is to be read at once, in the tip otherwise."""

    def __init__(
        self, title: str, content: QWidget, sentence: str = "", *, spoken: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("studioFigure")
        self.content = content
        self.title = ElidedLabel(title)
        self.figures = QLabel()
        self.figures.setTextFormat(Qt.TextFormat.RichText)
        self.figures.setStyleSheet("font-size: 11px;")
        self.figures.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.sentence = QLabel(sentence)
        self.sentence.setWordWrap(True)
        self.sentence.setProperty("role", "muted")
        self.sentence.setVisible(spoken and bool(sentence))
        if not spoken:
            self.setToolTip(sentence)
        self.setAccessibleName(title)
        self.setAccessibleDescription(sentence)
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 0, 0)
        head.addWidget(self.title, 1)
        head.addWidget(self.figures)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 7, 10, 7)
        layout.setSpacing(4)
        layout.addLayout(head)
        layout.addWidget(content, 1)
        layout.addWidget(self.sentence)
        self.set_theme(DARK)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._give_way()

    def set_figures(self, text: str) -> None:
        """Rich text at the right of the title, which gives way where both have no room."""
        self.figures.setText(text)
        self._give_way()

    def _give_way(self) -> None:
        wanted = self.title.fontMetrics().horizontalAdvance(self.title.text()) + self.figures.sizeHint().width()
        self.title.setVisible(wanted + 30 <= self.width())

    def set_theme(self, theme: Theme) -> None:
        self.setStyleSheet(
            f"#studioFigure {{ background: {theme.plot_background}; border: 1px solid {theme.line};"
            " border-radius: 8px; }"
        )
        self.title.setStyleSheet(f"color: {theme.text}; font-weight: 600;")
