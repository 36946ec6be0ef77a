"""Painting classes: strokes of points, the eraser, keys, and a class that stays empty."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from metagui.events import Studied
from metagui.gui.studio.own.panel import OwnTaskPanel
from metagui.gui.studio.own.points_desk import PointsDesk
from metagui.gui.studio.own.points_editor import MOST_POINTS
from metagui.gui.studio.own.sketch import SQUARE, PointsSketch


@pytest.fixture
def desk(panel: OwnTaskPanel, asked: Any, show: Callable[[str], None]) -> PointsDesk:
    show("points-maml")
    desk = panel.desks["points"]
    assert isinstance(desk, PointsDesk)
    return desk


def test_that_a_drag_paints_points_of_the_class_chosen(desk: PointsDesk, asked: Any, drag: Any) -> None:
    before = len(desk.sketch.points)
    QTest.keyClick(desk.editor, Qt.Key.Key_2)
    assert desk.palette.label == 1
    drag(
        desk.editor.picture.plot.viewport(),
        *(desk.editor.place_of(x, -1.0).toPoint() for x in (-1.0, -0.8, -0.6, -0.4)),
    )
    painted = desk.sketch.points[before:]
    assert len(painted) == 4
    assert {label for _, _, label in painted} == {1}
    assert len(asked.last.own.support_y.numpy()) == before + 4


def test_that_the_right_button_and_the_eraser_take_points_away(desk: PointsDesk) -> None:
    x, y, _ = desk.sketch.points[0]
    viewport = desk.editor.picture.plot.viewport()
    count = len(desk.sketch.points)
    QTest.mouseClick(viewport, Qt.MouseButton.RightButton, pos=desk.editor.place_of(x, y).toPoint())
    assert len(desk.sketch.points) < count
    QTest.keyClick(desk.editor, Qt.Key.Key_E)
    assert desk.palette.eraser.isChecked()
    count = len(desk.sketch.points)
    x, y, _ = desk.sketch.points[-1]
    QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=desk.editor.place_of(x, y).toPoint())
    assert len(desk.sketch.points) < count


def test_that_keys_alone_paint(desk: PointsDesk) -> None:
    count = len(desk.sketch.points)
    QTest.keyClick(desk.editor, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(desk.editor, Qt.Key.Key_Insert)
    assert len(desk.sketch.points) == count + 1
    assert desk.sketch.points[-1][:2] == pytest.approx((0.0, 0.05))
    QTest.keyClick(desk.editor, Qt.Key.Key_Delete)
    assert len(desk.sketch.points) <= count


def test_that_regions_are_drawn_and_scrubbed(
    desk: PointsDesk, panel: OwnTaskPanel, asked: Any, answer: Callable[..., Studied]
) -> None:
    panel.show_studied(answer(asked.last.own, steps=3))
    after = desk.editor.picture.regions.image.copy()
    panel.scrubber.slider.setValue(0)
    assert (desk.editor.picture.regions.image != after).any()


def test_that_an_empty_square_shows_how_far_can_be_painted(desk: PointsDesk, panel: OwnTaskPanel) -> None:
    panel.start_blank()
    viewport = desk.editor.picture.plot.viewport()
    place = desk.editor.place_of(SQUARE, 0.3).toPoint()
    picture = viewport.grab().toImage()
    across = {picture.pixelColor(x, place.y()).name() for x in range(place.x() - 4, place.x() + 5)}
    assert len(across) > 1, "one shade inside, outside and between"


def test_that_the_engines_sentence_stands_where_a_class_is_empty(
    desk: PointsDesk, panel: OwnTaskPanel, asked: Any, answer: Callable[..., Studied]
) -> None:
    desk.ways.setValue(4)
    assert asked.last.own.class_names == ("Class 1", "Class 2", "Class 3", "Class 4")
    sentence = "'Class 4' has no support point: add one, or take the class away."
    panel.show_studied(answer(asked.last.own, problem=sentence))
    assert panel.headline.text == sentence
    desk.ways.setValue(3)
    panel.show_studied(answer(asked.last.own))
    assert sentence not in panel.headline.text


def test_that_taking_a_class_away_takes_its_points_and_undo_brings_them_back(
    desk: PointsDesk, panel: OwnTaskPanel
) -> None:
    before = desk.sketch
    desk.ways.setValue(2)
    assert {label for _, _, label in desk.sketch.points} == {0, 1}
    panel.undo()
    assert desk.sketch == before
    assert desk.ways.value() == 3


def test_that_painting_ends_somewhere(desk: PointsDesk, panel: OwnTaskPanel) -> None:
    panel.set_sketch(PointsSketch(2, tuple((0.0, 0.0, 0) for _ in range(MOST_POINTS))))
    QTest.keyClick(desk.editor, Qt.Key.Key_Insert)
    assert len(desk.sketch.points) == MOST_POINTS
    assert str(MOST_POINTS) in panel.headline.text
