"""The table of runs as data: one row a run, newest first, cheap to update while runs go on."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap

from metagui.events import RunStatus
from metagui.gui.theme import Theme

Index = QModelIndex | QPersistentModelIndex

SORT_ROLE = int(Qt.ItemDataRole.UserRole) + 1
RUN_ID_ROLE = int(Qt.ItemDataRole.UserRole) + 2

COLUMNS = ("Run", "Algorithm", "Task", "Step", "Loss", "Status")
_RIGHT = {"Step", "Loss"}

STATUS_WORDS: dict[RunStatus, str] = {
    "queued": "waits its turn",
    "running": "is learning now",
    "paused": "holds; nothing is lost",
    "finished": "went through all its steps",
    "stopped": "was stopped; it can go on",
    "crashed": "its process ended without a word; it can go on from its last checkpoint",
    "failed": "ended with an error",
    "diverged": "its loss is no longer a number",
}


@dataclass(frozen=True, slots=True)
class RunRow:
    """What the table shows of a run; ``loss`` is the last outer loss, None while unknown."""

    run_id: str
    name: str
    algorithm: str
    task: str
    step: int
    total_steps: int
    status: RunStatus
    loss: float | None = None
    reason: str = ""
    forsaken: bool = False
    """Live by name only: its host has long been silent."""

    @property
    def can_continue(self) -> bool:
        """Whether steps are left that could be done."""
        return (
            self.forsaken
            or self.status in ("stopped", "crashed", "failed", "diverged")
            or (self.status == "finished" and self.step < self.total_steps)
        )


def status_colour(status: RunStatus, theme: Theme) -> str:
    """The colour of a status' dot; the word beside it says the same."""
    return {
        "running": theme.accent,
        "paused": theme.warning,
        "finished": theme.good,
        "crashed": theme.bad,
        "failed": theme.bad,
        "diverged": theme.bad,
    }.get(status, theme.muted)


def loss_text(loss: float | None) -> str:
    """Three significant digits; a dash while there is none."""
    if loss is None:
        return "–"
    return "NaN" if math.isnan(loss) else f"{loss:.3g}"


class RunsTableModel(QAbstractTableModel):
    """Rows by run id; an update repaints one row."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[RunRow] = []
        self._position: dict[str, int] = {}
        self._dots: dict[str, QIcon] = {}
        self._theme = theme

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._dots.clear()
        self._changed(0, len(self._rows) - 1)

    def set_rows(self, rows: Iterable[RunRow]) -> None:
        """Replace everything, keeping the selection where the same runs stay in the same order."""
        rows = list(rows)
        if [row.run_id for row in rows] == [row.run_id for row in self._rows]:
            changed = [i for i, (new, old) in enumerate(zip(rows, self._rows, strict=True)) if new != old]
            self._rows = rows
            if changed:
                self._changed(changed[0], changed[-1])
            return
        self.beginResetModel()
        self._rows = rows
        self._renumber()
        self.endResetModel()

    def put(self, row: RunRow) -> None:
        """A run that is new, or not as it was."""
        position = self._position.get(row.run_id)
        if position is not None:
            self._rows[position] = row
            self._changed(position, position)
            return
        self.beginInsertRows(QModelIndex(), 0, 0)
        self._rows.insert(0, row)
        self._renumber()
        self.endInsertRows()

    def update_row(self, run_id: str, **changes: Any) -> None:
        """Change fields of one row; an unknown run is ignored, as it may have been deleted meanwhile."""
        position = self._position.get(run_id)
        if position is None:
            return
        changed = replace(self._rows[position], **changes)
        if changed != self._rows[position]:
            self._rows[position] = changed
            self._changed(position, position)

    def row_of(self, run_id: str) -> RunRow | None:
        position = self._position.get(run_id)
        return None if position is None else self._rows[position]

    def index_of(self, run_id: str) -> QModelIndex:
        """Invalid for an unknown run."""
        position = self._position.get(run_id)
        return QModelIndex() if position is None else self.index(position, 0)

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(COLUMNS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = int(Qt.ItemDataRole.DisplayRole)
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(section)
        return None

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        row, column = self._rows[index.row()], index.column()
        # Sorting asks thousands of times, so it is answered first.
        if role == SORT_ROLE:
            return _SORT_KEYS[column](row)
        if role == Qt.ItemDataRole.DisplayRole:
            return _TEXTS[column](row)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role == Qt.ItemDataRole.DecorationRole and COLUMNS[column] == "Run":
            return self._dot(row.status)
        if role == Qt.ItemDataRole.ToolTipRole:
            return _tip(row)
        return row.run_id if role == RUN_ID_ROLE else None

    def _renumber(self) -> None:
        self._position = {row.run_id: position for position, row in enumerate(self._rows)}

    def _changed(self, first: int, last: int) -> None:
        if last >= first:
            self.dataChanged.emit(self.index(first, 0), self.index(last, len(COLUMNS) - 1))

    def _dot(self, status: RunStatus) -> QIcon:
        colour = status_colour(status, self._theme)
        if colour not in self._dots:
            self._dots[colour] = _painted_dot(colour)
        return self._dots[colour]


def _loss_key(row: RunRow) -> float:
    return math.inf if row.loss is None or math.isnan(row.loss) else row.loss


def _age_key(row: RunRow) -> int:
    digits = row.run_id.removeprefix("r-")
    return int(digits) if digits.isdigit() else 0


_TEXTS: tuple[Callable[[RunRow], str], ...] = (
    lambda row: row.run_id,
    lambda row: row.algorithm,
    lambda row: row.task,
    lambda row: f"{row.step:,}",
    lambda row: loss_text(row.loss),
    lambda row: row.status,
)
_SORT_KEYS: tuple[Callable[[RunRow], Any], ...] = (
    _age_key,
    lambda row: row.algorithm,
    lambda row: row.task,
    lambda row: row.step,
    _loss_key,
    lambda row: row.status,
)


def _tip(row: RunRow) -> str:
    lines = [
        f"{row.run_id} · {row.name}",
        f"{row.status}: {STATUS_WORDS[row.status]}",
        f"step {row.step:,} of {row.total_steps:,}",
    ]
    return "\n".join([*lines, row.reason] if row.reason else lines)


def _alignment(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if COLUMNS[column] in _RIGHT else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


def _painted_dot(colour: str) -> QIcon:
    result = QIcon()
    for scale in (1, 2, 3):
        pixmap = QPixmap(10 * scale, 10 * scale)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colour))
        painter.drawEllipse(pixmap.rect().adjusted(scale, scale, -scale, -scale))
        painter.end()
        pixmap.setDevicePixelRatio(scale)
        for mode in (QIcon.Mode.Normal, QIcon.Mode.Selected):  # a chosen row does not tint its dot
            result.addPixmap(pixmap, mode)
    return result
