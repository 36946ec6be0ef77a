"""One setting on the form: title, symbol, editor, and below it what is wrong."""

from __future__ import annotations

import html
import json
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QWidget

from metagui.config import FieldDescription
from metagui.gui.form.editors import make_editor
from metagui.gui.form.numbers import format_number

TITLE_WIDTH = 112
SYMBOL_WIDTH = 20


def range_text(field: FieldDescription) -> str:
    """The limits in words, e.g. ``more than 0, at most 10``; empty where there are none."""
    parts = []
    if field.minimum is not None:
        parts.append(f"{'more than' if field.exclusive_minimum else 'at least'} {format_number(field.minimum)}")
    if field.maximum is not None:
        parts.append(f"{'less than' if field.exclusive_maximum else 'at most'} {format_number(field.maximum)}")
    return ", ".join(parts)


def default_text(field: FieldDescription) -> str:
    """The default as it would be written in the form."""
    value = field.default
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    if isinstance(value, str):
        return field.labels.get(value, value)
    return format_number(value) if isinstance(value, int | float) else json.dumps(value, default=str)


def help_html(field: FieldDescription) -> str:
    """Title, symbol, help, limits and default, as rich text for a tip or the help line."""
    title = html.escape(field.title) + (f" <i>{html.escape(field.symbol)}</i>" if field.symbol else "")
    facts = [text for text in (field.unit and f"in {field.unit}", range_text(field)) if text]
    facts.append(f"default {default_text(field)}")
    return f"<b>{title}</b><br>{html.escape(field.help)}<br>{html.escape(' · '.join(facts))}"


class FieldRow(QWidget):
    """Shows one field; ``edited(name, value)`` when a person changes it, ``attended(html)`` when they look at it."""

    edited = Signal(str, object)
    attended = Signal(str)

    def __init__(self, field: FieldDescription, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = field
        self._help = help_html(field)
        self._title = QLabel(field.title)
        self._title.setWordWrap(True)
        self._title.setMinimumWidth(TITLE_WIDTH)
        self._symbol = QLabel(field.symbol)
        self._symbol.setProperty("role", "muted")
        self._symbol.setFixedWidth(SYMBOL_WIDTH)
        self._symbol.setAlignment(Qt.AlignmentFlag.AlignCenter)
        font = self._symbol.font()
        font.setItalic(True)
        self._symbol.setFont(font)
        self.editor = make_editor(field, self)
        self.editor.setAccessibleName(f"{field.title} {field.symbol}".strip())
        self.editor.setAccessibleDescription(field.help)
        self._title.setBuddy(self.editor)
        self._error = QLabel()
        self._error.setProperty("role", "error")
        self._error.setWordWrap(True)
        self._error.hide()
        self._lay_out()
        for watched in (self.editor, self._title, *self.editor.findChildren(QLineEdit)):
            watched.setToolTip(self._help)
            watched.installEventFilter(self)
        self.editor.edited.connect(self._announce)  # type: ignore[attr-defined]  # every Editor has it

    def _lay_out(self) -> None:
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setHorizontalSpacing(6)
        layout.setVerticalSpacing(2)
        layout.addWidget(self._title, 0, 0)
        layout.addWidget(self._symbol, 0, 1)
        layout.addWidget(self.editor, 0, 2)
        self.editor.setMinimumWidth(64)
        layout.addWidget(self._error, 1, 0, 1, 3)
        layout.setColumnStretch(2, 1)

    @property
    def error(self) -> str:
        """The sentence shown below, empty when all is well."""
        return self._error.text()

    def set_value(self, value: Any) -> None:
        self.editor.set_value(value)  # type: ignore[attr-defined]

    def set_error(self, message: str) -> None:
        """Show what is wrong below the editor; empty takes it away."""
        if message == self._error.text():
            return
        self._error.setText(message)
        self._error.setVisible(bool(message))
        self.editor.setAccessibleDescription(f"{self.field.help} {message}".strip())
        _mark(self.editor, "invalid", bool(message))

    def set_modified(self, modified: bool) -> None:
        """Whether the value differs from the preset's."""
        font = self._title.font()
        if font.bold() != modified:
            font.setBold(modified)
            self._title.setFont(font)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.Enter):
            self.attended.emit(self._help)
        return super().eventFilter(watched, event)

    def _announce(self, value: object) -> None:
        self.edited.emit(self.field.name, value)


def _mark(widget: QWidget, name: str, value: bool) -> None:
    """Set a property the style sheet looks at, and have it look."""
    widget.setProperty(name, value)
    for part in (widget, *widget.findChildren(QLineEdit)):
        part.style().unpolish(part)
        part.style().polish(part)
