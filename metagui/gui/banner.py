"""Messages at the top of the window: they say what happened, offer what can be done, and go when dismissed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
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

from metagui.gui.theme import Theme, icon, mixed

Severity = Literal["info", "success", "warning", "error"]

_AT_ONCE = 3
"""More messages than this would cover the window; the oldest give way."""


class Banner(QFrame):
    """One message. ``closed`` when it was dismissed or answered."""

    closed = Signal()

    def __init__(self, severity: Severity, text: str, detail: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.severity = severity
        self.text = text
        self._theme = theme
        self._icon = QLabel()
        self._label = QLabel(text)
        self._label.setWordWrap(True)
        self._label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(6)
        self._close = QToolButton()
        self._close.setToolTip("Dismiss")
        self._close.setAccessibleName("Dismiss this message")
        self._close.setIconSize(QSize(14, 14))
        self._close.clicked.connect(self.close_banner)
        self._detail = QPlainTextEdit(detail)
        self._detail.setReadOnly(True)
        self._detail.setMaximumHeight(160)
        self._detail.setVisible(False)
        self._lay_out()
        if detail:
            self._add_details_button()
        self.set_theme(theme)
        self.setAccessibleName(f"{severity}: {text}")

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(10)
        top.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        top.addWidget(self._label, 1)
        top.addLayout(self._buttons)
        top.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 7, 8, 7)
        layout.addLayout(top)
        layout.addWidget(self._detail)

    def _add_details_button(self) -> None:
        button = QPushButton("Details")
        button.setCheckable(True)
        button.setProperty("kind", "link")
        button.toggled.connect(self._detail.setVisible)
        self._buttons.addWidget(button)

    def add_choice(self, text: str, chosen: Callable[[], None]) -> None:
        """A button that answers the message and takes it away."""
        button = QPushButton(text)
        button.clicked.connect(chosen)
        button.clicked.connect(self.close_banner)
        self._buttons.insertWidget(0, button)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._icon.setPixmap(icon(self.severity, theme, self._colour()).pixmap(18, 18))
        self._close.setIcon(icon("close", theme, theme.muted))
        self.update()

    def close_banner(self) -> None:
        self.closed.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(mixed(self._theme.window, self._colour(), 0.12)))
        painter.fillRect(0, 0, 4, self.height(), QColor(self._colour()))
        painter.fillRect(0, self.height() - 1, self.width(), 1, QColor(self._theme.line))
        painter.end()

    def _colour(self) -> str:
        theme = self._theme
        return {"info": theme.accent, "success": theme.good, "warning": theme.warning, "error": theme.bad}[
            self.severity
        ]


class BannerArea(QWidget):
    """The messages in force, newest on top; the same message is shown once."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.banners: list[Banner] = []
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self.hide()

    def show_message(
        self,
        severity: Severity,
        text: str,
        *,
        detail: str = "",
        choices: dict[str, Callable[[], None]] | None = None,
    ) -> Banner:
        """Show a message, with buttons by their text; one with the same words replaces the older."""
        for old in [banner for banner in self.banners if banner.text == text]:
            self._remove(old)
        banner = Banner(severity, text, detail, self._theme, self)
        for words, chosen in (choices or {}).items():
            banner.add_choice(words, chosen)
        banner.closed.connect(self._dismiss)
        self.banners.insert(0, banner)
        self._layout.insertWidget(0, banner)
        for surplus in self.banners[_AT_ONCE:]:
            self._remove(surplus)
        self.show()
        return banner

    def clear(self) -> None:
        for banner in list(self.banners):
            self._remove(banner)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        for banner in self.banners:
            banner.set_theme(theme)

    def _dismiss(self) -> None:
        banner = self.sender()
        if isinstance(banner, Banner):
            self._remove(banner)

    def _remove(self, banner: Banner) -> None:
        if banner in self.banners:
            self.banners.remove(banner)
            self._layout.removeWidget(banner)
            banner.hide()
            banner.deleteLater()
        self.setVisible(bool(self.banners))
