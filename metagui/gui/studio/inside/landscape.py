"""The support loss on a plane through the initial parameters, and the tasks' paths in it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QVBoxLayout, QWidget

from metagui.gui.adaptation.content import Floats
from metagui.gui.adaptation.points import rgb
from metagui.gui.monitor.axes import Axis, dress_plot, plain_plot
from metagui.gui.studio.inside.content import InsideView
from metagui.gui.theme import DARK, Theme, mixed

_CONTOURS = 9
_FINE = 8  # pixels of picture for each sample of the slice


class _SmoothImageItem(pg.ImageItem):
    def paint(self, painter: QPainter, *arguments: object) -> None:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        super().paint(painter, *arguments)


class LandscapePicture(QWidget):
    """Darker is lower; contours join equal losses. The thick path is the task looked into, thin ones are others."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = DARK
        self._view: InsideView | None = None
        self._step = 0
        self.plot = plain_plot(Axis("left", pixels_per_tick=34), Axis("bottom", pixels_per_tick=56))
        self.plot.getPlotItem().getAxis("left").setWidth(38)
        self.plot.getPlotItem().layout.setContentsMargins(2, 4, 8, 2)
        self.plot.setMouseEnabled(False, False)
        self.plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.plot.setAccessibleName("Loss landscape")
        self.image = _SmoothImageItem(axisOrder="row-major")
        self.plot.addItem(self.image)
        self.contours: list[pg.PlotCurveItem] = []
        self.paths: list[pg.PlotCurveItem] = []
        self.ends = pg.ScatterPlotItem(pxMode=True, antialias=True, size=8)
        self.start = pg.ScatterPlotItem(pxMode=True, antialias=True, size=13, symbol="star")
        self.here = pg.ScatterPlotItem(pxMode=True, antialias=True, size=11)
        for item, depth in ((self.image, 0), (self.ends, 60), (self.start, 61), (self.here, 62)):
            item.setZValue(depth)
        for item in (self.ends, self.start, self.here):
            self.plot.addItem(item)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.plot)
        self.set_theme(DARK)

    def show_view(self, view: InsideView, step: int) -> None:
        self._view = view
        self._draw()
        self.show_step(step)

    def show_step(self, step: int) -> None:
        """Where the task looked into is after this inner step."""
        self._step = step
        if self._view is None:
            return
        path = self._view.trajectories[0]
        at = path[min(step, len(path) - 1)]
        theme = self._theme
        self.here.setData(
            [at[0]], [at[1]], brush=pg.mkBrush(theme.support), pen=pg.mkPen(theme.plot_background, width=1.6)
        )

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        dress_plot(self.plot, theme)
        self._draw()
        self.show_step(self._step)

    def _draw(self) -> None:
        view = self._view
        if view is None:
            return
        theme, ratio = self._theme, self.devicePixelRatioF()
        across, up = view.slice_axes
        heights = log_heights(view.slice_loss)
        self.image.setImage(_picture(heights, theme), autoLevels=False)
        half_x, half_y = (across[1] - across[0]) / 2, (up[1] - up[0]) / 2
        box = QRectF(
            across[0] - half_x, up[0] - half_y, across[-1] - across[0] + 2 * half_x, up[-1] - up[0] + 2 * half_y
        )
        self.image.setRect(box)
        self.plot.setRange(xRange=(across[0], across[-1]), yRange=(up[0], up[-1]), padding=0.0)
        self._draw_contours(heights, across, up)
        while len(self.paths) < len(view.trajectories):
            path = pg.PlotCurveItem(antialias=True)
            path.setZValue(50 - len(self.paths))
            self.paths.append(path)
            self.plot.addItem(path)
        for index, curve in enumerate(self.paths):
            curve.setVisible(index < len(view.trajectories))
            if index < len(view.trajectories):
                colour = theme.support if index == 0 else mixed(theme.text, theme.plot_background, 0.2)
                curve.setPen(pg.mkPen(colour, width=(2.6 if index == 0 else 1.3) * ratio))
                curve.setData(view.trajectories[index, :, 0], view.trajectories[index, :, 1])
        last = view.trajectories[1:, -1]
        self.ends.setData(
            last[:, 0], last[:, 1], brush=pg.mkBrush(theme.text), pen=pg.mkPen(theme.plot_background, width=1.2)
        )
        origin = view.trajectories[0, 0]
        self.start.setData(
            [origin[0]], [origin[1]], brush=pg.mkBrush(theme.text), pen=pg.mkPen(theme.plot_background, width=1.2)
        )

    def _draw_contours(self, heights: Floats, across: Floats, up: Floats) -> None:
        finite = heights[np.isfinite(heights)]
        levels = np.linspace(finite.min(), finite.max(), _CONTOURS + 2)[1:-1] if finite.size else np.zeros(0)
        while len(self.contours) < len(levels):
            curve = pg.PlotCurveItem(antialias=True, connect="pairs")
            curve.setZValue(5)
            self.contours.append(curve)
            self.plot.addItem(curve)
        pen = pg.mkPen(mixed(self._theme.plot_background, self._theme.text, 0.45), width=0.8)
        for index, curve in enumerate(self.contours):
            curve.setVisible(index < len(levels))
            if index < len(levels):
                xs, ys = contour(heights, float(levels[index]), across, up)
                curve.setPen(pen)
                curve.setData(xs, ys)


def log_heights(loss: Floats) -> Floats:
    """Logarithms where losses allow them, so that a steep wall does not flatten the valley."""
    known = np.isfinite(loss)
    if not known.any():
        return np.full_like(loss, np.nan)
    least = loss[known].min()
    lift = 0.0 if least > 0 else 1e-9 - least
    heights: Floats = np.where(known, np.log10(np.maximum(loss + lift, 1e-12)), np.nan)
    return heights


def contour(heights: Floats, level: float, across: Floats, up: Floats) -> tuple[Floats, Floats]:
    """Line segments along which the surface has this height, as pairs of points."""
    segments = pg.isocurve(np.nan_to_num(heights.T, nan=1e9), level)
    places = np.array([point for pair in segments for point in pair], dtype=np.float64).reshape(-1, 2)
    index_x, index_y = np.arange(len(across)), np.arange(len(up))
    # isocurve counts from the middle of the first sample.
    return np.interp(places[:, 0] - 0.5, index_x, across), np.interp(places[:, 1] - 0.5, index_y, up)


def _picture(heights: Floats, theme: Theme) -> npt.NDArray[np.uint8]:
    """RGB [G, G, 3]: from the accent in the valley to the ground on the heights."""
    known = np.isfinite(heights)
    low, high = (heights[known].min(), heights[known].max()) if known.any() else (0.0, 1.0)
    share = np.where(known, (heights - low) / max(high - low, 1e-12), 1.0)[..., None]
    valley = rgb(mixed(theme.plot_background, theme.accent, 0.62 if theme.is_dark else 0.5))
    ridge = rgb(mixed(theme.plot_background, theme.text, 0.04))
    return np.asarray(np.clip(valley + (ridge - valley) * share, 0, 255), dtype=np.uint8)
