"""The data manager: data sets at the left, the chosen one at the right, and at the foot what is being done."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from metagui.gui.banner import BannerArea
from metagui.gui.datasets.add_dialog import AddDialog
from metagui.gui.datasets.drop import DataDrop
from metagui.gui.datasets.installed_page import InstalledPage
from metagui.gui.datasets.job_bar import JobBar
from metagui.gui.datasets.sets_list import SetsList
from metagui.gui.datasets.source_pages import GuidePage, OfferPage
from metagui.gui.theme import Theme, icon

_LIST_WIDTH = 264


class DataDialog(QDialog):
    """Stays open beside the window; nothing waits for it. A presenter fills it."""

    add = Signal()
    dropped = Signal(Path)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Data sets")
        self.setWindowFlag(Qt.WindowType.WindowMaximizeButtonHint, True)
        self.resize(1180, 750)
        self.setMinimumSize(820, 560)
        self.banners = BannerArea(theme)
        self.sets = SetsList()
        self.sets.setFixedWidth(_LIST_WIDTH)
        self.add_button = QPushButton("Add data…")
        self.add_button.setToolTip("From a folder or file of yours; or drop it here")
        self.add_button.setAutoDefault(False)
        self.installed = InstalledPage()
        self.offer = OfferPage()
        self.guide = GuidePage()
        self.pages = QStackedWidget()
        for page in (self.installed, self.offer, self.guide):
            self.pages.addWidget(page)
        self.job = JobBar()
        self.adding = AddDialog(self)
        self._lay_out()
        self.add_button.clicked.connect(self.add)
        DataDrop(self).dropped.connect(self.dropped)
        self.set_theme(theme)

    def _lay_out(self) -> None:
        foot = QHBoxLayout()
        foot.setContentsMargins(12, 10, 12, 12)
        foot.addWidget(self.add_button)
        left = QVBoxLayout()
        left.setSpacing(0)
        left.addWidget(self.sets, 1)
        left.addLayout(foot)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addLayout(left)
        middle.addWidget(_rule(vertical=True))
        middle.addWidget(self.pages, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.banners)
        layout.addLayout(middle, 1)
        layout.addWidget(_rule(vertical=False))
        layout.addWidget(self.job)

    def set_busy(self, busy: bool) -> None:
        """One job at a time; what only looks goes on."""
        self.add_button.setEnabled(not busy)
        for page in (self.installed, self.offer, self.guide):
            page.set_busy(busy)
        if not busy:
            self.job.hide()

    def set_theme(self, theme: Theme) -> None:
        self.add_button.setIcon(icon("folder", theme))
        self.banners.set_theme(theme)
        self.sets.set_theme(theme)
        self.installed.set_theme(theme)
        self.pages.setObjectName("dataPages")
        self.pages.setStyleSheet(f"#dataPages {{ background: {theme.panel}; }}")


def _rule(*, vertical: bool) -> QFrame:
    line = QFrame()
    line.setProperty("role", "rule")
    if vertical:
        line.setFixedWidth(1)
    else:
        line.setFixedHeight(1)
    return line
