"""A person who makes tasks of their own in the studio: on a curve, with painted points, on the drawing board."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import psutil
from drawings import Drawing
from hand import LEFT, RIGHT, hand_called
from person import Person
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QStyle, QStyleOptionSpinBox

from metagui.events import Adaptation, OwnTask
from metagui.gui.studio.own.board_desk import BoardDesk
from metagui.gui.studio.own.curve_desk import CurveDesk
from metagui.gui.studio.own.points_desk import PointsDesk


class Maker(Person):
    """Comes by the welcome page, where a demonstration is chosen with the mouse."""

    demo: str

    def __init__(self, data_dir: Path, hand: str) -> None:
        super().__init__(data_dir)
        self.hand = hand_called(hand)
        self.panel = self.window.studio.own
        self.window.move(0, 0)
        self.until(lambda: self.window.windowHandle().isExposed(), "the window did not come up")
        self.bench.welcome_newcomers()
        card = self.window.welcome.invitations[self.demo]
        self.until(lambda: card.isVisible() and card.visibleRegion().contains(card.rect().center()), "no welcome")
        self.hand.click(card)
        self.until(lambda: self.panel.isVisible() and self.panel.sketch is not None, "the studio did not open")
        self.until(lambda: self.panel.width() > 900, "the docks did not make room")

    def answer(self) -> Adaptation:
        """The network's answer to the task as it is now, once it is on show."""
        self.until(lambda: self.bench.studio.own.settled and self._is_answered(), "the task was not answered")
        return self._answers()[-1]

    def after(self, act: Callable[[], object], what: str) -> None:
        """Do something that makes another task of the one on show."""
        before = self.panel.sketch
        act()
        self.until(lambda: self.panel.sketch != before, f"{what} changed nothing")

    def press_clear(self) -> None:
        self.after(partial(self.hand.click, self.panel.commands.clear), "Clear")
        sketch = self.panel.sketch
        assert sketch is not None
        assert sketch.is_blank

    def says(self, words: str) -> None:
        """The line above the task says so before long."""
        self.until(lambda: words in self.panel.headline.text, f"it was not told: {words}")

    def looks(self) -> QImage:
        """The picture of the task."""
        return self.panel.frame.grab().toImage()

    def worker_process(self) -> psutil.Process:
        """The one that answers; nothing trains here."""
        (process,) = psutil.Process().children()
        return process

    def _answers(self) -> list[Adaptation]:
        columns = [answer.columns[0] for answer in self.studied if answer.channel == "own"]
        return [column.tasks[0] for column in columns if not column.problem]

    def _is_answered(self) -> bool:
        desk, answers = self.panel.desk, self._answers()
        asked = "" if desk is None else desk.question()
        return not isinstance(asked, str) and bool(answers) and _is_about(answers[-1], asked.own)


class CurveMaker(Maker):
    demo = "curve"

    def __init__(self, data_dir: Path, hand: str) -> None:
        super().__init__(data_dir, hand)
        desk = self.panel.desk
        assert isinstance(desk, CurveDesk)
        self.desk = desk
        self.plot = desk.editor.picture.plot.viewport()
        self.answer()

    def place(self, x: float, y: float) -> QPoint:
        return self.desk.editor.place_of(x, y).toPoint()

    def click_at(self, x: float, y: float, button: Qt.MouseButton = LEFT) -> None:
        """And wait for what the network says to it."""
        self.after(partial(self.hand.click, self.plot, self.place(x, y), button), "a click")
        self.answer()

    def drag_along(self, way: Sequence[tuple[float, float]], before_release: Callable[[], None]) -> None:
        places = [self.place(*spot) for spot in way]
        self.after(partial(self.hand.drag, self.plot, places, before_release=before_release), "a drag")
        self.answer()

    def drawn(self) -> npt.NDArray[np.float64]:
        """Heights of the network's curve after the last step, as the picture has them."""
        shown = [line for line in self.desk.editor.picture.curves if line.isVisible()]
        return np.array(shown[-1].getData()[1])


class PointsMaker(Maker):
    demo = "points"

    def __init__(self, data_dir: Path, hand: str) -> None:
        super().__init__(data_dir, hand)
        desk = self.panel.desk
        assert isinstance(desk, PointsDesk)
        self.desk = desk
        self.plot = desk.editor.picture.plot.viewport()
        self.answer()

    def leave_two_classes(self) -> None:
        """With the little arrow of the box."""
        box = self.desk.ways
        option = QStyleOptionSpinBox()
        box.initStyleOption(option)
        part = QStyle.SubControl.SC_SpinBoxDown
        arrow = box.style().subControlRect(QStyle.ComplexControl.CC_SpinBox, option, part, box)
        while self.desk.sketch.ways > 2:
            self.after(partial(self.hand.click, box, arrow.center()), "the arrow")
        self.answer()

    def paint(self, label: int, x: float) -> None:
        """A stroke of this class from below upwards."""
        self.hand.click(self.desk.palette.buttons[label])
        self.until(lambda: self.desk.editor.brush == label, "the class was not chosen")
        stroke = [self.desk.editor.place_of(x, -0.6 + 0.12 * i).toPoint() for i in range(11)]
        self.after(partial(self.hand.drag, self.plot, stroke), "a stroke")

    def rub_out(self, x: float) -> None:
        """With the right button, over all that :meth:`paint` may have left there."""
        way = [self.desk.editor.place_of(x, -0.7 + 0.1 * i).toPoint() for i in range(15)]
        self.after(partial(self.hand.drag, self.plot, way, RIGHT), "the right button")

    def regions(self) -> npt.NDArray[np.uint8]:
        """The picture of what the network takes every place for."""
        return np.array(self.desk.editor.picture.regions.image)


class BoardMaker(Maker):
    demo = "characters"

    def __init__(self, data_dir: Path, hand: str) -> None:
        super().__init__(data_dir, hand)
        desk = self.panel.desk
        assert isinstance(desk, BoardDesk)
        self.desk = desk

    def draw(self, place: tuple[int, int], drawing: Drawing) -> None:
        """Into an empty cell: (class, shot), or (-1, query)."""
        cell = self.desk.board.cells[place]
        page = cell.page
        for count, stroke in enumerate(drawing, start=1):
            spots = [QPointF(page.left() + x * page.width(), page.top() + y * page.height()) for x, y in stroke]
            self.hand.drag(cell, [spot.toPoint() for spot in spots])
            self.until(lambda n=count: len(self.desk.sketch.cell(place).strokes) == n, f"no stroke in {place}")
            drawn = np.array(self.desk.sketch.cell(place).strokes[-1])
            assert np.abs(drawn[[0, -1]] - (stroke[0], stroke[-1])).max() < 0.05, "ink where nobody drew"

    def sees_class(self, query: int, way: int) -> None:
        """Probabilities of the task as it is now are on show, and this class wins."""
        self.answer()
        verdict = self.desk.board.bars[query].verdict
        assert verdict is not None, "there are no probabilities"
        assert abs(float(verdict.probabilities.sum()) - 1) < 1e-3
        assert verdict.label == way, f"query {query + 1} is class {way + 1}, and taken for: {verdict.words}"


def _is_about(answer: Adaptation, own: OwnTask) -> bool:
    """Whether it was this task that was answered."""
    names = ("support_x", "support_y", *(("query_x",) if own.kind == "images" else ()))
    pairs = [(getattr(answer, name).numpy(), getattr(own, name).numpy()) for name in names]
    return all(had.shape == now.shape and np.allclose(had, now, atol=1e-4) for had, now in pairs)
