"""The cards of several held-out tasks, side by side, or a sentence while there are none."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QStackedLayout, QWidget

from metagui.events import Adapted
from metagui.gui.adaptation.card import AdaptationCard
from metagui.gui.adaptation.content import Floats, Images, Points, Regression
from metagui.gui.monitor.ticks import reading
from metagui.gui.theme import DARK, Theme

_ROOM_FOR_IMAGES = 270
"""Width of a low card in which the pictures of a task can be told apart."""


class AdaptationBoard(QWidget):
    """Cards in ``columns`` columns (0: about as many as rows). A single row shows fewer tasks of images, larger."""

    tasks_shown_changed = Signal()
    """Another width has room for more or fewer cards."""

    def __init__(self, columns: int = 0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._columns = columns
        self._theme = DARK
        self.cards: list[AdaptationCard] = []
        self.shown = 0
        self._given = 0
        self._message = QLabel()
        self._message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._message.setWordWrap(True)
        self._message.setProperty("role", "muted")
        sheet = QWidget()
        self._grid = QGridLayout(sheet)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(10)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._message)
        self._stack.addWidget(sheet)

    @property
    def steps(self) -> int:
        """Inner steps of the tasks shown: the most that any of them has."""
        return max((card.content.steps for card in self.cards[: self.shown] if card.content is not None), default=0)

    @property
    def message(self) -> str:
        """The sentence in place of the cards, empty while cards are shown."""
        return self._message.text() if self._stack.currentIndex() == 0 else ""

    def show_message(self, text: str) -> None:
        """A sentence instead of cards."""
        self._message.setText(text)
        self._stack.setCurrentIndex(0)

    def show_adapted(self, adapted: Adapted, step: int) -> None:
        """Fill the cards in place; cards are made, shown or hidden only when the number of tasks changes."""
        self._given = len(adapted.tasks)
        while len(self.cards) < self._given:
            card = AdaptationCard()
            card.set_theme(self._theme)
            self.cards.append(card)
        for card, task in zip(self.cards, adapted.tasks, strict=False):
            card.show_adaptation(task, step)
        self._fit()
        self._stack.setCurrentIndex(1 if adapted.tasks else 0)

    def show_step(self, step: int) -> None:
        for card in self.cards[: self._given]:
            card.show_step(step)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        for card in self.cards:
            card.set_theme(theme)

    def mean_query_loss(self, step: int) -> tuple[float, float] | None:
        """Before adaptation and after ``step``, over the tasks shown."""
        return _mean([content.query_loss for content in self._contents()], step)

    def mean_query_accuracy(self, step: int) -> tuple[float, float] | None:
        """The same for accuracy, None where tasks have none."""
        accuracies = [content.query_accuracy for content in self._contents()]
        return _mean([values for values in accuracies if values is not None], step)

    def _contents(self) -> list[Regression | Points | Images]:
        return [card.content for card in self.cards[: self.shown] if card.content is not None]

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        before = self.shown
        self._fit()
        if self.shown != before:
            self.tasks_shown_changed.emit()

    def _fit(self) -> None:
        """Lay out as many of the tasks given as there is room for."""
        tasks = self._given
        if tasks and self._columns >= tasks and isinstance(self.cards[0].content, Images):
            tasks = max(1, min(tasks, self.width() // _ROOM_FOR_IMAGES))
        if tasks != self.shown:
            self._lay_out(tasks)

    def _lay_out(self, tasks: int) -> None:
        for card in self.cards:
            self._grid.removeWidget(card)
        columns = min(self._columns, tasks) or math.ceil(math.sqrt(tasks))
        for index, card in enumerate(self.cards):
            if index < tasks:
                self._grid.addWidget(card, index // columns, index % columns)
            card.setVisible(index < tasks)
        for column in range(self._grid.columnCount()):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)
        for row in range(self._grid.rowCount()):
            self._grid.setRowStretch(row, 1 if row * columns < tasks else 0)
        self.shown = tasks


def change(pair: tuple[float, float], step: int, percent: bool) -> str:
    """``3.2 → 0.45``; before adaptation the first number alone."""
    before, after = (f"{value:.0%}" if percent else reading(value) for value in pair)
    return f"{before} → {after}" if step else before


def _mean(series: list[Floats], step: int) -> tuple[float, float] | None:
    if not series:
        return None
    before = float(np.mean([values[0] for values in series]))
    after = float(np.mean([values[min(step, len(values) - 1)] for values in series]))
    return before, after
