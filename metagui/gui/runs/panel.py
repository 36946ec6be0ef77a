"""The list of runs: what each is, how far it is and how it does; choosing one shows it."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, QSize, QSortFilterProxyModel, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMenu,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from metagui.gui.runs.table_model import COLUMNS, RUN_ID_ROLE, SORT_ROLE, STATUS_WORDS, RunRow, RunsTableModel
from metagui.gui.theme import Theme

_WIDTHS = {"Run": 70, "Algorithm": 70, "Task": 66, "Step": 57, "Loss": 48, "Status": 66}
_FILTER_FROM = 12
"""Fewer runs are seen at a glance; a filter line would only be in the way."""


class RunsPanel(QWidget):
    """``selected(run_id)`` when a run is chosen (empty for none), ``activated(run_id)`` on Enter or a double click."""

    selected = Signal(str)
    activated = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = RunsTableModel(theme, self)
        self._sorted = QSortFilterProxyModel(self)
        self._sorted.setSourceModel(self.model)
        self._sorted.setSortRole(SORT_ROLE)
        self._sorted.setFilterKeyColumn(-1)
        self._sorted.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.table = _Table()
        self.filter = QLineEdit()
        self._detail = QLabel()
        self._stack = QStackedWidget()
        self._menu_actions: list[QAction] = []
        self._prepare_table()
        self._lay_out()
        self.filter.textChanged.connect(self._sorted.setFilterFixedString)
        self.model.modelReset.connect(self._show_extent)
        self.model.rowsInserted.connect(self._show_extent)
        self.model.dataChanged.connect(self._show_detail)
        self.table.doubleClicked.connect(self._announce_activated)
        self.table.enter_pressed.connect(self._announce_activated)
        self.table.customContextMenuRequested.connect(self._open_menu)
        self._connect_selection()
        self._show_extent()

    def _prepare_table(self) -> None:
        table = self.table
        table.setModel(self._sorted)
        table.setAccessibleName("Runs")
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setTabKeyNavigation(False)
        table.setSortingEnabled(True)
        table.sortByColumn(0, Qt.SortOrder.DescendingOrder)
        table.setIconSize(QSize(10, 10))
        table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(table.fontMetrics().height() + 13)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsMovable(True)
        header.setMinimumSectionSize(36)
        for column, title in enumerate(COLUMNS):
            if title in _WIDTHS:
                header.resizeSection(column, _WIDTHS[title])
        header.setStretchLastSection(True)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)

    def _lay_out(self) -> None:
        self.filter.setPlaceholderText("Filter runs")
        self.filter.setAccessibleName("Filter runs")
        self.filter.setClearButtonEnabled(True)
        self._detail.setWordWrap(True)
        self._detail.setProperty("role", "muted")
        self._detail.setContentsMargins(12, 8, 12, 8)
        self._detail.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        empty = QLabel("No runs yet.\n\nPress Start to train the experiment on the left.")
        empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        empty.setWordWrap(True)
        empty.setProperty("role", "muted")
        self._stack.addWidget(empty)
        self._stack.addWidget(self.table)
        self._filter_place = QWidget()
        place = QVBoxLayout(self._filter_place)
        place.setContentsMargins(10, 8, 10, 8)
        place.addWidget(self.filter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._filter_place)
        layout.addWidget(self._stack, 1)
        layout.addWidget(self._detail)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # Where there is no room for all, the task goes first: its name is in the row's tip.
        self.table.setColumnHidden(COLUMNS.index("Task"), self.width() < sum(_WIDTHS.values()))

    def set_theme(self, theme: Theme) -> None:
        self.model.set_theme(theme)

    def set_menu(self, actions: Iterable[QAction]) -> None:
        """What a right click on a run offers."""
        self._menu_actions = list(actions)

    def set_rows(self, rows: Iterable[RunRow]) -> None:
        """Show these runs, newest first, keeping the chosen one chosen."""
        chosen = self.selected_run()
        self.model.set_rows(rows)
        if chosen and chosen != self.selected_run():
            self.select(chosen)

    def selected_run(self) -> str:
        """Id of the chosen run, empty for none."""
        rows = self.table.selectionModel().selectedRows()
        return str(rows[0].data(RUN_ID_ROLE)) if rows else ""

    @property
    def detail_text(self) -> str:
        """What the foot of the list says of the chosen run."""
        return self._detail.text()

    def selected_row(self) -> RunRow | None:
        return self.model.row_of(self.selected_run())

    def select(self, run_id: str) -> None:
        """Choose a run and bring it into view; none for an unknown id."""
        index = self._sorted.mapFromSource(self.model.index_of(run_id))
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        if not index.isValid():
            self.table.clearSelection()
            return
        self.table.selectionModel().setCurrentIndex(index, flags)
        self.table.scrollTo(index)

    def _connect_selection(self) -> None:
        self.table.selectionModel().selectionChanged.connect(self._announce_selected)

    def _announce_selected(self) -> None:
        self._show_detail()
        self.selected.emit(self.selected_run())

    def _announce_activated(self, index: QModelIndex) -> None:
        if index.isValid():
            self.activated.emit(str(index.data(RUN_ID_ROLE)))

    def _open_menu(self, position: QPoint) -> None:
        if self.table.indexAt(position).isValid() and self._menu_actions:
            menu = QMenu(self)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.addActions(self._menu_actions)
            menu.popup(self.table.viewport().mapToGlobal(position))

    def _show_extent(self) -> None:
        count = self.model.rowCount()
        self._stack.setCurrentIndex(1 if count else 0)
        self._filter_place.setVisible(count >= _FILTER_FROM)
        self._show_detail()

    def _show_detail(self) -> None:
        row = self.selected_row()
        if row is None:
            self._detail.hide()
            return
        words = row.reason or f"{row.name} {STATUS_WORDS[row.status]}."
        self._detail.setText(words)
        self._detail.show()


class _Table(QTableView):
    """A table in which Enter opens the row."""

    enter_pressed = Signal(QModelIndex)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.enter_pressed.emit(self.currentIndex())
            return
        super().keyPressEvent(event)
