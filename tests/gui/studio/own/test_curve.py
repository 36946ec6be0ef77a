"""Points on a curve by hand: adding, dragging, deleting, sliding; what is asked meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from msgspec import structs
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from metagui.config import load_preset
from metagui.events import Array, Studied
from metagui.gui.studio.own.curve_desk import CurveDesk, sine_through
from metagui.gui.studio.own.curve_editor import CurveEditor
from metagui.gui.studio.own.panel import OwnTaskPanel
from metagui.gui.studio.own.sketch import CurveSketch


@pytest.fixture
def editor(panel: OwnTaskPanel, asked: Any, show: Callable[[str], None]) -> CurveEditor:
    show("sinusoid-maml")
    desk = panel.desks["regression"]
    assert isinstance(desk, CurveDesk)
    return desk.editor


def test_that_a_click_adds_a_point_where_it_was(editor: CurveEditor, asked: Any) -> None:
    before = len(editor.sketch.points)
    viewport = editor.picture.plot.viewport()
    QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=editor.place_of(2.5, -4.0).toPoint())
    assert len(editor.sketch.points) == before + 1
    assert editor.sketch.points[-1] == pytest.approx((2.5, -4.0), abs=0.1)
    assert asked.last.own.support_x.numpy()[-1] == pytest.approx(2.5, abs=0.1)


def test_that_a_drag_moves_a_point_and_asks_on_its_way(editor: CurveEditor, asked: Any, drag: Any) -> None:
    start = editor.sketch.points[0]
    count = len(asked.questions)
    path = [editor.place_of(start[0], start[1] + share).toPoint() for share in (0.0, -0.5, -1.0, -2.0)]
    drag(editor.picture.plot.viewport(), *path)
    assert editor.sketch.points[0] == pytest.approx((start[0], start[1] - 2.0), abs=0.1)
    assert len(asked.questions) - count >= 3


def test_that_undo_takes_back_a_whole_drag(editor: CurveEditor, panel: OwnTaskPanel, drag: Any) -> None:
    before = editor.sketch
    x, y = before.points[1]
    drag(editor.picture.plot.viewport(), *(editor.place_of(x + share, y).toPoint() for share in (0, 0.3, 0.6)))
    assert editor.sketch != before
    QTest.keyClick(editor, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert editor.sketch == before
    panel.commands.redo.click()
    assert editor.sketch.points[1][0] == pytest.approx(x + 0.6, abs=0.1)


def test_that_a_right_click_and_delete_take_points_away(editor: CurveEditor) -> None:
    viewport = editor.picture.plot.viewport()
    places = [editor.place_of(*point).toPoint() for point in editor.sketch.points[:2]]
    count = len(editor.sketch.points)
    QTest.mouseClick(viewport, Qt.MouseButton.RightButton, pos=places[0])
    assert len(editor.sketch.points) == count - 1
    QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=places[1])
    QTest.keyClick(editor, Qt.Key.Key_Delete)
    assert len(editor.sketch.points) == count - 2


def test_that_keys_alone_add_choose_move_and_delete(editor: CurveEditor) -> None:
    count = len(editor.sketch.points)
    QTest.keyClick(editor, Qt.Key.Key_Insert)
    QTest.keyClick(editor, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert editor.sketch.points[-1][0] > 0
    QTest.keyClick(editor, Qt.Key.Key_PageDown)
    assert editor.selected == 0
    QTest.keyClick(editor, Qt.Key.Key_Delete)
    assert len(editor.sketch.points) == count


def test_that_amplitude_lays_the_points_on_the_curve(editor: CurveEditor, panel: OwnTaskPanel, asked: Any) -> None:
    desk = panel.desks["regression"]
    assert isinstance(desk, CurveDesk)
    desk.amplitude.slider.setValue(desk.amplitude.slider.maximum())
    sketch = editor.sketch
    assert sketch.amplitude == pytest.approx(5.0)
    for x, y in sketch.points:
        assert y == pytest.approx(5.0 * np.sin(x - sketch.phase))
    assert asked.last.own.truth.numpy().size


def test_that_live_sliders_ask_with_what_they_say(editor: CurveEditor, panel: OwnTaskPanel, asked: Any) -> None:
    assert asked.last.inner_lr is None
    panel.rates.inner_lr.slider.setValue(panel.rates.inner_lr.slider.maximum())
    panel.rates.steps.slider.setValue(7)
    assert asked.last.inner_lr == pytest.approx(1.0)
    assert asked.last.inner_steps == 7
    panel.rates.inner_lr.back.click()
    assert asked.last.inner_lr is None
    assert panel.rates.proximal_lambda.isHidden()
    panel.show_network(load_preset("sinusoid-imaml").config, 0)
    assert not panel.rates.proximal_lambda.isHidden()


def test_that_an_answer_draws_the_curve_at_the_step_on_show(
    editor: CurveEditor, panel: OwnTaskPanel, asked: Any, answer: Callable[..., Studied]
) -> None:
    panel.show_studied(answer(asked.last.own, steps=4))
    assert panel.scrubber.step == 4
    panel.scrubber.slider.setValue(2)
    drawn = editor.picture.curves[2].getData()
    assert drawn is not None
    np.testing.assert_allclose(drawn[1], 0.5 * asked.last.own.grid.numpy())
    assert "1.50" in panel.headline.figures.text()


def test_that_an_answer_that_comes_late_leaves_the_points_under_the_hand(
    editor: CurveEditor, panel: OwnTaskPanel, asked: Any, answer: Callable[..., Studied]
) -> None:
    late = asked.last.own
    QTest.mouseClick(editor.picture.plot.viewport(), Qt.MouseButton.LeftButton, pos=editor.place_of(0, 5).toPoint())
    panel.show_studied(answer(late))
    x, _ = editor.picture.support.getData()
    assert len(x) == len(editor.sketch.points) == len(late.support_x.numpy()) + 1


def test_that_two_points_at_one_x_are_told_and_asked(editor: CurveEditor, panel: OwnTaskPanel, asked: Any) -> None:
    panel.set_sketch(CurveSketch(((1.0, 2.0), (1.0, -2.0)), on_curve=False))
    assert "x = 1" in panel.headline.text
    assert asked.last.own.support_x.numpy().tolist() == [1.0, 1.0]


def test_that_an_empty_task_asks_nothing_and_says_what_to_do(panel: OwnTaskPanel, editor: Any, asked: Any) -> None:
    count = len(asked.questions)
    panel.commands.clear.click()
    assert len(asked.questions) == count
    assert "Click into the picture" in panel.headline.text
    assert not panel.scrubber.isEnabled()


def test_that_own_curves_begin_with_a_held_out_task(
    panel: OwnTaskPanel, asked: Any, answer: Callable[..., Studied]
) -> None:
    config = load_preset("sinusoid-maml").config
    content = config.to_dict() | {"task": {"name": "curves", "dataset": "mine", "k_shot": 5, "n_query": 5}}
    panel.show_network(type(config).model_validate(content), 10)
    assert asked.picks == [0]


def test_that_amplitude_and_phase_are_found_again() -> None:
    x = np.linspace(-5, 5, 50)
    assert sine_through(x, 2.5 * np.sin(x - 0.7)) == pytest.approx((2.5, 0.7))


def test_that_everything_has_a_name_and_is_reached_by_keys(editor: CurveEditor, panel: OwnTaskPanel) -> None:
    for widget in (editor, panel.commands.undo, panel.commands.keep, panel.rates.inner_lr.slider):
        assert widget.accessibleName()
        assert widget.focusPolicy() & Qt.FocusPolicy.TabFocus


def test_that_an_explosion_is_told(
    editor: CurveEditor, panel: OwnTaskPanel, asked: Any, answer: Callable[..., Studied]
) -> None:
    studied = answer(asked.last.own)
    column = studied.columns[0]
    exploded = structs.replace(column.tasks[0], support_loss=Array.of([1.0, 40.0, 1e9, np.nan]))
    panel.show_studied(structs.replace(studied, columns=(structs.replace(column, tasks=(exploded,)),)))
    assert "smaller inner rate" in panel.headline.text
    panel.show_studied(answer(asked.last.own))
    assert "smaller inner rate" not in panel.headline.text
