"""The page and the strip: shared scrubbing, live updates, other tasks, messages, themes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from metagui.events import Adaptation, Adapted
from metagui.gui.adaptation.page import AdaptationPage
from metagui.gui.adaptation.regression import RegressionPicture
from metagui.gui.adaptation.strip import AdaptationStrip
from metagui.gui.adaptation.view import AdaptationView
from metagui.gui.theme import LIGHT

MakeTask = Callable[..., Adaptation]
MakeAnswer = Callable[..., Adapted]


def test_that_a_narrow_strip_shows_fewer_tasks_of_images(qtbot: Any, images: MakeTask, answer: MakeAnswer) -> None:
    def is_whole() -> bool:
        return strip.origin.width() >= strip.origin.fontMetrics().horizontalAdvance(strip.origin.text())

    strip = AdaptationStrip()
    qtbot.addWidget(strip)
    strip.resize(660, 190)
    strip.show()
    qtbot.waitExposed(strip)
    strip.show_adapted(answer(*[images(task) for task in range(4)]))
    qtbot.waitUntil(is_whole)
    assert [card.isVisible() for card in strip.board.cards] == [True, True, False, False]
    assert strip.origin.text() == "2 tasks"
    strip.resize(1200, 190)
    qtbot.waitUntil(lambda: all(card.isVisible() for card in strip.board.cards))
    assert strip.board.shown == 4
    assert "4 held-out tasks" in strip.origin.text()
    qtbot.waitUntil(is_whole)
    assert strip.tasks == (0, 1, 2, 3)


@pytest.fixture(params=[AdaptationPage, AdaptationStrip])
def view(request: pytest.FixtureRequest, qtbot: Any) -> AdaptationView:
    widget: AdaptationView = request.param()
    qtbot.addWidget(widget)
    widget.resize(900, 500)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def _bold_curve(view: AdaptationView, card: int) -> np.ndarray:
    picture = view.board.cards[card].picture
    assert isinstance(picture, RegressionPicture)
    curve: np.ndarray = [curve for curve in picture.curves if curve.isVisible()][-1].getData()[1]
    return curve


def test_that_before_any_answer_there_is_a_sentence(view: AdaptationView) -> None:
    assert view.board.message
    view.set_message("Starting the engine…")
    assert view.board.message == "Starting the engine…"
    assert not view.scrubber.isVisible()


def test_that_all_cards_show_the_chosen_step(view: AdaptationView, regression: MakeTask, answer: MakeAnswer) -> None:
    tasks = [regression(task, steps=4) for task in range(4)]
    view.show_adapted(answer(*tasks))
    assert view.scrubber.step == 4
    for step in (4, 2, 0):
        view.scrubber.slider.setValue(step)
        for index, task in enumerate(tasks):
            assert np.allclose(_bold_curve(view, index), task.predictions.numpy()[step])
    assert view.scrubber.caption.text() == "before adaptation"


def test_that_live_updates_keep_the_choice_and_follow_the_last(
    view: AdaptationView, regression: MakeTask, answer: MakeAnswer
) -> None:
    view.show_adapted(answer(regression(steps=3)))
    view.show_adapted(answer(regression(steps=6)))
    assert view.scrubber.step == 6
    view.scrubber.slider.setValue(2)
    cards = list(view.board.cards)
    view.show_adapted(answer(regression(steps=6), step=200))
    assert view.scrubber.step == 2
    assert view.board.cards == cards
    view.show_adapted(answer(regression(steps=1)))
    assert view.scrubber.step == 1


def test_that_the_figures_are_means_over_the_tasks(view: AdaptationView, points: MakeTask, answer: MakeAnswer) -> None:
    tasks = [points(task, query_loss=np.array([1.0 + task, 0.5, 0.25 * task])) for task in range(2)]
    view.show_adapted(answer(*tasks, step=1200))
    assert "1.50 → 0.125" in view.figures.text()
    assert "50% → 100%" in view.figures.text()
    assert "2 held-out tasks" in view.origin.text()
    assert "meta-step 1,200" in view.origin.text()
    view.show_adapted(answer(*tasks, step=0))
    assert "before any training" in view.origin.text()


def test_that_other_tasks_are_the_next_ones(
    view: AdaptationView, regression: MakeTask, answer: MakeAnswer, qtbot: Any
) -> None:
    view.show_adapted(answer(*(regression(task) for task in range(4))))
    with qtbot.waitSignal(view.tasks_requested) as caught:
        QTest.mouseClick(view.other_tasks, Qt.MouseButton.LeftButton)
    assert caught.args == [(4, 5, 6, 7)]


def test_that_the_number_and_kind_of_tasks_may_change(
    view: AdaptationView, regression: MakeTask, points: MakeTask, images: MakeTask, answer: MakeAnswer
) -> None:
    for tasks in ((regression(0), regression(1)), (points(0), points(1), points(2)), (images(0),), (regression(0),)):
        view.show_adapted(answer(*tasks))
        view.grab()
        visible = [card for card in view.board.cards if card.isVisible()]
        assert [card.title.text() for card in visible] == [task.title for task in tasks]
        assert all(card.picture is not None for card in visible)


def test_that_one_bad_task_leaves_the_others(view: AdaptationView, regression: MakeTask, answer: MakeAnswer) -> None:
    view.show_adapted(answer(regression(0), regression(1, grid=np.zeros(2)), regression(2)))
    assert [card.picture is None for card in view.board.cards[:3]] == [False, True, False]
    assert "→" in view.figures.text()


def test_that_an_answer_of_bad_tasks_alone_is_survived(
    view: AdaptationView, regression: MakeTask, answer: MakeAnswer
) -> None:
    view.show_adapted(answer(regression(0, grid=np.zeros(2))))
    view.scrubber.slider.setValue(0)
    assert view.figures.text().count("→") == 0


def test_that_play_goes_from_before_to_the_end(
    view: AdaptationView, regression: MakeTask, answer: MakeAnswer, qtbot: Any
) -> None:
    view.show_adapted(answer(regression(steps=20)))
    seen: list[int] = []
    view.scrubber.step_changed.connect(seen.append)
    QTest.mouseClick(view.scrubber.play, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not view.scrubber.play.isChecked(), timeout=8000)
    assert seen == list(range(21))


def test_that_a_message_beside_cards_leaves_them(
    view: AdaptationView, regression: MakeTask, answer: MakeAnswer
) -> None:
    view.show_adapted(answer(regression()))
    view.set_message("The engine starts again…")
    assert view.board.message == ""
    assert view.origin.text() == "The engine starts again…"
    view.clear("No network yet.")
    assert view.board.message == "No network yet."
    view.show_adapted(answer(regression()))
    assert view.board.message == ""


def test_that_a_theme_reaches_cards_that_exist_and_cards_to_come(
    view: AdaptationView, regression: MakeTask, points: MakeTask, answer: MakeAnswer
) -> None:
    view.show_adapted(answer(regression(steps=2)))
    view.set_theme(LIGHT)
    picture = view.board.cards[0].picture
    assert isinstance(picture, RegressionPicture)
    pens = [curve.opts["pen"].color().name() for curve in picture.curves if curve.isVisible()]
    assert pens == LIGHT.sequence(3)
    view.show_adapted(answer(points(0), points(1)))
    image = view.board.cards[1].grab().toImage()
    assert image.pixelColor(image.width() // 2, 3).name() == LIGHT.plot_background


def test_that_the_slider_can_be_set_by_keys_and_by_clicks(
    view: AdaptationView, regression: MakeTask, answer: MakeAnswer
) -> None:
    view.show_adapted(answer(regression(steps=4)))
    slider = view.scrubber.slider
    QTest.keyClick(slider, Qt.Key.Key_Left)
    assert view.scrubber.step == 3
    place = slider.rect().center()
    place.setX(round(slider.position_of(1)))
    QTest.mouseClick(slider, Qt.MouseButton.LeftButton, pos=place)
    assert view.scrubber.step == 1
    assert slider.accessibleDescription() == "after step 1 of 4"
