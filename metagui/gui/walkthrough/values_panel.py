"""The third column: where one is, the variables there, the task's picture, the outer loss, and what it all shows."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QLabel, QSizePolicy, QSplitter, QTabWidget, QVBoxLayout, QWidget

from metagui.events import Moment
from metagui.gui.adaptation.card import AdaptationCard
from metagui.gui.theme import DARK, Theme
from metagui.gui.walkthrough.content import Content
from metagui.gui.walkthrough.insights import InsightsView
from metagui.gui.walkthrough.loss_bars import LossBars
from metagui.gui.walkthrough.text_panel import column_head
from metagui.gui.walkthrough.values import VariablesView
from metagui.gui.words import bytes_text

_BESIDE_FROM = 330
_FEW_TASKS = 4
"""Pixels of width, and number of tasks, with which the bars fit beside the picture."""

_SHARES = (0.46, 0.54)
"""Of the height, at first: variables, and what is below them."""


class ValuesPanel(QWidget):
    """Everything at one moment."""

    def __init__(self, mono: QFont, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = DARK
        self._content: Content | None = None
        self._picture = self._picture_step = -1
        self._shared = False
        self.heading = QLabel("Values")
        self.heading.setProperty("role", "heading")
        self.where = QLabel()
        self.where.setTextFormat(Qt.TextFormat.RichText)
        self.where.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.where.setToolTip("Where this line runs, and how much memory graphs hold for a backward pass")
        self.variables = VariablesView(mono)
        self.card = AdaptationCard()
        self.card.setMinimumHeight(110)
        self.losses = LossBars()
        self.loss_title = QLabel("Outer loss, by task")
        self.loss_title.setProperty("role", "muted")
        self.loss_title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.insights = InsightsView()
        self.lower = QTabWidget()
        self.lower.setDocumentMode(True)
        self.lower.addTab(self._task_page(), "Task")
        self.lower.addTab(self.insights, "What it shows")
        self.split = QSplitter(Qt.Orientation.Vertical)
        self.split.addWidget(self.variables)
        self.split.addWidget(self.lower)
        self.split.setHandleWidth(1)
        self.split.setChildrenCollapsible(False)
        self.split.setStretchFactor(0, 5)
        self.split.setStretchFactor(1, 4)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(column_head(self.heading, None, self.where))
        layout.addWidget(self.split, 1)
        self.setMinimumWidth(200)

    def _task_page(self) -> QWidget:
        page = QWidget()
        bars = QVBoxLayout()
        bars.setSpacing(2)
        bars.addWidget(self.loss_title)
        bars.addWidget(self.losses, 1)
        self._parts = QBoxLayout(QBoxLayout.Direction.TopToBottom, page)
        self._parts.setContentsMargins(8, 6, 8, 6)
        self._parts.setSpacing(8)
        self._parts.addWidget(self.card, 5)
        self._parts.addLayout(bars, 3)
        return page

    def _arrange(self) -> None:
        """Picture and bars stand beside each other where there is room for few bars."""
        few = self._content is None or self._content.tasks <= _FEW_TASKS
        beside = few and self.width() >= _BESIDE_FROM
        direction = QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom
        if self._parts.direction() != direction:
            self._parts.setDirection(direction)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()
        if not self._shared and self.isVisible():
            self._shared = True
            self.split.setSizes([round(self.split.height() * share) for share in _SHARES])

    def show_content(self, content: Content) -> None:
        """Another recording; a moment of it follows."""
        self._content = content
        self._picture = -1
        self.card.setVisible(bool(content.pictures))
        self._arrange()
        self.insights.show_insights(content.insights)
        self.lower.setTabVisible(1, bool(content.insights))

    def show_moment(self, moment: Moment) -> None:
        if self._content is None:
            return
        content = self._content
        self.variables.show_variables(content.variables(moment), moment.changed)
        self.losses.show_losses(moment.losses, content.tasks, moment.task, content.largest_loss)
        self._show_picture(moment)
        self._describe(moment)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.setStyleSheet(f"ValuesPanel {{ background: {theme.panel}; }}")
        for part in (self.variables, self.card, self.losses, self.insights):
            part.set_theme(theme)

    def set_scale(self, factor: float) -> None:
        self.variables.set_scale(factor)

    def set_emphasis(self, names: Collection[str]) -> None:
        self.variables.set_emphasis(names)

    def _show_picture(self, moment: Moment) -> None:
        """Outside the loop over tasks the last task stays, as it was left."""
        pictures = self._content.pictures if self._content is not None else ()
        if not pictures or (moment.task < 0 and self._picture >= 0):
            return
        picture = min(max(moment.task, 0), len(pictures) - 1)
        if picture != self._picture:
            self.card.show_adaptation(pictures[picture], moment.picture_step)
        elif moment.picture_step != self._picture_step:
            self.card.show_step(moment.picture_step)
        self._picture, self._picture_step = picture, moment.picture_step

    def _describe(self, moment: Moment) -> None:
        """Task, inner step and memory, in the colour that the task has elsewhere."""
        assert self._content is not None
        parts = []
        if moment.task >= 0:
            colour = self._theme.cycle[moment.task % len(self._theme.cycle)]
            parts.append(f"<b style='color:{colour}'>task {moment.task + 1} of {self._content.tasks}</b>")
        if moment.inner_step >= 0:
            parts.append(f"inner step {moment.inner_step + 1}")
        if moment.iteration >= 0:
            parts.append(f"iteration {moment.iteration + 1}")
        if moment.memory:
            parts.append(f"graphs hold {memory_text(moment.memory)}")
        self.where.setText(f"<span style='color:{self._theme.muted}'>{' · '.join(parts)}</span>")


def memory_text(count: int) -> str:
    """``12 kB``, ``3.4 MB``: the tensors of a few tasks are small."""
    return f"{count / 1e3:.0f} kB" if count < 1e6 else f"{count / 1e6:.1f} MB" if count < 1e8 else bytes_text(count)
