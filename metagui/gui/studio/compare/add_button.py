"""The button that adds a column: baselines, runs and their checkpoints, demonstrations."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QMenu, QPushButton, QWidget, QWidgetAction

from metagui.gui.studio.compare.contender import Offer


class AddButton(QPushButton):
    """Its menu is filled when it opens: ``offers`` is asked each time."""

    chosen = Signal(str)
    """Key of the offer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Add a column", parent)
        self.setToolTip("Another algorithm, run, checkpoint or baseline, on the same tasks")
        self.offers: Callable[[], Sequence[Offer]] = tuple
        self._list = QMenu(self)
        self._list.setToolTipsVisible(True)
        self.inner: dict[str, QMenu] = {}
        """Sub-menus by their name."""
        self._list.aboutToShow.connect(self.fill)
        self.setMenu(self._list)

    def fill(self) -> None:
        """Ask for the offers anew."""
        self._list.clear()
        for menu in self.inner.values():
            menu.deleteLater()
        self.inner = {}
        section = None
        for offer in self.offers():
            if offer.section != section:
                section = offer.section
                self._list.addAction(self._heading(section))
            menu = self._list
            if offer.within:
                if offer.within not in self.inner:
                    self.inner[offer.within] = QMenu(offer.within, self._list)
                    self._list.addMenu(self.inner[offer.within])
                menu = self.inner[offer.within]
            action = menu.addAction(offer.text)
            action.setEnabled(not offer.why_not)
            action.setToolTip(offer.why_not)
            if offer.why_not:
                action.setText(f"{offer.text}  ({offer.why_not})")
            action.setData(offer.key)
            action.triggered.connect(self._tell)

    def _heading(self, text: str) -> QWidgetAction:
        """A section's name: the window's style draws none by itself."""
        label = QLabel(text)
        label.setProperty("role", "muted")
        label.setContentsMargins(12, 8, 12, 3)
        heading = QWidgetAction(self._list)
        heading.setDefaultWidget(label)
        heading.setEnabled(False)
        return heading

    def _tell(self) -> None:
        action = self.sender()
        if action is not None:
            self.chosen.emit(action.data())  # type: ignore[attr-defined]
