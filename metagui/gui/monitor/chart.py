"""One plot of the monitor: axes, curves, legend, cross-hair, and a range that follows until the person takes over."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QGraphicsSceneWheelEvent, QLabel, QVBoxLayout, QWidget

from metagui.gui.monitor.axes import Axis, dress_plot, plain_plot
from metagui.gui.monitor.crosshair import CrosshairItem
from metagui.gui.monitor.follow import Range, follow_heights
from metagui.gui.monitor.legend import Legend
from metagui.gui.monitor.ticks import Scale
from metagui.gui.monitor.traces import Trace, TracesItem
from metagui.gui.theme import DARK, Theme

_AXIS_WIDTH = 58
_ROBUST_SHARE = 0.01  # of the points that may lie above, and below, a robust range


class _ZoomingView(pg.ViewBox):
    """The wheel zooms along the axis of training, with Ctrl along the other."""

    def wheelEvent(self, event: QGraphicsSceneWheelEvent, axis: int | None = None) -> None:
        upwards = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        super().wheelEvent(event, axis=1 if upwards else 0)


class Chart(QWidget):
    """Draws traces. It never reads data by itself: its page gives it traces and asks it to fit."""

    taken_over = Signal()
    """The person panned or zoomed."""

    hovered = Signal(object)
    """Position under the pointer in plot coordinates, None when it leaves."""

    cursor_moved = Signal(int)
    """Arrow keys: by how many points the cross-hair is to move."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = DARK
        self._heights: Range | None = None
        self.y_taken_over = False
        self.robust = False
        self.fixed_heights: Range | None = None
        self.floor: float | None = None
        self.left = Axis("left")
        self.left.setWidth(_AXIS_WIDTH)
        self.bottom = Axis("bottom")
        self.view = _ZoomingView()
        self.plot = plain_plot(self.left, self.bottom, self.view)
        self.plot.setAccessibleName(name)
        self.view.sigRangeChangedManually.connect(self._changed_by_hand)
        self.traces = TracesItem()
        self.legend = Legend()
        self.legend.setParentItem(self.view)
        self.crosshair = CrosshairItem()
        self.chance_lines: list[pg.InfiniteLine] = []
        for item in (self.traces, self.crosshair):
            self.plot.addItem(item, ignoreBounds=True)
        self.message = QLabel(self.plot)
        self.message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.message.setWordWrap(True)
        self.message.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.plot.scene().sigMouseMoved.connect(self._mouse_moved)
        self.plot.installEventFilter(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.plot)
        self.view.sigResized.connect(self._place_legend)
        self.set_theme(DARK)

    @property
    def x_range(self) -> Range:
        low, high = self.view.viewRange()[0]
        return float(low), float(high)

    @property
    def y_range(self) -> Range:
        low, high = self.view.viewRange()[1]
        return float(low), float(high)

    def show_traces(self, traces: list[Trace]) -> None:
        """What is drawn from now on."""
        self.traces.traces = traces
        self.traces.update()

    def redraw(self) -> None:
        """The curves have grown."""
        self.traces.update()

    def extent(self) -> Range | None:
        """From the first to the last point of all traces, None while there is no point."""
        extents = [extent for trace in self.traces.traces if (extent := trace.curve.extent) is not None]
        return (min(low for low, _ in extents), max(high for _, high in extents)) if extents else None

    def set_x_range(self, positions: Range) -> None:
        if positions != self.x_range:
            self.view.setXRange(*positions, padding=0.0)

    def fit_heights(self) -> None:
        """Bring what lies in the horizontal range into view, unless the person set the vertical range."""
        if self.y_taken_over:
            return
        heights = self.fixed_heights
        if heights is None:
            share = _ROBUST_SHARE if self.robust else 0.0
            found = [
                bounds
                for trace in self.traces.traces
                if (bounds := trace.curve.heights(*self.x_range, share)) is not None
            ]
            if not found:
                return
            extent = min(low for low, _ in found), max(high for _, high in found)
            heights = follow_heights(extent, self._heights, self.floor)
        self._heights = heights
        if heights != self.y_range:
            self.view.setYRange(*heights, padding=0.0)

    def follow(self) -> None:
        """Give the range back to the data."""
        self.y_taken_over = False
        self._heights = None

    def set_scales(self, x: Scale, y: Scale, x_title: str, y_title: str) -> None:
        """Kinds and names of the axes; empty names take no room."""
        for axis, scale, title in ((self.bottom, x, x_title), (self.left, y, y_title)):
            axis.set_scale_name(scale)
            if axis.labelText != title:
                axis.setLabel(title)
                axis.showLabel(bool(title))
                axis.resizeEvent()  # pyqtgraph centres the label only here

    def set_chance(self, levels: dict[float, str]) -> None:
        """Dashed lines at these heights, with what they mean."""
        for line in self.chance_lines:
            self.plot.removeItem(line)
        self.chance_lines = []
        for height, text in levels.items():
            line = pg.InfiniteLine(
                height,
                angle=0,
                label=text,
                labelOpts={"position": 0.3, "anchors": [(0.5, 1.0), (0.5, 1.0)], "color": self._theme.muted},
            )
            pen = pg.mkPen(self._theme.muted, width=1)
            pen.setDashPattern([5, 4])
            line.setPen(pen)
            self.plot.addItem(line, ignoreBounds=True)
            self.chance_lines.append(line)

    def set_message(self, text: str) -> None:
        """A sentence in the middle of the plot, for as long as it is not empty."""
        self.message.setText(text)
        self.message.setVisible(bool(text))
        for axis in (self.left, self.bottom):
            axis.set_blank(bool(text))
        self._place_message()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        dress_plot(self.plot, theme)
        self.traces.background = theme.plot_background
        self.legend.set_theme(theme)
        self.crosshair.set_theme(theme)
        self.message.setStyleSheet(f"color: {theme.muted}; font-size: 14px; background: transparent;")
        self.set_chance({line.value(): line.label.format for line in self.chance_lines})
        self.traces.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_message()

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self.hovered.emit(None)
        elif isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
            if steps:
                far = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
                self.cursor_moved.emit(steps * (10 if far else 1))
                return True
        return False

    def _changed_by_hand(self) -> None:
        if self._heights is None or self.y_range != self._heights:
            self.y_taken_over = True
        self.taken_over.emit()

    def _mouse_moved(self, position: QPointF) -> None:
        inside = self.view.sceneBoundingRect().contains(position)
        self.hovered.emit(self.view.mapSceneToView(position) if inside else None)

    def _place_legend(self) -> None:
        self.legend.place(self.view.rect())

    def _place_message(self) -> None:
        self.message.setGeometry(self.plot.rect().adjusted(_AXIS_WIDTH + 20, 10, -20, -40))
