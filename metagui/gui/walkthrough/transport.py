"""The row below the columns: steps in both directions, play, and the scrubber over all moments."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from metagui.gui.theme import Theme
from metagui.gui.walkthrough.legend import Legend
from metagui.gui.walkthrough.timeline import Timeline

BUTTONS = (
    "walk.start",
    "walk.back",
    "walk.play",
    "walk.forward",
    "walk.over",
    "walk.into",
    "walk.out",
    "walk.end",
)
"""Commands with a button, from left to right."""

SPEEDS: tuple[tuple[str, int], ...] = (("slow", 900), ("normal", 400), ("fast", 130), ("very fast", 40))
"""Milliseconds that a line stays while playing."""


class Transport(QWidget):
    """``advance`` asks for the next moment while playing; ``moved`` carries the moment that the scrubber chose."""

    moved = Signal(int)
    advance = Signal()
    playing_changed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.timeline = Timeline()
        self.timeline.valueChanged.connect(self.moved)
        self.legend = Legend()
        self.position = QLabel()
        self.position.setProperty("role", "muted")
        self.position.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.speed = QComboBox()
        for name, interval in SPEEDS:
            self.speed.addItem(name, interval)
        self.speed.setCurrentIndex(1)
        self.speed.setAccessibleName("Speed of playing")
        self.speed.setToolTip("How long each line stays while playing")
        self.speed.currentIndexChanged.connect(self._set_pace)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.advance)
        self._set_pace()
        self._busy = QLabel("recording anew…")
        self._busy.setProperty("role", "warning")
        self._busy.hide()
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(1)
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addLayout(self._buttons)
        row.addWidget(self.speed)
        row.addWidget(self.legend, 1)
        row.addWidget(self._busy)
        row.addWidget(self.position)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 4, 10, 6)
        layout.setSpacing(2)
        layout.addWidget(self.timeline)
        layout.addLayout(row)

    @property
    def playing(self) -> bool:
        return self._timer.isActive()

    def add_buttons(self, actions: Mapping[str, QAction]) -> None:
        """Buttons for the commands of :data:`BUTTONS`."""
        for command in BUTTONS:
            button = QToolButton()
            button.setDefaultAction(actions[command])
            button.setIconSize(QSize(18, 18))
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
            button.setAccessibleName(actions[command].text().replace("&", ""))
            self._buttons.addWidget(button)

    def play(self, playing: bool) -> None:
        """Start or stop asking for the next moment."""
        if playing == self.playing:
            return
        if playing:
            self._timer.start()
        else:
            self._timer.stop()
        self.playing_changed.emit(playing)

    def show_position(self, position: int, words: str) -> None:
        """Put the scrubber there, without announcing it."""
        blocked = self.timeline.blockSignals(True)
        self.timeline.setValue(max(position, 0))
        self.timeline.blockSignals(blocked)
        self.timeline.setAccessibleDescription(words)
        self.position.setText(words)

    def set_busy(self, busy: bool) -> None:
        """Something newer is being recorded."""
        self._busy.setVisible(busy)

    def set_theme(self, theme: Theme) -> None:
        self.timeline.set_theme(theme)
        self.legend.set_theme(theme)

    def _set_pace(self) -> None:
        self._timer.setInterval(int(self.speed.currentData()))
