"""The studio's page: a mode switch, and below it the panel of the mode chosen."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from metagui.gui.adaptation.scrubber import Scrubber
from metagui.gui.studio.modes import ModeSwitch
from metagui.gui.theme import Theme


class Themed(Protocol):
    """What every panel of the studio can do."""

    def set_theme(self, theme: Theme) -> None: ...


class StudioPage(QWidget):
    """Panels are added in the order of their words. Arrows scrub the panel on show, space plays it."""

    mode_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.switch = ModeSwitch()
        self.switch.chosen.connect(self._turn)
        self.stack = QStackedWidget()
        self._panels: list[QWidget] = []
        head = QHBoxLayout()
        head.setContentsMargins(14, 10, 14, 0)
        head.addWidget(self.switch)
        head.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self.stack, 1)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)

    def add_mode(self, text: str, tip: str, panel: QWidget) -> None:
        """One more mode; ``panel`` may have ``set_theme`` and a ``scrubber``."""
        self.switch.add(text, tip)
        self.switch.setVisible(len(self.switch.buttons) > 1)
        self._panels.append(panel)
        self.stack.addWidget(panel)

    @property
    def current(self) -> QWidget:
        """The panel on show."""
        return self.stack.currentWidget()

    def show_mode(self, panel: QWidget) -> None:
        self.switch.choose(self._panels.index(panel))

    def set_theme(self, theme: Theme) -> None:
        self.switch.set_theme(theme)
        for panel in self._panels:
            themed: Themed = panel  # type: ignore[assignment]
            themed.set_theme(theme)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        scrubber = getattr(self.current, "scrubber", None)
        if not isinstance(scrubber, Scrubber) or not scrubber.isVisible() or not _scrub(scrubber, event.key()):
            super().keyPressEvent(event)

    def _turn(self, place: int) -> None:
        self.stack.setCurrentIndex(place)
        self.mode_changed.emit()


def _scrub(scrubber: Scrubber, key: int) -> bool:
    """Whether the key means something to a scrubber."""
    slider = scrubber.slider
    match key:
        case Qt.Key.Key_Space:
            scrubber.play.toggle()
        case Qt.Key.Key_Left | Qt.Key.Key_Down:
            slider.setValue(slider.value() - 1)
        case Qt.Key.Key_Right | Qt.Key.Key_Up:
            slider.setValue(slider.value() + 1)
        case Qt.Key.Key_Home:
            slider.setValue(0)
        case Qt.Key.Key_End:
            slider.setValue(slider.maximum())
        case _:
            return False
    return True
