"""Number boxes that never correct a person: what is written stays, and stepping is sensible on any scale."""

from __future__ import annotations

import math
import re
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent, QValidator, QWheelEvent
from PySide6.QtWidgets import QAbstractSpinBox, QLabel, QLineEdit, QWidget

from metagui.config import FieldDescription

_GROUPED = re.compile(r"^\d{1,3}([ ,\u202f]\d{3})+$")
"""Thousands set apart: 10,000 or 10 000, but never 0,5."""


def format_number(value: float) -> str:
    """A number as a person would write it, six digits long: ``0.01``, ``1e-10``, ``3.14159``, ``20000``."""
    return str(value) if isinstance(value, int) else f"{value:g}"


def next_value(value: float, steps: int, *, logarithmic: bool) -> float:
    """``value`` after some clicks on an arrow.

    Logarithmic fields walk 1, 2, 5, 10, 20, ...; linear ones move the last of two significant digits.
    """
    for _ in range(abs(steps)):
        value = _next_125(value, steps > 0) if logarithmic and value > 0 else _next_linear(value, steps > 0)
    return value


def _next_125(value: float, up: bool) -> float:
    exponent = math.floor(math.log10(value))
    ladder = [rung * 10.0**power for power in range(exponent - 1, exponent + 3) for rung in (1, 2, 5)]
    if up:
        return _rounded(min(rung for rung in ladder if rung > value * (1 + 1e-9)))
    return _rounded(max(rung for rung in ladder if rung < value * (1 - 1e-9)))


def _next_linear(value: float, up: bool) -> float:
    magnitude = math.floor(math.log10(abs(value))) if value else 0
    unit = 10.0 ** (magnitude - 1)
    return _rounded(value + unit if up else value - unit)


def _rounded(value: float) -> float:
    return float(f"{value:.12g}")


_ROOM_FOR_CURSOR = 14
"""Pixels of a line that neither number nor unit can use."""


class NumberBox(QAbstractSpinBox):
    """Base of the integer and the float box: free text, arrows that stay within the limits, a deaf wheel.

    ``edited`` carries a number, or the text where it is none: nothing is clamped silently.
    """

    edited = Signal(object)

    def __init__(self, field: FieldDescription, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._field = field
        self._shown: tuple[str, Any] = ("", None)
        self.setKeyboardTracking(True)
        self._unit = _Unit(field.unit, self.lineEdit())
        self.lineEdit().textEdited.connect(self._announce)

    def value(self) -> Any:
        """The number, or the text where it is none. What was set and not edited comes back with all its digits."""
        text = self.lineEdit().text()
        shown_text, shown_value = self._shown
        return shown_value if text == shown_text and shown_value is not None else self._parse(text)

    def set_value(self, value: Any) -> None:
        """Show a number or a text, without announcing it."""
        if self.value() != value or not self.lineEdit().text():
            self.lineEdit().setText(value if isinstance(value, str) else format_number(value))
            self.lineEdit().setCursorPosition(0)
            self._shown = (self.lineEdit().text(), value)

    def stepBy(self, steps: int) -> None:
        value = self.value()
        if isinstance(value, str):
            value = self._field.default
        moved = self._stepped(value, steps)
        self.lineEdit().setText(format_number(self._within(moved, value)))
        self._announce()

    def stepEnabled(self) -> QAbstractSpinBox.StepEnabledFlag:
        return QAbstractSpinBox.StepEnabledFlag.StepUpEnabled | QAbstractSpinBox.StepEnabledFlag.StepDownEnabled

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        return QValidator.State.Acceptable, text, position

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._unit.settle()

    def wheelEvent(self, event: QWheelEvent) -> None:
        # A wheel that turns over a form scrolls the form; it must never change an experiment.
        event.ignore()

    def _announce(self, _text: str = "") -> None:
        self.edited.emit(self.value())

    def _within(self, moved: float, before: float) -> float:
        low, high = self._field.minimum, self._field.maximum
        if low is not None and (moved < low or (self._field.exclusive_minimum and moved <= low)):
            return before if self._field.exclusive_minimum else low
        if high is not None and (moved > high or (self._field.exclusive_maximum and moved >= high)):
            return before if self._field.exclusive_maximum else high
        return moved

    def _parse(self, text: str) -> Any:
        raise NotImplementedError

    def _stepped(self, value: float, steps: int) -> float:
        raise NotImplementedError


class _Unit(QLabel):
    """The unit, inside the box at its right end, where it takes no column of its own; it gives way to long numbers."""

    def __init__(self, unit: str, line: QLineEdit) -> None:
        super().__init__(unit, line)
        self._line = line
        self.setProperty("role", "muted")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setVisible(bool(unit))
        line.textChanged.connect(self.settle)

    def settle(self) -> None:
        """Take the place the line now has."""
        if not self.text():
            return
        self.adjustSize()
        number = self._line.fontMetrics().horizontalAdvance(self._line.text())
        # A number that lost a digit to its unit would be read as another number.
        fits = number + self.width() + _ROOM_FOR_CURSOR <= self._line.width()
        self.setVisible(fits)
        self.move(self._line.width() - self.width() - 3, (self._line.height() - self.height()) // 2)
        self._line.setTextMargins(0, 0, self.width() + 5 if fits else 0, 0)


class IntegerBox(NumberBox):
    """A whole number. Arrows move by 1, or by the decade's tenth where numbers are large."""

    def _parse(self, text: str) -> int | str:
        plain = text.strip()
        if _GROUPED.match(plain):
            plain = re.sub(r"\D", "", plain)
        try:
            return int(plain)
        except ValueError:
            return text

    def _stepped(self, value: float, steps: int) -> int:
        whole = int(value)
        for _ in range(abs(steps)):
            reference = whole if steps > 0 else whole - 1
            unit = 10 ** max(0, int(math.log10(abs(reference))) - 1) if reference else 1
            whole += unit if steps > 0 else -unit
        return whole


class FloatBox(NumberBox):
    """A real number, in plain or scientific notation, with a point or a comma."""

    def _parse(self, text: str) -> float | str:
        try:
            number = float(text.strip().replace(",", ".").replace("−", "-"))
        except ValueError:
            return text
        return number if math.isfinite(number) else text

    def _stepped(self, value: float, steps: int) -> float:
        return next_value(value, steps, logarithmic=self._field.logarithmic)
