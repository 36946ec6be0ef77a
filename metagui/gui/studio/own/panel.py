"""Your own task: a desk to make it on, the network's answer in the same picture, live sliders beside it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from metagui.config import ExperimentConfig
from metagui.datasets.ink import Preparation
from metagui.events import Adaptation, Studied
from metagui.gui.adaptation.content import MalformedAdaptationError
from metagui.gui.adaptation.scrubber import Scrubber
from metagui.gui.studio.own.board_desk import BoardDesk
from metagui.gui.studio.own.commands import CommandBar
from metagui.gui.studio.own.curve_desk import CurveDesk
from metagui.gui.studio.own.desk import Desk
from metagui.gui.studio.own.headline import Headline
from metagui.gui.studio.own.history import History
from metagui.gui.studio.own.judging import explosion
from metagui.gui.studio.own.points_desk import PointsDesk
from metagui.gui.studio.own.question import OwnQuestion
from metagui.gui.studio.own.rates import Rates
from metagui.gui.studio.own.side import Side
from metagui.gui.studio.own.sketch import Sketch
from metagui.gui.theme import DARK, Theme

_NOTHING_YET = "Here you make a task of your own, as soon as there is a network to adapt to it."


class OwnTaskPanel(QWidget):
    """``study_requested(OwnQuestion)`` at every change; ``pick_requested(number)`` asks for a held-out task to start
    from, which :meth:`show_picked` takes."""

    study_requested = Signal(object)
    pick_requested = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = DARK
        self._config: ExperimentConfig | None = None
        self._asked: OwnQuestion | None = None
        self._next_pick = 0
        self._histories: dict[str, History] = {}
        self.board = BoardDesk(self)
        self.desks: dict[str, Desk] = {
            "regression": CurveDesk(self),
            "points": PointsDesk(self),
            "images": self.board,
        }
        self.headline = Headline()
        self.commands = CommandBar()
        self.rates = Rates()
        self.scrubber = Scrubber()
        self.stages = QStackedWidget()
        self.tools = QWidget()
        tools = QVBoxLayout(self.tools)
        tools.setContentsMargins(0, 0, 0, 0)
        self.message = QLabel(_NOTHING_YET)
        self.message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.message.setWordWrap(True)
        self.message.setProperty("role", "muted")
        for desk in self.desks.values():
            self.stages.addWidget(desk.stage)
            tools.addWidget(desk.tools)
            desk.tools.hide()
            desk.edited.connect(self._edit)
        self._lay_out()
        self._connect()
        self._clear_answer()

    def _lay_out(self) -> None:
        self.frame = QFrame()
        self.frame.setObjectName("ownStage")
        inner = QVBoxLayout(self.frame)
        inner.setContentsMargins(8, 8, 8, 8)
        inner.addWidget(self.stages)
        self.side = Side((("This task", self.tools), ("Inner loop", self.rates)))
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(self.headline, 1)
        head.addWidget(self.commands)
        body = QHBoxLayout()
        body.setSpacing(14)
        body.addWidget(self.frame, 1)
        body.addWidget(self.side)
        sheet = QWidget()
        rows = QVBoxLayout(sheet)
        rows.setContentsMargins(14, 12, 14, 10)
        rows.setSpacing(10)
        rows.addLayout(head)
        rows.addLayout(body, 1)
        rows.addWidget(self.scrubber)
        self.pages = QStackedWidget(self)
        self.pages.addWidget(self.message)
        self.pages.addWidget(sheet)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.pages)

    def _connect(self) -> None:
        self.rates.changed.connect(lambda _done: self.ask())
        self.scrubber.step_changed.connect(self._show_step)
        self.commands.undo.clicked.connect(self.undo)
        self.commands.redo.clicked.connect(self.redo)
        self.commands.clear.clicked.connect(self.start_blank)
        self.commands.pick.clicked.connect(self._pick)
        for key, act in (
            (QKeySequence.StandardKey.Undo, self.undo),
            (QKeySequence.StandardKey.Redo, self.redo),
        ):
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(act)

    # --- what is on show -----------------------------------------------------------------------------------------

    @property
    def desk(self) -> Desk | None:
        """The one for the network on show."""
        return None if self._config is None else self.desks.get(self._config.task.kind)

    @property
    def sketch(self) -> Sketch | None:
        history = self._history
        return None if history is None else history.sketch

    @property
    def _history(self) -> History | None:
        return None if self._config is None else self._histories.get(self._config.task.kind)

    def show_network(self, config: ExperimentConfig, step: int, preparation: Preparation | str = "") -> None:
        """From now on this network answers. The task stays; where it has none of this kind yet, a first one is made.

        ``preparation``: how its pictures are made, or why nothing can be drawn for it.
        """
        before, self._config = self._config, config
        if before is None or before.task != config.task:
            self.board.set_preparation(preparation)
        self.rates.show_config(config)
        self.headline.set_origin(f"weights after {step:,} meta-steps" if step else "weights before any training")
        desk = self.desk
        if desk is None:
            self.show_message(f"Nothing can be made by hand for tasks of kind {config.task.kind}.")
            return
        if before is None or before.task != config.task:
            desk.set_config(config)
            self.stages.setCurrentWidget(desk.stage)
            for other in self.desks.values():
                other.tools.setVisible(other is desk)
            self._clear_answer()
            self._next_pick = 0
            first = desk.first_sketch(config)
            kept = self._history
            if kept is not None and not kept.sketch.is_blank:
                desk.show_sketch(kept.sketch)
            elif first is not None:
                self._begin(first)
        self.pages.setCurrentIndex(1)
        self._refresh()
        if self._history is None:
            self._pick()
        else:
            self.ask()

    def show_studied(self, studied: Studied, question: OwnQuestion | None = None) -> None:
        """Show the answer to ``question``, the last one where it is not given."""
        desk = self.desk
        if desk is None or not studied.columns:
            return
        column = studied.columns[0]
        if column.problem or not column.tasks:
            self.headline.set_trouble(column.problem)
            return
        try:
            steps = desk.show_adaptation(column.tasks[0], self.scrubber.step, question or self._asked)
        except MalformedAdaptationError as error:
            self.headline.set_trouble(f"This answer cannot be shown: {error}")
            return
        self.headline.set_trouble(explosion(column.tasks[0]))
        self.headline.show_adaptation(column.tasks[0], self.scrubber.step)
        self.headline.set_note(column.note)
        self.rates.show_column(column)
        self.scrubber.set_steps(steps)
        self.scrubber.setEnabled(True)
        self._show_step(self.scrubber.step)

    def show_picked(self, adaptation: Adaptation) -> None:
        """A held-out task, to be changed by hand."""
        desk = self.desk
        if desk is None:
            return
        try:
            sketch = desk.sketch_of(adaptation)
        except MalformedAdaptationError as error:
            self.headline.set_trouble(f"This task cannot be shown: {error}")
            return
        self._next_pick = adaptation.task + 1
        self.set_sketch(sketch)

    def show_message(self, text: str) -> None:
        """Beside the task where there is one, in its place otherwise."""
        if self._history is None:
            self.message.setText(text or _NOTHING_YET)
            self.pages.setCurrentIndex(0)
        else:
            self.headline.set_trouble(text)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.frame.setStyleSheet(
            f"#ownStage {{ background: {theme.plot_background}; border: 1px solid {theme.line}; border-radius: 8px; }}"
        )
        for part in (self.headline, self.commands, self.scrubber, *self.desks.values()):
            part.set_theme(theme)

    @property
    def theme(self) -> Theme:
        return self._theme

    # --- edits ---------------------------------------------------------------------------------------------------

    def set_sketch(self, sketch: Sketch) -> None:
        """Another task in place of the one on show, which undo brings back."""
        desk, history = self.desk, self._history
        if desk is None:
            return
        if history is None:
            self._begin(sketch)
        else:
            history.commit(sketch)
            desk.show_sketch(sketch)
        self._refresh()
        self.ask()

    def take_sketch(self, sketch: Sketch) -> None:
        """One that was kept; it is refused with a sentence where the network on show learns other tasks."""
        kind = sketch.__struct_config__.tag
        if self.desk is None or self.desk.kind != kind:
            self.show_message(f"This is a task of {kind}: show a network that learns such tasks, then open it again.")
        else:
            self.set_sketch(sketch)

    def start_blank(self) -> None:
        desk, sketch = self.desk, self.sketch
        if desk is not None and sketch is not None:
            self.set_sketch(sketch.cleared())

    def undo(self) -> None:
        if self._history is not None:
            self._history.undo()
            self._show_history(self._history)

    def redo(self) -> None:
        if self._history is not None:
            self._history.redo()
            self._show_history(self._history)

    def ask(self) -> None:
        """Ask for the network's answer to the task as it is now."""
        desk = self.desk
        if desk is None or self._history is None:
            return
        self.headline.set_remark(desk.remark())
        question = desk.question()
        if isinstance(question, str):
            self._clear_answer()
            self.headline.set_remark(desk.remark() or question)
            return
        steps, inner_lr, strength = self.rates.chosen
        self._asked = OwnQuestion(question.own, steps, inner_lr, strength, question.queries)
        self.study_requested.emit(self._asked)

    def _begin(self, sketch: Sketch) -> None:
        desk = self.desk
        assert desk is not None
        self._histories[desk.kind] = History(sketch)
        desk.show_sketch(sketch)

    def _edit(self, sketch: Sketch, done: bool) -> None:
        history = self._history
        if history is None:
            return
        if done:
            history.commit(sketch)
        else:
            history.preview(sketch)
        self._refresh()
        self.ask()

    def _show_history(self, history: History) -> None:
        desk = self.desk
        assert desk is not None
        desk.show_sketch(history.sketch)
        self._refresh()
        self.ask()

    def _pick(self) -> None:
        self.pick_requested.emit(self._next_pick)

    def _show_step(self, step: int) -> None:
        self.headline.show_step(step)
        if self.desk is not None:
            self.desk.show_step(step)

    def _clear_answer(self) -> None:
        """There is a task, and nothing to say about it yet."""
        self.headline.set_trouble("")
        self.headline.set_note("")
        self.headline.show_adaptation(None, 0)
        self.scrubber.setEnabled(False)
        if self.desk is not None:
            self.desk.forget_answer()

    def _refresh(self) -> None:
        history = self._history
        self.commands.undo.setEnabled(history is not None and history.can_undo)
        self.commands.redo.setEnabled(history is not None and history.can_redo)
        self.commands.clear.setEnabled(history is not None and not history.sketch.is_blank)
