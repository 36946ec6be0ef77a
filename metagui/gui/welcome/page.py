"""The page of the first start: what there is to see and to do, each one click away and without a network."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QCheckBox, QFrame, QGridLayout, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from metagui.gui.theme import DARK, Theme, app_icon
from metagui.gui.welcome.invitation import Invitation
from metagui.gui.welcome.living_picture import LivingPicture

_WAITING = "A trained network appears here in a moment …"

TRY = {
    "curve": ("Bend it yourself", "Drag points of a sine wave; a network trained by MAML follows with every move."),
    "points": ("Paint classes", "Put points of three colours on a plane and watch the boundary fold around them."),
    "characters": ("Draw characters", "Draw five characters once each, then one more: which of the five is it?"),
}
"""What a person can put their hands on: by name, title and summary."""

DO = {
    "train": ("play", "Watch it learn", "Train MAML on sine waves, here and now: losses, validation, adaptation."),
    "compare": (
        "adaptation",
        "Compare algorithms",
        "MAML, iMAML, Reptile and joint training adapt to the same wave, side by side.",
    ),
    "walk": ("walkthrough", "Read the algorithm", "The paper, the code that runs and its numbers, line by line."),
    "talk": ("present", "See the talk", "MAML and iMAML in seven slides, everything on them alive."),
}

_ROOM_FOR_THREE = 620
_ROOM_FOR_FOUR = 1000


class WelcomePage(QScrollArea):
    """``chosen`` names the invitation that was taken, a key of TRY or DO."""

    chosen = Signal(str)
    shown = Signal()
    wanted_at_start = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.pictures = {name: LivingPicture(_WAITING) for name in TRY}
        self.invitations = {
            **{name: Invitation(*words, picture=self.pictures[name]) for name, words in TRY.items()},
            **{name: Invitation(title, summary, icon=icon) for name, (icon, title, summary) in DO.items()},
        }
        for name, invitation in self.invitations.items():
            invitation.clicked.connect(lambda _checked=False, name=name: self.chosen.emit(name))
        self.at_start = QCheckBox("Show this page when metagui starts")
        self.at_start.toggled.connect(self.wanted_at_start)
        self._symbol = QLabel()
        self._symbol.setPixmap(app_icon().pixmap(QSize(44, 44)))
        self._title = QLabel("Welcome to metagui")
        font = self._title.font()
        font.setPointSizeF(font.pointSizeF() * 1.7)
        font.setBold(True)
        self._title.setFont(font)
        self._subtitle = QLabel("See how networks learn to learn: train them, watch them adapt, try them by hand.")
        self._subtitle.setWordWrap(True)
        self._subtitle.setProperty("role", "muted")
        self._headings = [QLabel("Try a trained network"), QLabel("Look further")]
        for heading in self._headings:
            heading.setProperty("role", "heading")
        self._tries, self._dos = QGridLayout(), QGridLayout()
        self._columns = (0, 0)
        self._build()
        self.set_theme(DARK)

    def _build(self) -> None:
        sheet = QWidget()
        sheet.setObjectName("welcomeSheet")
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._title)
        words.addWidget(self._subtitle)
        head = QHBoxLayout()
        head.setSpacing(14)
        head.addWidget(self._symbol, 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(words, 1)
        layout = QVBoxLayout(sheet)
        layout.setContentsMargins(26, 24, 26, 16)
        layout.setSpacing(12)
        layout.addLayout(head)
        layout.addSpacing(8)
        for heading, grid in zip(self._headings, (self._tries, self._dos), strict=True):
            grid.setSpacing(12)
            layout.addWidget(heading)
            layout.addLayout(grid)
            layout.addSpacing(6)
        layout.addStretch(1)
        layout.addWidget(self.at_start)
        self.setWidget(sheet)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As many cards in a row as there is room for."""
        super().resizeEvent(event)
        width = self.viewport().width()
        columns = (3 if width >= _ROOM_FOR_THREE else 1, 4 if width >= _ROOM_FOR_FOUR else 2)
        if columns != self._columns:
            self._columns = columns
            _lay_out(self._tries, [self.invitations[name] for name in TRY], columns[0])
            _lay_out(self._dos, [self.invitations[name] for name in DO], columns[1])

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.shown.emit()

    def set_wanted_at_start(self, wanted: bool) -> None:
        """Show the choice without announcing it."""
        blocked = self.at_start.blockSignals(True)
        self.at_start.setChecked(wanted)
        self.at_start.blockSignals(blocked)

    def set_theme(self, theme: Theme) -> None:
        self.setStyleSheet(f"WelcomePage, #welcomeSheet {{ background: {theme.window}; }}")
        for invitation in self.invitations.values():
            invitation.set_theme(theme)
        for picture in self.pictures.values():
            picture.set_theme(theme)


def _lay_out(grid: QGridLayout, cards: list[Invitation], columns: int) -> None:
    for card in cards:
        grid.removeWidget(card)
    for index, card in enumerate(cards):
        grid.addWidget(card, index // columns, index % columns)
    for column in range(4):
        grid.setColumnStretch(column, 1 if column < columns else 0)
