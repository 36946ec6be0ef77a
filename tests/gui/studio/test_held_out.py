"""Held-out tasks with what happens in each step: scrubbing, more steps, trouble, keys, themes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from metagui.events import Column
from metagui.gui.studio.held_out import HeldOutPanel
from metagui.gui.studio.page import StudioPage
from metagui.gui.studio.series import series_of
from metagui.gui.theme import LIGHT

MakeColumn = Callable[..., Column]


@pytest.fixture
def panel(qtbot: Any) -> HeldOutPanel:
    widget = HeldOutPanel()
    qtbot.addWidget(widget)
    widget.resize(900, 700)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def test_that_scrubbing_moves_losses_movement_and_pulls(panel: HeldOutPanel, column: MakeColumn) -> None:
    panel.show_column(1, column(tasks=(0, 1), proximal=True), trained_steps=4)
    inner = panel.inner
    assert inner.isVisible()
    assert inner.pulls_figure.isVisible()
    assert not inner.accuracy_figure.isVisible()
    assert panel.scrubber.step == 4
    assert "2.00" in inner.loss_figure.figures.text()
    assert inner.movement.values == pytest.approx((0.1, 0.2, 0.4))
    panel.scrubber.slider.setValue(2)
    assert "2.50" in inner.loss_figure.figures.text()
    assert inner.movement.values == pytest.approx((0.05, 0.1, 0.2))
    assert inner.loss.cursor_line.value() == 2


def test_that_a_click_on_a_curve_goes_to_its_step(panel: HeldOutPanel, column: MakeColumn, qtbot: Any) -> None:
    panel.show_column(1, column(), trained_steps=4)
    chart = panel.inner.loss
    qtbot.waitUntil(lambda: chart.width() > 100)
    view = chart.plot.getPlotItem().getViewBox()
    place = chart.plot.mapFromScene(view.mapViewToScene(view.viewRect().center()))
    QTest.mouseClick(chart.plot.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert panel.scrubber.step == 2


def test_that_the_steps_of_training_are_marked_where_more_are_shown(panel: HeldOutPanel, column: MakeColumn) -> None:
    panel.show_column(1, column(steps=20), trained_steps=5)
    assert panel.inner.loss.mark_line.isVisible()
    assert panel.inner.loss.mark_line.value() == 5
    panel.show_column(2, column(steps=5), trained_steps=5)
    assert not panel.inner.loss.mark_line.isVisible()


def test_that_trouble_is_told_above_the_tasks_which_stay(panel: HeldOutPanel, column: MakeColumn) -> None:
    panel.show_column(1, column(), trained_steps=4)
    panel.show_column(2, column(problem="The checkpoint of r-0001 is gone."), trained_steps=4)
    assert panel.trouble.isVisible()
    assert "gone" in panel.trouble.text()
    assert panel.board.shown == 1
    assert not panel.board.message
    panel.show_column(3, column(), trained_steps=4)
    assert not panel.trouble.isVisible()


def test_that_before_any_answer_trouble_takes_the_place_of_the_tasks(panel: HeldOutPanel, column: MakeColumn) -> None:
    panel.show_column(1, column(problem="Omniglot is not installed."), trained_steps=4)
    assert "not installed" in panel.board.message
    assert not panel.inner.isVisible()


def test_that_another_number_of_tasks_keeps_the_first(panel: HeldOutPanel, column: MakeColumn, qtbot: Any) -> None:
    panel.show_column(1, column(tasks=(4, 5)), trained_steps=4)
    with qtbot.waitSignal(panel.tasks_requested) as caught:
        panel.count.setCurrentIndex(0)
        panel.count.activated.emit(0)
    assert caught.args == [(4,)]
    with qtbot.waitSignal(panel.steps_chosen) as caught:
        panel.steps.choose(200)
    assert caught.args == [200]


def test_that_a_loss_that_explodes_is_drawn(panel: HeldOutPanel, column: MakeColumn) -> None:
    exploding = replace(series_of(column()), query_loss=np.array([1.0, 1e6, np.inf, np.nan, np.nan]))
    panel.inner.show_series(exploding, 3)
    panel.grab()
    assert "–" in panel.inner.loss_figure.figures.text()


def test_that_arrows_scrub_and_space_plays(qtbot: Any, column: MakeColumn) -> None:
    page = StudioPage()
    panel = HeldOutPanel()
    page.add_mode("Held-out tasks", "", panel)
    qtbot.addWidget(page)
    page.resize(900, 700)
    page.show()
    qtbot.waitExposed(page)
    panel.show_column(1, column(), trained_steps=4)
    page.setFocus()
    for key, step in ((Qt.Key.Key_Left, 3), (Qt.Key.Key_Left, 2), (Qt.Key.Key_Right, 3), (Qt.Key.Key_Home, 0)):
        QTest.keyClick(page, key)
        assert panel.scrubber.step == step
    QTest.keyClick(page, Qt.Key.Key_Space)
    assert panel.scrubber.play.isChecked()
    qtbot.waitUntil(lambda: panel.scrubber.step == 4)


def test_that_it_takes_another_theme_and_any_size(panel: HeldOutPanel, column: MakeColumn) -> None:
    panel.show_column(1, column(tasks=(0, 1, 2, 3)), trained_steps=4)
    dark = panel.grab().toImage()
    panel.set_theme(LIGHT)
    assert panel.grab().toImage() != dark
    for size in ((660, 560), (1500, 900)):
        panel.resize(*size)
        panel.grab()
