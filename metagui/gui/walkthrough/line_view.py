"""Numbered lines of text with one of them current: the look that the pseudo-code and the source share."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QFont,
    QFontMetricsF,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QToolTip

from metagui.gui.theme import DARK, Theme
from metagui.gui.walkthrough.highlight import Line
from metagui.gui.walkthrough.line_layout import LaidOut, lay_out
from metagui.gui.walkthrough.line_painter import Gutter, Marks, paint_line


class LineView(QAbstractScrollArea):
    """Shows lines, marks the current one and keeps it in view. A click, or Enter at the caret, chooses a line.

    ``chosen`` carries a line number; ``breakpoint_toggled`` the same, where the view has breakpoints (a click in the
    margin, or B at the caret). ``badges`` are short words in the margin by line number: the lines of the paper.
    """

    chosen = Signal(int)
    breakpoint_toggled = Signal(int)

    def __init__(self, font: QFont, *, breakpoints: bool = False, leading: float = 1.18) -> None:
        super().__init__()
        self._theme = DARK
        self._leading = leading
        self._base_size = font.pointSizeF()
        self._text_font = QFont(font)
        self._has_breakpoints = breakpoints
        self._lines: tuple[Line, ...] = ()
        self._laid: list[LaidOut] = []
        self._badges: dict[int, str] = {}
        self._runs: dict[int, int] = {}
        self._breakpoints: frozenset[int] = frozenset()
        self._callers: frozenset[int] = frozenset()
        self._emphasis: frozenset[int] = frozenset()
        self._gutter = Gutter(0, 0, 0)
        self.current: frozenset[int] = frozenset()
        self.caret = 0
        self._hovered = 0
        self.setFrameShape(self.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setMouseTracking(True)
        self.setMinimumSize(150, 60)

    # --- what is shown -------------------------------------------------------------------------------------------

    @property
    def lines(self) -> tuple[Line, ...]:
        return self._lines

    def show_lines(self, lines: Sequence[Line], badges: Mapping[int, str], runs: Mapping[int, int]) -> None:
        """Another text, its lines numbered on from 1, and how often each runs: the others are paler and cannot be
        chosen."""
        shown = tuple(lines), dict(badges), dict(runs)
        if shown == (self._lines, self._badges, self._runs):
            return
        if shown[0] != self._lines:
            self.caret = self._hovered = 0
            self.current = self._callers = self._emphasis = frozenset()
            self.verticalScrollBar().setValue(0)
        self._lines, self._badges, self._runs = shown
        self._lay_out()

    def set_breakpoints(self, lines: Collection[int]) -> None:
        self._breakpoints = frozenset(lines)
        self.viewport().update()

    def set_emphasis(self, lines: Collection[int]) -> None:
        """Lines that somebody points at."""
        self._emphasis = frozenset(lines)
        self.viewport().update()

    def set_current(self, lines: Collection[int], callers: Collection[int] = ()) -> None:
        """Mark the lines shown now, and paler those whose calls led to them; bring the first into view."""
        self.current, self._callers = frozenset(lines), frozenset(callers)
        self.caret = min(lines, default=max(callers, default=0))
        self._reveal(self.caret)
        self._describe()
        self.viewport().update()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.setStyleSheet(f"LineView {{ background: {theme.plot_background}; }}")
        self._lay_out()

    def set_scale(self, factor: float) -> None:
        """Larger or smaller type; 1 is that of the window."""
        self._text_font.setPointSizeF(self._base_size * factor)
        self._lay_out()

    def sizeHint(self) -> QSize:
        return QSize(320, 360)

    def text_height(self) -> int:
        """Of all lines at the present width, in pixels."""
        return round(self._laid[-1].top + self._laid[-1].height) if self._laid else 0

    # --- geometry ------------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        metrics = QFontMetricsF(self._text_font)
        digits = metrics.horizontalAdvance("0") * max(2, len(str(len(self._lines))))
        badges = [metrics.horizontalAdvance(text) + 8 for text in self._badges.values()]
        marks = metrics.height() * (0.95 if self._has_breakpoints else 0.4)
        self._gutter = Gutter(marks, marks + digits, marks + digits + max(badges, default=0.0) + 14)
        faded = [line.number for line in self._lines if line.number not in self._runs] if self._runs else []
        width = self.viewport().width() - self._gutter.text - 8
        self._laid = lay_out(self._lines, self._text_font, self._theme, max(width, 60.0), faded, self._leading)
        self._fit_scroll_bar()
        self._reveal(self.caret)
        self.viewport().update()

    def _fit_scroll_bar(self) -> None:
        bar, height = self.verticalScrollBar(), self.viewport().height()
        bar.setRange(0, max(0, self.text_height() + 8 - height))
        bar.setPageStep(height)
        bar.setSingleStep(round(self._laid[0].row_height) if self._laid else 16)

    def _reveal(self, number: int) -> None:
        """Scroll as little as keeps a few lines around this one in view."""
        if not 1 <= number <= len(self._laid):
            return
        laid, bar, height = self._laid[number - 1], self.verticalScrollBar(), self.viewport().height()
        room = min(3.5 * laid.row_height, max(0.0, (height - laid.height) / 2))
        top, bottom = laid.top - room, laid.top + laid.height + room
        if top < bar.value():
            bar.setValue(round(top))
        elif bottom > bar.value() + height:
            bar.setValue(round(bottom - height))

    def line_at(self, y: float) -> int:
        """Number of the line at a height of the viewport; 0 where there is none."""
        y += self.verticalScrollBar().value()
        return next((laid.line.number for laid in self._laid if laid.top <= y < laid.top + laid.height), 0)

    # --- events --------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        offset, height = self.verticalScrollBar().value(), self.viewport().height()
        for laid in self._laid:
            if laid.top + laid.height < offset or laid.top > offset + height:
                continue
            number = laid.line.number
            marks = Marks(
                current=number in self.current,
                caller=number in self._callers,
                emphasis=number in self._emphasis,
                hovered=number == self._hovered and number in self._runs,
                caret=number == self.caret and number not in self.current and self.hasFocus(),
                breakpoint=number in self._breakpoints,
                faded=bool(self._runs) and number not in self._runs,
                badge=self._badges.get(number, ""),
            )
            place = QPointF(0, laid.top - offset)
            paint_line(painter, laid, place, self.viewport().width(), self._gutter, marks, self._theme)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        hovered = self.line_at(event.position().y())
        if hovered != self._hovered:
            self._hovered = hovered
            self.viewport().setCursor(
                Qt.CursorShape.PointingHandCursor if hovered in self._runs else Qt.CursorShape.ArrowCursor
            )
            self.viewport().update()

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = 0
        self.viewport().update()
        super().leaveEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        number = self.line_at(event.position().y())
        if event.button() != Qt.MouseButton.LeftButton or number not in self._runs:
            super().mousePressEvent(event)
            return
        if self._has_breakpoints and event.position().x() < self._gutter.marks:
            self.breakpoint_toggled.emit(number)
        else:
            self.chosen.emit(number)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Down | Qt.Key.Key_Up:
                self._move_caret(1 if event.key() == Qt.Key.Key_Down else -1)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if self.caret in self._runs:
                self.chosen.emit(self.caret)
            case Qt.Key.Key_B if self._has_breakpoints and self.caret in self._runs:
                self.breakpoint_toggled.emit(self.caret)
            case _:
                event.ignore()  # the page's keys

    def _move_caret(self, by: int) -> None:
        """To the next line that runs."""
        wanted = range(self.caret + by, len(self._lines) + 1 if by > 0 else 0, by)
        self.caret = next((number for number in wanted if number in self._runs), self.caret)
        self._reveal(self.caret)
        self._describe()
        self.viewport().update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.caret = min(self.current, default=0)
        self.viewport().update()

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            self._show_tip(event)
            return True
        return super().viewportEvent(event)

    def _show_tip(self, event: QHelpEvent) -> None:
        number = self.line_at(event.pos().y())
        if not number or not self._runs:
            QToolTip.hideText()
            return
        count = self._runs.get(number, 0)
        if not count:
            text = "This line does not run here."
        elif self._has_breakpoints and event.pos().x() < self._gutter.marks:
            text = "Hold at this line when playing (B)"
        else:
            text = f"Run to this line (Enter); it runs {count} time{'' if count == 1 else 's'} in this recording"
        if number in self._badges:
            text += f"\nLine {self._badges[number]} of the paper"
        QToolTip.showText(event.globalPos(), text, self.viewport())

    def _describe(self) -> None:
        """For a screen reader: the line at the caret, which is the current one unless the arrow keys moved it."""
        if 1 <= self.caret <= len(self._lines):
            line = self._lines[self.caret - 1]
            here = "current line" if self.caret in self.current else "line"
            self.setAccessibleDescription(f"{here} {line.number}: {line.text.strip()}")
        else:
            self.setAccessibleDescription("")
