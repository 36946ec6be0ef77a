"""Are the probabilities true? The reliability diagram with its error before and after a temperature."""

from __future__ import annotations

import math

from PySide6.QtWidgets import QWidget

from metagui.events import Calibration
from metagui.gui.evaluation.reliability import ReliabilityDiagram
from metagui.gui.evaluation.section import EvaluationSection
from metagui.gui.theme import Theme


class CalibrationSection(EvaluationSection):
    """Title, expected calibration error, diagram, and what it means."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self.diagram = ReliabilityDiagram()
        super().__init__("Calibration", self.diagram, parent=parent)
        self.note.setToolTip(
            "Expected calibration error: the mean distance of accuracy from confidence, weighted by how many "
            "predictions each bar has"
        )

    def show_calibration(self, calibration: Calibration) -> None:
        self.diagram.show_calibration(calibration)
        self.note.setText(f"ECE {_percent(calibration.ece)}")
        self.set_hint(_meaning(calibration))

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.diagram.set_theme(theme)


def _percent(share: float) -> str:
    return f"{share * 100:.1f} %" if math.isfinite(share) else "unknown"


def _meaning(calibration: Calibration) -> str:
    """The direction by the bins' own mean gap, and what one number can mend of it."""
    confidence, accuracy, count = (
        array.numpy() for array in (calibration.confidence, calibration.accuracy, calibration.count)
    )
    seen = count > 0
    gap = float(((confidence - accuracy)[seen] * count[seen]).sum() / max(count.sum(), 1)) if seen.any() else 0.0
    if abs(gap) < 0.005:
        lean = "On the whole, confidence and accuracy agree."
    else:
        lean = f"The network is {abs(gap) * 100:.1f} points too {'sure of itself' if gap > 0 else 'modest'} on average."
    text = f"Bars on the dashed line would be true probabilities; grey bars count predictions. {lean}"
    if math.isfinite(calibration.temperature) and math.isfinite(calibration.ece_scaled):
        text += (
            f" Dividing its logits by T = {calibration.temperature:.2f}, fitted on validation tasks, leaves an ECE "
            f"of {_percent(calibration.ece_scaled)}."
        )
    return text
