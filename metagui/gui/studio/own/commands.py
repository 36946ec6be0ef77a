"""The small buttons above the picture: undo, redo, clear, a held-out task to start from, and keeping."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget

from metagui.gui.theme import DARK, Theme, icon


class CommandBar(QWidget):
    """``keep_menu`` is filled by who can keep."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        self.undo = self._button(row, "Undo", "Take back the last change (Ctrl+Z)", words=False)
        self.redo = self._button(row, "Redo", "Do it again (Ctrl+Shift+Z)", words=False)
        self.clear = self._button(row, "Clear", "Begin with an empty task; undo brings this one back")
        self.pick = self._button(row, "Held-out task", "Start from a task that training never saw; again for the next")
        self.keep = self._button(row, "Keep", "Save, copy, or export this task")
        self.keep.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.keep_menu = QMenu(self.keep)
        self.keep.setMenu(self.keep_menu)
        self.set_theme(DARK)

    def set_theme(self, theme: Theme) -> None:
        self.undo.setIcon(icon("undo", theme))
        self.redo.setIcon(icon("redo", theme))

    def _button(self, row: QHBoxLayout, name: str, tip: str, *, words: bool = True) -> QToolButton:
        button = QToolButton()
        button.setText(name)
        button.setAccessibleName(name)
        button.setToolTip(tip)
        button.setIconSize(QSize(18, 18))
        style = Qt.ToolButtonStyle.ToolButtonTextOnly if words else Qt.ToolButtonStyle.ToolButtonIconOnly
        button.setToolButtonStyle(style)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        row.addWidget(button)
        return button
