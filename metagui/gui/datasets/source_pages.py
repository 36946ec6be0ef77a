"""Data sets that are not here yet: those that can be downloaded, and those that a person obtains elsewhere."""

from __future__ import annotations

import html

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from metagui.datasets.catalogue import Guide, Offer
from metagui.datasets.reporting import size_text

_WIDEST = 640


class _SourcePage(QWidget):
    """A title, paragraphs of a readable width and a row of buttons."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = QLabel()
        self.title.setProperty("role", "heading")
        self.summary, self.body, self.terms = _paragraph(), _paragraph(), _paragraph()
        self.terms.setProperty("role", "muted")
        self.buttons = QHBoxLayout()
        self.buttons.setSpacing(8)
        column = QVBoxLayout()
        column.setSpacing(12)
        for label in (self.title, self.summary, self.body, self.terms):
            column.addWidget(label)
        column.addSpacing(4)
        column.addLayout(self.buttons)
        column.addStretch(1)
        frame = QFrame()
        frame.setMaximumWidth(_WIDEST)
        frame.setLayout(column)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(28, 24, 28, 18)
        layout.addWidget(frame, 1, Qt.AlignmentFlag.AlignTop)
        layout.addStretch(0)


class OfferPage(_SourcePage):
    """``download`` and ``discard`` carry the offer's name, ``add`` asks for files that are here already."""

    download = Signal(str)
    discard = Signal(str)
    add = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = ""
        self.download_button = QPushButton()
        self.download_button.setProperty("kind", "primary")
        self.add_button = QPushButton("From files…")
        self.add_button.setToolTip("Its zips, or folders unpacked from them, that are here already")
        self.discard_button = QPushButton("Discard what came")
        self.discard_button.setProperty("kind", "quiet")
        self.download_button.clicked.connect(lambda: self.download.emit(self.name))
        self.add_button.clicked.connect(lambda: self.add.emit(self.name))
        self.discard_button.clicked.connect(lambda: self.discard.emit(self.name))
        for button in (self.download_button, self.add_button, self.discard_button):
            self.buttons.addWidget(button)
        self.buttons.addStretch(1)

    def show_offer(self, offer: Offer, waiting: int) -> None:
        """``waiting`` bytes of it came before an interruption."""
        self.name = offer.name
        self.title.setText(offer.title)
        self.summary.setText(offer.summary)
        files = "".join(
            f"<tr><td>{html.escape(file.name)}</td><td align='right' style='padding-left:24px'>"
            f"{size_text(file.size)}</td></tr>"
            for file in offer.files
        )
        place = offer.files[0].address.rpartition("/")[0]
        self.body.setText(f"<p>From {html.escape(place)}, checked by md5:</p><table>{files}</table>")
        here = f"{size_text(waiting)} of {size_text(offer.size)} are here already. " if waiting else ""
        self.terms.setText(f"{here}Licence: {offer.licence}.")
        self.download_button.setText("Go on with the download" if waiting else f"Download ({size_text(offer.size)})")
        self.discard_button.setVisible(waiting > 0)

    def set_busy(self, busy: bool) -> None:
        for button in (self.download_button, self.add_button, self.discard_button):
            button.setEnabled(not busy)


class GuidePage(_SourcePage):
    """``add`` asks for the folder or file that a person obtained."""

    add = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = ""
        self.add_button = QPushButton("Add the folder or file…")
        self.add_button.setProperty("kind", "primary")
        self.add_button.clicked.connect(lambda: self.add.emit(self.name))
        self.buttons.addWidget(self.add_button)
        self.buttons.addStretch(1)

    def show_guide(self, guide: Guide) -> None:
        self.name = guide.name
        self.title.setText(guide.title)
        self.summary.setText(guide.summary)
        steps = "".join(f"<li style='margin-bottom:6px'>{html.escape(step)}</li>" for step in guide.steps)
        address = html.escape(guide.address)
        self.body.setText(f"<p><a href='{address}'>{address}</a></p><ol>{steps}</ol>")
        self.terms.setText(guide.terms)

    def set_busy(self, busy: bool) -> None:
        self.add_button.setEnabled(not busy)


def _paragraph() -> QLabel:
    label = QLabel()
    label.setWordWrap(True)
    label.setOpenExternalLinks(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
    return label
