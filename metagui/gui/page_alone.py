"""The middle page without the docks beside it, by command, or by itself where a page needs the room."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDockWidget, QMainWindow


class PageAlone(QObject):
    """Hides the docks that are there and brings back the same ones. A floating dock stays: it takes no room."""

    def __init__(self, window: QMainWindow, docks: tuple[QDockWidget, ...], action: QAction, version: int) -> None:
        super().__init__(window)
        self._window = window
        self._docks = docks
        self._action = action
        self._version = version
        self._hidden: tuple[QDockWidget, ...] = ()
        self._by_itself = False
        self._before: QByteArray | None = None
        action.toggled.connect(self._toggle)
        action.triggered.connect(self._own)

    def dock_state(self) -> QByteArray:
        """Where the docks stand, or stood before they were hidden: what a next start shall find."""
        return self._before if self._before is not None else self._window.saveState(self._version)

    def make_room(self, wanted: bool) -> None:
        """Hide the docks for a page that wants it, and end that for one that does not; a person's own choice holds."""
        if wanted and not self._action.isChecked():
            self._by_itself = True
            self._action.setChecked(True)
        elif not wanted and self._by_itself:
            self._action.setChecked(False)

    def _own(self) -> None:
        self._by_itself = False

    def _toggle(self, alone: bool) -> None:
        if alone:
            self._before = self._window.saveState(self._version)
            self._hidden = tuple(dock for dock in self._docks if not dock.isHidden() and not dock.isFloating())
            for dock in self._hidden:
                dock.hide()
            return
        for dock in self._hidden:
            dock.show()
        self._hidden, self._before, self._by_itself = (), None, False
