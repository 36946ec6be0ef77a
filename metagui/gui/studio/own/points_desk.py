"""Making a task of points: painting classes into the square."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFormLayout, QLabel, QSpinBox, QVBoxLayout, QWidget

from metagui.config import ExperimentConfig
from metagui.events import Adaptation
from metagui.gui.adaptation.content import MalformedAdaptationError, Points, read
from metagui.gui.studio.own.palette import ClassPalette
from metagui.gui.studio.own.points_editor import MOST_POINTS, PointsEditor
from metagui.gui.studio.own.question import OwnQuestion
from metagui.gui.studio.own.sketch import PointsSketch, Sketch, points_task
from metagui.gui.theme import Theme

MOST_WAYS = 8


class PointsDesk(QObject):
    """``edited(sketch, done)``; ``stage`` is the picture and ``tools`` what stands beside it."""

    edited = Signal(object, bool)
    kind = "points"

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.editor = PointsEditor()
        self.editor.edited.connect(self.edited)
        self.stage: QWidget = self.editor
        self.palette = ClassPalette()
        self.palette.chosen.connect(self._choose)
        self.editor.class_picked.connect(self._choose)
        self.ways = QSpinBox()
        self.ways.setRange(2, MOST_WAYS)
        self.ways.setAccessibleName("Number of classes")
        self.ways.valueChanged.connect(self._change_ways)
        self.tools = QWidget()
        how = QLabel("Click or drag to paint. Keys 1 to 8 choose the class, the right button erases.")
        how.setWordWrap(True)
        how.setProperty("role", "muted")
        form = QFormLayout()
        form.addRow("Classes", self.ways)
        layout = QVBoxLayout(self.tools)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(how)
        layout.addWidget(self.palette)
        layout.addLayout(form)

    @property
    def sketch(self) -> PointsSketch:
        return self.editor.sketch

    def first_sketch(self, config: ExperimentConfig) -> Sketch | None:
        """A few points of each class, so that there is a boundary to bend."""
        ways = getattr(config.task, "n_way", 2)
        around = ((0.0, 0.0), (0.14, 0.1), (-0.12, 0.13), (0.05, -0.15))
        centres = (
            (-0.6, 0.55),
            (0.6, 0.5),
            (0.0, -0.6),
            (0.0, 0.1),
            (-0.75, -0.4),
            (0.75, -0.4),
            (0.0, 0.9),
            (-0.9, 0),
        )
        points = tuple(
            (round(x + dx, 3), round(y + dy, 3), label)
            for label, (x, y) in enumerate(centres[:ways])
            for dx, dy in around
        )
        return PointsSketch(ways, points)

    def set_config(self, _config: ExperimentConfig) -> None:
        """Nothing depends on it: how many classes a network can take, only the engine knows."""

    def show_sketch(self, sketch: Sketch) -> None:
        assert isinstance(sketch, PointsSketch)
        self.ways.blockSignals(True)
        self.ways.setValue(sketch.ways)
        self.ways.blockSignals(False)
        self.palette.set_ways(sketch.ways)
        self.editor.show_sketch(sketch)
        self._choose(self.palette.label)

    def question(self) -> OwnQuestion | str:
        """What to ask of the engine, or why there is nothing to ask yet."""
        if self.sketch.is_blank:
            return "Choose a class and paint its first points into the square."
        return OwnQuestion(points_task(self.sketch))

    def remark(self) -> str:
        if len(self.sketch.points) >= MOST_POINTS:
            return f"At most {MOST_POINTS} points are painted: erase some to go on."
        return ""

    def show_adaptation(self, adaptation: Adaptation, step: int, _question: OwnQuestion | None) -> int:
        return self.editor.show_adaptation(adaptation, step)

    def show_step(self, step: int) -> None:
        self.editor.show_step(step)

    def forget_answer(self) -> None:
        self.editor.forget_answer()

    def sketch_of(self, adaptation: Adaptation) -> Sketch:
        """A held-out task, to be changed by hand. Raises MalformedAdaptationError."""
        content = read(adaptation)
        if not isinstance(content, Points):
            raise MalformedAdaptationError(f"kind: is {adaptation.kind}, it should be points")
        spots = zip(content.support_x.tolist(), content.support_y.tolist(), strict=True)
        return PointsSketch(len(content.class_names), tuple((x, y, label) for (x, y), label in spots))

    def set_theme(self, theme: Theme) -> None:
        self.editor.set_theme(theme)
        self.palette.set_theme(theme)

    def _choose(self, label: int) -> None:
        self.palette.choose(label)
        self.editor.brush = label

    def _change_ways(self, ways: int) -> None:
        """Points of classes that are taken away go with them."""
        kept = tuple(spot for spot in self.sketch.points if spot[2] < ways)
        self.show_sketch(PointsSketch(ways, kept))
        self.edited.emit(self.sketch, True)
