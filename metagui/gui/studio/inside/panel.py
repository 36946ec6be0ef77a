"""Look inside: four pictures of what adaptation does in a network, each with a sentence for who sees it first."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QStackedLayout, QVBoxLayout, QWidget

from metagui.events import Inside
from metagui.gui.adaptation.content import MalformedAdaptationError
from metagui.gui.adaptation.elided import ElidedLabel
from metagui.gui.adaptation.scrubber import Scrubber
from metagui.gui.studio.choices import OwnTaskSwitch, StepsChoice
from metagui.gui.studio.figure import Figure
from metagui.gui.studio.inside.content import InsideView, read_inside
from metagui.gui.studio.inside.features import FeaturesPicture
from metagui.gui.studio.inside.landscape import LandscapePicture
from metagui.gui.studio.layer_bars import LayerBars
from metagui.gui.studio.step_chart import Line, StepChart
from metagui.gui.theme import DARK, Theme

_FEATURES = (
    "What the last layer gets to see of each example, seen from its two main directions. Support is filled, query "
    "hollow: the last layer has it easy where colours lie apart."
)
_LANDSCAPE = (
    "The task's support loss around the initial parameters (star): the darker valley is lower. Each path is a task "
    "being adapted to; the thick one is this task's."
)
_PATH = "The loss along the thick path: a steep fall at first means that the start is a good one."
_LAYERS = (
    "Which layers adapt? Left: how far the parameters moved. Right: how alike the layer's outputs stayed (linear CKA, "
    "100 % is unchanged). Where only the head changes, ANIL would do as well as MAML."
)
_NOTHING_YET = "The look inside appears here as soon as there is a network to adapt."


class InsidePanel(QWidget):
    """``tasks_requested(tuple)`` and ``steps_chosen(int | None)`` ask for another look."""

    tasks_requested = Signal(tuple)
    steps_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = DARK
        self._view: InsideView | None = None
        self._tasks: tuple[int, ...] = (0, 1, 2)
        self.origin = ElidedLabel()
        self.origin.setProperty("role", "muted")
        self.steps = StepsChoice()
        self.own = OwnTaskSwitch()
        self.other = QPushButton("Other task")
        self.other.clicked.connect(self._ask_for_others)
        self.steps.chosen.connect(self.steps_chosen)
        self.scrubber = Scrubber()
        self.features = FeaturesPicture()
        self.landscape = LandscapePicture()
        self.path = StepChart("Support loss along the path")
        self.change = LayerBars("Movement")
        self.similarity = LayerBars("Similarity", share=True)
        bars = QWidget()
        row = QHBoxLayout(bars)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(14)
        for name, part in (("moved, relative to its size", self.change), ("outputs alike (CKA)", self.similarity)):
            caption = QLabel(name)
            caption.setProperty("role", "muted")
            column = QVBoxLayout()
            column.setSpacing(4)
            column.addWidget(caption)
            column.addWidget(part, 1)
            row.addLayout(column, 1)
        self.figures = (
            Figure("Features", self.features, _FEATURES, spoken=True),
            Figure("Loss landscape", self.landscape, _LANDSCAPE, spoken=True),
            Figure("Layers", bars, _LAYERS, spoken=True),
            Figure("Loss along the path", self.path, _PATH, spoken=True),
        )
        self.message = QLabel(_NOTHING_YET)
        self.message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.message.setWordWrap(True)
        self.message.setProperty("role", "muted")
        self.trouble = QLabel()
        self.trouble.setProperty("role", "warning")
        self.trouble.setWordWrap(True)
        self.trouble.hide()
        self._lay_out()
        self.scrubber.step_changed.connect(self._show_step)
        self.path.step_chosen.connect(self.scrubber.slider.setValue)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.origin, 1)
        head.addWidget(self.steps)
        head.addWidget(self.own)
        head.addWidget(self.other)
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(10)
        for index, figure in enumerate(self.figures):
            grid.addWidget(figure, index // 2, index % 2)
        for line in (0, 1):
            grid.setColumnStretch(line, 1)
        grid.setRowStretch(0, 3)
        grid.setRowStretch(1, 2)
        sheet = QWidget()
        layout = QVBoxLayout(sheet)
        layout.setContentsMargins(14, 12, 14, 10)
        layout.setSpacing(10)
        layout.addLayout(head)
        layout.addWidget(self.trouble)
        layout.addLayout(grid, 1)
        layout.addWidget(self.scrubber)
        self.stack = QStackedLayout(self)
        self.stack.addWidget(self.message)
        self.stack.addWidget(sheet)

    def show_inside(self, inside: Inside, tasks: tuple[int, ...]) -> None:
        """Show an answer; where it is malformed, say so instead."""
        try:
            view = read_inside(inside)
        except MalformedAdaptationError as error:
            self.show_message(f"This cannot be shown. {error}")
            return
        self._view = view
        self.trouble.hide()
        self._tasks = tasks
        self.scrubber.set_steps(len(view.path_loss) - 1)
        step = self.scrubber.step
        self.features.show_view(view)
        self.landscape.show_view(view, step)
        self._show_layers()
        self._draw_path()
        self._show_step(step)
        counted = f"weights after {view.step:,} meta-steps" if view.step else "weights before any training"
        task = "your own task" if self.own.isChecked() else f"held-out task {tasks[0] + 1}"
        self.origin.setText(f"{task} · {counted}")
        shares = view.explained
        self.figures[0].set_figures(f"<span style='color:{self._theme.muted}'>{shares.sum():.0%} of variance</span>")
        self.figures[1].set_figures(
            f"<span style='color:{self._theme.muted}'>{view.captured:.0%} of the path is in view</span>"
        )
        self.stack.setCurrentIndex(1)

    def show_message(self, text: str) -> None:
        """In place of the pictures while there are none, above them otherwise."""
        if self._view is None:
            self.message.setText(text or _NOTHING_YET)
            self.stack.setCurrentIndex(0)
            return
        self.trouble.setText(text)
        self.trouble.setVisible(bool(text))

    def clear(self) -> None:
        """Take the pictures away, for another experiment."""
        self._view = None
        self.show_message("")

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        for part in (
            *self.figures,
            self.features,
            self.landscape,
            self.path,
            self.change,
            self.similarity,
            self.scrubber,
        ):
            part.set_theme(theme)
        if self._view is not None:
            self._draw_path()

    def _show_layers(self) -> None:
        view = self._view
        assert view is not None
        known = view.change[np.isfinite(view.change)]
        self.change.show_bars(view.layers, list(view.change), float(known.max(initial=0.0)))
        self.similarity.show_bars(view.layers, list(view.similarity), 1.0)

    def _draw_path(self) -> None:
        assert self._view is not None
        self.path.show_lines((Line("support", self._view.path_loss, self._theme.support),), self.scrubber.step)

    def _show_step(self, step: int) -> None:
        self.landscape.show_step(step)
        self.path.show_step(step)
        if self.path.lines:
            self.figures[3].set_figures(self.path.reading_of(self.path.lines[0]))

    def _ask_for_others(self) -> None:
        first = self._tasks[0] + 1
        self.tasks_requested.emit(tuple(range(first, first + len(self._tasks))))
