"""An installed data set: its facts, what can be done with it, and a preview of its episodes."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from metagui.datasets.inventory import Listed
from metagui.gui.datasets.facts import Facts
from metagui.gui.datasets.preview import Preview
from metagui.gui.theme import Theme


class InstalledPage(QWidget):
    """Its buttons carry the name of the data set on show."""

    train = Signal(str)
    check = Signal(str)
    remove = Signal(str)
    open_folder = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = ""
        self.title = QLabel()
        self.title.setProperty("role", "heading")
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.train_button = _button("Train on it", "Put it into the form as the task", "primary")
        self.check_button = _button("Check", "Read it whole and compare it with what was added")
        self.folder_button = _button("Folder", "Open the folder where it lies")
        self.remove_button = _button("Remove…", "Delete it from this computer; its source stays")
        self.problem = QLabel()
        self.problem.setProperty("role", "error")
        self.problem.setWordWrap(True)
        self.problem.setTextFormat(Qt.TextFormat.PlainText)
        self.problem.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.facts = Facts()
        self.preview = Preview()
        for button, signal in (
            (self.train_button, self.train),
            (self.check_button, self.check),
            (self.folder_button, self.open_folder),
            (self.remove_button, self.remove),
        ):
            button.clicked.connect(lambda _checked=False, signal=signal: signal.emit(self.name))
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.title, 1)
        for button in (self.check_button, self.folder_button, self.remove_button, self.train_button):
            head.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 14, 18, 10)
        layout.setSpacing(10)
        layout.addLayout(head)
        layout.addWidget(self.problem)
        layout.addWidget(self.facts)
        layout.addSpacing(4)
        layout.addWidget(self.preview, 1)

    def show_listed(self, one: Listed) -> None:
        self.name = one.name
        self.title.setText(one.title if one.title.lower() == one.name.lower() else f"{one.title}  ({one.name})")
        self.problem.setText(one.problem)
        self.problem.setVisible(bool(one.problem))
        self.facts.show_facts(one)
        self.train_button.setEnabled(not one.problem and bool(one.classes))

    def set_busy(self, busy: bool) -> None:
        """While another job runs, none can be begun."""
        for button in (self.check_button, self.remove_button):
            button.setEnabled(not busy)

    def set_theme(self, theme: Theme) -> None:
        self.preview.set_theme(theme)


def _button(text: str, tip: str, kind: str = "") -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    button.setAutoDefault(False)
    if kind:
        button.setProperty("kind", kind)
    return button
