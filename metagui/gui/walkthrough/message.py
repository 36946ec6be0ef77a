"""What stands in place of the columns: nothing recorded yet, being recorded, or why it could not be."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from metagui.gui.theme import Theme


class MessagePanel(QWidget):
    """A title, a sentence and at most one button; ``pressed`` is the button's."""

    pressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = QLabel()
        self.title.setProperty("role", "heading")
        self.text = QLabel()
        self.text.setProperty("role", "muted")
        self.text.setWordWrap(True)
        self.text.setMaximumWidth(520)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.button = QPushButton()
        self.button.clicked.connect(self.pressed)
        self.bar = QProgressBar()
        self.bar.setRange(0, 0)
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(180)
        self.bar.setAccessibleName("Recording")
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        words = QHBoxLayout()
        words.addStretch(1)
        words.addWidget(self.text, 50)
        words.addStretch(1)
        layout.addStretch(2)
        layout.addWidget(self.title)
        layout.addLayout(words)
        for widget in (self.bar, self.button):
            layout.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)
        for label in (self.title, self.text):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout.addStretch(3)
        self.set_busy(False)

    def show_message(self, title: str, text: str, button: str = "") -> None:
        self.title.setText(title)
        self.text.setText(text)
        self.button.setText(button)
        self.button.setVisible(bool(button))

    def set_busy(self, busy: bool) -> None:
        """An unmeasured bar turns only while something is awaited."""
        self.bar.setVisible(busy)

    def set_theme(self, theme: Theme) -> None:
        self.setStyleSheet(f"MessagePanel {{ background: {theme.panel}; }}")
