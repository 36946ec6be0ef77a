"""The list at the left: installed data sets, what can be downloaded, and what a person obtains elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from metagui.gui.theme import DARK, Theme, mixed

_KEY, _SUBTITLE, _STATE = (Qt.ItemDataRole.UserRole + n for n in (1, 2, 3))
_PADDING = 10


@dataclass(frozen=True, slots=True)
class Line:
    """An entry. ``state`` is empty, ``bad`` (damaged) or ``heading``, which cannot be chosen."""

    key: str
    title: str
    subtitle: str = ""
    state: str = ""


class SetsList(QListWidget):
    """``chosen`` carries the key of an entry when a person or :meth:`choose` moves to it."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._delegate = _TwoLines(self)
        self.setItemDelegate(self._delegate)
        self.setAccessibleName("Data sets")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.currentItemChanged.connect(self._announce)

    @property
    def key(self) -> str:
        item = self.currentItem()
        return str(item.data(_KEY)) if item is not None else ""

    def set_lines(self, lines: Iterable[Line]) -> None:
        """Replace all; the entry that was chosen stays so where it is still there."""
        before = self.key
        blocked = self.blockSignals(True)
        self.clear()
        for line in lines:
            item = QListWidgetItem(line.title)
            item.setData(_KEY, line.key)
            item.setData(_SUBTITLE, line.subtitle)
            item.setData(_STATE, line.state)
            item.setData(Qt.ItemDataRole.AccessibleDescriptionRole, line.subtitle)
            if line.state == "heading":
                item.setFlags(Qt.ItemFlag.NoItemFlags)
            self.addItem(item)
        self._select(before)
        self.blockSignals(blocked)

    def choose(self, key: str) -> None:
        """Go to an entry and announce it; to the first where there is none of this key."""
        blocked = self.blockSignals(True)
        self._select(key)
        self.blockSignals(blocked)
        self.chosen.emit(self.key)

    def set_theme(self, theme: Theme) -> None:
        self._delegate.theme = theme
        self.viewport().update()

    def _select(self, key: str) -> None:
        items = [self.item(row) for row in range(self.count())]
        usable = [item for item in items if item.data(_STATE) != "heading"]
        found = next((item for item in usable if item.data(_KEY) == key), usable[0] if usable else None)
        if found is not None:
            self.setCurrentItem(found)

    def _announce(self) -> None:
        self.chosen.emit(self.key)


class _TwoLines(QStyledItemDelegate):
    theme: Theme = DARK

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        height = option.fontMetrics.height()
        return QSize(200, height + 22 if index.data(_STATE) == "heading" else 2 * height + 18)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        painter.save()
        rect, theme = option.rect, self.theme
        inner = rect.adjusted(_PADDING + 4, 8, -_PADDING, -6)
        if index.data(_STATE) == "heading":
            painter.setPen(QColor(theme.muted))
            font = QFont(option.font)
            font.setPointSizeF(font.pointSizeF() * 0.9)
            font.setWeight(QFont.Weight.DemiBold)
            painter.setFont(font)
            painter.drawText(inner, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom), index.data())
            painter.restore()
            return
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, QColor(mixed(theme.panel, theme.accent, 0.22)))
            painter.fillRect(QRect(rect.left(), rect.top(), 3, rect.height()), QColor(theme.accent))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, QColor(mixed(theme.panel, theme.text, 0.05)))
        metrics = option.fontMetrics
        font = QFont(option.font)
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(QColor(theme.text))
        title = painter.fontMetrics().elidedText(index.data(), Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(inner, int(Qt.AlignmentFlag.AlignTop), title)
        painter.setFont(option.font)
        painter.setPen(QColor(theme.bad if index.data(_STATE) == "bad" else theme.muted))
        below = inner.adjusted(0, metrics.height() + 2, 0, 0)
        text = metrics.elidedText(index.data(_SUBTITLE), Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(below, int(Qt.AlignmentFlag.AlignTop), text)
        painter.restore()
