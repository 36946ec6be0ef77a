"""The walk-through page: pseudo-code, source and values side by side, and the controls around them. It only draws."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QFontDatabase, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from metagui.gui.theme import DARK, Theme
from metagui.gui.walkthrough.content import Content
from metagui.gui.walkthrough.document import Spot
from metagui.gui.walkthrough.documents import Texts
from metagui.gui.walkthrough.message import MessagePanel
from metagui.gui.walkthrough.setup_bar import SetupBar
from metagui.gui.walkthrough.text_panel import TextPanel
from metagui.gui.walkthrough.transport import Transport
from metagui.gui.walkthrough.values_panel import ValuesPanel

_THREE_FROM = 860
"""Pixels of width from which the texts stand beside each other; below, one above the other."""

_KEYS: dict[Qt.Key, str] = {
    Qt.Key.Key_Right: "walk.forward",
    Qt.Key.Key_Left: "walk.back",
    Qt.Key.Key_Home: "walk.start",
    Qt.Key.Key_End: "walk.end",
    Qt.Key.Key_Space: "walk.play",
}
"""Without Alt, where a column has the focus."""


WALK_MENU = (
    "walk.forward",
    "walk.back",
    "",
    "walk.over",
    "walk.back_over",
    "walk.into",
    "walk.out",
    "",
    "walk.start",
    "walk.end",
    "walk.run",
    "walk.play",
    "",
    "walk.run_to",
    "walk.breakpoint",
    "",
    "walk.record",
)
"""The commands of the page, as a menu lists them; an empty word is a line between."""


class WalkthroughPage(QWidget):
    """A presenter feeds it and hears what is asked for.

    ``paper_line_chosen`` and ``source_line_chosen`` carry a document and a line; ``breakpoint_toggled`` those of the
    source; ``command`` the name of a command whose plain key was pressed.
    """

    paper_line_chosen = Signal(str, int)
    source_line_chosen = Signal(str, int)
    breakpoint_toggled = Signal(str, int)
    command = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = DARK
        self._content: Content | None = None
        self._texts: Texts | None = None
        self._arranged = False
        self._wide = True
        mono = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        mono.setPointSizeF(max(self.font().pointSizeF(), 8.0))
        prose = self.font()
        prose.setPointSizeF(mono.pointSizeF() * 1.06)
        self.setup = SetupBar()
        self.pseudocode = TextPanel("Paper", prose, leading=1.5)
        self.source = TextPanel("Code", mono, breakpoints=True)
        self.values = ValuesPanel(mono)
        self.transport = Transport()
        self.legend = self.transport.legend
        self.message = MessagePanel()
        self.pseudocode.chosen.connect(self.paper_line_chosen)
        self.source.chosen.connect(self.source_line_chosen)
        self.source.breakpoint_toggled.connect(self.breakpoint_toggled)
        self._lay_out()
        self.show_message("", "")

    def _lay_out(self) -> None:
        self.texts = QSplitter(Qt.Orientation.Horizontal)
        self.texts.addWidget(self.pseudocode)
        self.texts.addWidget(self.source)
        self.texts.setStretchFactor(0, 2)
        self.texts.setStretchFactor(1, 3)
        self.columns = QSplitter(Qt.Orientation.Horizontal)
        self.columns.addWidget(self.texts)
        self.columns.addWidget(self.values)
        self.columns.setStretchFactor(0, 7)
        self.columns.setStretchFactor(1, 3)
        for splitter in (self.texts, self.columns):
            splitter.setHandleWidth(1)
            splitter.setChildrenCollapsible(False)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.message)
        self.stack.addWidget(self.columns)
        head = QVBoxLayout()
        head.setContentsMargins(12, 8, 12, 6)
        head.addWidget(self.setup)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(_rule())
        layout.addWidget(self.stack, 1)
        layout.addWidget(_rule())
        layout.addWidget(self.transport)

    # --- what is shown -------------------------------------------------------------------------------------------

    @property
    def regions(self) -> dict[str, QWidget]:
        """What a talk can point at."""
        return {"pseudocode": self.pseudocode, "source": self.source, "values": self.values}

    def show_content(self, content: Content, texts: Texts) -> None:
        """Another recording; :meth:`show_position` follows."""
        self._content, self._texts = content, texts
        self.pseudocode.show_documents(texts.paper)
        self.source.show_documents(texts.source)
        self.values.show_content(content)
        self.transport.timeline.show_ticks(content.ticks)
        self.legend.set_kind(content.pictures[0].kind if content.pictures else None)
        self._reveal(True)

    def show_position(self, position: int, callers: Sequence[int]) -> None:
        """Show one moment: its line of the paper, its line of the source, its values; and the calls that led there."""
        if self._content is None or self._texts is None:
            return
        moments = self._content.moments
        moment, calls = moments[position], [moments[index] for index in callers]
        spots, exact = self._texts.reached(self._content, position)
        self.pseudocode.set_current(spots if exact else (), () if exact else spots)
        self.source.set_current([(moment.file, moment.line)], [(call.file, call.line) for call in calls])
        names = [*(call.function for call in calls), moment.function]
        self.source.set_caption(" › ".join(names) + (" · before its call" if moment.calling else ""))
        self.values.show_moment(moment)
        self.transport.show_position(position, f"line {position + 1:,} of {len(moments):,}")

    def show_breakpoints(self, spots: Collection[Spot]) -> None:
        self.source.set_breakpoints(spots)
        moments = self._content.moments if self._content is not None else ()
        marked = [index for index, moment in enumerate(moments) if (moment.file, moment.line) in spots]
        self.transport.timeline.set_breakpoints(tuple(marked))

    def show_message(self, title: str, text: str, button: str = "") -> None:
        """In place of the columns: nothing recorded yet, being recorded, or why it could not be."""
        self.message.show_message(title, text, button)
        self._reveal(False)

    def set_busy(self, busy: bool) -> None:
        """Something newer is being recorded; what is on show stays."""
        self.message.set_busy(busy)
        self.transport.set_busy(busy)

    def set_emphasis(self, paper: Collection[Spot], source: Collection[Spot], variables: Collection[str]) -> None:
        """Mark what somebody points at; empty collections end it."""
        self.pseudocode.set_emphasis(paper)
        self.source.set_emphasis(source)
        self.values.set_emphasis(variables)

    def add_commands(self, actions: Mapping[str, QAction]) -> None:
        """The buttons below."""
        self.transport.add_buttons(actions)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        for part in (self.pseudocode, self.source, self.values, self.transport, self.message):
            part.set_theme(theme)

    def set_scale(self, factor: float) -> None:
        """Larger or smaller type in the columns; 1 is that of the window."""
        for part in (self.pseudocode, self.source, self.values):
            part.set_scale(factor)

    def _reveal(self, shown: bool) -> None:
        self.stack.setCurrentWidget(self.columns if shown else self.message)
        self.transport.setVisible(shown)

    # --- events --------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = self.width() >= _THREE_FROM
        if wide is not self._wide or not self._arranged:
            self._wide = wide
            self._arranged = self.isVisible()
            self._arrange()

    def _arrange(self) -> None:
        """Shares of the columns, at first and when the page becomes wide or narrow."""
        values = max(250, round(self.width() * (0.29 if self._wide else 0.4)))
        self.columns.setSizes([self.width() - values, values])
        self.texts.setOrientation(Qt.Orientation.Horizontal if self._wide else Qt.Orientation.Vertical)
        self.texts.setSizes([390, 610] if self._wide else [400, 600])
        self.pseudocode.set_compact(not self._wide)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        command = _KEYS.get(Qt.Key(event.key())) if event.modifiers() == Qt.KeyboardModifier.NoModifier else None
        if command is None:
            super().keyPressEvent(event)
        else:
            self.command.emit(command)


def _rule() -> QFrame:
    line = QFrame()
    line.setProperty("role", "rule")
    line.setFixedHeight(1)
    return line
