"""A slide with words alone: its title, large, and whose talk it is."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from metagui.gui.theme import Theme


class TitlePage(QWidget):
    """Laid out for a window 620 pixels high."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title, self.subtitle, self.author = QLabel(), QLabel(), QLabel()
        self._rule = QFrame()
        self._rule.setFixedSize(120, 4)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(110, 40, 110, 40)
        layout.setSpacing(22)
        layout.addStretch(1)
        for label in (self.title, self.subtitle, self.author):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            layout.addWidget(label)
            if label is self.title:
                layout.addWidget(self._rule)
        layout.addStretch(1)

    def show_words(self, title: str, subtitle: str, author: str) -> None:
        """Empty lines take no room."""
        for label, text in ((self.title, title), (self.subtitle, subtitle), (self.author, author)):
            label.setText(text)
            label.setVisible(bool(text))

    def set_theme(self, theme: Theme) -> None:
        self.title.setStyleSheet(f"font-size: 52px; font-weight: 700; color: {theme.text};")
        self.subtitle.setStyleSheet(f"font-size: 24px; color: {theme.text};")
        self.author.setStyleSheet(f"font-size: 18px; color: {theme.muted};")
        self._rule.setStyleSheet(f"background: {theme.accent}; border-radius: 2px;")
