"""A data set before any training: its classes, and sample episodes with ways, shots and queries to play with."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from metagui.datasets.episodes import draw_episode
from metagui.datasets.library import Description
from metagui.datasets.splits import Split
from metagui.errors import DataError
from metagui.gui.datasets.classes_view import ClassesView
from metagui.gui.datasets.curve_view import TASKS, CurveView
from metagui.gui.datasets.episode_view import EpisodeView
from metagui.gui.datasets.paper import Rows
from metagui.gui.theme import Theme
from metagui.gui.walkthrough.flow import FlowLayout
from metagui.gui.walkthrough.message import MessagePanel

_SPLITS: dict[Split, str] = {"train": "Training", "validation": "Validation", "test": "Test"}
_MOST_WAYS, _MOST_EXAMPLES, _MOST_EPISODES = 50, 100, 999_999


class Preview(QWidget):
    """:meth:`show_data` gives it a data set; everything else is done here."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._description: Description | None = None
        self._rows: Rows | None = None
        self.episode_button = _switch("Episode", "One task as a network meets it")
        self.classes_button = _switch("Classes", "Every class with its first examples")
        self.split = QComboBox()
        self.split.setAccessibleName("Split")
        self.split.setToolTip("Draw from the classes to train on, to validate on, or to test on")
        for split, title in _SPLITS.items():
            self.split.addItem(title, split)
        self.split.setCurrentIndex(2)
        self.ways = _number("Ways", 2, _MOST_WAYS, 5, "Classes of an episode")
        self.shots = _number("Shots", 1, _MOST_EXAMPLES, 1, "Support examples to adapt on, of each class")
        self.queries = _number("Queries", 1, _MOST_EXAMPLES, 3, "Query examples to be judged by, of each class")
        self.seed = _number("Episode number", 0, _MOST_EPISODES, 0, "The same number draws the same episode")
        self.next_button = QPushButton("Next episode")
        self.next_button.setToolTip("Another episode (Alt+N)")
        self.episode = EpisodeView()
        self.curves = CurveView()
        self.classes = ClassesView()
        self.message = MessagePanel()
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidget(self.episode)
        self._stack = QStackedWidget()
        for page in (self.message, self._scroll, self.curves, self.classes):
            self._stack.addWidget(page)
        self._lay_out()
        self._connect()
        self.clear()

    def _lay_out(self) -> None:
        bar = QWidget()
        flow = FlowLayout(bar, spacing=10)
        switch = QWidget()
        pair = QHBoxLayout(switch)
        pair.setContentsMargins(0, 0, 0, 0)
        pair.setSpacing(2)
        pair.addWidget(self.episode_button)
        pair.addWidget(self.classes_button)
        flow.addWidget(switch)
        flow.addWidget(self.split)
        self._ways_box = _labelled("ways", self.ways)
        self._shots_box = _labelled("shots", self.shots)
        self._queries_box = _labelled("queries", self.queries)
        self._seed_box = _labelled("episode", self.seed)
        for box in (self._ways_box, self._shots_box, self._queries_box, self._seed_box, self.next_button):
            flow.addWidget(box)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(bar)
        layout.addWidget(self._stack, 1)

    def _connect(self) -> None:
        self.episode_button.setChecked(True)
        self.episode_button.clicked.connect(lambda: self._switch_to(self.episode_button))
        self.classes_button.clicked.connect(lambda: self._switch_to(self.classes_button))
        self.split.currentIndexChanged.connect(self._draw)
        for box in (self.ways, self.shots, self.queries, self.seed):
            box.valueChanged.connect(self._draw)
        self.next_button.clicked.connect(self.next_episode)
        shortcut = QShortcut(QKeySequence("Alt+N"), self)
        shortcut.activated.connect(self.next_episode)

    # --- use -----------------------------------------------------------------------------------------------------

    def show_data(self, description: Description, rows: Rows) -> None:
        """Draw from another data set, with the same ways, shots and queries."""
        self._description, self._rows = description, rows
        images = description.kind == "images"
        self._ways_box.setVisible(images)
        self.classes_button.setText("Classes" if images else "Tasks")
        self.classes_button.setToolTip("Every class with its first examples" if images else "Every task with its curve")
        self.shots.setToolTip(f"Support {'pictures' if images else 'points'} to adapt on, of each class or task")
        self._draw()

    def show_problem(self, title: str, text: str) -> None:
        """In place of a picture: nothing can be drawn."""
        self._description = self._rows = None
        self.message.show_message(title, text)
        self._stack.setCurrentWidget(self.message)

    def clear(self) -> None:
        """While it is read."""
        self.show_problem("", "")

    def next_episode(self) -> None:
        self._switch_to(self.episode_button)
        self.seed.setValue((self.seed.value() + 1) % (_MOST_EPISODES + 1))

    def set_theme(self, theme: Theme) -> None:
        for view in (self.episode, self.curves, self.classes, self.message):
            view.set_theme(theme)
        self.setStyleSheet(
            f"EpisodeView, CurveView {{ background: {theme.panel}; }} QToolButton[kind='switch'] {{ border: 1px solid "
            f"{theme.line}; padding: 4px 12px; }} QToolButton[kind='switch']:checked {{ border-color: {theme.accent}; "
            f"color: {theme.text}; }} QToolButton[kind='switch']:focus {{ border-color: {theme.text}; }}"
        )
        self._scroll.viewport().setStyleSheet(f"background: {theme.panel};")

    @property
    def _split(self) -> Split:
        split: Split = self.split.currentData()
        return split

    def _switch_to(self, button: QToolButton) -> None:
        for other in (self.episode_button, self.classes_button):
            other.setChecked(other is button)
        self._draw()

    def _draw(self) -> None:
        if self._description is None or self._rows is None:
            return
        classes = self.classes_button.isChecked()
        for box in (self._ways_box, self._shots_box, self._queries_box, self._seed_box, self.next_button):
            box.setEnabled(not classes)
        if classes:
            self.classes.show_classes(self._description, self._rows, self._split)
            self._stack.setCurrentWidget(self.classes)
            return
        try:
            self._draw_episode(self._description, self._rows)
        except DataError as error:
            self.message.show_message("No such episode", f"{str(error)[:1].upper()}{str(error)[1:]}.")
            self._stack.setCurrentWidget(self.message)

    def _draw_episode(self, description: Description, rows: Rows) -> None:
        shots, queries, seed = self.shots.value(), self.queries.value(), self.seed.value()
        if description.kind == "images":
            drawn = draw_episode(description, self._split, self.ways.value(), shots, queries, seed)
            self.episode.show_episode(description, rows, drawn)
            self._stack.setCurrentWidget(self._scroll)
            return
        usable = sum(group.count >= shots + queries for group in description.of_split(self._split))
        drawn = draw_episode(description, self._split, min(TASKS, max(1, usable)), shots, queries, seed)
        self.curves.show_episodes(description, rows, drawn)
        self._stack.setCurrentWidget(self.curves)


def _switch(text: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    button.setToolTip(tip)
    button.setCheckable(True)
    button.setProperty("kind", "switch")
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return button


def _number(name: str, low: int, high: int, value: int, tip: str) -> QSpinBox:
    box = QSpinBox()
    box.setAccessibleName(name)
    box.setRange(low, high)
    box.setValue(value)
    box.setToolTip(tip)
    box.setFixedWidth(66 if high > _MOST_EXAMPLES else 56)
    return box


def _labelled(text: str, widget: QWidget) -> QWidget:
    pair = QWidget()
    label = QLabel(text)
    label.setProperty("role", "muted")
    label.setBuddy(widget)
    layout = QHBoxLayout(pair)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(6)
    layout.addWidget(label)
    layout.addWidget(widget)
    return pair
