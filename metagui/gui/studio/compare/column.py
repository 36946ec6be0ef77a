"""One network of the comparison: its name, what it makes of the tasks, and how it does on many."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from metagui.events import Column
from metagui.gui.adaptation.board import change
from metagui.gui.adaptation.card import AdaptationCard
from metagui.gui.adaptation.content import MalformedAdaptationError
from metagui.gui.adaptation.elided import ElidedLabel
from metagui.gui.monitor.ticks import reading
from metagui.gui.studio.compare.contender import Contender, Verdict
from metagui.gui.studio.series import Series, series_of
from metagui.gui.theme import DARK, Theme, icon

NARROWEST = 214


class CompareColumn(QWidget):
    """``removed`` when its cross is pressed."""

    removed = Signal()

    def __init__(self, contender: Contender, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = DARK
        self._colour = DARK.cycle[0]
        self._step = 0
        self.contender = contender
        self.cards: list[AdaptationCard] = []
        self.series: Series | None = None
        self.answered = False
        self.setMinimumWidth(NARROWEST)
        self.stripe = QFrame()
        self.stripe.setFixedHeight(3)
        self.title = ElidedLabel()
        self.detail = ElidedLabel()
        self.detail.setProperty("role", "muted")
        self.close_button = QToolButton()
        self.close_button.setProperty("kind", "quiet")
        self.close_button.setIconSize(QSize(13, 13))
        self.close_button.clicked.connect(self.removed)
        self.problem = _label()
        self.problem.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.problem.setProperty("role", "muted")
        self.now = _line()
        self.verdict = _line()
        self.verdict.setProperty("role", "muted")
        self.note = ElidedLabel()
        self.note.setProperty("role", "muted")
        self.note.hide()
        self._lay_out()
        self.describe(contender)
        self.set_theme(DARK)

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(self.title)
        words.addWidget(self.detail)
        head = QHBoxLayout()
        head.addLayout(words, 1)
        head.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        self._tasks = QVBoxLayout()
        self._tasks.setSpacing(8)
        self._tasks.addWidget(self.problem, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.stripe)
        layout.addLayout(head)
        layout.addLayout(self._tasks, 1)
        layout.addWidget(self.now)
        layout.addWidget(self.verdict)
        layout.addWidget(self.note)

    def describe(self, contender: Contender) -> None:
        """Its words, which change while it is trained on."""
        self.contender = contender
        self.title.setText(contender.title)
        self.detail.setText(contender.detail)
        self.close_button.setToolTip(f"Take {contender.title} out of the comparison")
        self.close_button.setAccessibleName(self.close_button.toolTip())
        if not self.answered:
            self.problem.setText("Adapting…")

    def show_column(self, column: Column, step: int) -> None:
        """What it made of the tasks, or why it could not."""
        self.answered = True
        self.note.setText(column.note)
        try:
            self.series = series_of(column)
        except MalformedAdaptationError as error:
            self.show_problem(str(error))
            return
        self.problem.hide()
        while len(self.cards) < len(column.tasks):
            card = AdaptationCard()
            card.set_theme(self._theme)
            self.cards.append(card)
            self._tasks.addWidget(card, 1)
        for card, task in zip(self.cards, column.tasks, strict=False):
            card.show_adaptation(task, step)
        for place, card in enumerate(self.cards):
            card.setVisible(place < len(column.tasks))
        self.show_step(step)

    def show_problem(self, text: str) -> None:
        """A sentence in place of the tasks."""
        self.answered = True
        self.series = None
        for card in self.cards:
            card.hide()
        self.problem.setText(text)
        self.problem.show()
        self.now.clear()

    def show_step(self, step: int) -> None:
        """Another inner step; the last one where it takes fewer."""
        self._step = step
        for card in self.cards:
            card.show_step(step)
        self._tell_now()

    def set_verdict(self, verdict: Verdict | None, waiting: str = "") -> None:
        """How it does on many tasks, or that this is being found out."""
        if verdict is None:
            self.verdict.setText(waiting)
            self.verdict.setToolTip(waiting)
            return
        theme = self._theme
        self.verdict.setText(
            f"<span style='color:{theme.text}'><b>{figure(verdict)}</b></span> over {verdict.n_tasks} tasks"
        )
        self.verdict.setToolTip(
            f"Mean {name_of(verdict)} over {verdict.n_tasks} held-out tasks after {verdict.inner_steps} inner "
            f"step{'' if verdict.inner_steps == 1 else 's'}, and the half-width of its 95 % interval; weights after "
            f"{verdict.step:,} meta-steps."
        )

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.title.setStyleSheet(f"color: {theme.text}; font-weight: 600;")
        self.close_button.setIcon(icon("close", theme, theme.muted))
        for card in self.cards:
            card.set_theme(theme)
        self.set_colour(self._colour)
        self._tell_now()

    def set_colour(self, colour: str) -> None:
        """That of its line in the charts below."""
        self._colour = colour
        self.stripe.setStyleSheet(f"background: {colour}; border: none; border-radius: 1px;")

    def _tell_now(self) -> None:
        series, theme = self.series, self._theme
        if series is None:
            self.now.clear()
            return
        step = min(self._step, series.steps)
        parts = [("query loss", change((float(series.query_loss[0]), float(series.query_loss[step])), step, False))]
        if series.accuracy is not None:
            parts.append(("accuracy", change((float(series.accuracy[0]), float(series.accuracy[step])), step, True)))
        name, text = parts[-1]
        self.now.setText(
            f"<span style='color:{theme.muted}'>step {step} of {series.steps}, {name}</span>"
            f"&nbsp; <b style='color:{theme.text}'>{text}</b>"
        )
        self.now.setToolTip("  ".join(f"{name} {text}" for name, text in parts))


def figure(verdict: Verdict) -> str:
    """``94.2 ± 1.3 %`` or ``0.412 ± 0.031``."""
    if verdict.metric == "accuracy":
        return f"{100 * verdict.mean:.1f} ± {100 * verdict.ci95:.1f} %"
    return f"{reading(verdict.mean)} ± {reading(verdict.ci95)}"


def name_of(verdict: Verdict) -> str:
    """What is measured, in words."""
    return "accuracy" if verdict.metric == "accuracy" else "query loss"


def _line() -> QLabel:
    """One line in every column, so that pictures beside each other are as high as each other."""
    label = _label()
    label.setWordWrap(False)
    label.setFixedHeight(label.fontMetrics().height() + 2)
    return label


def _label() -> QLabel:
    label = QLabel()
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.RichText)
    label.setMinimumWidth(40)
    return label
