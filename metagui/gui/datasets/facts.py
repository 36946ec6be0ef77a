"""What is known of an installed data set, in pairs of words."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from metagui.datasets.inventory import Listed
from metagui.datasets.reporting import size_text
from metagui.gui.adaptation.elided import ElidedLabel

_LISTED = 12


def facts_of(one: Listed) -> list[tuple[str, str]]:
    """Captions and values, those that are known."""
    images = one.kind == "images"
    train, validation, test = one.splits
    found = []
    if one.classes:
        counts = f"{train:,} training, {validation:,} validation, {test:,} test"
        found.append(("Classes" if images else "Tasks", f"{one.classes:,}: {counts}"))
        found.append(("Split", f"{one.split_source}; hash {one.split_hash}"))
        what = "pictures" if images else "points"
        found.append(("Examples", f"{one.examples:,} {what}, {one.form.replace(' x ', ' × ')}"))
    if one.parts:
        found.append(("Parts", ", ".join(one.parts)))
    found.append(("Licence", one.licence or "not recorded"))
    if one.source:
        found.append(("Made from", one.source))
    if one.added:
        found.append(("Added", one.added.replace("T", " ").replace("+00:00", " UTC")))
    found.append(("On disk", f"{size_text(one.size)} in {one.folder}"))
    if one.dropped:
        found.append(("Left out", f"{len(one.dropped):,}: {'; '.join(one.dropped[:3])}"))
    return found


class Facts(QWidget):
    """Two columns of pairs; long values give way and are told whole in their tips."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(5)
        self._grid.setColumnStretch(1, 5)
        self._grid.setColumnStretch(3, 4)
        self._grid.setColumnMinimumWidth(2, 62)

    def show_facts(self, one: Listed) -> None:
        while item := self._grid.takeAt(0):
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        pairs = facts_of(one)
        half = (len(pairs) + 1) // 2
        for index, (caption, value) in enumerate(pairs):
            row, column = index % half, 2 * (index // half)
            name = QLabel(caption)
            name.setProperty("role", "muted")
            words = ElidedLabel(value)
            words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            words.setAccessibleName(f"{caption}: {value}")
            words.setToolTip("\n".join(one.dropped[:_LISTED]) if caption == "Left out" else value)
            self._grid.addWidget(name, row, column, Qt.AlignmentFlag.AlignLeft)
            self._grid.addWidget(words, row, column + 1)
