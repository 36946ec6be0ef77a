"""The classes to paint with, as buttons in their colours, and an eraser."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QToolButton, QWidget

from metagui.gui.adaptation.points import class_colours
from metagui.gui.studio.own.points_editor import ERASER
from metagui.gui.theme import DARK, Theme, icon


class ClassPalette(QWidget):
    """``chosen(label)``, ``ERASER`` for the eraser; one of them is always chosen."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = DARK
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self._group.idClicked.connect(lambda number: self.chosen.emit(number - 2))
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(4)
        self.buttons: list[QToolButton] = []
        self.eraser = self._button("Eraser", ERASER, "Takes points away (E, or the right mouse button)")
        self.set_ways(2)

    def set_ways(self, ways: int) -> None:
        while len(self.buttons) < ways:
            label = len(self.buttons)
            self.buttons.append(self._button(f"Class {label + 1}", label, f"Paint class {label + 1} (key {label + 1})"))
        while len(self.buttons) > ways:
            button = self.buttons.pop()
            self._group.removeButton(button)
            button.deleteLater()
        for place, button in enumerate([*self.buttons, self.eraser]):
            self._grid.addWidget(button, place // 2, place % 2)
        if self._group.checkedButton() is None:
            self.buttons[0].setChecked(True)
        self.set_theme(self._theme)

    def choose(self, label: int) -> None:
        button = self.eraser if label == ERASER else self.buttons[label]
        button.setChecked(True)

    @property
    def label(self) -> int:
        return self._group.checkedId() - 2

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        for button, colour in zip(self.buttons, class_colours(theme, len(self.buttons)), strict=True):
            button.setIcon(_dot(colour))
        self.eraser.setIcon(icon("eraser", theme))

    def _button(self, text: str, label: int, tip: str) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleDescription(tip)
        button.setCheckable(True)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setIconSize(QSize(14, 14))
        button.setMinimumWidth(112)
        self._group.addButton(button, label + 2)  # a group takes -1 for "no number"
        return button


def _dot(colour: str) -> QIcon:
    pixmap = QPixmap(28, 28)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    painter.drawEllipse(3, 3, 22, 22)
    painter.end()
    return QIcon(pixmap)
