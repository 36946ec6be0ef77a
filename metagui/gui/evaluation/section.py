"""A card of the evaluation page: a title, a short reading beside it, a picture or table, and what it means."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from metagui.gui.theme import Theme


class EvaluationSection(QFrame):
    """``note`` is the reading at the right of the title; ``hint`` the sentence below, for those who meet it first."""

    def __init__(self, title: str, content: QWidget, hint: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("evaluationSection")
        self.content = content
        self.title = QLabel(title)
        self.title.setProperty("role", "heading")
        self.note = QLabel()
        self.note.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.note.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        # A reading that changes under the pointer must not widen the page.
        self.note.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.hint = QLabel()
        self.hint.setProperty("role", "muted")
        self.hint.setWordWrap(True)
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self.title)
        head.addWidget(self.note, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addWidget(content, 1)
        layout.addWidget(self.hint)
        self.set_hint(hint)

    def set_hint(self, text: str) -> None:
        self.hint.setText(text)
        self.hint.setVisible(bool(text))

    def set_theme(self, theme: Theme) -> None:
        self.setStyleSheet(
            f"#evaluationSection {{ background: {theme.panel}; border: 1px solid {theme.line}; border-radius: 8px; }}"
        )
