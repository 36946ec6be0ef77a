"""The row above the columns: which walk-through, of which network, with which numbers."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QWidget

from metagui.config.fields import FieldDescription
from metagui.gui.form.numbers import FloatBox, IntegerBox, NumberBox
from metagui.gui.walkthrough.flow import FlowLayout
from metagui.gui.walkthrough.settings import KINDS, Kind, WalkthroughSettings, kind_of

SETTLE_MS = 350
"""Numbers being typed are used once they rest."""

_FRESH, _TRAINED = "a fresh start", "as it is in training"


class SetupBar(QWidget):
    """Announces what to record: ``kind_chosen`` a name, ``changed`` after settings or the network changed."""

    kind_chosen = Signal(str)
    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = WalkthroughSettings()
        self._boxes: dict[str, NumberBox] = {}
        self._fields: dict[str, QWidget] = {}
        self._limits: dict[str, FieldDescription] = {}
        self.kinds = QComboBox()
        for kind in KINDS:
            self.kinds.addItem(kind.title, kind.name)
        self.kinds.setAccessibleName("Walk-through")
        self.kinds.setToolTip("Which algorithm to walk through")
        self.kinds.activated.connect(self._choose)
        self.network = QComboBox()
        self.network.addItems([_FRESH, _TRAINED])
        self.network.setAccessibleName("Network")
        self.network.setToolTip("Walk through with random initial parameters, or with those that training has reached")
        self.network.activated.connect(self._announce)
        self._row = FlowLayout(self, spacing=14)
        self._row.addWidget(self.kinds)
        self._row.addWidget(_labelled("network", self.network))
        for field in {field.name: field for kind in KINDS for field in kind.descriptions()}.values():
            self._add(field)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SETTLE_MS)
        self._timer.timeout.connect(self.changed)
        self.set_trained(False)

    # --- what is asked for ---------------------------------------------------------------------------------------

    @property
    def kind(self) -> Kind:
        return kind_of(self.kinds.currentData())

    @property
    def settings(self) -> WalkthroughSettings:
        """The last valid settings."""
        return self._settings

    @property
    def trained(self) -> bool:
        """Whether the network of the training is wanted, rather than a fresh one."""
        return self.network.currentIndex() == 1 and self.network.isEnabled()

    def show_kind(self, name: str, settings: WalkthroughSettings) -> None:
        """Choose a walk-through and its numbers, without announcing it."""
        self.kinds.setCurrentIndex(self.kinds.findData(name))
        self._settings = settings
        for field, box in self._boxes.items():
            self._fields[field].setVisible(field in self.kind.fields)
            box.set_value(getattr(settings, field))
            _mark(box, problem="")
        self.updateGeometry()

    def set_trained(self, possible: bool, step: int = 0) -> None:
        """Whether there is a network in training, and after how many meta-steps."""
        self.network.setEnabled(possible)
        self.network.setItemText(1, f"after {step:,} meta-steps" if possible else _TRAINED)
        if not possible:
            self.network.setCurrentIndex(0)

    def set_network(self, trained: bool) -> None:
        """Choose the network, without announcing it."""
        self.network.setCurrentIndex(1 if trained and self.network.isEnabled() else 0)

    # --- inside --------------------------------------------------------------------------------------------------

    def _add(self, field: FieldDescription) -> None:
        box = IntegerBox(field) if field.annotation is int else FloatBox(field)
        box.setFixedWidth(76)
        box.setAccessibleName(field.title)
        box.setToolTip(_tip(field))
        box.edited.connect(self._edit)
        self._boxes[field.name] = box
        self._limits[field.name] = field
        self._fields[field.name] = _labelled(field.symbol, box)
        self._fields[field.name].setToolTip(_tip(field))
        self._row.addWidget(self._fields[field.name])

    def _choose(self) -> None:
        self._timer.stop()
        self.kind_chosen.emit(self.kind.name)

    def _announce(self) -> None:
        self._timer.start(0)

    def _edit(self) -> None:
        """Take the numbers once all are within their limits; a wrong one is marked and says why."""
        values = {}
        for name, box in self._boxes.items():
            problem = _problem(self._limits[name], box.value()) if name in self.kind.fields else ""
            _mark(box, problem, _tip(self._limits[name]))
            values[name] = None if problem else box.value()
        wanted = {name: value for name, value in values.items() if name in self.kind.fields}
        if None in wanted.values():
            self._timer.stop()
            return
        settings = self._settings.model_copy(update=wanted)
        if settings != self._settings:
            self._settings = settings
            self._timer.start()


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


def _tip(field: FieldDescription) -> str:
    return f"{field.title}: {field.help}"


def _problem(field: FieldDescription, value: object) -> str:
    """Why a value cannot be used; empty where it can."""
    if not isinstance(value, int | float):
        return f"{field.title} must be a number."
    low, high = field.minimum, field.maximum
    if low is not None and (value < low or (field.exclusive_minimum and value <= low)):
        return f"{field.title} must be {'above' if field.exclusive_minimum else 'at least'} {low:g}."
    if high is not None and value > high:
        return f"{field.title} must be at most {high:g}."
    return ""


def _mark(box: NumberBox, problem: str, otherwise: str = "") -> None:
    box.setToolTip(problem or otherwise or box.toolTip())
    if bool(box.property("invalid")) != bool(problem):
        box.setProperty("invalid", bool(problem))
        box.style().unpolish(box)
        box.style().polish(box)
