"""Below the tasks: losses, accuracy, the layers' movement and the two pulls, each at the inner step on show."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from metagui.gui.studio.figure import Figure
from metagui.gui.studio.layer_bars import LayerBars
from metagui.gui.studio.series import Series
from metagui.gui.studio.step_chart import Line, StepChart
from metagui.gui.theme import DARK, Theme

_HEIGHT = 148

_LOSS = "Lower is better. The support loss is what the inner steps reduce; the query loss tells whether that helps."
_ACCURACY = "The share of query examples whose likeliest class is their own."
_MOVEMENT = (
    "How far each layer has moved from the initial parameters, relative to their size: ‖φ − θ‖ / ‖θ‖. The head, the "
    "last layer, has a colour of its own."
)
_PULLS = (
    "iMAML's inner problem is a tug of war: the data pull the parameters towards the support set, λ pulls them back to "
    "the initial ones. Where both are equally strong, the inner problem is solved."
)


class StepStrip(QWidget):
    """Shows a :class:`Series`; figures that do not apply are not there."""

    step_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = DARK
        self._series: Series | None = None
        self._step = 0
        self.loss = StepChart("Loss by inner step")
        self.accuracy = StepChart("Accuracy by inner step", "percent")
        self.pulls = StepChart("Pulls by inner step")
        self.movement = LayerBars("Movement")
        self.charts = (self.loss, self.accuracy, self.pulls)
        self.loss_figure = Figure("Loss", self.loss, _LOSS)
        self.accuracy_figure = Figure("Accuracy", self.accuracy, _ACCURACY)
        self.movement_figure = Figure("Movement", self.movement, _MOVEMENT)
        self.pulls_figure = Figure("Pulls", self.pulls, _PULLS)
        self._figures = (self.loss_figure, self.accuracy_figure, self.movement_figure, self.pulls_figure)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        for figure in self._figures:
            row.addWidget(figure, 5 if figure is self.loss_figure else 4)
        for chart in self.charts:
            chart.step_chosen.connect(self.step_chosen)
        self.setFixedHeight(_HEIGHT)

    def show_series(self, series: Series, step: int) -> None:
        self._series = series
        self.accuracy_figure.setVisible(series.accuracy is not None)
        self.pulls_figure.setVisible(series.data_pull is not None and series.prior_pull is not None)
        self._draw(step)

    def show_step(self, step: int) -> None:
        self._step = step
        series = self._series
        if series is None:
            return
        at = min(step, series.steps)
        for chart in self.charts:
            chart.show_step(at)
        reached = series.movement[at]
        finite = series.movement[np.isfinite(series.movement)]
        self.movement.show_bars(series.layers, list(reached), float(finite.max(initial=0.0)))
        for figure, chart in zip((self.loss_figure, self.accuracy_figure, self.pulls_figure), self.charts, strict=True):
            figure.set_figures(readings(chart))

    def set_mark(self, step: int | None) -> None:
        """The number of steps that training takes, where more are shown."""
        for chart in self.charts:
            chart.set_mark(step)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        for figure in self._figures:
            figure.set_theme(theme)
        for part in (*self.charts, self.movement):
            part.set_theme(theme)
        if self._series is not None:
            self._draw(self._step)

    def _draw(self, step: int) -> None:
        series, theme = self._series, self._theme
        assert series is not None
        self.loss.show_lines(
            (
                Line("support", series.support_loss, theme.support),
                Line("query", series.query_loss, theme.cycle[0]),
            ),
            step,
        )
        if series.accuracy is not None:
            self.accuracy.show_lines((Line("query", series.accuracy, theme.cycle[0]),), step)
        if series.data_pull is not None and series.prior_pull is not None:
            self.pulls.show_lines(
                (
                    Line("data", series.data_pull, theme.support),
                    Line("λ", series.prior_pull, theme.cycle[0], dashed=True),
                ),
                step,
            )
        self.show_step(step)


def readings(chart: StepChart) -> str:
    """Every line's name in its colour, and its value at the step on show."""
    parts = [
        f"<span style='color:{line.colour}'>{line.name}</span>&nbsp;{chart.reading_of(line)}" for line in chart.lines
    ]
    return "&nbsp;&nbsp; ".join(parts)
