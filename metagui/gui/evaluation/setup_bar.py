"""The rows above the result: which network, under what protocol, against whom."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from metagui.config.fields import FieldDescription, describe
from metagui.gui.evaluation.comparisons import Comparisons
from metagui.gui.evaluation.settings import EvaluationSettings, NetworkOption
from metagui.gui.form.numbers import IntegerBox
from metagui.gui.walkthrough.flow import FlowLayout

_CAPTIONS = {"n_tasks": "tasks", "inner_steps": "inner steps", "n_query": "queries"}


class EvaluationSetup(QWidget):
    """``network_chosen`` carries the key of a network; ``evaluate`` and ``cancel`` are the button's."""

    network_chosen = Signal(str)
    evaluate = Signal()
    cancel = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = EvaluationSettings()
        self._options: tuple[NetworkOption, ...] = ()
        self._busy = False
        self._limits = {field.name: field for field in describe(EvaluationSettings)}
        self._boxes: dict[str, IntegerBox] = {}
        self.network = QComboBox()
        self.network.setAccessibleName("Network to evaluate")
        self.network.setToolTip("Which network of the chosen run; choose another run in the list of runs")
        self.network.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.network.setMaximumWidth(340)
        self.network.activated.connect(lambda _index: self.network_chosen.emit(self.network.currentData() or ""))
        self.comparisons = Comparisons()
        self.button = QPushButton()
        self.button.clicked.connect(self._press)
        numbers = QWidget()
        self._row = FlowLayout(numbers, spacing=14)
        self._row.addWidget(self.network)
        for name, field in self._limits.items():
            self._add(name, field)
        below = QHBoxLayout()
        below.setSpacing(12)
        below.addWidget(self.comparisons, 1)
        below.addWidget(self.button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(numbers)
        layout.addLayout(below)
        self.set_networks((), "")
        self.set_busy(False)

    # --- what is asked for ---------------------------------------------------------------------------------------

    @property
    def settings(self) -> EvaluationSettings:
        """The numbers; those that cannot be used stay as they were."""
        return self._settings

    @property
    def problem(self) -> str:
        """Why the numbers cannot be used, empty where they can."""
        found = (_problem(self._limits[name], box.value()) for name, box in self._boxes.items())
        return next((problem for problem in found if problem), "")

    @property
    def chosen(self) -> str:
        """Key of the network, empty while there is none."""
        return self.network.currentData() or ""

    def show_settings(self, settings: EvaluationSettings) -> None:
        self._settings = settings
        for name, box in self._boxes.items():
            box.set_value(getattr(settings, name))
            self._mark(name)

    def set_networks(self, options: Sequence[NetworkOption], chosen: str) -> None:
        """What can be chosen; a list of the same keys changes its words in place."""
        keys = [option.key for option in options]
        if keys == [option.key for option in self._options] and keys:
            for index, option in enumerate(options):
                self.network.setItemText(index, option.text)
        else:
            self.network.clear()
            for option in options:
                self.network.addItem(option.text, option.key)
            if not options:
                self.network.addItem("none yet", "")
        self._options = tuple(options)
        self.network.setEnabled(bool(options))
        self.network.setCurrentIndex(max(0, self.network.findData(chosen)))
        self._enable()
        self.network.updateGeometry()

    def set_busy(self, busy: bool) -> None:
        """While it is evaluated the button cancels."""
        self._busy = busy
        self.button.setText("Cancel" if busy else "Evaluate")
        self.button.setProperty("kind", "" if busy else "primary")
        self.button.style().unpolish(self.button)
        self.button.style().polish(self.button)
        self._enable()

    # --- inside --------------------------------------------------------------------------------------------------

    def _add(self, name: str, field: FieldDescription) -> None:
        box = IntegerBox(field)
        box.setFixedWidth(66)
        box.setAccessibleName(field.title)
        box.set_value(field.default)
        box.edited.connect(lambda _value: self._edit())
        box.lineEdit().returnPressed.connect(self._enter)
        self._boxes[name] = box
        self._mark(name)
        self._row.addWidget(_labelled(_CAPTIONS[name], box))

    def _edit(self) -> None:
        for name in self._boxes:
            self._mark(name)
        if not self.problem:
            values = {name: box.value() for name, box in self._boxes.items()}
            self._settings = self._settings.model_copy(update=values)
        self._enable()

    def _mark(self, name: str) -> None:
        box, field = self._boxes[name], self._limits[name]
        problem = _problem(field, box.value())
        box.setToolTip(problem or field.help)
        if bool(box.property("invalid")) != bool(problem):
            box.setProperty("invalid", bool(problem))
            box.style().unpolish(box)
            box.style().polish(box)

    def _enable(self) -> None:
        ready = bool(self.chosen) and not self.problem
        self.button.setEnabled(self._busy or ready)
        self.button.setToolTip(
            "Break it off; the last result stays (Shift+F8)"
            if self._busy
            else self.problem or "Adapt to each task and judge the result (F8)"
        )

    def _enter(self) -> None:
        if not self._busy and self.button.isEnabled():
            self.evaluate.emit()

    def _press(self) -> None:
        (self.cancel if self._busy else self.evaluate).emit()


def _labelled(text: str, widget: QWidget) -> QWidget:
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(6)
    label = QLabel(text)
    label.setProperty("role", "muted")
    label.setBuddy(widget)
    row.addWidget(label)
    row.addWidget(widget)
    return holder


def _problem(field: FieldDescription, value: object) -> str:
    if not isinstance(value, int):
        return f"{field.title} must be a whole number."
    low, high = field.minimum, field.maximum
    if low is not None and value < low:
        return f"{field.title} must be at least {low:g}."
    if high is not None and value > high:
        return f"{field.title} must be at most {high:,.0f}."
    return ""
