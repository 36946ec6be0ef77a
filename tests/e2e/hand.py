"""A mouse over a window. Events go to the window, not to a widget: it finds out itself what lies under the pointer."""

from __future__ import annotations

import subprocess
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from metagui.gui.waiting import wait

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton


class Hand(ABC):
    """What can be done with a mouse; places are pixels of the widget."""

    def click(self, widget: QWidget, place: QPoint | None = None, button: Qt.MouseButton = LEFT) -> None:
        """In the middle, where no place is given."""
        self.drag(widget, [widget.rect().center() if place is None else place], button)

    @abstractmethod
    def drag(
        self,
        widget: QWidget,
        places: Sequence[QPoint],
        button: Qt.MouseButton = LEFT,
        before_release: Callable[[], None] = lambda: None,
    ) -> None:
        """From the first place to the last, and ``before_release`` there."""


class QtHand(Hand):
    """Events as Qt gets them from a window system."""

    def drag(
        self,
        widget: QWidget,
        places: Sequence[QPoint],
        button: Qt.MouseButton = LEFT,
        before_release: Callable[[], None] = lambda: None,
    ) -> None:
        window = widget.window().windowHandle()
        spots = _on_window(widget, places)
        QTest.mouseMove(window, spots[0])
        QTest.mousePress(window, button, pos=spots[0])
        for spot in spots[1:]:
            QTest.mouseMove(window, spot)
        before_release()
        QTest.mouseRelease(window, button, pos=spots[-1])


class PointerHand(Hand):
    """The pointer of an X server, moved by xdotool: X itself sends the events."""

    def drag(
        self,
        widget: QWidget,
        places: Sequence[QPoint],
        button: Qt.MouseButton = LEFT,
        before_release: Callable[[], None] = lambda: None,
    ) -> None:
        number = "1" if button == LEFT else "3"
        spots = [widget.window().mapToGlobal(spot) for spot in _on_window(widget, places)]
        self._move(spots[0])
        self._tell("mousedown", number)
        for spot in spots[1:]:
            self._move(spot)
        before_release()
        self._tell("mouseup", number)

    def _move(self, spot: QPoint) -> None:
        self._tell("mousemove", str(spot.x()), str(spot.y()))

    def _tell(self, *words: str) -> None:
        subprocess.run(["xdotool", *words], check=True, timeout=20, stdin=subprocess.DEVNULL)
        wait(0.03)  # X compresses moves that nobody has looked at


def drop_file(widget: QWidget, path: Path) -> bool:
    """Drag a file over the middle of a widget and let it fall; returns whether it was taken."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    window, none, copy = widget.window().windowHandle(), Qt.KeyboardModifier.NoModifier, Qt.DropAction.CopyAction
    (spot,) = _on_window(widget, [widget.rect().center()])
    entering = QDragEnterEvent(spot, copy, data, LEFT, none)
    QApplication.sendEvent(window, entering)
    moving = QDragMoveEvent(spot, copy, data, LEFT, none)
    moving.setAccepted(entering.isAccepted())  # as Qt does: who takes the first event takes the others, or says no
    QApplication.sendEvent(window, moving)
    if not moving.isAccepted():
        return False
    falling = QDropEvent(QPointF(spot), copy, data, LEFT, none)
    QApplication.sendEvent(window, falling)
    return falling.isAccepted()


def hand_called(name: str) -> Hand:
    """``pointer`` where an X server moves a pointer of its own, else ``events``."""
    if name == "pointer":
        assert QGuiApplication.platformName() == "xcb", "only an X server has a pointer to move"
        return PointerHand()
    return QtHand()


def _on_window(widget: QWidget, places: Sequence[QPoint]) -> list[QPoint]:
    """Places on the window; fails where something else lies over the first one, as a person could not reach it."""
    window = widget.window()
    spots = [widget.mapTo(window, place) for place in places]
    reached = window.childAt(spots[0])
    assert reached is not None, f"{widget} is not in the window at {places[0]}"
    assert reached is widget or widget.isAncestorOf(reached), f"{reached} lies over {widget}"
    return spots
