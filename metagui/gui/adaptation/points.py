"""A task of points in the plane: what the network takes every place for, and where it changes its mind."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath
from PySide6.QtWidgets import QVBoxLayout, QWidget

from metagui.gui.adaptation.content import Floats, Points
from metagui.gui.monitor.axes import dress_plot, plain_plot
from metagui.gui.theme import DARK, Theme, mixed

_PIXELS = 260  # a side of the picture: enough for a smooth boundary in a card
_MOST_KEPT = 24  # pictures of steps


def class_colours(theme: Theme, n_way: int) -> list[str]:
    """One colour a class."""
    return [theme.cycle[index % len(theme.cycle)] for index in range(n_way)]


def rgb(colour: str) -> Floats:
    """Red, green and blue, 0..255."""
    parts = QColor(colour)
    return np.array([parts.red(), parts.green(), parts.blue()], dtype=np.float64)


def enlarged(probabilities: Floats, pixels: int = _PIXELS) -> Floats:
    """[side, side, n] interpolated linearly to [pixels, pixels, n]; the corners stay where they are."""
    side = probabilities.shape[0]
    places = np.linspace(0.0, side - 1.0, pixels)
    low = np.minimum(places.astype(np.int64), side - 2)
    share = places - low
    rows = probabilities[low] * (1 - share)[:, None, None] + probabilities[low + 1] * share[:, None, None]
    square: Floats = rows[:, low] * (1 - share)[None, :, None] + rows[:, low + 1] * share[None, :, None]
    return square


def region_image(probabilities: Floats, theme: Theme, pixels: int = _PIXELS) -> npt.NDArray[np.uint8]:
    """RGB picture [pixels, pixels, 3]: the likeliest classes' colours, paler where unsure, boundaries as lines."""
    fine = np.nan_to_num(enlarged(probabilities, pixels))
    n_way = fine.shape[-1]
    colours = np.array([rgb(colour) for colour in class_colours(theme, n_way)])
    ground, line = rgb(theme.plot_background), rgb(theme.text)
    ordered = np.partition(fine, n_way - 2, axis=-1)
    best, second = ordered[..., -1], ordered[..., -2]
    sureness = np.clip((best - 1.0 / n_way) / (1.0 - 1.0 / n_way), 0.0, 1.0)
    strength = (0.10 + (0.34 if theme.is_dark else 0.30) * sureness)[..., None]
    picture = ground * (1 - strength) + (fine @ colours) * strength
    # Distance to the boundary in pixels, to first order: the margin over its slope.
    margin = best - second
    down, across = np.gradient(margin)
    distance = margin / np.maximum(np.hypot(down, across), 1e-6)
    edge = (np.clip(1.6 - distance, 0.0, 1.0) * 0.75)[..., None]
    return np.asarray(np.clip(picture * (1 - edge) + line * edge, 0, 255), dtype=np.uint8)


def cross() -> QPainterPath:
    """Two strokes, as a scatter symbol of size 1."""
    path = QPainterPath()
    for sign in (-1, 1):
        path.moveTo(-0.5, -0.5 * sign)
        path.lineTo(0.5, 0.5 * sign)
    return path


class _SmoothImageItem(pg.ImageItem):
    """Scaled to the card with interpolation: boundaries stay thin, even lines."""

    def paint(self, painter: QPainter, *arguments: object) -> None:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        super().paint(painter, *arguments)


class PointsPicture(QWidget):
    """Decision regions and examples of one :class:`Points`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = DARK
        self._content: Points | None = None
        self._step = 0
        self._regions: dict[int, npt.NDArray[np.uint8]] = {}
        self.plot = plain_plot()
        self.plot.setMouseEnabled(False, False)
        self.plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.plot.setAspectLocked(True)
        self.regions = _SmoothImageItem(axisOrder="row-major")
        self.query = pg.ScatterPlotItem(pxMode=True, symbol=cross(), size=6, antialias=True)
        self.support = pg.ScatterPlotItem(pxMode=True, symbol="o", size=10, antialias=True)
        for depth, item in ((0, self.regions), (1, self.query), (2, self.support)):
            item.setZValue(depth)
            self.plot.addItem(item)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.plot)
        self.set_theme(DARK)

    def show_content(self, content: Points, step: int) -> None:
        self._content = content
        self._regions.clear()
        left, bottom, right, top = content.bounds
        self.plot.setRange(QRectF(left, bottom, right - left, top - bottom), padding=0.0)
        self._colour_examples()
        self.show_step(step)

    def show_step(self, step: int) -> None:
        self._step = step
        if self._content is None:
            return
        left, bottom, right, top = self._content.bounds
        self.regions.setImage(self._region(step), autoLevels=False)
        # The outer samples lie on the bounds, so their pixels reach half a pixel beyond.
        half_x, half_y = (right - left) / (_PIXELS - 1) / 2, (top - bottom) / (_PIXELS - 1) / 2
        self.regions.setRect(
            QRectF(left - half_x, bottom - half_y, right - left + 2 * half_x, top - bottom + 2 * half_y)
        )

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._regions.clear()
        dress_plot(self.plot, theme)
        self._colour_examples()
        self.show_step(self._step)

    def _region(self, step: int) -> npt.NDArray[np.uint8]:
        """The picture of a step: computing it is the slow part, and scrubbing comes back to it."""
        assert self._content is not None
        if step not in self._regions:
            if len(self._regions) >= _MOST_KEPT:
                self._regions.clear()
            self._regions[step] = region_image(self._content.probabilities[step], self._theme)
        return self._regions[step]

    def _colour_examples(self) -> None:
        content = self._content
        if content is None:
            return
        theme, ratio = self._theme, self.devicePixelRatioF()
        colours = class_colours(theme, len(content.class_names))
        outline = pg.mkPen(theme.text if theme.is_dark else theme.plot_background, width=1.4 * ratio)
        self.support.setData(
            content.support_x[:, 0],
            content.support_x[:, 1],
            brush=[pg.mkBrush(colours[label]) for label in content.support_y],
            pen=outline,
        )
        strong = [mixed(colour, theme.text, 0.25) for colour in colours]
        self.query.setData(
            content.query_x[:, 0],
            content.query_x[:, 1],
            pen=[pg.mkPen(strong[label], width=1.7 * ratio) for label in content.query_y],
            brush=None,
        )
