"""A regression task: the network's curve before, during and after adaptation, against the truth."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from metagui.gui.adaptation.content import Regression
from metagui.gui.monitor.axes import Axis, dress_plot, plain_plot
from metagui.gui.theme import DARK, Theme, mixed

MOST_CURVES = 13
"""Earlier steps drawn besides the chosen one; with more steps than that, evenly spaced ones."""

_SMALL = 190  # pixels of width
_SHRINK_BELOW = 0.7  # of the height in view: while updates stream in, the scale holds still above this


def shown_steps(step: int, most: int = MOST_CURVES) -> list[int]:
    """The steps whose curves are drawn when ``step`` is chosen: 0, ..., ``step``, at most ``most``."""
    if step < most:
        return list(range(step + 1))
    return sorted({round(index * step / (most - 1)) for index in range(most)})


class RegressionPicture(QWidget):
    """Curves of one :class:`Regression`; every item is kept and updated in place."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = DARK
        self._content: Regression | None = None
        self._step = 0
        self.plot = plain_plot(Axis("left", pixels_per_tick=34), Axis("bottom", pixels_per_tick=56))
        self.plot.setMouseEnabled(False, False)
        self.plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.truth = pg.PlotCurveItem(antialias=True, connect="finite")
        self.curves: list[pg.PlotCurveItem] = []
        self.query = pg.ScatterPlotItem(pxMode=True, symbol="o", size=6, antialias=True)
        self.support = pg.ScatterPlotItem(pxMode=True, symbol="o", size=9, antialias=True)
        for depth, item in ((399, self.truth), (400, self.query), (401, self.support)):
            item.setZValue(depth)
            self.plot.addItem(item)
        self._range: tuple[float, float] | None = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.plot)
        self.set_theme(DARK)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Small pictures need their room for the curves: no labels upwards, smaller marks."""
        super().resizeEvent(event)
        small = self.width() < _SMALL
        left = self.plot.getPlotItem().getAxis("left")
        left.setStyle(showValues=not small)
        left.setWidth(3 if small else 34)
        self.plot.getPlotItem().layout.setContentsMargins(3, 4, 6 if small else 12, 2)
        self.support.setSize(7 if small else 9)
        self.query.setSize(5 if small else 6)

    def show_content(self, content: Regression, step: int) -> None:
        """Another task, or the same one after more training."""
        self._content = content
        self.support.setData(content.support_x, content.support_y)
        self.query.setData(content.query_x, content.query_y)
        if content.truth is None:
            self.truth.setData([], [])
        else:
            self.truth.setData(content.grid, content.truth)
        self._fit(content)
        self.show_step(step)

    def show_step(self, step: int) -> None:
        """Curves of step 0 to ``step``, this one bold."""
        self._step = step
        if self._content is None:
            return
        colours = self._theme.sequence(self._content.steps + 1)
        steps = shown_steps(step)
        while len(self.curves) < len(steps):
            curve = pg.PlotCurveItem(antialias=True, connect="finite")
            curve.setZValue(10 + len(self.curves))
            self.curves.append(curve)
            self.plot.addItem(curve)
        ratio = self.devicePixelRatioF()
        for curve, shown in zip(self.curves, steps, strict=False):
            curve.setData(self._content.grid, self._content.predictions[shown])
            width = 2.8 if shown == step else 1.1
            curve.setPen(pg.mkPen(colours[shown], width=width * ratio))
            curve.setVisible(True)
        for curve in self.curves[len(steps) :]:
            curve.setVisible(False)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        dress_plot(self.plot, theme)
        ratio = self.devicePixelRatioF()
        pen = pg.mkPen(theme.truth, width=1.4 * ratio)
        pen.setDashPattern([4.0, 3.0])
        self.truth.setPen(pen)
        self.support.setBrush(pg.mkBrush(theme.support))
        self.support.setPen(pg.mkPen(theme.plot_background, width=1.2 * ratio))
        self.query.setBrush(pg.mkBrush(theme.plot_background))
        self.query.setPen(pg.mkPen(mixed(theme.muted, theme.plot_background, 0.15), width=1.2 * ratio))
        self.show_step(self._step)

    @property
    def heights(self) -> tuple[float, float] | None:
        """Lowest and highest value in view."""
        return self._range

    def hold_heights(self, low: float, high: float) -> None:
        """Show these values until another task comes: pictures side by side share their axis."""
        self._range = (low, high)
        self.plot.setYRange(low, high, padding=0.0)

    def _fit(self, content: Regression) -> None:
        """The whole task in view. The scale grows at once and shrinks late: live updates do not make it jump."""
        wanted = heights_of(content)
        if wanted is None:
            return
        low, high = wanted
        if self._range is not None:
            held_low, held_high = self._range
            fits = held_low <= low and high <= held_high
            if fits and high - low > _SHRINK_BELOW * (held_high - held_low):
                low, high = held_low, held_high
        self._range = (low, high)
        self.plot.setRange(
            xRange=(float(content.grid.min()), float(content.grid.max())), yRange=(low, high), padding=0.0
        )


def heights_of(content: Regression) -> tuple[float, float] | None:
    """The values that a picture of this task should show, with some room; None where there are none."""
    heights = [content.support_y, content.query_y, content.predictions.ravel()]
    if content.truth is not None:
        heights.append(content.truth)
    values = np.concatenate(heights)
    values = values[np.isfinite(values)]
    if not values.size or not content.grid.size:
        return None
    targets = np.concatenate([content.support_y, content.query_y, *heights[3:]])
    targets = targets[np.isfinite(targets)]
    if targets.size:  # an exploding prediction may leave the card, the task may not
        centre, reach = (targets.max() + targets.min()) / 2, max(float(np.ptp(targets)), 1e-6) * 1.5
        values = np.clip(values, centre - reach, centre + reach)
    low, high = float(values.min()), float(values.max())
    pad = 0.07 * (high - low) or 0.5
    return low - pad, high + pad
