"""The adaptation strip: the same cards in one row, for a place under the monitor."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from metagui.gui.adaptation.board import AdaptationBoard
from metagui.gui.adaptation.view import DEFAULT_TASKS, AdaptationView


class AdaptationStrip(AdaptationView):
    """One line of figures and scrubber, one row of cards."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(AdaptationBoard(columns=len(DEFAULT_TASKS)), parent)
        self.other_tasks.setProperty("kind", "quiet")
        self.scrubber.setMaximumWidth(430)
        head = QHBoxLayout()
        head.setSpacing(14)
        head.addWidget(self.figures)
        head.addWidget(self.origin, 1)
        head.addWidget(self.scrubber, 2)
        head.addWidget(self.other_tasks)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 4, 10, 8)
        layout.setSpacing(6)
        layout.addLayout(head)
        layout.addWidget(self.board, 1)

    def minimumSizeHint(self) -> QSize:
        hint = super().minimumSizeHint()
        hint.setHeight(max(hint.height(), 190))
        return hint
