"""Making a task of pictures: drawn, dropped, pasted or lent by a held-out task."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
from PySide6.QtCore import QMimeData, QObject, Signal
from PySide6.QtWidgets import QFileDialog, QFormLayout, QLabel, QSpinBox, QVBoxLayout, QWidget

from metagui.config import ExperimentConfig
from metagui.datasets.ink import Picture, Preparation
from metagui.datasets.pictures import ENDINGS
from metagui.errors import DataError, MetaguiError
from metagui.events import Adaptation
from metagui.gui.adaptation.content import Floats, Images, MalformedAdaptationError, read
from metagui.gui.studio.own.background import Background
from metagui.gui.studio.own.board import Board, Place
from metagui.gui.studio.own.board_task import board_task
from metagui.gui.studio.own.bringing import Brought, brought
from metagui.gui.studio.own.inks import Inks, cell_of
from metagui.gui.studio.own.judging import verdict
from metagui.gui.studio.own.question import OwnQuestion
from metagui.gui.studio.own.sketch import BoardSketch, Cell, Sketch, class_names
from metagui.gui.studio.own.sliders import NumberSlider
from metagui.gui.theme import Theme

MOST_WAYS, MOST_SHOTS, MOST_QUERIES = 20, 10, 20
_UNCALIBRATED = "Not calibrated: evaluate this network (F8), and its probabilities here are corrected by what is found."


class BoardDesk(QObject):
    """``edited(sketch, done)``; ``stage`` is the board and ``tools`` what stands beside it."""

    edited = Signal(object, bool)
    kind = "images"

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.sketch = BoardSketch()
        self.inks: Inks | None = None
        self._no_inks = "Nothing can be drawn yet."
        self._refusal = ""
        self._troubles: list[str] = []
        self._temperature: float | None = None
        self._predictions: Floats | None = None
        self._queries: tuple[int, ...] = ()
        self._step = 0
        self.background = Background(self)
        self.board = Board()
        self.stage: QWidget = self.board
        self.board.changed.connect(self._change_cell)
        self.board.offered.connect(self._take_offer)
        self.board.file_wanted.connect(self._open_file)
        self.tools = QWidget()
        self.pen = NumberSlider("Stroke width", "", 0.5, 2.5, tip="1 is the pen that the training data were drawn with")
        self.pen.set_value(1.0)
        self.pen.changed.connect(self._change_pen)
        self.ways = self._number("Number of classes", 2, MOST_WAYS)
        self.shots = self._number("Drawings of each class", 1, MOST_SHOTS)
        self.queries = self._number("Number of queries", 1, MOST_QUERIES)
        how = QLabel("Draw with mouse, pen or finger; drop or paste pictures. The small picture is what is learned.")
        self.calibration = QLabel(_UNCALIBRATED)
        for words in (how, self.calibration):
            words.setWordWrap(True)
            words.setProperty("role", "muted")
        form = QFormLayout()
        for title, box in (("Classes", self.ways), ("Shots", self.shots), ("Queries", self.queries)):
            form.addRow(title, box)
        layout = QVBoxLayout(self.tools)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(how)
        layout.addWidget(self.pen)
        layout.addLayout(form)
        layout.addWidget(self.calibration)

    def _number(self, name: str, low: int, high: int) -> QSpinBox:
        box = QSpinBox()
        box.setRange(low, high)
        box.setAccessibleName(name)
        box.valueChanged.connect(self._change_shape)
        return box

    # --- what the panel asks -------------------------------------------------------------------------------------

    def set_config(self, _config: ExperimentConfig) -> None:
        """How pictures are made is told by :meth:`set_preparation`."""

    def set_preparation(self, preparation: Preparation | str) -> None:
        """How the network's pictures are made, or why that is not known."""
        self.inks = Inks(preparation) if isinstance(preparation, Preparation) else None
        self._no_inks = preparation if isinstance(preparation, str) else ""
        self.board.refresh_pictures(self.inks)

    def set_temperature(self, temperature: float | None, source: str = "") -> None:
        """What makes probabilities honest, from an evaluation; None where none is known."""
        self._temperature = temperature
        known = f"Calibrated: temperature {temperature:.2f}, {source}." if temperature is not None else ""
        self.calibration.setText(known or _UNCALIBRATED)
        self._show_verdicts()

    def first_sketch(self, config: ExperimentConfig) -> Sketch | None:
        return BoardSketch.blank(getattr(config.task, "n_way", 5), min(config.task.k_shot, MOST_SHOTS), 4)

    def show_sketch(self, sketch: Sketch) -> None:
        assert isinstance(sketch, BoardSketch)
        self.sketch = sketch
        for box, value in ((self.ways, sketch.ways), (self.shots, sketch.shots), (self.queries, len(sketch.queries))):
            box.blockSignals(True)
            box.setValue(value)
            box.blockSignals(False)
        self.board.show_sketch(sketch, self.inks, self.pen.value)
        self._show_verdicts()

    def question(self) -> OwnQuestion | str:
        """What to ask of the engine, or why there is nothing to ask yet."""
        inks, sketch = self.inks, self.sketch
        if inks is None:
            return self._no_inks
        support = [(way, inks.picture(cell)) for way, row in enumerate(sketch.support) for cell in row]
        pictures = [(way, picture) for way, picture in support if picture is not None]
        missing = [way + 1 for way in range(sketch.ways) if all(way != known for known, _ in pictures)]
        if missing:
            which = f"class {missing[0]}" if len(missing) == 1 else f"classes {_listed(missing)}"
            return f"Draw {which}, one row each: every class needs at least one picture."
        asked = [(index, inks.picture(cell)) for index, cell in enumerate(sketch.queries)]
        queries = [(index, picture) for index, picture in asked if picture is not None]
        if not queries:
            return "Now draw a query, on the right: which of your classes is it?"
        task = board_task(pictures, [picture for _, picture in queries], class_names(sketch.ways))
        if isinstance(task, str):
            return task
        return OwnQuestion(task, queries=tuple(index for index, _ in queries))

    def remark(self) -> str:
        if self._refusal:
            return self._refusal
        blank = [
            f"query {index + 1}" if way < 0 else f"the drawing of class {way + 1}"
            for (way, index) in self.board.cells
            if self.inks is not None and self.inks.shows_nothing(self.sketch.cell((way, index)))
        ]
        return f"There is nothing to be seen in {blank[0]}: it is one shade all over." if blank else ""

    def show_adaptation(self, adaptation: Adaptation, step: int, question: OwnQuestion | None) -> int:
        """Bars for every query; returns the number of inner steps. Raises MalformedAdaptationError."""
        queries = question.queries if question is not None else ()
        try:
            predictions = np.asarray(adaptation.predictions.numpy(), dtype=np.float64)
        except ValueError as error:
            raise MalformedAdaptationError(f"predictions: {error}") from error
        if predictions.ndim != 3 or predictions.shape[1] != len(queries):
            raise MalformedAdaptationError(
                f"predictions: has shape {list(predictions.shape)}, it should tell of {len(queries)} queries"
            )
        self._predictions, self._queries = predictions, queries
        self.show_step(step)
        return len(predictions) - 1

    def show_step(self, step: int) -> None:
        self._step = step
        self._show_verdicts()

    def forget_answer(self) -> None:
        self._predictions = None
        self._show_verdicts()

    def sketch_of(self, adaptation: Adaptation) -> Sketch:
        """A held-out task's pictures, to be drawn over. Raises MalformedAdaptationError."""
        content = read(adaptation)
        if not isinstance(content, Images):
            raise MalformedAdaptationError(f"kind: is {adaptation.kind}, it should be images")
        ways = len(content.class_names)
        rows = [
            [cell_of(content.support_x[i]) for i in np.flatnonzero(content.support_y == way)] for way in range(ways)
        ]
        shots = max(len(row) for row in rows)
        count = min(max(len(self.sketch.queries), 4), MOST_QUERIES, len(content.query_x))
        # One of each class in turn, in an order that does not give the answer away.
        order = np.random.default_rng(adaptation.task).permutation(len(content.query_x))[:count]
        queries = tuple(cell_of(content.query_x[index]) for index in order)
        sketch = BoardSketch(tuple(tuple(row) for row in rows), queries)
        return sketch.resized(ways, min(shots, MOST_SHOTS), count)

    def set_theme(self, theme: Theme) -> None:
        self.board.set_theme(theme)

    # --- edits ---------------------------------------------------------------------------------------------------

    def bring(self, place: Place, sources: list[Brought]) -> None:
        """Pictures from outside: the first into this cell, further ones into the next cells of its row."""
        if self.inks is None:
            self._refuse(self._no_inks)
            return
        self._refuse("Reading the picture…")
        preparation = self.inks.preparation
        way, index = place
        row = len(self.sketch.queries) if way < 0 else len(self.sketch.support[way])
        room = max(row - index, 1)
        left = len(sources) - room
        self._troubles = [f"{left} of {len(sources)} pictures were left out: the row ends here."] if left > 0 else []
        for offset, source in enumerate(sources[:room]):
            spot = (way, index + offset)
            name = source.name if isinstance(source, Path) else ""
            self.background.run(partial(preparation.brought, source), partial(self._put_brought, spot, name))

    def _put_brought(self, place: Place, name: str, result: Picture | MetaguiError) -> None:
        if isinstance(result, MetaguiError):
            self._troubles.append(_sentence(result, name))
        elif place in self.board.cells:
            self._change_cell(place, cell_of(result), True)
        if self._troubles:  # of several pictures a good one does not hide what is wrong with another
            self._refuse(" ".join(self._troubles))

    def _take_offer(self, place: Place, data: QMimeData) -> None:
        try:
            self.bring(place, brought(data))
        except DataError as error:
            self._refuse(_sentence(error, *(Path(url.toLocalFile()).name for url in data.urls())))

    def _open_file(self, place: Place) -> None:
        endings = " ".join(f"*{ending}" for ending in sorted(ENDINGS))
        names, _ = QFileDialog.getOpenFileNames(self.stage, "Open pictures", "", f"Pictures ({endings})")
        if names:
            self.bring(place, [Path(name) for name in names])

    def _change_cell(self, place: Place, cell: Cell, done: bool) -> None:
        self._refusal = ""
        self.sketch = self.sketch.with_cell(place, cell)
        if done:
            self.board.show_sketch(self.sketch, self.inks, self.pen.value)
        elif self.inks is not None:
            self.board.cells[place].show_cell(cell, self.inks.picture(cell))
        self.edited.emit(self.sketch, done)

    def _change_pen(self, value: float, done: bool) -> None:
        """For every drawing: what is drawn can still be made thinner or thicker."""
        widened = partial(_with_width, width=value)
        support = tuple(tuple(widened(cell) for cell in row) for row in self.sketch.support)
        self.sketch = BoardSketch(support, tuple(widened(cell) for cell in self.sketch.queries))
        self.board.show_sketch(self.sketch, self.inks, value)
        self.edited.emit(self.sketch, done)

    def _change_shape(self) -> None:
        self.show_sketch(self.sketch.resized(self.ways.value(), self.shots.value(), self.queries.value()))
        self.edited.emit(self.sketch, True)

    def _refuse(self, text: str) -> None:
        self._refusal = text
        self.edited.emit(self.sketch, True)

    def _show_verdicts(self) -> None:
        for index, bars in enumerate(self.board.bars):
            if self.sketch.queries[index].is_blank:
                bars.show_verdict(None, "Draw something here")
            elif self._predictions is None or index not in self._queries:
                bars.show_verdict(None, "…")
            else:
                step = min(self._step, len(self._predictions) - 1)
                shown = verdict(self._predictions[step, self._queries.index(index)], self._temperature)
                bars.show_verdict(shown, "" if shown else "The network gives no numbers: its loss has exploded.")


def _with_width(cell: Cell, width: float) -> Cell:
    return cell if cell.is_blank or cell.picture is not None else Cell(cell.strokes, width)


def _sentence(error: MetaguiError, *names: str) -> str:
    """With a capital, unless it begins with the name of a file, and a full stop."""
    text = str(error)
    return text + "." if text.startswith(tuple(filter(None, names))) else text[:1].upper() + text[1:] + "."


def _listed(numbers: list[int]) -> str:
    return ", ".join(map(str, numbers[:-1])) + f" and {numbers[-1]}"
