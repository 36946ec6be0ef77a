"""The result by inner step: mean with its interval as a band, and every competitor's mean as a line."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from metagui.events import Evaluated
from metagui.gui.evaluation.content import Competitor, figure, metric_words
from metagui.gui.monitor.axes import Axis, dress_plot, plain_plot
from metagui.gui.theme import DARK, Theme

_MOST_POINTS = 60
"""Steps that get a dot each."""

_LABEL_SHARE = 0.22
"""Of the plot's width that the words beside a line take."""

_PLOT_HEIGHT = 240
_DRAWN = 50.0
"""Times the height in view: what is further off is drawn at that distance, out of sight."""

_EXPLODED = 30.0
"""Times the loss before adaptation, beyond which the scale no longer follows."""

_REACH = 2.5
"""A competitor further off than so many times the curve's own height is left to the table."""


class StepCurve(QWidget):
    """``read`` tells the value at the step under the pointer, or under the arrow keys."""

    read = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = DARK
        self._metric = "accuracy"
        self._mean: npt.NDArray[np.float64] = np.zeros(0)
        self._ci95: npt.NDArray[np.float64] = np.zeros(0)
        self._competitors: list[Competitor] = []
        self._trained = 0
        self.step = 0
        self.left, self.bottom = Axis("left", pixels_per_tick=38), _StepAxis("bottom", pixels_per_tick=70)
        self.left.setWidth(52)
        self.plot = plain_plot(self.left, self.bottom)
        self.plot.setMouseEnabled(False, False)
        self.plot.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.plot.setAccessibleName("Result after each inner step")
        self._upper, self._lower = pg.PlotCurveItem(), pg.PlotCurveItem()
        self.band = pg.FillBetweenItem(self._upper, self._lower)
        self.curve = pg.PlotCurveItem(antialias=True, connect="finite")
        self.dots = pg.ScatterPlotItem(pxMode=True, size=6, antialias=True)
        self.cursor = pg.InfiniteLine(angle=90)
        self.here = pg.ScatterPlotItem(pxMode=True, size=10, antialias=True)
        self.trained = pg.InfiniteLine(angle=90, label="", labelOpts={"position": 0.06, "anchors": [(-0.03, 1)] * 2})
        self.lines: list[pg.PlotCurveItem] = []
        for depth, item in enumerate((self.band, self.trained, self.cursor, self.curve, self.dots, self.here)):
            item.setZValue(100 + depth)
            self.plot.addItem(item, ignoreBounds=True)
        self.key = QLabel()
        self.key.setTextFormat(Qt.TextFormat.RichText)
        self.key.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(_Plate(self.plot), 1)
        layout.addWidget(self.key)
        self.plot.scene().sigMouseMoved.connect(self._hover)
        self.plot.installEventFilter(self)

    def show_curve(self, evaluated: Evaluated, competitors: Sequence[Competitor], trained_steps: int) -> None:
        """``trained_steps`` marks how far the inner loop went in training."""
        self._metric = evaluated.metric
        self._mean = evaluated.mean_by_step.numpy().astype(np.float64)
        self._ci95 = evaluated.ci95_by_step.numpy().astype(np.float64)
        self._competitors = [row for row in competitors if not row.problem and np.isfinite(row.mean)]
        self._trained = trained_steps
        percent = evaluated.metric == "accuracy"
        self.left.set_scale_name("percent" if percent else "linear")
        for axis, text in ((self.left, ""), (self.bottom, "inner step")):
            axis.setLabel(text)
            axis.showLabel(bool(text))
        self._draw()
        self.show_step(len(self._mean) - 1)

    def show_step(self, step: int) -> None:
        """Read the curve at this inner step."""
        if not self._mean.size:
            return
        self.step = min(max(step, 0), self._mean.size - 1)
        mean, ci95 = float(self._mean[self.step]), float(self._ci95[self.step])
        self.cursor.setValue(self.step)
        self.cursor.setVisible(self.step < self._mean.size - 1)
        known = np.isfinite(mean)
        self.here.setData([self.step] if known else [], [mean] if known else [])
        place = "before adaptation" if self.step == 0 else f"after step {self.step:,}"
        self.read.emit(f"{place}: {figure(mean, ci95, self._metric)}")

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        dress_plot(self.plot, theme)
        self.plot.setBackground(theme.panel)
        self._draw()
        self.show_step(self.step)

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self.show_step(self._mean.size - 1)
        elif isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            moved = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
            if moved:
                self.show_step(self.step + moved)
                return True
        return False

    # --- drawing -------------------------------------------------------------------------------------------------

    def _draw(self) -> None:
        if not self._mean.size:
            return
        theme, ratio = self._theme, self.devicePixelRatioF()
        # Paths are given finite numbers only, and none so far off that a painter cannot place them.
        known = np.isfinite(self._mean)
        steps = np.flatnonzero(known).astype(np.float64)
        far = _DRAWN * max(abs(edge) for edge in self._heights())
        mean = np.clip(self._mean[known], -far, far)
        spread = np.clip(np.nan_to_num(self._ci95[known], nan=0.0, posinf=0.0), 0.0, far)
        colour = theme.cycle[0]
        self._upper.setData(steps, mean + spread)
        self._lower.setData(steps, mean - spread)
        tint = QColor(colour)
        tint.setAlpha(70 if theme.is_dark else 50)
        self.band.setBrush(pg.mkBrush(tint))
        self.curve.setData(steps, mean)
        self.curve.setPen(pg.mkPen(colour, width=2.2 * ratio))
        few = self._mean.size <= _MOST_POINTS
        self.dots.setData(steps if few else [], mean if few else [])
        self.dots.setBrush(pg.mkBrush(colour))
        self.dots.setPen(pg.mkPen(theme.plot_background, width=ratio))
        self.here.setBrush(pg.mkBrush(colour))
        self.here.setPen(pg.mkPen(theme.text, width=1.6 * ratio))
        self.cursor.setPen(pg.mkPen(theme.muted, width=1))
        self._mark_training()
        self._draw_competitors()
        self._fit()
        self._place_label()
        self._describe()

    def _mark_training(self) -> None:
        """Only where the evaluation goes beyond: else it is the curve's end."""
        beyond = 0 < self._trained < self._mean.size - 1
        self.trained.setVisible(beyond)
        if not beyond:
            return
        pen = pg.mkPen(self._theme.muted, width=1)
        pen.setDashPattern([2, 4])
        self.trained.setPen(pen)
        self.trained.setValue(self._trained)
        self.trained.label.setFormat(f"trained with {self._trained:,} step{'' if self._trained == 1 else 's'}")
        self.trained.label.setColor(self._theme.muted)

    def _place_label(self) -> None:
        """As far from every line as there is room for at this place."""
        (_, end), (low, high) = self.plot.getPlotItem().getViewBox().viewRange()
        beside = self._mean[self._trained : self._trained + 1 + round(_LABEL_SHARE * end)]
        levels = np.array([*beside.tolist(), *(row.mean for row in self._competitors)])
        levels = (levels[np.isfinite(levels)] - low) / max(high - low, 1e-12)
        places = np.linspace(0.06, 0.9, 29)
        distances = np.abs(places[:, None] + 0.03 - levels).min(axis=1, initial=1.0)
        self.trained.label.setPosition(float(places[distances.argmax()]))

    def _draw_competitors(self) -> None:
        for line in self.lines:
            self.plot.removeItem(line)
        self.lines = []
        for row in self._competitors:
            if row.evaluated:
                continue
            line = pg.PlotCurveItem([0.0, float(self._mean.size - 1)], [row.mean, row.mean], antialias=True)
            pen = pg.mkPen(self._colour(row), width=1.6 * self.devicePixelRatioF())
            pen.setDashPattern([5, 3])
            line.setPen(pen)
            self.plot.addItem(line, ignoreBounds=True)
            self.lines.append(line)

    def _heights(self) -> tuple[float, float]:
        """From the lowest to the highest of what is worth seeing: a loss that explodes leaves the view."""
        spread = np.nan_to_num(self._ci95, nan=0.0, posinf=0.0)
        own = np.concatenate([self._mean - spread, self._mean + spread])
        own = own[np.isfinite(own)]
        if not own.size:
            return 0.0, 1.0
        start = self._mean[0] if np.isfinite(self._mean[0]) else np.nanmedian(own)
        ceiling = 1.0 if self._metric == "accuracy" else _EXPLODED * abs(start)
        low = float(own.min())
        high = float(min(own.max(), max(ceiling, low)))
        reach = _REACH * max(high - low, abs(high) * 0.05, 1e-9)
        near = [row.mean for row in self._competitors if low - reach <= row.mean <= high + reach]
        low, high = min([low, *near]), max([high, *near])
        pad = 0.08 * (high - low) or 0.5
        low, high = low - pad, high + pad
        if self._metric == "accuracy":
            low, high = max(low, -0.02), min(high, 1.02)
        return low, high

    def _fit(self) -> None:
        end = float(self._mean.size - 1)
        margin = 0.02 * end or 0.5
        self.plot.setRange(xRange=(-margin, end + margin), yRange=self._heights(), padding=0.0)

    def _describe(self) -> None:
        parts = [
            f"<span style='color:{self._colour(row)}'>{'━━' if row.evaluated else '╍╍'}</span>&nbsp;"
            f"<span style='color:{self._theme.muted}'>{_plain(row.title)}</span>"
            for row in self._competitors
        ]
        self.key.setText("&nbsp;&nbsp; ".join(parts))
        self.key.setVisible(len(parts) > 1)
        first, last = (figure(float(self._mean[at]), float(self._ci95[at]), self._metric) for at in (0, -1))
        self.plot.setAccessibleDescription(
            f"Mean {metric_words(self._metric)} {first} before adaptation, {last} after {self._mean.size - 1} steps."
        )

    def _colour(self, row: Competitor) -> str:
        return self._theme.cycle[row.colour % len(self._theme.cycle)]

    def _hover(self, position: QPointF) -> None:
        view = self.plot.getPlotItem().getViewBox()
        if self._mean.size and view.sceneBoundingRect().contains(position):
            self.show_step(round(view.mapSceneToView(position).x()))


class _StepAxis(Axis):
    """Inner steps are whole: there is nothing between two of them."""

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:  # noqa: N803
        levels = super().tickValues(minVal, maxVal, size)
        return [(gap, [float(round(at)) for at in places if abs(at - round(at)) < 1e-6]) for gap, places in levels]


class _Plate(QWidget):
    """Gives a plot the height that a card has for it, rather than the screenful it would ask for."""

    def __init__(self, plot: QWidget) -> None:
        super().__init__()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(plot)
        self.setMinimumHeight(_PLOT_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        return QSize(320, _PLOT_HEIGHT)


def _plain(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(" ", "&nbsp;")
