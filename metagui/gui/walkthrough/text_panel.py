"""A column of numbered text: tabs for its documents, a caption, the lines. The page follows; tabs look elsewhere."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QTabBar, QVBoxLayout, QWidget

from metagui.gui.adaptation.elided import ElidedLabel
from metagui.gui.theme import DARK, Theme
from metagui.gui.walkthrough.document import Document, Spot
from metagui.gui.walkthrough.line_view import LineView


def column_head(heading: QLabel, beside: QWidget | None, below: QWidget) -> QWidget:
    """The top of a column, equally high in all: its heading, what stands beside it, and a caption below."""
    holder = QWidget()
    row = QHBoxLayout()
    row.setContentsMargins(12, 0, 4, 0)
    row.setSpacing(10)
    row.addWidget(heading)
    if beside is not None:
        row.addWidget(beside, 1)
    else:
        row.addStretch(1)
    caption = QHBoxLayout()
    caption.setContentsMargins(12, 0, 8, 6)
    caption.addWidget(below)
    layout = QVBoxLayout(holder)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(1)
    layout.addLayout(row)
    layout.addLayout(caption)
    row.addStrut(QTabBar().sizeHint().height() + 34)
    return holder


class TextPanel(QWidget):
    """Shows one of several documents; the one with the current line comes to the front by itself."""

    chosen = Signal(str, int)
    breakpoint_toggled = Signal(str, int)

    def __init__(self, heading: str, font: QFont, *, breakpoints: bool = False, leading: float = 1.18) -> None:
        super().__init__()
        self._theme = DARK
        self._documents: dict[str, Document] = {}
        self._shown = ""
        self._compact = False
        self._current: frozenset[Spot] = frozenset()
        self._callers: frozenset[Spot] = frozenset()
        self._breakpoints: frozenset[Spot] = frozenset()
        self._emphasis: frozenset[Spot] = frozenset()
        self.heading = QLabel(heading)
        self.heading.setProperty("role", "heading")
        self.tabs = QTabBar()
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setUsesScrollButtons(True)
        self.tabs.setElideMode(Qt.TextElideMode.ElideNone)
        self.tabs.setAccessibleName(f"{heading}: documents")
        self.tabs.currentChanged.connect(self._turn)
        self.caption = ElidedLabel()
        self.caption.setProperty("role", "muted")
        self.note = QLabel()
        self.note.setWordWrap(True)
        self.note.setProperty("role", "muted")
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        self.note.setContentsMargins(12, 6, 12, 8)
        self.view = LineView(font, breakpoints=breakpoints, leading=leading)
        self.view.setAccessibleName(heading)
        self.view.chosen.connect(lambda line: self.chosen.emit(self._shown, line))
        self.view.breakpoint_toggled.connect(lambda line: self.breakpoint_toggled.emit(self._shown, line))
        self.tabs.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(column_head(self.heading, self.tabs, self.caption))
        layout.addWidget(self.view, 1)
        layout.addWidget(self.note)

    @property
    def shown(self) -> str:
        """Key of the document in front."""
        return self._shown

    def show_documents(self, documents: Sequence[Document]) -> None:
        """Replace the documents; the one in front stays where it is still there."""
        if list(documents) == list(self._documents.values()):
            return
        front = self._shown
        self._documents = {document.key: document for document in documents}
        blocked = self.tabs.blockSignals(True)
        while self.tabs.count():
            self.tabs.removeTab(0)
        for document in documents:
            self.tabs.addTab(document.title)
        self.tabs.blockSignals(blocked)
        self.tabs.setVisible(len(documents) > 1)
        self._shown = ""
        self._bring(front if front in self._documents else next(iter(self._documents), ""))

    def set_current(self, spots: Collection[Spot], callers: Collection[Spot] = ()) -> None:
        """Mark these lines of one document and, paler, those that led to them; it comes to the front."""
        self._current, self._callers = frozenset(spots), frozenset(callers)
        for key, _ in [*spots, *callers][:1]:
            self._bring(key)
        self._mark()

    def set_caption(self, text: str) -> None:
        """What stands above the lines, until another document comes to the front."""
        self.caption.setText(text)

    def set_breakpoints(self, spots: Collection[Spot]) -> None:
        self._breakpoints = frozenset(spots)
        self.view.set_breakpoints(self._lines_of(self._breakpoints))

    def set_emphasis(self, spots: Collection[Spot]) -> None:
        self._emphasis = frozenset(spots)
        self.view.set_emphasis(self._lines_of(self._emphasis))

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.view.set_theme(theme)

    def set_scale(self, factor: float) -> None:
        self.view.set_scale(factor)

    def set_compact(self, compact: bool) -> None:
        """Without the note, where height is scarce; the heading has it as its tip."""
        self._compact = compact
        self._show_note()

    def _show_note(self) -> None:
        self.note.setVisible(bool(self.note.text()) and not self._compact)
        self.heading.setToolTip(self.note.text())

    def _turn(self, index: int) -> None:
        keys = list(self._documents)
        if 0 <= index < len(keys):
            self._bring(keys[index])
            self._mark()

    def _bring(self, key: str) -> None:
        document = self._documents.get(key)
        if document is None or key == self._shown:
            return
        self._shown = key
        blocked = self.tabs.blockSignals(True)
        self.tabs.setCurrentIndex(list(self._documents).index(key))
        self.tabs.blockSignals(blocked)
        self.caption.setText(document.caption)
        self.note.setText(document.note)
        self._show_note()
        self.view.show_lines(document.lines, document.badges, document.runs)
        self.view.set_breakpoints(self._lines_of(self._breakpoints))
        self.view.set_emphasis(self._lines_of(self._emphasis))

    def _mark(self) -> None:
        self.view.set_current(self._lines_of(self._current), self._lines_of(self._callers))

    def _lines_of(self, spots: Collection[Spot]) -> list[int]:
        return [line for key, line in spots if key == self._shown]
