"""The preset gallery at the head of the form, and whether the experiment still is that preset."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QPushButton, QVBoxLayout, QWidget

from metagui.config import Preset
from metagui.gui.form.combos import Entry, EntryCombo

_PAPERS = Entry("papers", "From the papers' tables…", "One for each published number, with the paper's protocol.")

_NAMED = 3
"""So many changed settings are named; the others are counted."""


class PresetPicker(QWidget):
    """``chosen(name)`` when a preset is picked, ``reset_wanted()`` to undo all changes to it.

    Presets of a group are in a menu that the list's last entry opens, and join the list only while they are in use.
    """

    chosen = Signal(str)
    reset_wanted = Signal()

    def __init__(self, presets: list[Preset], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.groups: dict[str, QMenu] = {}
        self.papers = self._menu([preset for preset in presets if preset.group])
        self._front = [_entry(preset) for preset in presets if not preset.group]
        self._back = [_PAPERS] if self.groups else []
        self._used = ""
        self.combo = EntryCombo(self._front + self._back, self)
        self.combo.setAccessibleName("Preset")
        self.combo.setMaxVisibleItems(12)
        self._caption = QLabel("Preset")
        self._caption.setProperty("role", "heading")
        self._caption.setBuddy(self.combo)
        self._summary = QLabel()
        self._summary.setProperty("role", "muted")
        self._summary.setWordWrap(True)
        self._modified = QLabel()
        self._modified.setProperty("role", "warning")
        self._modified.setWordWrap(True)
        self._reset = QPushButton("Reset")
        self._reset.setProperty("kind", "link")
        self._reset.setToolTip("Back to the preset's own settings")
        self._reset.clicked.connect(self.reset_wanted)
        self.fitting = QPushButton()
        self.fitting.setProperty("kind", "link")
        self.fitting.setToolTip("Its network and its rates were chosen for this algorithm; others often diverge")
        self.fitting.clicked.connect(self._take_fitting)
        self._fitting_name = ""
        self.combo.activated.connect(self._announce)
        self._lay_out()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(10)
        top.addWidget(self._caption)
        top.addWidget(self.combo, 1)
        state = QHBoxLayout()
        state.addWidget(self._modified, 1)
        state.addWidget(self._reset)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 12, 14, 12)
        layout.setSpacing(6)
        layout.addLayout(top)
        layout.addWidget(self._summary)
        layout.addLayout(state)
        layout.addWidget(self.fitting, 0, Qt.AlignmentFlag.AlignLeft)

    def show_state(self, preset: Preset, changed: list[str], fitting: Preset | None = None) -> None:
        """Show the preset in use and the titles of the settings that differ from it; ``fitting`` is offered instead."""
        shown = [*self._front, *([_entry(preset)] if preset.group else []), *self._back]
        if preset.group or self.combo.count() != len(shown):
            self.combo.set_entries(shown)
        self._used = preset.name
        self.combo.set_name(preset.name)
        self._summary.setText(preset.summary)
        named = ", ".join(changed[:_NAMED])
        others = f" and {len(changed) - _NAMED} more" if len(changed) > _NAMED else ""
        self._modified.setText(f"Modified: {named}{others}" if changed else "")
        self._modified.setVisible(bool(changed))
        self._reset.setVisible(bool(changed))
        self._fitting_name = fitting.name if fitting else ""
        self.fitting.setText(f"Use the preset {fitting.title}" if fitting else "")
        self.fitting.setVisible(fitting is not None)

    @property
    def modified_text(self) -> str:
        """What differs from the preset, empty when nothing does."""
        return self._modified.text()

    def focus_chain(self) -> list[QWidget]:
        return [self.combo, self._reset, self.fitting]

    def _menu(self, presets: list[Preset]) -> QMenu:
        """A submenu a group, in the order in which they come."""
        menu = QMenu(self)
        for preset in presets:
            if preset.group not in self.groups:
                self.groups[preset.group] = QMenu(preset.group, menu)
                self.groups[preset.group].setToolTipsVisible(True)
                menu.addMenu(self.groups[preset.group])
            action = self.groups[preset.group].addAction(preset.title)
            action.setToolTip(preset.summary)
            action.setData(preset.name)
        menu.triggered.connect(lambda action: self.chosen.emit(str(action.data())))
        return menu

    def _take_fitting(self) -> None:
        self.chosen.emit(self._fitting_name)

    def _announce(self) -> None:
        if self.combo.name() != _PAPERS.name:
            self.chosen.emit(self.combo.name())
            return
        self.combo.set_name(self._used)
        self.papers.popup(self.combo.mapToGlobal(QPoint(0, self.combo.height())))


def _entry(preset: Preset) -> Entry:
    title = f"{preset.group} · {preset.title}" if preset.group else preset.title
    return Entry(preset.name, title, preset.summary)
