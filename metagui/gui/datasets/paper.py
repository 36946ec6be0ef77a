"""What the pictures of a preview are drawn with: pixels as they are, curves in their box, words that give way."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPen, QPixmap, QPolygonF

from metagui.gui.adaptation.images import crisp
from metagui.gui.theme import Theme, mixed

Rows = npt.NDArray[Any]


def pixels_of(row: Rows) -> QImage:
    """uint8 [side, side] or [side, side, 3], as it is: ink that was inverted is bright here, too."""
    pixels = np.ascontiguousarray(row)
    height, width = pixels.shape[:2]
    grey = pixels.ndim == 2
    form = QImage.Format.Format_Grayscale8 if grey else QImage.Format.Format_RGB888
    return QImage(pixels.tobytes(), width, height, width if grey else 3 * width, form).copy()


def draw_pixels(painter: QPainter, row: Rows, place: QRect, ratio: float, frame: str = "") -> None:
    """A picture in its place, with a frame around it where a colour is given."""
    pixmap: QPixmap = crisp(pixels_of(row), place.size() * ratio)
    pixmap.setDevicePixelRatio(ratio)
    painter.drawPixmap(place.topLeft(), pixmap)
    if frame:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(frame), 2))
        painter.drawRoundedRect(QRectF(place).adjusted(-2, -2, 2, 2), 3, 3)


def write(painter: QPainter, place: QRect, text: str, colour: str, flags: Qt.AlignmentFlag, bold: bool = False) -> None:
    """One line that ends in an ellipsis where it has no room."""
    font = QFont(painter.font())
    font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    painter.setFont(font)
    painter.setPen(QColor(colour))
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, place.width())
    painter.drawText(place, int(flags | Qt.AlignmentFlag.AlignVCenter), shown)


def explain(painter: QPainter, place: QRect, text: str, colour: str) -> None:
    """A sentence or two over as many lines as it takes."""
    font = QFont(painter.font())
    font.setWeight(QFont.Weight.Normal)
    painter.setFont(font)
    painter.setPen(QColor(colour))
    painter.drawText(place, int(Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap), text)


def draw_curve(painter: QPainter, points: Rows, place: QRect, theme: Theme) -> list[QPointF]:
    """Points [n, columns] over their first column, joined where x is one column; answers where each came to lie."""
    x, y = points[:, 0].astype(float), points[:, -1].astype(float)
    span_x, span_y = np.ptp(x) or 1.0, np.ptp(y) or 1.0
    inner = QRectF(place).adjusted(7, 7, -7, -7)
    across = inner.left() + (x - x.min()) / span_x * inner.width()
    down = inner.bottom() - (y - y.min()) / span_y * inner.height()
    spots = [QPointF(float(left), float(top)) for left, top in zip(across, down, strict=True)]
    painter.setPen(QPen(QColor(theme.line), 1))
    painter.setBrush(QColor(theme.plot_background))
    painter.drawRoundedRect(QRectF(place).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
    line = mixed(theme.plot_background, theme.truth, 0.75)
    if points.shape[1] == 2:
        painter.setPen(QPen(QColor(line), 1.4))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(QPolygonF([spots[index] for index in np.argsort(x, kind="stable")]))
    else:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(line))
        for spot in spots:
            painter.drawEllipse(spot, 1.3, 1.3)
    return spots
