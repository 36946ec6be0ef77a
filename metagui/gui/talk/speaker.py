"""What the speaker sees: notes, what is going on, what comes next, and the time."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QCloseEvent, QKeySequence
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from metagui.gui.talk.performance import Performance
from metagui.gui.theme import Theme, app_icon
from metagui.identity import APP_TITLE


class SpeakerWindow(QWidget):
    """Stands on the speaker's own screen. ``left`` when it is closed."""

    left = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setWindowTitle(f"Speaker – {APP_TITLE}")
        self.setWindowIcon(app_icon())
        self.setObjectName("speaker")
        self.resize(760, 560)
        self.clock, self.position = QLabel("0:00"), QLabel()
        self.title, self.state, self.trouble, self.coming = QLabel(), QLabel(), QLabel(), QLabel()
        self.notes = QPlainTextEdit()
        self.notes.setReadOnly(True)
        self.notes.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.notes.setFrameShape(QFrame.Shape.NoFrame)
        self.notes.setAccessibleName("Speaker notes")
        self.reset = QPushButton("Restart timer")
        self.reset.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        for label in (self.title, self.state, self.trouble, self.coming):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
        head = QHBoxLayout()
        head.addWidget(self.clock)
        head.addWidget(self.reset)
        head.addStretch(1)
        head.addWidget(self.position)
        self._keys = QHBoxLayout()
        self._keys.setSpacing(6)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 16, 22, 14)
        layout.setSpacing(10)
        layout.addLayout(head)
        layout.addWidget(self.title)
        layout.addWidget(self.state)
        layout.addWidget(self.trouble)
        layout.addWidget(self.notes, 1)
        layout.addWidget(self.coming)
        layout.addLayout(self._keys)
        self.set_theme(theme)

    def offer(self, actions: list[QAction]) -> None:
        """A button for each command, with its key."""
        for action in actions:
            key = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            action.setIconText(f"{action.iconText()}  {key}")
            button = QToolButton()
            button.setDefaultAction(action)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
            self._keys.addWidget(button)
        self._keys.addStretch(1)

    def show_slide(self, talk: Performance) -> None:
        """The notes of the slide, and what comes after it."""
        self.position.setText(f"slide {talk.index + 1} of {len(talk.script.slides)}")
        self.title.setText(talk.slide.title)
        self.notes.setPlainText(talk.slide.notes.strip() or "(no notes for this slide)")
        following = talk.next_slide
        self.coming.setText(f"Next: {following.title}" if following else "Next: the end of the talk")

    def show_course(self, talk: Performance, seconds: float, now: float) -> None:
        """The time since the talk began, and what the slide does."""
        minutes, rest = divmod(int(seconds), 60)
        hours, minutes = divmod(minutes, 60)
        self.clock.setText(f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}")
        self.state.setText(course_text(talk, now))
        failures: dict[str, list[str]] = {}
        for failure in talk.failures_here:  # one cause often has several effects
            failures.setdefault(failure.message, []).append(failure.doing)
        self.trouble.setText("\n".join(f"{', '.join(doing)}: {message}" for message, doing in failures.items()))
        self.trouble.setVisible(bool(failures))

    def show_mistake(self, text: str) -> None:
        """Something that nobody foresaw; the talk goes on."""
        self.coming.setText(text)

    def set_theme(self, theme: Theme) -> None:
        self.clock.setStyleSheet(f"font-size: 34px; font-weight: 600; color: {theme.text};")
        self.position.setStyleSheet(f"font-size: 17px; color: {theme.muted};")
        self.title.setStyleSheet(f"font-size: 22px; font-weight: 600; color: {theme.text};")
        self.state.setStyleSheet(f"font-size: 15px; color: {theme.accent};")
        self.trouble.setStyleSheet(f"font-size: 15px; color: {theme.bad};")
        self.notes.setStyleSheet(
            f"QPlainTextEdit {{ font-size: 19px; background: {theme.panel}; color: {theme.text}; border-radius: 8px; "
            "padding: 8px; }"
        )
        self.coming.setStyleSheet(f"font-size: 16px; color: {theme.muted};")

    def closeEvent(self, event: QCloseEvent) -> None:
        event.accept()
        self.left.emit()


def course_text(talk: Performance, now: float) -> str:
    """What a talk does now, as a sentence for its speaker."""
    match talk.phase:
        case "holding":
            return "The slide waits for your next key."
        case "acting" if talk.waiting_for:
            waited, limit = talk.waited(now)
            return f"Waiting for {talk.waiting_for}: {waited:.0f} s of at most {limit:.0f} s. Next goes on without it."
        case "settled":
            return "Ready."
        case _:
            return ""
