"""What to add: which files, under which name, and how pictures are read."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from metagui.datasets.catalogue import OFFERS
from metagui.datasets.content import Options
from metagui.datasets.library import is_name
from metagui.datasets.naming import can_be_added, suggested_name

_FILTER = "Data (*.zip *.npz *.csv *.tsv);;All files (*)"
_SMALLEST_SIDE, _LARGEST_SIDE = 4, 512
_AS_THEY_ARE = _SMALLEST_SIDE - 1
_TAKEN = (
    "A folder or zip of pictures, one folder a class (train, val and test above them are kept), a .npz with images "
    "and label, or a .csv with task, x, y and perhaps split."
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person wants added."""

    name: str
    source: Path
    options: Options
    licence: str


class AddDialog(QDialog):
    """``wanted`` carries a :class:`Wish`; it says itself what cannot be."""

    wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Add data")
        self.setMinimumWidth(560)
        self._taken: tuple[str, ...] = ()
        self._named = False
        self.source = QLineEdit()
        self.source.setAccessibleName("Folder or file")
        self.source.setPlaceholderText("folder, .zip, .npz or .csv")
        self.folder_button = QPushButton("Folder…")
        self.file_button = QPushButton("File…")
        self.name = QLineEdit()
        self.name.setAccessibleName("Name")
        self.licence = QLineEdit()
        self.licence.setAccessibleName("Licence")
        self.licence.setPlaceholderText("for the record, where you know it")
        self.side = QSpinBox()
        self.side.setAccessibleName("Side of the pictures in pixels")
        self.side.setRange(_AS_THEY_ARE, _LARGEST_SIDE)
        self.side.setSpecialValueText("as they are")
        self.side.setSuffix(" px")
        self.side.setToolTip("Bring all pictures to this side; as they are means up to 84 pixels")
        self.colour = QComboBox()
        self.colour.setAccessibleName("Colour of the pictures")
        for text, value in (("as they are", None), ("grey", "grey"), ("colour", "rgb")):
            self.colour.addItem(text, value)
        self.invert = QCheckBox("Dark ink on white becomes bright on black")
        self.invert.setToolTip("As Omniglot is read here: zero is then the empty page")
        self.skip_broken = QCheckBox("Leave out pictures that cannot be read")
        self.problem = QLabel()
        self.problem.setProperty("role", "error")
        self.problem.setWordWrap(True)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.add_button = self.buttons.addButton("Add", QDialogButtonBox.ButtonRole.AcceptRole)
        self.add_button.setProperty("kind", "primary")
        self._lay_out()
        self.folder_button.clicked.connect(self._choose_folder)
        self.file_button.clicked.connect(self._choose_file)
        self.source.textChanged.connect(self._take_source)
        self.name.textEdited.connect(self._note_name)
        self.name.textChanged.connect(self._check)
        self.buttons.accepted.connect(self._accept)
        self.buttons.rejected.connect(self.reject)

    def _lay_out(self) -> None:
        hint = QLabel(_TAKEN)
        hint.setWordWrap(True)
        hint.setProperty("role", "muted")
        files = QHBoxLayout()
        files.setSpacing(6)
        for widget in (self.source, self.folder_button, self.file_button):
            files.addWidget(widget, 1 if widget is self.source else 0)
        pictures = QHBoxLayout()
        pictures.setSpacing(10)
        for text, widget in (("side", self.side), ("", self.colour)):
            if text:
                pictures.addWidget(_caption(text, widget))
            pictures.addWidget(widget)
        pictures.addStretch(1)
        grid = QGridLayout()
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(9)
        grid.setColumnStretch(1, 1)
        grid.addWidget(_caption("From", self.source), 0, 0)
        grid.addLayout(files, 0, 1)
        grid.addWidget(_caption("Name", self.name), 1, 0)
        grid.addWidget(self.name, 1, 1)
        grid.addWidget(_caption("Licence", self.licence), 2, 0)
        grid.addWidget(self.licence, 2, 1)
        grid.addWidget(_caption("Pictures", self.side), 3, 0)
        grid.addLayout(pictures, 3, 1)
        grid.addWidget(self.invert, 4, 1)
        grid.addWidget(self.skip_broken, 5, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 18, 22, 16)
        layout.setSpacing(12)
        layout.addWidget(hint)
        layout.addLayout(grid)
        layout.addWidget(self.problem)
        layout.addStretch(1)
        layout.addWidget(self.buttons)

    # --- use -----------------------------------------------------------------------------------------------------

    def ask(self, taken: Collection[str], source: Path | None = None, name: str = "", licence: str = "") -> None:
        """Show it afresh; ``taken`` are the names that are installed already."""
        self._taken, self._named = tuple(taken), bool(name)
        self.name.setText(name)
        self.licence.setText(licence)
        self.side.setValue(_AS_THEY_ARE)
        self.colour.setCurrentIndex(0)
        self.invert.setChecked(False)
        self.skip_broken.setChecked(False)
        self.source.setText("" if source is None else str(source))
        self._check()
        self.open()

    def ask_again(self) -> None:
        """Show it as it was left, to change something and try again."""
        self._check()
        self.open()

    @property
    def wish(self) -> Wish:
        side = self.side.value()
        options = Options(
            None if side == _AS_THEY_ARE else side,
            self.colour.currentData(),
            self.invert.isChecked(),
            self.skip_broken.isChecked(),
        )
        return Wish(self.name.text().strip(), self._path, options, self.licence.text().strip())

    @property
    def _path(self) -> Path:
        return Path(self.source.text().strip()).expanduser()

    def _take_source(self) -> None:
        if not self._named:
            found = self.source.text().strip()
            self.name.setText(suggested_name(self._path, self._taken) if found else "")
        self._check()

    def _note_name(self, text: str) -> None:
        self._named = bool(text)

    def _check(self) -> None:
        name, source = self.name.text().strip(), self.source.text().strip()
        official = name in OFFERS
        for widget in (self.side, self.colour, self.invert, self.skip_broken, self.licence):
            widget.setEnabled(not official and self._path.suffix.lower() not in (".csv", ".tsv"))
        self.licence.setEnabled(not official)
        problem = ""
        if source and not self._path.exists():
            problem = f"{source} does not exist."
        elif source and not can_be_added(self._path):
            problem = f"{self._path.name} is none of what can be read."
        elif name and not is_name(name):
            problem = "Names have letters a to z, digits, - and _, up to 64."
        elif name in self._taken and not official:
            problem = f"{name} is installed already: adding replaces it."
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))
        usable = not problem or (name in self._taken and problem.endswith("replaces it."))
        self.add_button.setEnabled(bool(name and source) and usable)

    def _accept(self) -> None:
        self.accept()
        self.wanted.emit(self.wish)

    def _choose_folder(self) -> None:
        self._ask_for_path(QFileDialog.FileMode.Directory, "Folder with pictures")

    def _choose_file(self) -> None:
        self._ask_for_path(QFileDialog.FileMode.ExistingFile, "File with data")

    def _ask_for_path(self, mode: QFileDialog.FileMode, title: str) -> None:
        chooser = QFileDialog(self, title, str(self._path.parent), _FILTER)
        chooser.setFileMode(mode)
        chooser.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        chooser.fileSelected.connect(self.source.setText)
        chooser.open()


def _caption(text: str, widget: QWidget) -> QLabel:
    label = QLabel(text)
    label.setBuddy(widget)
    return label
