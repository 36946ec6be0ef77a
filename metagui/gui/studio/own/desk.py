"""What the panel asks of the three ways to make a task: curves, points, pictures."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import SignalInstance
from PySide6.QtWidgets import QWidget

from metagui.config import ExperimentConfig
from metagui.events import Adaptation
from metagui.gui.studio.own.question import OwnQuestion
from metagui.gui.studio.own.sketch import Sketch
from metagui.gui.theme import Theme


class Desk(Protocol):
    """``stage`` is the picture, ``tools`` stands beside it; ``edited(sketch, done)`` tells of every change."""

    kind: str
    stage: QWidget
    tools: QWidget

    @property
    def edited(self) -> SignalInstance: ...

    def set_config(self, config: ExperimentConfig) -> None: ...

    def first_sketch(self, config: ExperimentConfig) -> Sketch | None:
        """What is there at first; None where a held-out task is to be lent."""

    def show_sketch(self, sketch: Sketch) -> None: ...

    def question(self) -> OwnQuestion | str:
        """What to ask of the engine, or why there is nothing to ask yet."""

    def remark(self) -> str:
        """What a person should know of this task, or nothing."""

    def show_adaptation(self, adaptation: Adaptation, step: int, question: OwnQuestion | None) -> int:
        """Show an answer; returns the number of inner steps. Raises MalformedAdaptationError."""

    def show_step(self, step: int) -> None: ...

    def forget_answer(self) -> None: ...

    def sketch_of(self, adaptation: Adaptation) -> Sketch:
        """A held-out task as a sketch. Raises MalformedAdaptationError."""

    def set_theme(self, theme: Theme) -> None: ...
