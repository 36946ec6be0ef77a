"""The adaptation page: held-out tasks, large, with everything that can be asked of them."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from metagui.events import Adapted
from metagui.gui.adaptation.board import AdaptationBoard
from metagui.gui.adaptation.key import AdaptationKey
from metagui.gui.adaptation.view import AdaptationView
from metagui.gui.theme import Theme


class AdaptationPage(AdaptationView):
    """Figures above, cards in the middle, the scrubber below."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self.key = AdaptationKey()
        super().__init__(AdaptationBoard(), parent)
        font = self.figures.font()
        font.setPointSizeF(font.pointSizeF() * 1.25)
        self.figures.setFont(font)
        words = QVBoxLayout()
        words.setSpacing(3)
        words.addWidget(self.figures)
        words.addWidget(self.origin)
        self.head = QHBoxLayout()
        self.head.addLayout(words, 1)
        self.head.addWidget(self.other_tasks)
        foot = QHBoxLayout()
        foot.setSpacing(18)
        foot.addWidget(self.scrubber, 1)
        foot.addWidget(self.key)
        self.rows = QVBoxLayout(self)
        self.rows.setContentsMargins(14, 12, 14, 10)
        self.rows.setSpacing(10)
        self.rows.addLayout(self.head)
        self.rows.addWidget(self.board, 1)
        self.rows.addLayout(foot)

    def show_adapted(self, adapted: Adapted) -> None:
        super().show_adapted(adapted)
        if adapted.tasks:
            self.key.set_kind(adapted.tasks[0].kind)

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.key.set_theme(theme)

    def _reveal(self, shown: bool) -> None:
        super()._reveal(shown)
        self.key.setVisible(shown)
