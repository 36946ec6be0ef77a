"""Who this is: version, licence, what it stands on."""

from __future__ import annotations

import platform

import PySide6
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from metagui.gui.theme import app_icon
from metagui.identity import APP_TITLE, __version__


class AboutDialog(QDialog):
    """Stays open beside the window; nothing waits for it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"About {APP_TITLE}")
        picture = QLabel()
        picture.setPixmap(app_icon().pixmap(64, 64))
        words = QLabel(
            f"<p style='font-size:18px'><b>{APP_TITLE}</b> {__version__}</p>"
            "<p>Train MAML, FOMAML, Reptile and iMAML, and watch them adapt.</p>"
            f"<p>MIT licence · Python {platform.python_version()} · Qt for Python {PySide6.__version__}</p>"
        )
        words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        row = QHBoxLayout()
        row.setSpacing(18)
        row.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(words, 1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 20, 22, 16)
        layout.addLayout(row)
        layout.addWidget(buttons)
