"""The variables at the current line: what just changed, shapes, norms, and which still carry a graph."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPen
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from metagui.gui.adaptation.content import Floats
from metagui.gui.adaptation.points import rgb
from metagui.gui.theme import DARK, Theme, mixed
from metagui.gui.walkthrough.content import Variable

_Index = QModelIndex | QPersistentModelIndex
_PAD = 8


def heat_image(values: Floats, theme: Theme) -> QImage:
    """[rows, columns] as colours: negative in one, positive in the other, zero in the background's."""
    values = np.nan_to_num(np.atleast_2d(values), posinf=0.0, neginf=0.0)
    largest = float(np.abs(values).max()) or 1.0
    strength = (np.abs(values) / largest) ** 0.7
    ground = rgb(mixed(theme.plot_background, theme.text, 0.06))
    low, high = rgb(theme.cycle[1]), rgb(theme.cycle[0])
    target = np.where(values[..., None] < 0, low, high)
    pixels = np.ascontiguousarray((ground + (target - ground) * strength[..., None]).round().astype(np.uint8))
    height, width = pixels.shape[:2]
    return QImage(pixels.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888).copy()


class VariablesModel(QAbstractListModel):
    """One row a variable: those that just changed first, settings last."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: tuple[Variable, ...] = ()
        self.changed: frozenset[str] = frozenset()
        self.emphasis: frozenset[str] = frozenset()

    def show(self, rows: Sequence[Variable], changed: Collection[str]) -> None:
        """Replace what is listed."""
        ordered = sorted(rows, key=lambda row: (row.name not in changed, row.plain))
        self.beginResetModel()
        self.rows, self.changed = tuple(ordered), frozenset(changed)
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        row = self.rows[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return row.name
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{'just changed: ' if row.name in self.changed else ''}{row.sentence}"
            case Qt.ItemDataRole.ToolTipRole:
                return row.tip
            case Qt.ItemDataRole.UserRole:
                return row
        return None


class VariablesView(QListView):
    """Two lines a variable: its name and figure above, shape and graph below, its heat map on the right."""

    def __init__(self, mono: QFont, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = VariablesModel(self)
        self._painter = _VariableDelegate(self._model, mono, self)
        self.setModel(self._model)
        self.setItemDelegate(self._painter)
        self.setFrameShape(self.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(self.SelectionMode.SingleSelection)
        self.setMouseTracking(True)
        self.setAccessibleName("Variables at this line")
        self.setMinimumHeight(90)

    @property
    def variables(self) -> tuple[Variable, ...]:
        """In the order shown."""
        return self._model.rows

    @property
    def changed(self) -> frozenset[str]:
        return self._model.changed

    def show_variables(self, rows: Sequence[Variable], changed: Collection[str]) -> None:
        self._model.show(rows, changed)

    def set_emphasis(self, names: Collection[str]) -> None:
        """Variables that somebody points at."""
        self._model.emphasis = frozenset(names)
        self.viewport().update()

    def set_theme(self, theme: Theme) -> None:
        self._painter.set_theme(theme)
        self.viewport().update()

    def set_scale(self, factor: float) -> None:
        self._painter.set_scale(factor)
        self.scheduleDelayedItemsLayout()


class _VariableDelegate(QStyledItemDelegate):
    """Paints the rows; heat maps are made once a variable and theme."""

    def __init__(self, model: VariablesModel, mono: QFont, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model
        self._theme = DARK
        self._base = mono.pointSizeF()
        self._mono = QFont(mono)
        self._images: dict[int, tuple[Variable, QImage]] = {}

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._images.clear()

    def set_scale(self, factor: float) -> None:
        self._mono.setPointSizeF(self._base * factor)

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        variable = self._model.rows[index.row()]
        lines = 1.95 if variable.form or variable.graph or variable.heat is not None else 1.15
        return QSize(200, round(QFontMetricsF(self._mono).height() * lines) + _PAD)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        variable = self._model.rows[index.row()]
        box: QRect = option.rect  # type: ignore[attr-defined]
        state = option.state  # type: ignore[attr-defined]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, box, variable.name, bool(state & QStyle.StateFlag.State_Selected))
        height = box.height() - _PAD
        picture = QRectF(box.right() - height * 1.35 - 8, box.top() + _PAD / 2, height * 1.35, height)
        left, right = box.left() + 12.0, box.right() - 10.0
        if variable.heat is not None:
            self._paint_heat(painter, picture, variable)
            right = picture.left() - 8
        alone = not variable.form and not variable.graph
        upper = QRectF(left, box.top() + _PAD / 2, right - left, height * (1.0 if alone else 0.52))
        lower = QRectF(left, upper.bottom(), right - left, height * 0.48)
        self._paint_words(painter, upper, lower, variable)
        painter.restore()

    def _paint_ground(self, painter: QPainter, box: QRect, name: str, selected: bool) -> None:
        theme = self._theme
        if name in self._model.changed:
            painter.fillRect(box, QColor(mixed(theme.panel, theme.accent, 0.16 if theme.is_dark else 0.1)))
            painter.fillRect(QRectF(box.left(), box.top(), 3.5, box.height()), QColor(theme.accent))
        if name in self._model.emphasis:
            painter.fillRect(box, QColor(mixed(theme.panel, theme.support, 0.22)))
        if selected:
            painter.setPen(QPen(QColor(theme.accent), 1))
            painter.drawRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5))
        painter.setPen(QPen(QColor(mixed(theme.panel, theme.line, 0.7)), 1))
        painter.drawLine(box.bottomLeft(), box.bottomRight())

    def _paint_heat(self, painter: QPainter, place: QRectF, variable: Variable) -> None:
        assert variable.heat is not None
        held = self._images.get(id(variable))
        if held is None or held[0] is not variable:
            if len(self._images) > 600:
                self._images.clear()
            held = (variable, heat_image(variable.heat, self._theme))
            self._images[id(variable)] = held
        painter.drawImage(place, held[1])
        painter.setPen(QPen(QColor(self._theme.line), 1))
        painter.drawRect(place)

    def _paint_words(self, painter: QPainter, upper: QRectF, lower: QRectF, variable: Variable) -> None:
        theme = self._theme
        name_font, small = QFont(self._mono), QFont(self._mono)
        name_font.setBold(True)
        small.setPointSizeF(small.pointSizeF() * 0.86)
        flags = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(name_font)
        figure = QFontMetricsF(self._mono).horizontalAdvance(variable.figure) + 4
        painter.setPen(QColor(theme.text))
        room = max(upper.width() - figure - 8, upper.width() * 0.6)
        name = QFontMetricsF(name_font).elidedText(variable.name, Qt.TextElideMode.ElideRight, room)
        painter.drawText(upper, flags | Qt.AlignmentFlag.AlignLeft, name)
        painter.setFont(self._mono)
        rest = upper.width() - QFontMetricsF(name_font).horizontalAdvance(name) - 8
        shown = QFontMetricsF(self._mono).elidedText(variable.figure, Qt.TextElideMode.ElideRight, rest)
        painter.drawText(upper, flags | Qt.AlignmentFlag.AlignRight, shown)
        painter.setFont(small)
        metrics = QFontMetricsF(small)
        right = lower.right()
        if variable.graph:
            right -= self._paint_graph(painter, lower, metrics, variable) + 6
        painter.setPen(QColor(theme.muted))
        below = metrics.elidedText(variable.form, Qt.TextElideMode.ElideRight, right - lower.left())
        painter.drawText(lower, flags | Qt.AlignmentFlag.AlignLeft, below)

    def _paint_graph(self, painter: QPainter, lower: QRectF, metrics: QFontMetricsF, variable: Variable) -> float:
        """A chip with three joined dots: this tensor remembers how it was computed. Returns its width."""
        colour = self._theme.good
        text = metrics.elidedText(variable.graph, Qt.TextElideMode.ElideRight, lower.width() * 0.55)
        width = metrics.horizontalAdvance(text) + metrics.height() * 1.05 + 8
        chip = QRectF(lower.right() - width, lower.center().y() - metrics.height() / 2, width, metrics.height())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(mixed(self._theme.panel, colour, 0.16)))
        painter.drawRoundedRect(chip, 4, 4)
        draw_graph_sign(painter, QRectF(chip.left() + 4, chip.top(), metrics.height() * 0.95, chip.height()), colour)
        painter.setPen(QColor(colour))
        words = chip.adjusted(metrics.height() * 1.05 + 3, 0, 0, 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        return width


def draw_graph_sign(painter: QPainter, box: QRectF, colour: str) -> None:
    """Two dots that lead to a third."""
    middle, reach = box.center(), min(box.width(), box.height()) * 0.3
    low, high, end = (
        (middle.x() - reach, middle.y() + reach * 0.8),
        (middle.x() - reach, middle.y() - reach * 0.8),
        (middle.x() + reach, middle.y()),
    )
    painter.setPen(QPen(QColor(colour), 1.1))
    for x, y in (low, high):
        painter.drawLine(round(x), round(y), round(end[0]), round(end[1]))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    for x, y in (low, high, end):
        radius = reach * 0.36
        painter.drawEllipse(QRectF(x - radius, y - radius, 2 * radius, 2 * radius))
