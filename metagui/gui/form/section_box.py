"""One section of the form: which class it is, that class's fields, and the advanced ones behind a button."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from metagui.config import FieldDescription, Section, choices, describe
from metagui.datasets.catalogue import OMNIGLOT
from metagui.gui.form.combos import Entry, EntryCombo
from metagui.gui.form.field_row import FieldRow

TITLES = {
    "task": "Task",
    "model": "Model",
    "algorithm": "Algorithm",
    "outer": "Outer loop",
    "compute": "Compute",
}


class SectionBox(QWidget):
    """``chosen(section, name)`` when another class is picked, ``edited(section, field, value)`` for its fields."""

    chosen = Signal(str, str)
    edited = Signal(str, str, object)
    attended = Signal(str)
    data_wanted = Signal()
    """The data manager is asked for."""

    def __init__(self, section: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.section = section
        self.rows: dict[str, FieldRow] = {}
        self._applicable: set[str] = set()
        self._class: type[Section] | None = None
        self._more: Disclosure | None = None
        self.combo = None if section == "compute" else self._class_combo()
        self._summary = QLabel()
        self._summary.setProperty("role", "muted")
        self._summary.setWordWrap(True)
        self._name_error = QLabel()
        self._name_error.setProperty("role", "error")
        self._name_error.setWordWrap(True)
        self._name_error.hide()
        self.data_link = QPushButton("Data sets: add, download, preview…")
        self.data_link.setProperty("kind", "link")
        self.data_link.clicked.connect(self.data_wanted)
        self.data_link.hide()
        self._fields = QVBoxLayout()
        self._fields.setSpacing(5)
        self._fields.setContentsMargins(0, 4, 0, 0)
        self._lay_out()

    def _class_combo(self) -> EntryCombo:
        entries = [Entry(name, cls.title, cls.summary) for name, cls in choices(self.section).items()]
        combo = EntryCombo(entries, self)
        combo.setAccessibleName(TITLES[self.section])
        combo.activated.connect(self._announce_class)
        combo.installEventFilter(self)
        return combo

    def _lay_out(self) -> None:
        heading = QLabel(TITLES[self.section])
        heading.setProperty("role", "heading")
        top = QGridLayout()
        top.setHorizontalSpacing(6)
        top.addWidget(heading, 0, 0)
        if self.combo is not None:
            heading.setBuddy(self.combo)
            top.addWidget(self.combo, 0, 1)
            top.setColumnStretch(1, 1)
            top.setColumnMinimumWidth(0, 84)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(top)
        layout.addWidget(self._name_error)
        layout.addWidget(self._summary)
        layout.addLayout(self._fields)
        layout.addWidget(self.data_link)

    def show_class(self, section_class: type[Section], values: Mapping[str, Any]) -> bool:
        """Show a class with its values; True when the fields had to be made anew."""
        renewed = section_class is not self._class
        if renewed:
            self._class = section_class
            self._rebuild(section_class)
        if self.combo is not None:
            self.combo.set_name(str(values["name"]))
        for name, row in self.rows.items():
            row.set_value(values[name])
        self.show_applicable(values)
        return renewed

    def show_applicable(self, values: Mapping[str, Any]) -> None:
        """Hide the fields that have no meaning beside these values, unless something is wrong with them."""
        self._applicable = {name for name, row in self.rows.items() if row.field.applies(values)}
        self._show_rows()

    def _show_rows(self) -> None:
        opened = self._more is not None and self._more.isChecked()
        for name, row in self.rows.items():
            applies = name in self._applicable or bool(row.error)
            row.setVisible(applies and (opened or not row.field.advanced))
        if self._more is not None:
            self._more.set_count(sum(row.field.name in self._applicable for row in self._rows(advanced=True)))

    def _rebuild(self, section_class: type[Section]) -> None:
        while item := self._fields.takeAt(0):
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self._summary.setText(section_class.summary)
        self.rows = {field.name: self._row(field) for field in describe(section_class)}
        self.data_link.setVisible(self.section == "task" and _reads_data(section_class))
        for row in self._rows(advanced=False):
            self._fields.addWidget(row)
        advanced = self._rows(advanced=True)
        self._more = Disclosure(len(advanced), self) if advanced else None
        if self._more is None:
            return
        self._fields.addWidget(self._more)
        for row in advanced:
            self._fields.addWidget(row)
        self._more.toggled.connect(self._show_rows)

    def _row(self, field: FieldDescription) -> FieldRow:
        row = FieldRow(field, self)
        row.edited.connect(self._announce_field)
        row.attended.connect(self.attended)
        return row

    def _rows(self, *, advanced: bool) -> list[FieldRow]:
        return [row for row in self.rows.values() if row.field.advanced == advanced]

    def set_errors(self, errors: Mapping[str, str]) -> None:
        """Show problems by field name (``name`` is the class itself); all others are taken away."""
        self._name_error.setText(errors.get("name", ""))
        self._name_error.setVisible("name" in errors)
        for name, row in self.rows.items():
            row.set_error(errors.get(name, ""))
            if name in errors:
                self.reveal(name)
        self._show_rows()

    def set_modified(self, names: frozenset[str]) -> None:
        for name, row in self.rows.items():
            row.set_modified(name in names)

    def reveal(self, name: str) -> None:
        """Open the advanced settings when the field is one of them."""
        if self._more is not None and self.rows[name].field.advanced:
            self._more.setChecked(True)

    def focus_chain(self) -> list[QWidget]:
        """Everything the Tab key visits, in reading order."""
        plain = [row.editor for row in self._rows(advanced=False)]
        advanced = [row.editor for row in self._rows(advanced=True)]
        link = None if self.data_link.isHidden() else self.data_link
        return [widget for widget in (self.combo, *plain, self._more, *advanced, link) if widget is not None]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.Enter) and self._class is not None:
            self.attended.emit(f"<b>{html.escape(self._class.title)}</b><br>{html.escape(self._class.summary)}")
        return super().eventFilter(watched, event)

    def _announce_class(self) -> None:
        assert self.combo is not None
        self.chosen.emit(self.section, self.combo.name())

    def _announce_field(self, field: str, value: object) -> None:
        self.edited.emit(self.section, field, value)


def _reads_data(section_class: type[Section]) -> bool:
    """Whether tasks of this family come from an installed data set."""
    return "dataset" in section_class.model_fields or section_class.model_fields["name"].default == OMNIGLOT.name


class Disclosure(QPushButton):
    """Opens and closes the advanced settings below it."""

    def __init__(self, count: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._count = count
        self.setCheckable(True)
        self.setProperty("kind", "link")
        self.toggled.connect(self._rename)
        self._rename(False)

    def set_count(self, count: int) -> None:
        """How many settings there are to show; without any there is nothing to open."""
        self._count = count
        self.setVisible(count > 0)
        self._rename(self.isChecked())

    def _rename(self, opened: bool) -> None:
        noun = "setting" if self._count == 1 else "settings"
        self.setText(f"▾  Fewer {noun}" if opened else f"▸  {self._count} more {noun}")
