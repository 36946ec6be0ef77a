"""A panel with a network on show, and what the engine would answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from metagui.config import load_preset
from metagui.datasets.ink import Preparation
from metagui.events import Adaptation, Array, Column, OwnTask, Studied
from metagui.gui.studio.own.cell import DrawingCell
from metagui.gui.studio.own.panel import OwnTaskPanel
from metagui.gui.studio.own.question import OwnQuestion

GLYPHS = Preparation("glyphs", 28, 1, invert=True)


class Asked:
    """What the panel asked for, in order."""

    def __init__(self, panel: OwnTaskPanel) -> None:
        self.questions: list[OwnQuestion] = []
        self.picks: list[int] = []
        panel.study_requested.connect(self.questions.append)
        panel.pick_requested.connect(self.picks.append)

    @property
    def last(self) -> OwnQuestion:
        return self.questions[-1]


@pytest.fixture
def panel(qtbot: Any) -> Iterator[OwnTaskPanel]:
    widget = OwnTaskPanel()
    qtbot.addWidget(widget)
    widget.resize(1180, 640)
    widget.show()
    qtbot.waitExposed(widget)
    yield widget
    widget.board.background.wait()


@pytest.fixture
def asked(panel: OwnTaskPanel) -> Asked:
    return Asked(panel)


@pytest.fixture
def show(panel: OwnTaskPanel) -> Callable[[str], None]:
    """Puts the network of a preset on show."""

    def show_preset(name: str) -> None:
        panel.show_network(load_preset(name).config, 100, GLYPHS)
        QTest.qWait(10)

    return show_preset


def _answer(own: OwnTask, steps: int = 3, ways: int = 3, problem: str = "", favourite: int = 1) -> Studied:
    """As the engine would: each step surer of ``favourite``."""
    rows = np.linspace(0.0, 1.0, steps + 1)
    grid, truth = own.grid, own.truth
    if own.kind == "regression":
        predictions = rows[:, None] * own.grid.numpy()
    else:
        count = len(own.query_x.numpy())
        if own.kind == "points":
            side = np.linspace(-1.2, 1.2, 48)
            y, x = np.meshgrid(side, side, indexing="ij")
            grid, count = Array.of(np.stack([x.ravel(), y.ravel()], axis=1)), 48 * 48
        predictions = np.full((steps + 1, count, ways), 1 / ways)
        sure = np.full(ways, 0.02 / (ways - 1))
        sure[favourite] = 0.98
        predictions = predictions + rows[:, None, None] * (sure - predictions)
    task = Adaptation(
        task=0,
        kind=own.kind,
        title=own.title,
        class_names=own.class_names,
        grid=grid,
        truth=truth,
        predictions=Array.of(predictions),
        support_x=own.support_x,
        support_y=own.support_y,
        query_x=own.query_x,
        query_y=own.query_y,
        support_loss=Array.of(2.0 - rows),
        query_loss=Array.of(np.full(steps + 1, np.nan)),
        query_accuracy=Array.of(np.zeros(0) if own.kind == "regression" else np.full(steps + 1, np.nan)),
    )
    nothing = Array.of(np.zeros(0))
    column = Column(
        title="",
        step=100,
        inner_lr=None,
        proximal_lambda=None,
        tasks=() if problem else (task,),
        layers=(),
        movement=nothing,
        data_pull=nothing,
        prior_pull=nothing,
        problem=problem,
    )
    return Studied(request=1, channel="own", columns=(column,))


def _drag(widget: QWidget, *places: QPoint) -> None:
    """With the left button, from the first place to the last."""
    QTest.mousePress(widget, Qt.MouseButton.LeftButton, pos=places[0])
    for place in places[1:]:
        QTest.mouseMove(widget, place)
    QTest.mouseRelease(widget, Qt.MouseButton.LeftButton, pos=places[-1])


def _draw(cell: DrawingCell, *strokes: tuple[tuple[float, float], ...]) -> None:
    """Strokes in shares of the page, with the mouse."""
    page = cell.page
    for stroke in strokes:
        left, top, side = page.left(), page.top(), page.width()
        places = [QPoint(round(left + x * side), round(top + y * side)) for x, y in stroke]
        _drag(cell, *places)


CROSS = (((0.2, 0.2), (0.5, 0.5), (0.8, 0.8)), ((0.8, 0.2), (0.5, 0.5), (0.2, 0.8)))
TEE = (((0.2, 0.2), (0.5, 0.2), (0.8, 0.2)), ((0.5, 0.2), (0.5, 0.5), (0.5, 0.9)))
HOOK = (((0.3, 0.1), (0.3, 0.6), (0.5, 0.8), (0.7, 0.6)),)
ZED = (((0.2, 0.2), (0.8, 0.2), (0.2, 0.8), (0.8, 0.8)),)
BOW = (((0.2, 0.8), (0.3, 0.3), (0.5, 0.2), (0.7, 0.3), (0.8, 0.8)),)
SHAPES = (CROSS, TEE, HOOK, ZED, BOW)


@pytest.fixture
def answer() -> Callable[..., Studied]:
    return _answer


@pytest.fixture
def drag() -> Callable[..., None]:
    return _drag


@pytest.fixture
def draw() -> Callable[..., None]:
    return _draw


@pytest.fixture
def shapes() -> tuple[tuple[tuple[tuple[float, float], ...], ...], ...]:
    """Five characters that nobody takes for one another."""
    return SHAPES


@pytest.fixture
def draw_all(panel: OwnTaskPanel) -> Callable[[], None]:
    """One of each class, and the second one again as a query."""

    def draw_them() -> None:
        for way, shape in enumerate(SHAPES):
            _draw(panel.board.board.cells[way, 0], *shape)
        _draw(panel.board.board.cells[-1, 0], *TEE)

    return draw_them
