"""Paints one numbered line: its margin, its mark and its text."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QPolygonF

from metagui.gui.theme import Theme, mixed
from metagui.gui.walkthrough.line_layout import LaidOut

_NUMBER_SIZE = 0.88
_BADGE_SIZE = 0.82


@dataclass(frozen=True, slots=True)
class Gutter:
    """Pixels from the left at which the breakpoint's column ends, the numbers end, and the text begins."""

    marks: float
    numbers: float
    text: float


@dataclass(frozen=True, slots=True)
class Marks:
    """What is said of a line besides its text."""

    current: bool = False
    caller: bool = False
    emphasis: bool = False
    hovered: bool = False
    caret: bool = False
    breakpoint: bool = False
    faded: bool = False
    badge: str = ""


def paint_line(
    painter: QPainter, laid: LaidOut, place: QPointF, width: float, gutter: Gutter, marks: Marks, theme: Theme
) -> None:
    """``place`` is the upper left corner of the line in a view of this width."""
    row = QRectF(place.x(), place.y(), width, laid.height)
    _paint_ground(painter, row, marks, theme)
    first = QRectF(place.x(), place.y(), width, laid.row_height)
    if marks.breakpoint:
        radius = laid.row_height * 0.24
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.bad))
        painter.drawEllipse(QPointF(gutter.marks * 0.52, first.center().y()), radius, radius)
    font = QFont(laid.text.font())
    font.setPointSizeF(font.pointSizeF() * _NUMBER_SIZE)
    font.setBold(marks.current)
    painter.setFont(font)
    strong, pale = theme.text, mixed(theme.muted, theme.plot_background, 0.45 if marks.faded else 0.1)
    painter.setPen(QColor(strong if marks.current else pale))
    numbers = QRectF(gutter.marks - 8, first.top(), gutter.numbers - gutter.marks + 8, first.height())
    painter.drawText(numbers, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, str(laid.line.number))
    if marks.badge:
        _paint_badge(
            painter,
            QRectF(gutter.numbers + 5, first.top(), gutter.text - gutter.numbers - 12, first.height()),
            marks,
            theme,
            laid.text.font(),
        )
    laid.text.draw(painter, QPointF(gutter.text, place.y()))


def _paint_ground(painter: QPainter, row: QRectF, marks: Marks, theme: Theme) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    if marks.current:
        painter.fillRect(row, QColor(mixed(theme.plot_background, theme.accent, 0.24 if theme.is_dark else 0.15)))
        painter.fillRect(QRectF(row.left(), row.top(), 3.5, row.height()), QColor(theme.accent))
    elif marks.emphasis:
        painter.fillRect(row, QColor(mixed(theme.plot_background, theme.support, 0.2)))
    elif marks.hovered:
        painter.fillRect(row, QColor(mixed(theme.plot_background, theme.text, 0.07)))
    elif marks.caller:
        painter.fillRect(row, QColor(mixed(theme.plot_background, theme.accent, 0.08)))
    if marks.emphasis and marks.current:
        painter.fillRect(QRectF(row.right() - 3.5, row.top(), 3.5, row.height()), QColor(theme.support))
    if marks.caller and not marks.current:
        _paint_caller(painter, row, theme)
    if marks.caret:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(theme.accent), 1.2))
        painter.drawRect(row.adjusted(1, 0.5, -1, -0.5))


def _paint_caller(painter: QPainter, row: QRectF, theme: Theme) -> None:
    """A small hollow arrow: the call made here has not come back yet."""
    middle, left = row.top() + min(row.height(), 20.0) / 2, row.left() + 2.5
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(theme.accent), 1.3))
    painter.drawPolyline(
        QPolygonF([QPointF(left, middle - 3.5), QPointF(left + 4, middle), QPointF(left, middle + 3.5)])
    )


def _paint_badge(painter: QPainter, room: QRectF, marks: Marks, theme: Theme, base: QFont) -> None:
    """The line of the paper, as a chip."""
    font = QFont(base)
    font.setPointSizeF(font.pointSizeF() * _BADGE_SIZE)
    font.setBold(True)
    painter.setFont(font)
    height = min(room.height() - 3, painter.fontMetrics().height() + 2.0)
    chip = QRectF(room.left(), room.center().y() - height / 2, room.width(), height)
    reference = theme.cycle[4]
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(reference if marks.current else mixed(theme.plot_background, reference, 0.2)))
    painter.drawRoundedRect(chip, 3.5, 3.5)
    painter.setPen(QColor(theme.plot_background if marks.current else reference))
    painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, marks.badge)
