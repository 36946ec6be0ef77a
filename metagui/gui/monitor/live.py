"""Settings of the run in progress that may be changed while it learns: a slider and a number for each, and what holds.

A change is made on release, Enter or leaving the box, never half-written; the strip says from which step it holds.
"""

from __future__ import annotations

import math
from typing import Any

from PySide6.QtCore import QSize, QTimer, Signal
from PySide6.QtGui import QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from metagui.config import ExperimentConfig, FieldDescription, describe
from metagui.config.changes import changeable_paths, value_at
from metagui.gui.form.field_row import help_html
from metagui.gui.form.numbers import FloatBox, format_number
from metagui.gui.monitor.slim_slider import SlimSlider

_DECADES = 2
"""Powers of ten that a slider reaches on either side of the value at the start."""
_NOTCHES = 50
"""Positions a decade."""
_COMMIT_MS = 500
"""So long after the last key or click on an arrow is a value taken to be meant."""
_ROOM_FOR_TITLES = 900


class DecadeSlider(SlimSlider):
    """Positive numbers on a logarithmic scale, ``_DECADES`` to each side of a middle."""

    def __init__(self, field: FieldDescription, middle: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._middle = middle
        low = -_DECADES * _NOTCHES
        high = _DECADES * _NOTCHES
        if field.maximum is not None:
            high = min(high, math.floor(_NOTCHES * math.log10(field.maximum / middle)))
        self.setRange(low, high)
        self.setPageStep(_NOTCHES // 5)
        self.setMinimumWidth(64)

    def number(self) -> float:
        """The value at the handle, to three digits."""
        return float(f"{self._middle * 10 ** (self.value() / _NOTCHES):.3g}")

    def set_number(self, number: float) -> None:
        """Move the handle there, or to the nearer end, announcing nothing."""
        blocked = self.blockSignals(True)
        self.setValue(round(_NOTCHES * math.log10(number / self._middle)))
        self.blockSignals(blocked)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # a wheel that turns over the window must not change a run


class LiveNumber(FloatBox):
    """A number that says when it was stepped by an arrow."""

    stepped = Signal()

    def stepBy(self, steps: int) -> None:
        super().stepBy(steps)
        self.stepped.emit()


class LiveSetting(QWidget):
    """One setting. ``committed(value)`` carries what a person decided on: a number, or a text that is none."""

    committed = Signal(object)

    def __init__(self, field: FieldDescription, value: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = field
        self._in_force: Any = value
        self.caption = QLabel()
        self.slider = DecadeSlider(field, value, self)
        self.box = LiveNumber(field, self)
        self.box.setFixedWidth(92)
        self.box.set_value(value)
        self._settled = QTimer(self)
        self._settled.setSingleShot(True)
        self._settled.setInterval(_COMMIT_MS)
        self._settled.timeout.connect(self.commit)
        name = f"{field.title} {field.symbol} of the run in progress".replace("  ", " ")
        for widget in (self.slider, self.box):
            widget.setAccessibleName(name)
            widget.setAccessibleDescription(field.help)
        for widget in (self.caption, self.slider, self.box, self.box.lineEdit()):
            widget.setToolTip(f"{help_html(field)}<br>Changes the run in progress, from its next meta-step on.")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.caption)
        layout.addWidget(self.slider, 1)
        layout.addWidget(self.box)
        self.slider.valueChanged.connect(self._slide)
        self.slider.sliderReleased.connect(self.commit)
        self.box.stepped.connect(self._settled.start)
        self.box.editingFinished.connect(self.commit)
        self.show_title(True)

    def show_title(self, whole: bool) -> None:
        """Title and symbol, or the symbol alone where room is scarce."""
        title, symbol = self.field.title, self.field.symbol
        self.caption.setText(f"{title} <i>{symbol}</i>" if whole or not symbol else f"<i>{symbol}</i>")

    def set_value(self, value: float) -> None:
        """What holds now, by the run's own word."""
        self._settled.stop()
        self._in_force = value
        self._show(value)

    def set_invalid(self, invalid: bool) -> None:
        for part in (self.box, self.box.lineEdit()):
            part.setProperty("invalid", invalid)
            part.style().unpolish(part)
            part.style().polish(part)

    def commit(self) -> None:
        """Ask for the value shown, if it is not the one asked for already."""
        self._settled.stop()
        value = self.box.value()
        if value != self._in_force:
            self._in_force = value
            if isinstance(value, float) and value > 0:
                self.slider.set_number(value)
            self.committed.emit(value)

    def _slide(self) -> None:
        self.box.set_value(self.slider.number())
        if not self.slider.isSliderDown():
            self._settled.start()

    def _show(self, value: float) -> None:
        self.box.set_value(value)
        self.slider.set_number(value)


class LiveSettings(QWidget):
    """The strip above the curves of a run in progress; ``changed(path, value)`` when a person decided on a value."""

    changed = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.settings: dict[str, LiveSetting] = {}
        self._heading = QLabel()
        self._heading.setProperty("role", "heading")
        self.state = QLabel()
        self.state.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.state.setMinimumWidth(60)
        self._fields = QHBoxLayout()
        self._fields.setSpacing(18)
        row = QHBoxLayout()
        row.setContentsMargins(12, 5, 14, 5)
        row.setSpacing(16)
        row.addWidget(self._heading)
        row.addLayout(self._fields, 3)
        row.addWidget(self.state, 2)
        rule = QFrame()
        rule.setProperty("role", "rule")
        rule.setFixedHeight(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(row)
        layout.addWidget(rule)
        self.hide()

    def begin(self, config: ExperimentConfig) -> None:
        """Offer what this run lets be changed; without anything the strip stays away."""
        self._clear()
        fields = {field.name: field for field in describe(type(config.algorithm))}
        for path in changeable_paths(config):
            value = value_at(config, path)
            if isinstance(value, float):
                self._offer(path, fields[path.partition(".")[2]], value)
        self._say("", "muted")
        self.setVisible(bool(self.settings))
        self._make_room()

    def end(self) -> None:
        """The run is over."""
        self._clear()
        self.hide()

    def show_pending(self, path: str, value: float, held: bool) -> None:
        """The change is on its way; ``held`` while training pauses."""
        self.settings[path].set_invalid(False)
        when = "when training goes on" if held else "from the next meta-step"
        self._say(f"{self._name(path)} = {format_number(value)} {when}", "muted")

    def show_value(self, path: str, value: float, step: int) -> None:
        """The run has taken the value over after ``step`` meta-updates."""
        if path in self.settings:
            self.settings[path].set_value(value)
            self.settings[path].set_invalid(False)
            self._say(f"{self._name(path)} = {format_number(value)} since meta-step {step + 1:,}", "good")

    def show_problem(self, path: str, message: str) -> None:
        """The value was refused; the run has the one it had."""
        self.settings[path].set_invalid(True)
        self._say(f"{self._name(path)} {message}", "error")

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def _offer(self, path: str, field: FieldDescription, value: float) -> None:
        setting = LiveSetting(field, value, self)
        setting.committed.connect(lambda wanted: self.changed.emit(path, wanted))
        self.settings[path] = setting
        self._fields.addWidget(setting, 1)

    def _clear(self) -> None:
        for setting in self.settings.values():
            self._fields.removeWidget(setting)
            setting.hide()
            setting.deleteLater()
        self.settings = {}

    def _make_room(self) -> None:
        wide = self.width() >= _ROOM_FOR_TITLES
        self._heading.setText("While it learns" if wide else "Live")
        for setting in self.settings.values():
            setting.show_title(wide)

    def _name(self, path: str) -> str:
        field = self.settings[path].field
        return field.symbol or field.title

    def _say(self, text: str, role: str) -> None:
        self.state.setText(text)
        self.state.setToolTip(text)
        self.state.setProperty("role", role)
        self.state.style().unpolish(self.state)
        self.state.style().polish(self.state)
