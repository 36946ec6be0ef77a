"""A task of pictures: a row a class, its support pictures, then query pictures with what the network makes of them."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QHelpEvent, QImage, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QToolTip, QWidget

from metagui.gui.adaptation.content import Floats, Images
from metagui.gui.adaptation.image_layout import Layout, Query, arrange
from metagui.gui.adaptation.points import class_colours, rgb
from metagui.gui.theme import DARK, Theme, mixed


def picture_of(values: Floats, ground: str, ink: str) -> QImage:
    """[H, W] ink from ``ground`` (0) to ``ink`` (1), or [H, W, 3] colours as they are."""
    values = np.clip(np.nan_to_num(values), 0.0, 1.0)
    if values.ndim == 2:
        low, high = rgb(ground), rgb(ink)
        colours = low + (high - low) * values[..., None]
    else:
        colours = values * 255.0
    pixels = np.ascontiguousarray(colours.round().astype(np.uint8))
    height, width = pixels.shape[:2]
    return QImage(pixels.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888).copy()


def crisp(image: QImage, size: QSize) -> QPixmap:
    """Scaled without blur: pixels stay squares, only their edges are mixed where they fall between screen pixels."""
    smooth, plain = Qt.TransformationMode.SmoothTransformation, Qt.TransformationMode.FastTransformation
    ignore = Qt.AspectRatioMode.KeepAspectRatio
    factor = max(1, -(-size.width() // image.width()), -(-size.height() // image.height()))
    enlarged = image.scaled(image.width() * factor, image.height() * factor, ignore, plain)
    return QPixmap.fromImage(enlarged.scaled(size, ignore, smooth))


class ImagesPicture(QWidget):
    """One :class:`Images`, painted. Only the answers change with the step; pictures are scaled once a size."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = DARK
        self._content: Images | None = None
        self.step = 0
        self._pixmaps: dict[tuple[str, int], QPixmap] = {}
        self._pixmap_key: tuple[int, float] | None = None
        self.setMinimumSize(120, 90)

    @property
    def probabilities(self) -> Floats | None:
        """What the queries are taken for at the chosen step, [Q, n_way]."""
        return None if self._content is None else self._content.probabilities[self.step]

    @property
    def right(self) -> list[bool]:
        """For every query, whether its likeliest class is its own."""
        if self._content is None or self.probabilities is None:
            return []
        return [bool(right) for right in self.probabilities.argmax(axis=1) == self._content.query_y]

    def show_content(self, content: Images, step: int) -> None:
        known = self._content
        if known is None or not (
            np.array_equal(known.support_x, content.support_x) and np.array_equal(known.query_x, content.query_x)
        ):
            self._pixmaps.clear()
        self._content = content
        self.step = step
        self.update()

    def show_step(self, step: int) -> None:
        self.step = step
        self.update()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._pixmaps.clear()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._content is None:
            return
        content, theme = self._content, self._theme
        layout = arrange(content, self.width(), self.height())
        colours = class_colours(theme, len(content.class_names))
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_divide(painter, layout)
        if layout.header:
            self._paint_header(painter, layout)
        for row in layout.rows:
            self._paint_chip(painter, row.chip, colours[row.label], row.label)
            for index, place in row.support:
                self._paint_picture(painter, "support", index, place)
            for query in row.queries:
                self._paint_query(painter, query, colours)
        painter.end()

    def _paint_header(self, painter: QPainter, layout: Layout) -> None:
        painter.setFont(_font(10))
        painter.setPen(QColor(self._theme.muted))
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        room = layout.query_left - layout.support_left
        metrics = painter.fontMetrics()
        if metrics.horizontalAdvance("support") < room:
            painter.drawText(QRect(layout.support_left, 0, room, layout.header), flags, "support")
        width = self.width() - layout.query_left
        words = "query and its probabilities"
        text = f"{words} ({layout.note})" if layout.note else words
        if layout.note and metrics.horizontalAdvance(text) > width:
            text = layout.note
        text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)
        painter.drawText(QRect(layout.query_left, 0, width, layout.header), flags, text)

    def _paint_divide(self, painter: QPainter, layout: Layout) -> None:
        painter.setPen(QPen(QColor(self._theme.grid), 1))
        for x in layout.dividers:
            painter.drawLine(QPointF(x, layout.header), QPointF(x, self.height() - 2))

    def _paint_chip(self, painter: QPainter, place: QRect, colour: str, label: int) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colour))
        painter.drawRoundedRect(place, 3, 3)
        if place.height() >= 12:
            painter.setFont(_font(min(11, place.height() - 2), bold=True))
            painter.setPen(QColor("#000000" if QColor(colour).lightnessF() > 0.5 else "#ffffff"))
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, str(label + 1))

    def _paint_picture(self, painter: QPainter, role: str, index: int, place: QRect) -> None:
        theme, ratio = self._theme, self.devicePixelRatioF()
        if self._pixmap_key != (place.width(), ratio):
            self._pixmaps.clear()
            self._pixmap_key = (place.width(), ratio)
        if (role, index) not in self._pixmaps:
            pictures = getattr(self._content, f"{role}_x")
            ground = mixed(theme.plot_background, theme.text, 0.07)
            pixmap = crisp(picture_of(pictures[index], ground, theme.text), place.size() * ratio)
            pixmap.setDevicePixelRatio(ratio)
            self._pixmaps[role, index] = pixmap
        pixmap = self._pixmaps[role, index]
        size = pixmap.deviceIndependentSize()
        painter.drawPixmap(QPointF(place.center()) - QPointF(size.width() / 2 - 0.5, size.height() / 2 - 0.5), pixmap)

    def _paint_query(self, painter: QPainter, query: Query, colours: list[str]) -> None:
        theme = self._theme
        assert self._content is not None
        probabilities = np.nan_to_num(self._content.probabilities[self.step, query.index])
        predicted, truth = int(probabilities.argmax()), int(self._content.query_y[query.index])
        self._paint_picture(painter, "query", query.index, query.picture)
        verdict = QColor(theme.good if predicted == truth else theme.bad)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(verdict, 1.6))
        painter.drawRoundedRect(QRectF(query.picture).adjusted(-0.8, -0.8, 0.8, 0.8), 2, 2)
        self._paint_mark(painter, query.picture, verdict, predicted == truth)
        self._paint_bars(painter, query.bars, probabilities, truth, colours)

    def _paint_mark(self, painter: QPainter, picture: QRect, verdict: QColor, right: bool) -> None:
        """A tick or a cross on a badge: right and wrong differ in shape, not in colour alone."""
        side = max(7.0, min(13.0, picture.width() * 0.36))
        badge = QRectF(picture.right() + 2.5 - side, picture.bottom() + 2.5 - side, side, side)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(verdict)
        painter.drawRoundedRect(badge, side * 0.3, side * 0.3)
        pen = QPen(QColor(self._theme.plot_background), max(1.3, side * 0.14))
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)

        def at(x: float, y: float) -> QPointF:
            return QPointF(badge.left() + x * side, badge.top() + y * side)

        if right:
            painter.drawPolyline([at(0.25, 0.54), at(0.43, 0.72), at(0.76, 0.30)])
        else:
            painter.drawLine(at(0.3, 0.3), at(0.7, 0.7))
            painter.drawLine(at(0.7, 0.3), at(0.3, 0.7))

    def _paint_bars(
        self, painter: QPainter, place: QRect, probabilities: Floats, truth: int, colours: list[str]
    ) -> None:
        theme = self._theme
        pitch = place.width() / len(probabilities)
        gap = 1.0 if pitch >= 3 else 0.0
        base = place.bottom() - 1.5
        height = place.height() - 3.0
        painter.setPen(Qt.PenStyle.NoPen)
        for label, probability in enumerate(probabilities):
            x = place.left() + label * pitch
            painter.setBrush(QColor(mixed(theme.plot_background, theme.text, 0.07)))
            painter.drawRect(QRectF(x, base - height, pitch - gap, height))
            colour = QColor(colours[label])
            painter.setBrush(colour)
            filled = height * float(probability)
            painter.drawRect(QRectF(x, base - filled, pitch - gap, filled))
            if label == truth:  # a foot under the bar that should be tall
                painter.setBrush(QColor(theme.text))
                painter.drawRect(QRectF(x, base + 1.0, pitch - gap, 1.5))

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent) and self._content is not None:
            text = self._tip(event.pos())
            if text:
                QToolTip.showText(event.globalPos(), text, self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)

    def _tip(self, position: QPoint) -> str:
        content = self._content
        if content is None or self.probabilities is None:
            return ""
        names = content.class_names
        for row in arrange(content, self.width(), self.height()).rows:
            if row.chip.contains(position):
                return f"Class {row.label + 1}: {names[row.label]}"
            for query in row.queries:
                if query.picture.united(query.bars).contains(position):
                    answer = self.probabilities[query.index]
                    predicted, truth = int(answer.argmax()), int(content.query_y[query.index])
                    return (
                        f"Query of {names[truth]}\n"
                        f"taken for {names[predicted]} ({answer[predicted]:.0%}), "
                        f"its own class gets {answer[truth]:.0%}"
                    )
        return ""


def _font(pixels: int, bold: bool = False) -> QFont:
    font = QFont()
    font.setPixelSize(pixels)
    font.setBold(bold)
    return font
