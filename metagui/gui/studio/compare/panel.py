"""Side by side: a column a network, the same tasks in every row, one scrubber and shared axes."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from metagui.events import Column
from metagui.gui.adaptation.key import AdaptationKey
from metagui.gui.adaptation.regression import RegressionPicture
from metagui.gui.adaptation.scrubber import Scrubber
from metagui.gui.studio.choices import OwnTaskSwitch, StepsChoice, TaskCount
from metagui.gui.studio.compare.add_button import AddButton
from metagui.gui.studio.compare.column import CompareColumn
from metagui.gui.studio.compare.contender import Contender, Verdict
from metagui.gui.studio.figure import Figure
from metagui.gui.studio.step_chart import Line, StepChart
from metagui.gui.theme import DARK, Theme

_CHARTS_HEIGHT = 134
_EMPTY = "Nothing to compare yet. Add a column: a baseline, a run, a checkpoint."


class _Sideways(QScrollArea):
    """Scrolls to further columns, which are as high as the view: their pictures share what there is."""

    def __init__(self) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        sheet = self.widget()
        if sheet is not None:
            sheet.setFixedHeight(self.viewport().height())


class ComparePanel(QWidget):
    """``removed(key)``, ``tasks_requested(tuple)`` and ``steps_chosen(int | None)`` ask; the presenter answers."""

    removed = Signal(str)
    tasks_requested = Signal(tuple)
    steps_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = DARK
        self.tasks: tuple[int, ...] = (0,)
        self.columns: list[CompareColumn] = []
        self.summary = QLabel()
        self.summary.setProperty("role", "muted")
        self.summary.setWordWrap(True)
        self.steps = StepsChoice()
        self.count = TaskCount((1, 2, 3), 1)
        self.own = OwnTaskSwitch()
        self.other = QPushButton("Other task")
        self.add = AddButton()
        self.message = QLabel(_EMPTY)
        self.message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.message.setProperty("role", "muted")
        self.scrubber = Scrubber()
        self.key = AdaptationKey()
        self.loss = StepChart("Query loss of every column by inner step")
        self.accuracy = StepChart("Accuracy of every column by inner step", "percent")
        self.loss_figure = Figure("Query loss", self.loss, "Each line is a column, in its colour: lower is better.")
        self.accuracy_figure = Figure("Accuracy", self.accuracy, "Each line is a column, in its colour.")
        self._lay_out()
        self._connect()
        self.set_contenders(())

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.summary, 1)
        for part in (self.steps, self.own, self.count, self.other, self.add):
            head.addWidget(part)
        sheet = QWidget()
        self._row = QHBoxLayout(sheet)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(12)
        self._row.addWidget(self.message, 1)
        self.area = _Sideways()
        self.area.setWidget(sheet)
        self.charts = QWidget()
        self.charts.setFixedHeight(_CHARTS_HEIGHT)
        charts = QHBoxLayout(self.charts)
        charts.setContentsMargins(0, 0, 0, 0)
        charts.setSpacing(10)
        charts.addWidget(self.loss_figure, 1)
        charts.addWidget(self.accuracy_figure, 1)
        foot = QHBoxLayout()
        foot.setSpacing(18)
        foot.addWidget(self.scrubber, 1)
        foot.addWidget(self.key)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 12, 14, 10)
        layout.setSpacing(10)
        layout.addLayout(head)
        layout.addWidget(self.area, 1)
        layout.addWidget(self.charts)
        layout.addLayout(foot)

    def _connect(self) -> None:
        self.steps.chosen.connect(self.steps_chosen)
        self.count.chosen.connect(self._ask_for_number)
        self.other.clicked.connect(self._ask_for_others)
        self.scrubber.step_changed.connect(self.show_step)
        for chart in (self.loss, self.accuracy):
            chart.step_chosen.connect(self.scrubber.slider.setValue)

    def set_contenders(self, contenders: Sequence[Contender]) -> None:
        """The columns there are to be; those that stay keep what they show."""
        kept = {column.contender.key: column for column in self.columns}
        wanted = []
        for contender in contenders:
            column = kept.pop(contender.key, None) or self._made(contender)
            column.describe(contender)
            wanted.append(column)
        for column in kept.values():
            self._row.removeWidget(column)
            column.hide()
            column.deleteLater()
        self.columns = wanted
        for place, column in enumerate(wanted):
            self._row.removeWidget(column)
            self._row.insertWidget(place, column, 1)
        self._colour()
        self._draw()
        empty = not wanted
        self.message.setVisible(empty)
        for part in (self.scrubber, self.key, self.charts, self.other, self.count, self.steps):
            part.setVisible(not empty)

    def show_columns(self, columns: Sequence[Column], tasks: tuple[int, ...]) -> None:
        """An answer, in the order of the contenders that were asked about."""
        self.tasks = tasks
        steps = max((len(task.query_loss.numpy()) - 1 for each in columns for task in each.tasks), default=0)
        self.scrubber.set_steps(steps)
        step = self.scrubber.step
        for column, answer in zip(self.columns, columns, strict=False):
            column.show_column(answer, step)
            if answer.tasks:
                self.key.set_kind(answer.tasks[0].kind)
        noted = any(column.note.text() for column in self.columns)
        for column in self.columns:
            column.note.setVisible(noted)
        self._link_heights()
        self._draw()
        shown = "the same held-out task" if len(tasks) == 1 else f"the same {len(tasks)} held-out tasks"
        if self.own.isChecked():
            shown = "your own task; verdicts are over held-out ones"
        self.summary.setText(f"Every column adapts to {shown}.")

    def show_message(self, text: str) -> None:
        """What went wrong, above the columns, which stay as they are."""
        self.summary.setText(text)

    def show_step(self, step: int) -> None:
        for column in self.columns:
            column.show_step(step)
        for chart in (self.loss, self.accuracy):
            chart.show_step(step)

    def set_verdict(self, key: str, verdict: Verdict | None, waiting: str = "") -> None:
        """How a column does on many tasks."""
        for column in self.columns:
            if column.contender.key == key:
                column.set_verdict(verdict, waiting)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        for part in (self.scrubber, self.key, self.loss, self.accuracy, self.loss_figure, self.accuracy_figure):
            part.set_theme(theme)
        for column in self.columns:
            column.set_theme(theme)
        self._colour()
        self._draw()

    def _made(self, contender: Contender) -> CompareColumn:
        column = CompareColumn(contender)
        column.set_theme(self._theme)
        column.removed.connect(lambda: self.removed.emit(contender.key))
        return column

    def _colour(self) -> None:
        cycle = self._theme.cycle
        for place, column in enumerate(self.columns):
            column.set_colour(cycle[place % len(cycle)])

    def _link_heights(self) -> None:
        """Pictures of the same task show the same range of values."""
        for row in range(len(self.tasks)):
            pictures = [column.cards[row].picture for column in self.columns if row < len(column.cards)]
            curves = [picture for picture in pictures if isinstance(picture, RegressionPicture)]
            ranges = [picture.heights for picture in curves if picture.heights is not None]
            if ranges:
                low, high = min(low for low, _ in ranges), max(high for _, high in ranges)
                for picture in curves:
                    picture.hold_heights(low, high)

    def _draw(self) -> None:
        cycle, step = self._theme.cycle, self.scrubber.step
        losses, accuracies = [], []
        for place, column in enumerate(self.columns):
            series, colour = column.series, cycle[place % len(cycle)]
            if series is None:
                continue
            losses.append(Line(column.contender.title, series.query_loss, colour))
            if series.accuracy is not None:
                accuracies.append(Line(column.contender.title, series.accuracy, colour))
        self.loss.show_lines(tuple(losses), step)
        self.accuracy.show_lines(tuple(accuracies), step)
        self.accuracy_figure.setVisible(bool(accuracies))

    def _ask_for_others(self) -> None:
        first = max(self.tasks) + 1
        self.tasks_requested.emit(tuple(range(first, first + self.count.count)))

    def _ask_for_number(self, count: int) -> None:
        first = min(self.tasks)
        self.tasks_requested.emit(tuple(range(first, first + count)))
