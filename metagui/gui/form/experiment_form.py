"""The experiment form, generated from the schema: presets on top, sections below, help at the foot."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from metagui.config import SECTIONS, ExperimentConfig, Preset, Problem
from metagui.events import DeviceInfo
from metagui.gui.form.draft import Draft
from metagui.gui.form.editors import DatasetBox, DeviceBox
from metagui.gui.form.memory_line import MemoryLine
from metagui.gui.form.preset_picker import PresetPicker
from metagui.gui.form.section_box import TITLES, SectionBox

_NARROWEST = 290
"""Below this, editors would be cut off beside their titles."""

_NAMED = 3
"""Data sets that a sentence names."""

_INVITATION = "Point at a setting, or move to it with Tab, to read what it does."


class ExperimentForm(QWidget):
    """Edits one experiment. ``config_changed`` carries the ExperimentConfig, or None while something is wrong."""

    config_changed = Signal(object)
    data_wanted = Signal()
    """The data manager is asked for."""

    def __init__(self, presets: list[Preset], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._draft = Draft(presets)
        self._problems: list[Problem] = []
        self._datasets: dict[str, Sequence[tuple[str, str]]] = {}
        self._pictures: dict[str, tuple[int, int]] = {}
        self.picker = PresetPicker(presets, self)
        self.sections = {name: SectionBox(name, self) for name in SECTIONS}
        self.memory = MemoryLine()
        self._help = QLabel(_INVITATION)
        self._problem_button = QPushButton()
        self._lay_out()
        self.picker.chosen.connect(self._load_preset)
        self.picker.reset_wanted.connect(self._reset)
        self._problem_button.clicked.connect(self._go_to_problem)
        self.sections["task"].data_wanted.connect(self.data_wanted)
        for box in self.sections.values():
            box.chosen.connect(self._choose)
            box.edited.connect(self._edit)
            box.attended.connect(self._help.setText)
        self._show_draft()

    def _lay_out(self) -> None:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(14, 12, 14, 14)
        column.setSpacing(12)
        for index, box in enumerate(self.sections.values()):
            if index:
                column.addWidget(_rule())
            column.addWidget(box)
        column.addStretch(1)
        self.scroll_area = QScrollArea()
        self.scroll_area.setWidgetResizable(True)
        self.scroll_area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.scroll_area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.scroll_area.setWidget(body)
        self.scroll_area.setMinimumWidth(_NARROWEST)
        self._help.setWordWrap(True)
        self._help.setProperty("role", "muted")
        self._help.setContentsMargins(14, 8, 14, 8)
        self._help.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._help.setMinimumHeight(5 * self.fontMetrics().lineSpacing())
        self._problem_button.setObjectName("problems")
        self._problem_button.setProperty("kind", "problem")
        self._problem_button.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.picker)
        layout.addWidget(_rule())
        layout.addWidget(self.scroll_area, 1)
        layout.addWidget(self._problem_button)
        layout.addWidget(_rule())
        layout.addWidget(self.memory)
        layout.addWidget(_rule())
        layout.addWidget(self._help)

    def config(self) -> ExperimentConfig | None:
        """The experiment as it stands, or None while something is wrong."""
        return None if self._missing_dataset() else self._draft.config()

    def problems(self) -> list[Problem]:
        """All that is wrong, by path."""
        return list(self._problems)

    @property
    def help_text(self) -> str:
        """What the foot of the form says of the setting being looked at, as rich text."""
        return self._help.text()

    def problem_text(self) -> str:
        """Why the experiment cannot start, in one sentence; empty when it can."""
        if not self._problems:
            return self.memory.refusal
        first = self._problems[0]
        others = f" (and {len(self._problems) - 1} more)" if len(self._problems) > 1 else ""
        return f"{self._title_of(first.path)}: {first.message}{others}"

    def load(self, config: ExperimentConfig) -> None:
        """Show another experiment."""
        self._draft.load(config)
        self._show_draft()
        self._announce()

    def set_devices(self, devices: Sequence[DeviceInfo]) -> None:
        """Offer the devices the worker found."""
        editor = self.sections["compute"].rows["device"].editor
        assert isinstance(editor, DeviceBox)
        editor.set_devices(devices)

    def set_datasets(
        self,
        names: Mapping[str, Sequence[tuple[str, str]]],
        pictures: Mapping[str, tuple[int, int]] | None = None,
    ) -> None:
        """Offer the installed data sets: names and titles by the task family that takes them; side and channels of
        those with ``pictures``."""
        self._pictures = dict(pictures or {})
        if names == self._datasets:
            return
        before = self._missing_dataset()
        self._datasets = dict(names)
        self._offer_datasets()
        self._show_state()
        if before != self._missing_dataset():
            self._announce()

    def _offer_datasets(self) -> None:
        box = self.sections["task"]
        row = box.rows.get("dataset")
        if row is not None and isinstance(row.editor, DatasetBox):
            row.editor.offer(self._datasets.get(self._draft.name_of("task"), ()))

    def _missing_dataset(self) -> list[Problem]:
        """What is wrong where the experiment names a data set that is not there (any more)."""
        offered = self._datasets.get(self._draft.name_of("task"))
        named = self._draft.content()["task"].get("dataset", "")
        if offered is None or not named or named in (name for name, _ in offered):
            return []
        known = f"choose {' or '.join(name for name, _ in offered[:_NAMED])}, or add it" if offered else "add it"
        return [Problem("task.dataset", f"no data set {named!r} for this task: {known} with metagui data add")]

    def _load_preset(self, name: str) -> None:
        self._draft.load_preset(name)
        self._show_draft()
        self._announce()

    def _reset(self) -> None:
        self._load_preset(self._draft.preset.name)

    def _choose(self, section: str, name: str) -> None:
        self._draft.choose(section, name)
        self._show_draft()
        self._announce()

    def _edit(self, section: str, field: str, value: object) -> None:
        self._draft.set_value(section, field, value)
        if (section, field) == ("task", "dataset") and value in self._pictures:
            self._draft.suggest_model(*self._pictures[str(value)])
            self._show_draft()
        self.sections[section].show_applicable(self._draft.content()[section])
        self._show_state()
        self._announce()

    def _announce(self) -> None:
        self.config_changed.emit(self.config())

    def _show_draft(self) -> None:
        content = self._draft.content()
        renewed = [
            box.show_class(self._draft.section_class(name), content[name]) for name, box in self.sections.items()
        ]
        if any(renewed):
            self._chain_focus()
            self._offer_datasets()
        self._show_state()

    def _show_state(self) -> None:
        self._problems = [*self._draft.problems(), *self._missing_dataset()]
        errors: dict[str, dict[str, str]] = defaultdict(dict)
        for problem in self._problems:
            section, _, field = problem.path.partition(".")
            errors[section].setdefault(field, problem.message)
        changed = self._draft.changed_paths()
        for name, box in self.sections.items():
            box.set_errors(errors[name])
            box.set_modified(frozenset(path.split(".")[1] for path in changed if path.split(".")[0] == name))
        titles = [self._title_of(path) for path in changed]
        self.picker.show_state(self._draft.preset, titles, self._draft.made_for_it())
        self._problem_button.setVisible(bool(self._problems))
        self._problem_button.setText(_count_text(len(self._problems)))
        self._problem_button.setToolTip(self.problem_text())

    def _title_of(self, path: str) -> str:
        section, _, field = path.partition(".")
        row = self.sections[section].rows.get(field)
        return row.field.title if row else TITLES[section]

    def _go_to_problem(self) -> None:
        section, _, field = self._problems[0].path.partition(".")
        box = self.sections[section]
        target = box.rows[field].editor if field in box.rows else box.combo
        if target is not None:
            self.scroll_area.ensureWidgetVisible(target, 0, 60)
            target.setFocus(Qt.FocusReason.OtherFocusReason)

    def _chain_focus(self) -> None:
        chain = [
            *self.picker.focus_chain(),
            *(widget for box in self.sections.values() for widget in box.focus_chain()),
        ]
        for before, after in itertools.pairwise(chain):
            QWidget.setTabOrder(before, after)


def _count_text(count: int) -> str:
    return "1 setting needs attention" if count == 1 else f"{count} settings need attention"


def _rule() -> QFrame:
    line = QFrame()
    line.setProperty("role", "rule")
    line.setFixedHeight(1)
    return line
