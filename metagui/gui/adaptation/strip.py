"""The adaptation strip: the same cards in one row, for a place under the monitor."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from metagui.gui.adaptation.board import AdaptationBoard
from metagui.gui.adaptation.view import DEFAULT_TASKS, AdaptationView

_ROOM_FOR_WORDS = 850
"""From this width on, the longest figures and the scrubber's words stand side by side."""


class AdaptationStrip(AdaptationView):
    """One line of figures and scrubber, one row of cards."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(AdaptationBoard(columns=len(DEFAULT_TASKS)), parent)
        self.other_tasks.setProperty("kind", "quiet")
        self.scrubber.setMaximumWidth(430)
        self._head = head = QHBoxLayout()
        head.setSpacing(14)
        head.addWidget(self.figures)
        head.addWidget(self.origin, 1)
        head.addWidget(self.scrubber, 1)
        head.addWidget(self.other_tasks)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 4, 10, 8)
        layout.setSpacing(6)
        layout.addLayout(head)
        layout.addWidget(self.board, 1)

    def minimumSizeHint(self) -> QSize:
        """Without the scrubber's words: they give way where the window is narrow."""
        hint = super().minimumSizeHint()
        caption = self.scrubber.caption
        words = 0 if caption.isHidden() else caption.minimumWidth()
        return QSize(max(hint.width() - words, 0), max(hint.height(), 190))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.scrubber.caption.setVisible(self.width() >= _ROOM_FOR_WORDS)
        if not self.board.message:
            self._describe()

    def _describe(self) -> None:
        super()._describe()
        short = self.width() < _ROOM_FOR_WORDS and not self._message
        self.origin.setMinimumWidth(self.origin.sizeHint().width() if short else 0)
        self._head.setStretchFactor(self.origin, 0 if short else 1)  # what it does not need is the scrubber's

    def _origin(self) -> str:
        """In a narrow strip, only what fits beside the figures."""
        if self.width() >= _ROOM_FOR_WORDS:
            return super()._origin()
        return f"{self.board.shown} task{'' if self.board.shown == 1 else 's'}"
