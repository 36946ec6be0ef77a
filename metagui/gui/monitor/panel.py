"""A chart under its heading: what is shown, the choice of it, and what is not in view."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from metagui.gui.monitor.chart import Chart
from metagui.gui.monitor.views import View
from metagui.gui.theme import Theme


class ChartPanel(QWidget):
    """Heading, view selector, note and chart."""

    view_changed = Signal()

    def __init__(self, heading: str, views: Sequence[View], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.chart = Chart(heading)
        self._views = tuple(views)
        title = QLabel(heading)
        title.setMinimumHeight(30)
        title.setProperty("role", "heading")
        self.selector = QComboBox(self)
        self.selector.setAccessibleName(f"{heading}: quantity shown")
        self.note = QLabel()
        self.note.setProperty("role", "muted")
        self.offer(self._views)
        self.selector.currentIndexChanged.connect(self.view_changed)
        head = QHBoxLayout()
        head.setContentsMargins(12, 2, 12, 2)
        head.setSpacing(10)
        head.addWidget(title)
        head.addWidget(self.selector)
        head.addStretch(1)
        head.addWidget(self.note)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addLayout(head)
        layout.addWidget(self.chart, 1)

    @property
    def view(self) -> View:
        view: View = self.selector.currentData()
        return view

    @property
    def offered(self) -> tuple[View, ...]:
        return tuple(self.selector.itemData(index) for index in range(self.selector.count()))

    def offer(self, views: Sequence[View]) -> None:
        """The views to choose from; the chosen one stays where it is still offered. One view needs no choice."""
        if tuple(views) == self.offered:
            return
        chosen = self.selector.currentData()
        blocked = self.selector.blockSignals(True)
        self.selector.clear()
        for view in views:
            self.selector.addItem(view.title, view)
        if chosen in views:
            self.selector.setCurrentIndex(list(views).index(chosen))
        self.selector.blockSignals(blocked)
        self.selector.setVisible(len(views) > 1)
        if chosen is not None and chosen not in views:
            self.view_changed.emit()

    def choose(self, view: View) -> None:
        """Show this view; one that is not offered is ignored."""
        if view in self.offered:
            self.selector.setCurrentIndex(self.offered.index(view))

    def set_note(self, parts: Sequence[str]) -> None:
        """What the plot does not show, e.g. points off view."""
        self.note.setText(" · ".join(parts))

    def set_theme(self, theme: Theme) -> None:
        self.chart.set_theme(theme)
