"""The slim row of words above the studio: one of them is the mode on show."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QToolButton, QWidget

from metagui.gui.theme import DARK, Theme, mixed


class ModeSwitch(QWidget):
    """Words side by side, exactly one of which is chosen."""

    chosen = Signal(int)
    """The place of the word that was chosen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("modeSwitch")
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self._group.idClicked.connect(self.chosen)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(3, 3, 3, 3)
        self._row.setSpacing(2)
        self.buttons: list[QToolButton] = []
        self.set_theme(DARK)

    def add(self, text: str, tip: str) -> None:
        """One more word, at the end; the first one is chosen."""
        button = QToolButton()
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleDescription(tip)
        button.setCheckable(True)
        button.setChecked(not self.buttons)
        self._group.addButton(button, len(self.buttons))
        self.buttons.append(button)
        self._row.addWidget(button)

    @property
    def current(self) -> int:
        return self._group.checkedId()

    def choose(self, place: int) -> None:
        """As if its word had been clicked."""
        self.buttons[place].setChecked(True)
        self.chosen.emit(place)

    def set_theme(self, theme: Theme) -> None:
        chosen = mixed(theme.panel, theme.accent, 0.24)
        self.setStyleSheet(
            f"#modeSwitch {{ background: {theme.field}; border: 1px solid {theme.line}; border-radius: 8px; }}"
            f"#modeSwitch QToolButton {{ color: {theme.muted}; padding: 4px 12px; border-radius: 5px; }}"
            f"#modeSwitch QToolButton:hover {{ color: {theme.text}; }}"
            f"#modeSwitch QToolButton:checked {{ background: {chosen}; color: {theme.text}; font-weight: 600; }}"
            f"#modeSwitch QToolButton:focus {{ border-color: {theme.accent}; }}"
        )
