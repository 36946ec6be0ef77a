"""What the room sees: the slide's title, its page, what is said, and how far the talk is. No chrome."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from metagui.gui.talk.canvas import Canvas
from metagui.gui.talk.overlays import BlackScreen, LaserDot
from metagui.gui.theme import Theme, app_icon, mixed
from metagui.identity import APP_TITLE
from metagui.walkthroughs.script import Script

CALM_SENTENCE = "One step of this slide is missing today; the talk goes on without it."
_MOST_DOTS = 40


class ProgressDots(QWidget):
    """A dot for every slide, the current one filled; beyond forty a bar."""

    def __init__(self, count: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.count = count
        self.index = 0
        self._colours = ("#808080", "#ffffff")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_index(self, index: int) -> None:
        self.index = index
        self.setAccessibleName(f"Slide {index + 1} of {self.count}")
        self.update()

    def set_colours(self, rest: str, current: str) -> None:
        self._colours = rest, current
        self.update()

    def resize_for(self, unit: float) -> None:
        self.setFixedSize(QSize(round(min(self.count, _MOST_DOTS) * unit * 2.4), round(unit * 2.2)))

    def paintEvent(self, event: QPaintEvent) -> None:
        rest, current = (QColor(colour) for colour in self._colours)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        middle = self.height() / 2
        if self.count > _MOST_DOTS:
            painter.setBrush(rest)
            painter.drawRoundedRect(QRectF(0, middle - 2, self.width(), 4), 2, 2)
            painter.setBrush(current)
            painter.drawRoundedRect(QRectF(0, middle - 2, self.width() * (self.index + 1) / self.count, 4), 2, 2)
        else:
            pitch = self.width() / self.count
            for number in range(self.count):
                radius = middle * (0.62 if number == self.index else 0.42)
                painter.setBrush(current if number <= self.index else rest)
                painter.setOpacity(0.55 if number < self.index else 1.0)
                painter.drawEllipse(QPointF(pitch * (number + 0.5), middle), radius, radius)
        painter.end()


class AudienceWindow(QWidget):
    """Full screen. All sizes grow with its height, so that a projector and a laptop show the same."""

    left = Signal()
    """The window was closed by other means than the talk's own command."""

    def __init__(self, script: Script, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setWindowTitle(f"{script.talk.title} – {APP_TITLE}")
        self.setWindowIcon(app_icon())
        self.setObjectName("audience")
        self.setAccessibleName("Talk")
        self.title = QLabel()
        self.number = QLabel()
        self.narration = QLabel()
        self.note = QLabel()
        self.canvas = Canvas(theme, self)
        self.dots = ProgressDots(len(script.slides))
        self._narrations = [text for slide in script.slides for text in slide.narrations]
        for label in (self.title, self.narration, self.note):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(label is self.narration)
        self.narration.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self._head, self._foot = QHBoxLayout(), QHBoxLayout()
        self._head.addWidget(self.title, 1)
        self._head.addWidget(self.number)
        self._foot.addWidget(self.note, 1)
        self._foot.addWidget(self.dots)
        self._layout = QVBoxLayout(self)
        self._layout.addLayout(self._head)
        self._layout.addWidget(self.canvas, 1)
        self._layout.addWidget(self.narration)
        self._layout.addLayout(self._foot)
        self.laser = LaserDot(self)
        self.black = BlackScreen(self)
        self.canvas.pointed.connect(self._follow_pointer)
        self.set_theme(theme)

    # --- what is shown --------------------------------------------------------------------------------------------

    def show_slide(self, index: int, title: str, narration: str, *, heading: bool) -> None:
        """The words around a page; without ``heading`` the page says its title itself."""
        self.title.setText(title if heading else "")
        self.number.setText(f"{index + 1} / {self.dots.count}" if heading else "")
        self.narration.setText(narration)
        self.dots.show_index(index)

    def show_note(self, trouble: bool) -> None:
        """A calm sentence where something did not work out."""
        self.note.setText(CALM_SENTENCE if trouble else "")

    def set_black(self, black: bool) -> None:
        self.black.setVisible(black)
        self.black.raise_()

    def set_laser(self, on: bool) -> None:
        self.laser.setVisible(on)
        self.canvas.viewport().setCursor(Qt.CursorShape.BlankCursor if on else Qt.CursorShape.ArrowCursor)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.canvas.set_theme(theme)
        self.dots.set_colours(mixed(theme.window, theme.text, 0.28), theme.accent)
        self._dress()

    # --- sizes ----------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.laser.setGeometry(self.rect())
        self.black.setGeometry(self.rect())
        self._dress()

    def _dress(self) -> None:
        theme, unit = self._theme, max(self.height(), 300) / 100
        side = round(unit * 2.2)
        self.setStyleSheet(f"#audience {{ background: {theme.window}; }}")
        self.title.setStyleSheet(f"font-size: {round(unit * 4.2)}px; font-weight: 700; color: {theme.text};")
        self.number.setStyleSheet(f"font-size: {round(unit * 2.4)}px; color: {theme.muted};")
        self.narration.setStyleSheet(f"font-size: {round(unit * 2.9)}px; color: {theme.text};")
        self.note.setStyleSheet(f"font-size: {round(unit * 1.9)}px; color: {theme.muted};")
        self._layout.setContentsMargins(0, round(unit * 2), 0, round(unit * 1.4))
        self._layout.setSpacing(round(unit * 1.4))
        self._head.setContentsMargins(side, 0, side, 0)
        self._foot.setContentsMargins(side, 0, side, 0)
        self.narration.setContentsMargins(side, 0, side, 0)
        self.dots.resize_for(unit)
        self.narration.setFixedHeight(self._room_for(self._narrations, self.width() - 2 * side))

    def _room_for(self, texts: Sequence[str], width: int) -> int:
        """The height that the longest narration needs: the page above does not jump from slide to slide."""
        self.narration.ensurePolished()
        metrics = self.narration.fontMetrics()
        flags = int(Qt.TextFlag.TextWordWrap)
        heights = [metrics.boundingRect(0, 0, max(width, 100), 10_000, flags, text).height() for text in texts if text]
        return min(max(heights, default=0), self.height() // 3) + 2

    def _follow_pointer(self, place: QPointF) -> None:
        if not self.laser.isVisible():
            return
        inside = place.x() >= 0 and place.y() >= 0
        self.laser.move_to(QPointF(self.canvas.viewport().mapTo(self, place.toPoint())) if inside else None)

    def closeEvent(self, event: QCloseEvent) -> None:
        event.accept()
        self.left.emit()
