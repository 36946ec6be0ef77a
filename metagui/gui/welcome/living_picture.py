"""A small picture that lives: a trained network adapting to a task, over and over."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QLabel, QStackedLayout, QWidget

from metagui.events import Adaptation
from metagui.gui.adaptation.content import Images, MalformedAdaptationError, Points, read
from metagui.gui.adaptation.images import ImagesPicture
from metagui.gui.adaptation.points import PointsPicture
from metagui.gui.adaptation.regression import RegressionPicture
from metagui.gui.theme import DARK, Theme

_STEP_MS = 320
_LOWEST, _HIGHEST = 150, 270
"""Pixels; between them nearly as high as wide."""
_REST = 7
"""Ticks that the adapted network is looked at before it begins anew."""


class LivingPicture(QWidget):
    """A sentence until the first task is given, then its inner steps one after another while it is visible."""

    def __init__(self, waiting: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(_LOWEST)
        self._theme = DARK
        self._picture: RegressionPicture | PointsPicture | ImagesPicture | None = None
        self._steps = 0
        self._tick = 0
        self._words = QLabel(waiting)
        self._words.setProperty("role", "muted")
        self._words.setWordWrap(True)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._words)
        self._timer = QTimer(self)
        self._timer.setInterval(_STEP_MS)
        self._timer.timeout.connect(self._go_on)

    @property
    def step(self) -> int:
        """The inner step on show."""
        return min(self._tick, self._steps)

    @property
    def is_moving(self) -> bool:
        return self._timer.isActive()

    @property
    def message(self) -> str:
        """The sentence in place of the picture, empty while there is one."""
        return self._words.text() if self._stack.currentWidget() is self._words else ""

    def show_adaptation(self, adaptation: Adaptation) -> None:
        """Begin with this task; one that cannot be drawn leaves a sentence."""
        try:
            content = read(adaptation)
        except MalformedAdaptationError as error:
            self.show_message(str(error))
            return
        if self._picture is not None:
            self._stack.removeWidget(self._picture)
            self._picture.deleteLater()
        if isinstance(content, Points):
            self._picture = PointsPicture()
        elif isinstance(content, Images):
            self._picture = ImagesPicture()
        else:
            self._picture = RegressionPicture()
        self._picture.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._picture.set_theme(self._theme)
        self._stack.addWidget(self._picture)
        self._stack.setCurrentWidget(self._picture)
        self._steps, self._tick = content.steps, 0
        self._picture.show_content(content, 0)  # type: ignore[arg-type]
        if self.isVisible():
            self._timer.start()

    def show_message(self, text: str) -> None:
        self._timer.stop()
        self._words.setText(text)
        self._stack.setCurrentWidget(self._words)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        if self._picture is not None:
            self._picture.set_theme(theme)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.setFixedHeight(min(_HIGHEST, max(_LOWEST, round(0.85 * self.width()))))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._picture is not None:
            self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def _go_on(self) -> None:
        self._tick = (self._tick + 1) % (self._steps + 1 + _REST)
        if self._picture is not None and (self._tick == 0 or self._tick <= self._steps):
            self._picture.show_step(self.step)
