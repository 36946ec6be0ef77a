"""The look that all plots share: a quiet grid, no frame, small muted labels."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont

from metagui.gui.monitor import ticks
from metagui.gui.monitor.ticks import Scale
from metagui.gui.theme import Theme

TICK_FONT_PIXELS = 11
_END_ROOM = (28.0, 9.0)  # pixels that the outermost labels may reach beyond their axis


class Axis(pg.AxisItem):
    """An axis with few, round ticks, in one of the scales of :mod:`metagui.gui.monitor.ticks`."""

    def __init__(self, orientation: str, pixels_per_tick: int = 0) -> None:
        super().__init__(orientation, maxTickLength=0)
        self.scale_name: Scale = "linear"
        self.blank = False
        self._pixels_per_tick = pixels_per_tick or (48 if orientation == "left" else 104)
        font = QFont()
        font.setPixelSize(TICK_FONT_PIXELS)
        self.setTickFont(font)
        self.enableAutoSIPrefix(False)
        self.setStyle(tickAlpha=255, tickTextOffset=7)
        self.setGrid(255)
        # The plot beneath takes the mouse: dragging an axis alone would stop the follow mode unseen.
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    def set_scale_name(self, scale: Scale) -> None:
        if scale != self.scale_name:
            self.scale_name = scale
            self.picture = None
            self.update()

    def set_blank(self, blank: bool) -> None:
        """No ticks at all, while there is nothing to measure."""
        if blank != self.blank:
            self.blank = blank
            self.picture = None
            self.update()

    def boundingRect(self) -> QRectF:
        """With room for the labels at both ends, which reach beyond the axis."""
        along, across = (0.0, _END_ROOM[1]) if self.orientation == "left" else (_END_ROOM[0], 0.0)
        box: QRectF = super().boundingRect()
        return box.adjusted(-along, -across, along, across)

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:  # noqa: N803
        if self.blank:
            return []
        low, high = sorted((minVal, maxVal))
        return [(1.0, ticks.positions(low, high, round(size / self._pixels_per_tick), self.scale_name))]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        return ticks.labels(values, self.scale_name)

    def set_theme(self, theme: Theme) -> None:
        self.setPen(pg.mkPen(theme.grid))
        self.setTickPen(pg.mkPen(theme.grid))
        self.setTextPen(pg.mkPen(theme.muted))

    def wheelEvent(self, event: object) -> None:
        """Left to the plot, for the same reason as the buttons."""
        if hasattr(event, "ignore"):
            event.ignore()


def plain_plot(left: Axis | None = None, bottom: Axis | None = None, view: pg.ViewBox | None = None) -> pg.PlotWidget:
    """A plot widget with these axes, without menus, buttons, frame or automatic range: its owner sets what is seen."""
    axes = {name: axis for name, axis in (("left", left), ("bottom", bottom)) if axis is not None}
    widget = pg.PlotWidget(axisItems=axes, viewBox=view)
    item = widget.getPlotItem()
    item.setMenuEnabled(False)
    item.hideButtons()
    item.layout.setContentsMargins(3, 8, 14, 3)
    for name in ("left", "bottom"):
        if name not in axes:
            item.hideAxis(name)
    for name in axes:
        item.getAxis(name).setZValue(-1000)  # the grid lies under the curves
    view = item.getViewBox()
    view.disableAutoRange()
    view.setDefaultPadding(0.0)
    widget.setFrameShape(widget.Shape.NoFrame)
    return widget


def dress_plot(widget: pg.PlotWidget, theme: Theme) -> None:
    """Background and axes in the theme's colours."""
    widget.setBackground(theme.plot_background)
    for name in ("left", "bottom"):
        axis = widget.getPlotItem().getAxis(name)
        if isinstance(axis, Axis):
            axis.set_theme(theme)
