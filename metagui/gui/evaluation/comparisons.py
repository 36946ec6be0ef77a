"""What else is judged on the same tasks: baselines as check boxes, other runs in a list that unfolds."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QLabel, QMenu, QToolButton, QWidget, QWidgetAction

from metagui.config.tasks import TaskKind
from metagui.events import Baseline
from metagui.gui.evaluation.settings import RivalOption, baselines_of
from metagui.gui.walkthrough.flow import FlowLayout

_MENU_BUTTON = (
    "QToolButton { padding: 3px 20px 3px 6px; } "
    "QToolButton::menu-indicator { subcontrol-origin: padding; subcontrol-position: center right; right: 6px; }"
)


class Comparisons(QWidget):
    """``changed`` when another choice is made. Choices about a run outlast a new list of runs."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kind: TaskKind | None = None
        self._boxes: dict[Baseline, QCheckBox] = {}
        self._options: tuple[RivalOption, ...] = ()
        self._said: dict[str, bool] = {}
        caption = QLabel("against")
        caption.setProperty("role", "muted")
        self.runs = QToolButton()
        self.runs.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.runs.setProperty("kind", "quiet")
        self.runs.setStyleSheet(_MENU_BUTTON)
        self.menu = QMenu(self.runs)
        self.runs.setMenu(self.menu)
        self._row = FlowLayout(self, spacing=14, row_spacing=2)
        self._row.addWidget(caption)
        for baseline in ("chance", "random", "pixels"):
            box = QCheckBox()
            box.setChecked(True)
            box.toggled.connect(self.changed)
            self._boxes[baseline] = box
            self._row.addWidget(box)
        self._row.addWidget(self.runs)
        self.set_kind("images")
        self.set_rivals(())

    @property
    def baselines(self) -> tuple[Baseline, ...]:
        """The chosen ones that mean something for these tasks."""
        known = baselines_of(self._kind or "images")
        return tuple(name for name, box in self._boxes.items() if name in known and box.isChecked())

    @property
    def rivals(self) -> tuple[str, ...]:
        """Ids of the runs to compare with."""
        return tuple(option.run_id for option in self._options if self._wants(option))

    def set_kind(self, kind: TaskKind) -> None:
        if kind == self._kind:
            return
        self._kind = kind
        known = baselines_of(kind)
        for name, box in self._boxes.items():
            box.setVisible(name in known)
            if name in known:
                title, help_text = known[name]
                box.setText(title)
                box.setToolTip(help_text)
        self.updateGeometry()

    def set_rivals(self, options: Sequence[RivalOption]) -> None:
        if tuple(options) != self._options or self.menu.isEmpty():
            self._options = tuple(options)
            self._fill()

    def _wants(self, option: RivalOption) -> bool:
        return self._said.get(option.run_id, option.wanted)

    def _fill(self) -> None:
        """Check boxes rather than menu entries: several can be chosen without the list closing."""
        self.menu.clear()
        for option in self._options:
            box = QCheckBox(option.text)
            box.setChecked(self._wants(option))
            box.setContentsMargins(8, 2, 8, 2)
            box.toggled.connect(lambda wanted, run_id=option.run_id: self._say(run_id, wanted))
            entry = QWidgetAction(self.menu)
            entry.setDefaultWidget(box)
            self.menu.addAction(entry)
        self._count()

    def _say(self, run_id: str, wanted: bool) -> None:
        self._said[run_id] = wanted
        self._count()
        self.changed.emit()

    def _count(self) -> None:
        chosen = len(self.rivals)
        self.runs.setEnabled(bool(self._options))
        self.runs.setText(f"Other runs: {chosen}" if self._options else "No other runs")
        self.runs.setToolTip(
            f"{chosen} of {len(self._options)} runs on such tasks are judged on the very same tasks"
            if self._options
            else "Runs trained on such tasks can be judged here as well: a jointly pretrained network, ProtoNet, "
            "another seed"
        )
        self.updateGeometry()
