"""Where examples lie just before the last layer, before and after adaptation, in the same two dimensions."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from metagui.gui.adaptation.content import Floats
from metagui.gui.adaptation.points import class_colours
from metagui.gui.monitor.axes import dress_plot, plain_plot
from metagui.gui.studio.inside.content import InsideView
from metagui.gui.theme import DARK, Theme

_SYMBOLS = ("o", "s", "t", "d", "p", "h", "star", "t1", "t2", "t3")
_SHADES = 32


class FeaturesPicture(QWidget):
    """Two scatter plots with the same axes: support filled, query hollow; colour and shape tell the classes apart.

    For regression the colour is the target: dark is low, bright is high.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = DARK
        self._view: InsideView | None = None
        self.plots: list[pg.PlotWidget] = []
        self.scatters: list[pg.ScatterPlotItem] = []
        self._names: list[QLabel] = []
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for name in ("before adaptation", "after"):
            plot = plain_plot()
            plot.setMouseEnabled(False, False)
            plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            plot.setAccessibleName(f"Features {name}")
            plot.getPlotItem().layout.setContentsMargins(0, 0, 0, 0)
            scatter = pg.ScatterPlotItem(pxMode=True, antialias=True)
            plot.addItem(scatter)
            label = QLabel(name)
            label.setProperty("role", "muted")
            column = QVBoxLayout()
            column.setSpacing(2)
            column.addWidget(label)
            column.addWidget(plot, 1)
            row.addLayout(column, 1)
            self.plots.append(plot)
            self.scatters.append(scatter)
            self._names.append(label)
        self.set_theme(DARK)

    def show_view(self, view: InsideView) -> None:
        self._view = view
        self._draw()
        points = np.concatenate([view.support.reshape(-1, 2), view.query.reshape(-1, 2)])
        points = points[np.isfinite(points).all(axis=1)]
        if not len(points):
            return
        low, high = points.min(axis=0), points.max(axis=0)
        room = np.maximum(0.08 * (high - low), 1e-6)
        for plot in self.plots:
            plot.setRange(
                xRange=(float(low[0] - room[0]), float(high[0] + room[0])),
                yRange=(float(low[1] - room[1]), float(high[1] + room[1])),
                padding=0.0,
            )

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        for plot in self.plots:
            dress_plot(plot, theme)
        self._draw()

    def _draw(self) -> None:
        view, theme = self._view, self._theme
        if view is None:
            return
        ratio = self.devicePixelRatioF()
        support, query = self._colours(view)
        symbols = [*_symbols(view, view.query_labels), *_symbols(view, view.support_labels)]
        pens = [pg.mkPen(colour, width=1.6 * ratio) for colour in query]
        pens += [pg.mkPen(theme.plot_background, width=1.0 * ratio)] * len(support)
        brushes = [pg.mkBrush(None)] * len(query) + [pg.mkBrush(colour) for colour in support]
        sizes = [7] * len(query) + [11] * len(support)
        for moment, scatter in enumerate(self.scatters):
            places = np.concatenate([view.query[moment], view.support[moment]])
            scatter.setData(places[:, 0], places[:, 1], pen=pens, brush=brushes, symbol=symbols, size=sizes)

    def _colours(self, view: InsideView) -> tuple[list[str], list[str]]:
        labels = view.support_labels, view.query_labels
        if view.classes:
            known = np.concatenate(labels)
            colours = class_colours(self._theme, int(known.max(initial=0)) + 1)
            muted = self._theme.muted
            first, second = ([colours[int(label)] if label >= 0 else muted for label in each] for each in labels)
            return first, second
        targets = np.concatenate(labels)
        low, high = float(np.nanmin(targets)), float(np.nanmax(targets))
        shades = self._theme.sequence(_SHADES)
        first, second = ([_shade(shades, value, low, high) for value in each] for each in labels)
        return first, second


def _symbols(view: InsideView, labels: Floats) -> list[str]:
    return [_SYMBOLS[int(label) % len(_SYMBOLS)] if view.classes and label >= 0 else "o" for label in labels]


def _shade(shades: list[str], value: float, low: float, high: float) -> str:
    share = 0.0 if not np.isfinite(value) or high <= low else (value - low) / (high - low)
    return shades[round(share * (len(shades) - 1))]
