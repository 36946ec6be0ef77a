"""Shows the real pages large: each is laid out for a small window and drawn enlarged, so that all of it grows alike."""

from __future__ import annotations

from dataclasses import dataclass

import pyqtgraph as pg
from PySide6.QtCore import QEasingCurve, QEvent, QPointF, QRect, QRectF, Qt, QVariantAnimation, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPen, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QFrame, QGraphicsItem, QGraphicsProxyWidget, QGraphicsScene, QGraphicsView, QWidget

from metagui.gui.theme import Theme

_ZOOM_MS = 450
_LARGEST_ZOOM = 5.0
_STEP = 1.25


@dataclass(frozen=True, slots=True)
class _Mounted:
    proxy: QGraphicsProxyWidget
    widget: QWidget
    height: int
    """The height, in its own pixels, that the page is laid out for."""


class Canvas(QGraphicsView):
    """One page at a time. ``pointed`` follows the mouse, in this widget's coordinates."""

    pointed = Signal(QPointF)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._pages: dict[str, _Mounted] = {}
        self._current = ""
        self._marked: list[tuple[QWidget, QRect | None]] = []
        self.zoom = 1.0
        self._enlarged = 1.0
        self._centre = QPointF()
        self._scene = QGraphicsScene(self)
        self.setScene(self._scene)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        self.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.viewport().setMouseTracking(True)
        self._flight = QVariantAnimation(self)
        self._flight.setEasingCurve(QEasingCurve.Type.InOutCubic)
        self._flight.valueChanged.connect(self._fly)
        self._from = self._to = (1.0, QPointF())
        self.animated = True
        """Whether zooms glide; a recording has no use for that."""

    # --- pages ----------------------------------------------------------------------------------------------------

    def mount(self, name: str, widget: QWidget, height: int) -> None:
        """Take a page in; ``height`` is that of the window it is laid out for: a smaller one shows it larger."""
        proxy = self._scene.addWidget(widget)
        proxy.setVisible(False)
        proxy.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._pages[name] = _Mounted(proxy, widget, height)

    def show_page(self, name: str) -> None:
        """Turn to a page, whole."""
        self._current = name
        self._enlarged = 1.0
        for other, page in self._pages.items():
            page.proxy.setVisible(other == name)
        self._fit()
        self.sharpen()
        self.zoom_to(None, glide=False)

    def enlarge(self, factor: float) -> None:
        """Lay the current page out for a window so many times smaller: all of it stays in view, and is larger."""
        self._enlarged = factor
        self._fit()
        self.zoom_to(None, glide=False)

    @property
    def page(self) -> str:
        return self._current

    @property
    def scale_shown(self) -> float:
        """Pixels on the screen for one of the page, with the zoom."""
        return self._base_scale() * self.zoom

    # --- pointing -------------------------------------------------------------------------------------------------

    def mark(self, widget: QWidget, part: QRect | None = None) -> None:
        """Draw a frame around a widget of the page, or around a part of it in its own coordinates."""
        self._marked.append((widget, part))
        self.viewport().update()

    def clear_marks(self) -> None:
        self._marked.clear()
        self.viewport().update()

    @property
    def marks(self) -> list[QRectF]:
        """Where the frames are, in the page's own pixels."""
        page = self._pages[self._current].widget
        return [
            QRectF(QRect(widget.mapTo(page, (part or widget.rect()).topLeft()), (part or widget.rect()).size()))
            for widget, part in self._marked
            if page.isAncestorOf(widget) and widget.isVisible()
        ]

    # --- zooming --------------------------------------------------------------------------------------------------

    def zoom_to(self, widget: QWidget | None, factor: float = 1.0, glide: bool | None = None) -> None:
        """Bring a widget of the page closer, by ``factor`` at most and never so that it is cut off; None: all of it."""
        page = self._pages[self._current].widget
        area = QRectF(page.rect())
        if widget is None:
            self._go(1.0, area.center(), glide)
            return
        target = QRectF(QRect(widget.mapTo(page, QRect(widget.rect()).topLeft()), widget.rect().size()))
        fits = min(area.width() / max(target.width(), 1.0), area.height() / max(target.height(), 1.0)) * 0.98
        self._go(max(1.0, min(factor, fits)), target.center(), glide)

    def zoom_by(self, steps: int) -> None:
        """In (positive) or out around the pointer, or the middle where the mouse is elsewhere."""
        under = self.viewport().mapFromGlobal(self.cursor().pos())
        inside = self.viewport().rect().contains(under)
        around = self.mapToScene(under if inside else self.viewport().rect().center())
        zoom = max(1.0, min(_LARGEST_ZOOM, self.zoom * _STEP**steps))
        # What is under the pointer stays there.
        centre = around + (self._centre - around) * (self.zoom / zoom)
        self._go(zoom, centre, None)

    def _go(self, zoom: float, centre: QPointF, glide: bool | None) -> None:
        self._flight.stop()
        self._from, self._to = (self.zoom, self._centre), (zoom, centre)
        if self.animated if glide is None else glide:
            self._flight.setDuration(_ZOOM_MS)
            self._flight.setStartValue(0.0)
            self._flight.setEndValue(1.0)
            self._flight.start()
        else:
            self._fly(1.0)

    def _fly(self, share: float) -> None:
        (from_zoom, from_centre), (to_zoom, to_centre) = self._from, self._to
        self.zoom = from_zoom + (to_zoom - from_zoom) * share
        self._centre = from_centre + (to_centre - from_centre) * share
        self._apply()

    # --- fitting --------------------------------------------------------------------------------------------------

    def _base_scale(self) -> float:
        page = self._pages.get(self._current)
        return max(self.viewport().height() / self._height(page), 0.1) if page is not None else 1.0

    def _height(self, page: _Mounted) -> int:
        return round(page.height / self._enlarged)

    def _fit(self) -> None:
        """Lay the current page out for the room there is."""
        page = self._pages.get(self._current)
        if page is None:
            return
        scale = self._base_scale()
        height = self._height(page)
        page.widget.resize(round(self.viewport().width() / scale), height)
        page.proxy.setPos(0, 0)
        self._scene.setSceneRect(QRectF(0, 0, self.viewport().width() / scale, height))
        self._apply()

    def _apply(self) -> None:
        scale = self.scale_shown
        self.resetTransform()
        self.scale(scale, scale)
        self.centerOn(self._centre)
        self.viewport().update()

    def sharpen(self) -> None:
        """Have plots draw themselves: pictures that they keep are of their own size, and blurred when enlarged."""
        for view in self._pages[self._current].widget.findChildren(QGraphicsView):
            for item in view.scene().items() if view.scene() is not None else ():
                if isinstance(item, pg.ScatterPlotItem):
                    item.opts["useCache"] = False
                if item.cacheMode() != QGraphicsItem.CacheMode.NoCache:
                    item.setCacheMode(QGraphicsItem.CacheMode.NoCache)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.setBackgroundBrush(QColor(theme.window))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()
        if self.zoom == 1.0 and self._current:
            self.zoom_to(None, glide=False)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom_by(1 if event.angleDelta().y() > 0 else -1)
            event.accept()
            return
        super().wheelEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.pointed.emit(event.position())
        super().mouseMoveEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self.pointed.emit(QPointF(-1, -1))
        return super().viewportEvent(event)

    def drawForeground(self, painter: QPainter, rect: QRectF) -> None:
        """The frames of what is marked."""
        if not self._current:
            return
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for frame in self.marks:
            painter.setPen(QPen(QColor(self._theme.support), 3.0 / max(self.zoom, 1.0) ** 0.5))
            painter.drawRoundedRect(frame.adjusted(1.5, 1.5, -1.5, 2.0), 7, 7)
