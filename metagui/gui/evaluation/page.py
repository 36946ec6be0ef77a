"""The evaluation page: what is asked for above, the number with its protocol, and everything that stands behind it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from metagui.events import Evaluated
from metagui.gui.evaluation.calibration import CalibrationSection
from metagui.gui.evaluation.competitors import CompetitorTable
from metagui.gui.evaluation.confusion import ConfusionSection
from metagui.gui.evaluation.content import Circumstances, ranking
from metagui.gui.evaluation.curve import StepCurve
from metagui.gui.evaluation.headline import Headline
from metagui.gui.evaluation.paper import PaperPanel
from metagui.gui.evaluation.progress import EvaluationProgressRow
from metagui.gui.evaluation.section import EvaluationSection
from metagui.gui.evaluation.setup_bar import EvaluationSetup
from metagui.gui.evaluation.worst import WorstSection
from metagui.gui.theme import DARK, Theme
from metagui.gui.walkthrough.message import MessagePanel

_TWO_FROM = 960
"""Pixels of width from which curve and ranking, and worst tasks and mistakes, stand side by side."""

_EMPTY_TITLE = "How good is it on tasks it has never seen?"
_EMPTY = (
    "An evaluation adapts a trained network to hundreds of held-out tasks and tells the mean with its 95 % interval, "
    "after every inner step. Simple baselines and other runs are judged on the very same tasks, so that the number "
    "means something."
)


class EvaluationPage(QWidget):
    """A presenter feeds it; ``tasks_chosen`` carries held-out tasks to look at, the chosen one first."""

    tasks_chosen = Signal(tuple)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown = False
        self._wide: bool | None = None
        self._paper: PaperPanel | None = None
        self._theme = DARK
        self.setup = EvaluationSetup()
        self.progress = EvaluationProgressRow()
        self.problem = QLabel()
        self.problem.setProperty("role", "error")
        self.problem.setWordWrap(True)
        self.problem.hide()
        self.message = MessagePanel()
        self.headline = Headline()
        self.curve = StepCurve()
        self.competitors = CompetitorTable()
        self.by_step = EvaluationSection("By inner step", self.curve)
        self.compared = EvaluationSection(
            "On the very same tasks",
            self.competitors,
            "Difference: the evaluated network minus the other, task by task, with its 95 % interval; green where it "
            "is better, red where it is worse, grey where the interval has zero in it. Other runs adapt as they were "
            "configured to.",
        )
        self.calibration = CalibrationSection()
        self.confusion = ConfusionSection()
        self.worst = WorstSection()
        self.curve.read.connect(self.by_step.note.setText)
        self.worst.task_chosen.connect(self.tasks_chosen)
        self._lay_out()
        self.show_waiting("")

    def _lay_out(self) -> None:
        self._sections = (self.by_step, self.compared, self.calibration, self.confusion, self.worst)
        sheet = QWidget()
        self._column = QVBoxLayout(sheet)
        self._column.setContentsMargins(14, 12, 14, 14)
        self._column.setSpacing(10)
        self._column.addWidget(self.headline)
        self._grid = QGridLayout()
        self._grid.setSpacing(10)
        self._column.addLayout(self._grid)
        self._column.addStretch(1)
        self.scroll = QScrollArea()
        self.scroll.setWidgetResizable(True)
        self.scroll.setFrameShape(QFrame.Shape.NoFrame)
        self.scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.scroll.setWidget(sheet)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.message)
        self.stack.addWidget(self.scroll)
        head = QVBoxLayout()
        head.setContentsMargins(12, 8, 12, 6)
        head.setSpacing(4)
        for widget in (self.setup, self.progress, self.problem):
            head.addWidget(widget)
        rule = QFrame()
        rule.setProperty("role", "rule")
        rule.setFixedHeight(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(rule)
        layout.addWidget(self.stack, 1)
        self._arrange(wide=False)

    # --- what is shown -------------------------------------------------------------------------------------------

    @property
    def has_result(self) -> bool:
        return self._shown

    def show_result(self, evaluated: Evaluated, circumstances: Circumstances) -> None:
        """Everything an answer tells; sections that it does not fill are not there."""
        rows = ranking(evaluated, circumstances.name)
        self.headline.show_result(evaluated, circumstances)
        self.curve.show_curve(evaluated, rows, circumstances.config.algorithm.inner_steps)
        self.competitors.show_ranking(rows, evaluated.metric)
        if evaluated.calibration is not None:
            self.calibration.show_calibration(evaluated.calibration)
        if evaluated.confusion is not None:
            self.confusion.show_confusion(evaluated.confusion)
        self.worst.show_worst(evaluated.worst, evaluated.metric)
        self.compared.setVisible(len(rows) > 1)
        self.calibration.setVisible(evaluated.calibration is not None)
        self.confusion.setVisible(evaluated.confusion is not None)
        self.worst.setVisible(bool(evaluated.worst))
        if not self._shown:
            self.scroll.verticalScrollBar().setValue(0)
        self._shown = True
        self.show_problem("")
        self.stack.setCurrentWidget(self.scroll)

    def show_waiting(self, text: str) -> None:
        """While there is no result: what the page is for, and what is missing to begin."""
        if not self._shown:
            self.message.show_message(_EMPTY_TITLE, f"{_EMPTY}\n\n{text}" if text else _EMPTY)
            self.stack.setCurrentWidget(self.message)

    def show_problem(self, text: str) -> None:
        """Why it could not be evaluated; the last result stays. Empty ends it."""
        self.problem.setText(text)
        self.problem.setVisible(bool(text))

    def set_busy(self, busy: bool) -> None:
        self.setup.set_busy(busy)
        self.progress.setVisible(busy)
        if busy:
            self.show_problem("")
            self.progress.begin()

    def set_paper(self, widget: PaperPanel | None) -> None:
        """What stands between the number and the details: a paper's number beside it; None for nothing."""
        if self._paper is not None:
            self._column.removeWidget(self._paper)
            self._paper.hide()
        self._paper = widget
        if widget is not None:
            widget.set_theme(self._theme)
            self._column.insertWidget(1, widget)
            widget.show()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        if self._paper is not None:
            self._paper.set_theme(theme)
        for part in (self.message, self.headline, self.curve, self.competitors, *self._sections):
            part.set_theme(theme)

    # --- layout --------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange(self.width() >= _TWO_FROM)

    def _arrange(self, wide: bool) -> None:
        """One column of cards in a narrow page, two in a wide one."""
        if wide is self._wide:
            return
        self._wide = wide
        for section in self._sections:
            self._grid.removeWidget(section)
        if wide:
            places = {self.by_step: (0, 0, 3), self.compared: (0, 3, 3), self.calibration: (1, 0, 2)}
            places |= {self.confusion: (1, 2, 4), self.worst: (2, 0, 6)}
        else:
            places = {section: (row, 0, 6) for row, section in enumerate(self._sections)}
        for section, (row, column, span) in places.items():
            self._grid.addWidget(section, row, column, 1, span)
        for column in range(6):
            self._grid.setColumnStretch(column, 1)
