"""Drop-down lists: entries with a title and a sentence, and a wheel that scrolls the form instead."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QPalette, QWheelEvent
from PySide6.QtWidgets import (
    QComboBox,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionComboBox,
    QStyleOptionViewItem,
    QStylePainter,
    QWidget,
)

_SUMMARY_ROLE = Qt.ItemDataRole.UserRole + 1
_PADDING = 8
_WIDEST = 420


@dataclass(frozen=True, slots=True)
class Entry:
    """One choice: ``name`` is what it means to the program, ``summary`` one sentence for a person."""

    name: str
    title: str
    summary: str = ""


class QuietCombo(QComboBox):
    """A drop-down list that the wheel cannot change."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        """As Qt paints it, but with an ellipsis where the entry is longer than the box."""
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        field = QStyle.SubControl.SC_ComboBoxEditField
        room = self.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, field, self).width() - _PADDING
        option.currentText = self.fontMetrics().elidedText(option.currentText, Qt.TextElideMode.ElideRight, room)
        painter = QStylePainter(self)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        if not self.isEditable():
            painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
        painter.end()

    def showPopup(self) -> None:
        """At least as wide as its longest entry, though the closed box is narrower."""
        longest = max(
            (self.fontMetrics().horizontalAdvance(self.itemText(row)) for row in range(self.count())), default=0
        )
        self.view().setMinimumWidth(max(self.width(), longest + 5 * _PADDING))
        super().showPopup()


class EntryCombo(QuietCombo):
    """Shows titles; when open, each with its sentence."""

    def __init__(self, entries: Iterable[Entry], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._delegate = _TwoLines(self)
        self.setItemDelegate(self._delegate)
        self.set_entries(entries)

    def set_entries(self, entries: Iterable[Entry]) -> None:
        """Replace the list; announces nothing."""
        blocked = self.blockSignals(True)
        self.clear()
        for index, entry in enumerate(entries):
            self.addItem(entry.title, entry.name)
            self.setItemData(index, entry.summary, _SUMMARY_ROLE)
            self.setItemData(index, entry.summary, Qt.ItemDataRole.AccessibleDescriptionRole)
        self.blockSignals(blocked)

    def name(self) -> str:
        """Name of the chosen entry, empty when there is none."""
        return str(self.currentData() or "")

    def set_name(self, name: str) -> None:
        """Choose an entry without announcing it; an unknown name chooses none."""
        blocked = self.blockSignals(True)
        self.setCurrentIndex(self.findData(name))
        self.blockSignals(blocked)

    def showPopup(self) -> None:
        widest = max((self._delegate.width_of(self, row) for row in range(self.count())), default=0)
        self.view().setMinimumWidth(min(max(self.width(), widest), max(self.width(), _WIDEST)))
        QComboBox.showPopup(self)


class _TwoLines(QStyledItemDelegate):
    """Paints an entry as its title over its sentence."""

    def width_of(self, combo: QComboBox, row: int) -> int:
        summary = str(combo.itemData(row, _SUMMARY_ROLE) or "")
        return combo.fontMetrics().horizontalAdvance(summary) + 4 * _PADDING

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        lines = 1
        if summary := index.data(_SUMMARY_ROLE):
            wrapped = option.fontMetrics.boundingRect(
                QRect(0, 0, _WIDEST - 3 * _PADDING, 1000), int(Qt.TextFlag.TextWordWrap), summary
            )
            lines += max(1, round(wrapped.height() / option.fontMetrics.height()))
        return QSize(120, lines * option.fontMetrics.height() + 2 * _PADDING)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        painter.save()
        rect: QRect = option.rect
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        palette: QPalette = option.palette
        painter.fillRect(rect, palette.highlight() if chosen else palette.base())
        text_colour = palette.highlightedText().color() if chosen else palette.text().color()
        inner = rect.adjusted(_PADDING, _PADDING - 2, -_PADDING, 0)
        title_font = QFont(option.font)
        title_font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(title_font)
        painter.setPen(text_colour)
        painter.drawText(inner, int(Qt.AlignmentFlag.AlignTop), index.data(Qt.ItemDataRole.DisplayRole))
        if summary := index.data(_SUMMARY_ROLE):
            painter.setFont(option.font)
            painter.setPen(text_colour if chosen else palette.placeholderText().color())
            below = inner.adjusted(0, option.fontMetrics.height() + 1, 0, 0)
            painter.drawText(below, int(Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap), summary)
        painter.restore()
