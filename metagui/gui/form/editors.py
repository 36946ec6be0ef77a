"""The right editor for a field, by its annotation."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, Literal, Protocol, get_args, get_origin

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QLineEdit, QWidget

from metagui.config import FieldDescription
from metagui.events import DeviceInfo
from metagui.gui.form.combos import QuietCombo
from metagui.gui.form.numbers import FloatBox, IntegerBox


class Editor(Protocol):
    """What a row needs of its editor. Setting a value announces nothing; typing announces what was written."""

    edited: Any
    """Signal(object)."""

    def set_value(self, value: Any) -> None: ...


class Switch(QCheckBox):
    """Yes or no."""

    edited = Signal(object)

    def __init__(self, field: FieldDescription, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.clicked.connect(self._announce)

    def set_value(self, value: Any) -> None:
        self.setChecked(bool(value))

    def _announce(self) -> None:
        self.edited.emit(self.isChecked())


class ChoiceBox(QuietCombo):
    """One of a few words, shown by their labels."""

    edited = Signal(object)

    def __init__(self, field: FieldDescription, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        for choice in get_args(field.annotation):
            self.addItem(field.labels.get(str(choice), str(choice)), choice)
        self.activated.connect(self._announce)

    def set_value(self, value: Any) -> None:
        self.setCurrentIndex(self.findData(value))

    def _announce(self) -> None:
        self.edited.emit(self.currentData())


class IntegersEdit(QLineEdit):
    """Whole numbers with commas between them, such as ``40, 40``."""

    edited = Signal(object)

    def __init__(self, field: FieldDescription, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText(", ".join(map(str, field.default)))
        self.textEdited.connect(self._announce)

    def set_value(self, value: Any) -> None:
        if self._parse() != value:
            self.setText(value if isinstance(value, str) else ", ".join(map(str, value)))

    def _parse(self) -> list[int] | str:
        try:
            return [int(part) for part in self.text().split(",")]
        except ValueError:
            return self.text()

    def _announce(self) -> None:
        self.edited.emit(self._parse())


class TextEdit(QLineEdit):
    """Any other value as it is written: a text, or for a plug-in's own types JSON."""

    edited = Signal(object)

    def __init__(self, field: FieldDescription, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._plain = field.annotation is str
        self.textEdited.connect(self._announce)

    def set_value(self, value: Any) -> None:
        if self._parse() != value:
            self.setText(value if isinstance(value, str) else json.dumps(value, default=str))

    def _parse(self) -> Any:
        if self._plain:
            return self.text()
        try:
            return json.loads(self.text())
        except ValueError:
            return self.text()

    def _announce(self) -> None:
        self.edited.emit(self._parse())


class WrittenChoice(QuietCombo):
    """A name: one of those on offer, or any other that is written."""

    edited = Signal(object)

    def __init__(self, field: FieldDescription, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._line = QLineEdit()
        self.setLineEdit(self._line)
        self.setInsertPolicy(QuietCombo.InsertPolicy.NoInsert)
        self.setCompleter(None)  # type: ignore[arg-type]  # Qt takes a null completer as "none"
        self._line.textEdited.connect(self._announce)
        self.activated.connect(self._announce_choice)

    def offer(self, entries: Sequence[tuple[str, str]]) -> None:
        """Names and what else is said of them, keeping what is written."""
        written = self._line.text()
        self.clear()
        for name, title in entries:
            if self.findData(name) < 0:
                self.addItem(f"{name}  –  {title}" if title and title != name else name, name)
        self._line.setText(written)

    def set_value(self, value: Any) -> None:
        if self._line.text() != value:
            self._line.setText(str(value))

    def _announce(self) -> None:
        self.edited.emit(self._line.text().strip())

    def _announce_choice(self, row: int) -> None:
        self._line.setText(self.itemData(row))
        self._announce()


class DeviceBox(WrittenChoice):
    """A device by name: those that the worker found, or any other."""

    def __init__(self, field: FieldDescription, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self.offer([("auto", ""), ("cpu", "")])

    def set_devices(self, devices: Sequence[DeviceInfo]) -> None:
        """Offer these, keeping what is written."""
        self.offer([("auto", ""), *((device.name, device.title) for device in devices)])


class DatasetBox(WrittenChoice):
    """An installed data set by name."""

    def __init__(self, field: FieldDescription, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self._line.setPlaceholderText("none yet: add one below")

    def offer(self, entries: Sequence[tuple[str, str]]) -> None:
        super().offer(entries)
        if entries:
            self._line.setPlaceholderText("choose one")


def make_editor(field: FieldDescription, parent: QWidget | None = None) -> QWidget:
    """An :class:`Editor` widget for a field."""
    return _editor_class(field)(field, parent)


def _editor_class(field: FieldDescription) -> Callable[[FieldDescription, QWidget | None], QWidget]:
    annotation, origin = field.annotation, get_origin(field.annotation)
    if field.name == "device":
        return DeviceBox
    if field.name == "dataset":
        return DatasetBox
    if annotation is bool:
        return Switch
    if annotation is int:
        return IntegerBox
    if annotation is float:
        return FloatBox
    if origin is Literal:
        return ChoiceBox
    if origin is tuple and isinstance(field.default, tuple) and all(type(one) is int for one in field.default):
        return IntegersEdit
    return TextEdit
