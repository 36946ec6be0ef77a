"""The column beside the picture: headings and what can be set, scrolled where the window is low."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QScrollArea, QVBoxLayout, QWidget

_WIDTH = 262


class Side(QScrollArea):
    """``parts``: heading and widget of each."""

    def __init__(self, parts: tuple[tuple[str, QWidget], ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        sheet = QWidget()
        column = QVBoxLayout(sheet)
        column.setContentsMargins(2, 0, 8, 0)
        column.setSpacing(8)
        for title, part in parts:
            heading = QLabel(title)
            heading.setProperty("role", "heading")
            column.addWidget(heading)
            column.addWidget(part)
            column.addSpacing(6)
        column.addStretch(1)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(sheet)
        self.setFixedWidth(_WIDTH)
