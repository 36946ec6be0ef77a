"""The inner loop of the network on show, on live sliders: lambda, inner rate, steps."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from metagui.config import ExperimentConfig
from metagui.gui.studio.own.sliders import NumberSlider
from metagui.studio import Column

MOST_STEPS = 100


class Rates(QWidget):
    """Only what the network's algorithm has is shown."""

    changed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._homes: tuple[float | None, float | None, int] | None = None
        self.inner_lr = NumberSlider(
            "Inner rate", "α", 1e-4, 1.0, logarithmic=True, tip="Step size of each inner step: too large, and it leaps"
        )
        self.proximal_lambda = NumberSlider(
            "Pull to the start",
            "λ",
            1e-3,
            1e3,
            logarithmic=True,
            tip="How strongly adaptation is held near the initial parameters",
        )
        self.steps = NumberSlider("Inner steps", "K", 0, MOST_STEPS, whole=True, tip="How long adaptation goes on")
        self.nothing = QLabel("This network has nothing to set: it adapts in one step, by averages.")
        self.nothing.setWordWrap(True)
        self.nothing.setProperty("role", "muted")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        for slider in (self.proximal_lambda, self.inner_lr, self.steps):
            slider.changed.connect(lambda _value, done: self.changed.emit(done))
            layout.addWidget(slider)
        layout.addWidget(self.nothing)

    def show_config(self, config: ExperimentConfig) -> None:
        """Those of this network; what was set by hand goes where another network has other values."""
        algorithm = config.algorithm
        now = algorithm.changeable_now
        rate = getattr(algorithm, "inner_lr", None) if "inner_lr" in now else None
        strength = getattr(algorithm, "proximal_lambda", None)
        has_steps = "evaluation_steps" in type(algorithm).model_fields
        homes = (rate, strength, algorithm.evaluation_steps if has_steps else -1)
        if homes == self._homes:
            return
        self._homes = homes
        for slider, home in ((self.inner_lr, rate), (self.proximal_lambda, strength)):
            slider.setVisible(home is not None)
            if home is not None:
                slider.set_home(home)
        self.steps.setVisible(has_steps)
        if has_steps:
            self.steps.set_home(min(algorithm.evaluation_steps, MOST_STEPS))
        self.nothing.setVisible(rate is None and strength is None and not has_steps)

    def show_column(self, column: Column) -> None:
        """Learned values, which only the engine knows, become the sliders' own."""
        pairs = ((self.inner_lr, column.inner_lr), (self.proximal_lambda, column.proximal_lambda))
        for slider, value in pairs:
            if value is not None and slider.away is None and not slider.slider.isSliderDown():
                slider.set_home(value)

    @property
    def chosen(self) -> tuple[int | None, float | None, float | None]:
        """Steps, inner rate and lambda, None where the network's own hold."""
        steps = self.steps.away
        return None if steps is None else round(steps), self.inner_lr.away, self.proximal_lambda.away
