"""A card that invites: a picture or an icon, a title and a sentence; all of it is one button."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QBoxLayout, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from metagui.gui.theme import DARK, Theme, icon, mixed

_RADIUS = 10
_ICON = 22


class Invitation(QAbstractButton):
    """``picture`` stands above the words where there is one, else an icon beside them."""

    def __init__(
        self, title: str, summary: str, picture: QWidget | None = None, icon: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setAccessibleName(title)
        self.setAccessibleDescription(summary)
        self._theme = DARK
        self._icon_name = icon
        self.picture = picture
        self.title = QLabel(title)
        self.title.setWordWrap(True)
        self.summary = QLabel(summary)
        self.summary.setWordWrap(True)
        self.summary.setProperty("role", "muted")
        self._symbol = QLabel()
        words = QVBoxLayout()
        words.setSpacing(3)
        words.addWidget(self.title)
        words.addWidget(self.summary)
        words.addStretch(1)
        row: QBoxLayout
        if picture is None:
            row = QHBoxLayout(self)
            row.setSpacing(12)
            row.addWidget(self._symbol, 0, Qt.AlignmentFlag.AlignTop)
        else:
            row = QVBoxLayout(self)
            row.setSpacing(10)
            row.addWidget(picture, 1)
        row.setContentsMargins(14, 14, 14, 12)
        row.addLayout(words, 0 if picture is not None else 1)
        for child in self.findChildren(QWidget):  # the card takes the mouse, whatever lies on it
            child.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            child.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def sizeHint(self) -> QSize:
        return self.layout().sizeHint()

    def minimumSizeHint(self) -> QSize:
        return self.layout().minimumSize()

    def hasHeightForWidth(self) -> bool:
        return self.layout().hasHeightForWidth()

    def heightForWidth(self, width: int) -> int:
        return self.layout().heightForWidth(width)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.title.setStyleSheet(f"color: {theme.text}; font-weight: 600;")
        if self._icon_name:
            self._symbol.setPixmap(icon(self._icon_name, theme, theme.accent).pixmap(QSize(_ICON, _ICON)))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._theme
        lit = self.underMouse() or self.hasFocus()
        face = mixed(theme.plot_background, theme.text, 0.09 if self.isDown() else 0.05 if self.underMouse() else 0.0)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(QColor(face))
        painter.setPen(QPen(QColor(theme.accent if lit else theme.line), 1.5 if lit else 1))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), _RADIUS, _RADIUS)
