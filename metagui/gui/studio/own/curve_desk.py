"""Making a task of regression: the curve's editor, with sliders that lay its points on a true sine."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QCheckBox, QLabel, QVBoxLayout, QWidget

from metagui.config import ExperimentConfig
from metagui.config.tasks import SinusoidTasks
from metagui.events import Adaptation
from metagui.gui.adaptation.content import MalformedAdaptationError, Regression, read
from metagui.gui.studio.own.curve_editor import SINE_FRAME, CurveEditor, Frame
from metagui.gui.studio.own.question import OwnQuestion
from metagui.gui.studio.own.sketch import CurveSketch, Sketch, curve_task
from metagui.gui.studio.own.sliders import NumberSlider
from metagui.gui.theme import Theme

_FIRST_PLACES = (-3.6, -1.9, -0.4, 1.4, 3.2)


class CurveDesk(QObject):
    """``edited(sketch, done)``; ``stage`` is the picture and ``tools`` what stands beside it."""

    edited = Signal(object, bool)
    kind = "regression"

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.editor = CurveEditor()
        self.editor.edited.connect(self.edited)
        self.stage: QWidget = self.editor
        self._is_sine = True
        self.tools = QWidget()
        self.true_curve = QCheckBox("True curve")
        self.true_curve.setToolTip("Show the sine that the points come from, and judge the network on it")
        self.true_curve.toggled.connect(self._switch)
        self.amplitude = NumberSlider("Amplitude", "A", 0.1, 5.0, tip="Lays the points on a sine this high")
        self.phase = NumberSlider("Phase", "φ", 0.0, math.pi, tip="Lays the points on a sine shifted so far")
        self.amplitude.changed.connect(self._slide)
        self.phase.changed.connect(self._slide)
        how = QLabel("Click to add a point, drag to move it, right-click to take it away.")
        how.setWordWrap(True)
        how.setProperty("role", "muted")
        layout = QVBoxLayout(self.tools)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        for part in (how, self.true_curve, self.amplitude, self.phase):
            layout.addWidget(part)

    @property
    def sketch(self) -> CurveSketch:
        return self.editor.sketch

    def first_sketch(self, config: ExperimentConfig) -> Sketch | None:
        """What is there at first; None where a held-out task has to lend its scale."""
        if not isinstance(config.task, SinusoidTasks):
            return None
        first = CurveSketch(tuple((x, 0.0) for x in _FIRST_PLACES))
        return first.along(min(3.0, config.task.amplitude_max), min(1.0, config.task.phase_max))

    def set_config(self, config: ExperimentConfig) -> None:
        """Sliders reach as far as the family does."""
        self._is_sine = isinstance(config.task, SinusoidTasks)
        for part in (self.true_curve, self.amplitude, self.phase):
            part.setVisible(self._is_sine)
        if isinstance(config.task, SinusoidTasks):
            high = config.task.amplitude_max
            self.amplitude.set_range(min(config.task.amplitude_min, 0.1), high)
            self.phase.set_range(0.0, max(config.task.phase_max, 0.1))
            self.editor.set_frame((SINE_FRAME[0], SINE_FRAME[1], -1.12 * high, 1.12 * high))

    def show_sketch(self, sketch: Sketch) -> None:
        assert isinstance(sketch, CurveSketch)
        self.editor.show_sketch(sketch)
        self.editor.set_frame(_with_room_for(self.editor.frame, sketch))
        self.amplitude.set_value(sketch.amplitude)
        self.phase.set_value(sketch.phase)
        self.true_curve.blockSignals(True)
        self.true_curve.setChecked(sketch.on_curve)
        self.true_curve.blockSignals(False)

    def question(self) -> OwnQuestion | str:
        """What to ask of the engine, or why there is nothing to ask yet."""
        if self.sketch.is_blank:
            return "Click into the picture to place the first support point."
        left, right, _, _ = self.editor.frame
        return OwnQuestion(curve_task(self.sketch, left, right))

    def remark(self) -> str:
        """What a person should know of this task."""
        shared = [x for x, count in Counter(round(x, 6) for x, _ in self.sketch.points).items() if count > 1]
        if shared:
            return (
                f"Two points share x = {shared[0]:.3g}: no curve goes through both, so the network aims between them."
            )
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
        if not isinstance(content, Regression):
            raise MalformedAdaptationError(f"kind: is {adaptation.kind}, it should be regression")
        points = tuple(zip(content.support_x.tolist(), content.support_y.tolist(), strict=True))
        if self._is_sine and content.truth is not None:
            amplitude, phase = sine_through(content.grid, content.truth)
            return CurveSketch(points, amplitude, phase, True)
        self.editor.set_frame(_frame_of(content))
        return CurveSketch(points, on_curve=False)

    def set_theme(self, theme: Theme) -> None:
        self.editor.set_theme(theme)

    def _switch(self, on: bool) -> None:
        sketch = self.sketch
        self.editor.show_sketch(CurveSketch(sketch.points, sketch.amplitude, sketch.phase, on))
        self.edited.emit(self.sketch, True)

    def _slide(self, _value: float, done: bool) -> None:
        self.editor.show_sketch(self.sketch.along(self.amplitude.value, self.phase.value))
        self.true_curve.blockSignals(True)
        self.true_curve.setChecked(True)
        self.true_curve.blockSignals(False)
        self.edited.emit(self.sketch, done)


def sine_through(x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """Amplitude and phase in [0, 2π) of the sine A sin(x - φ) nearest to a curve."""
    (a, b), *_ = np.linalg.lstsq(np.stack([np.sin(x), np.cos(x)], axis=1), y, rcond=None)
    return float(np.hypot(a, b)), float(np.arctan2(-b, a) % (2 * np.pi))


def _frame_of(content: Regression) -> Frame:
    x = np.concatenate([content.grid, content.support_x, content.query_x])
    y = np.concatenate([content.support_y, content.query_y])
    low, high = float(y.min()), float(y.max())
    room = 0.25 * (high - low) or 1.0
    return float(x.min()), float(x.max()), low - room, high + room


def _with_room_for(frame: Frame, sketch: CurveSketch) -> Frame:
    """The frame, widened to the points of a task that came from elsewhere."""
    if sketch.is_blank:
        return frame
    points = np.array(sketch.points)
    left, right, bottom, top = frame
    (low_x, low_y), (high_x, high_y) = points.min(axis=0), points.max(axis=0)
    return (
        min(left, float(low_x)),
        max(right, float(high_x)),
        float(low_y) * 1.12 if low_y < bottom else bottom,
        float(high_y) * 1.12 if high_y > top else top,
    )
