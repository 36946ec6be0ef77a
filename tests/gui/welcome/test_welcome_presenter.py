"""From the welcome page into the program: what each invitation leads to, and when the page shows itself."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from metagui.demos import load_demo
from metagui.gui.presenters.welcome_presenter import COMPARED
from metagui.gui.workbench import Workbench

OpenWorkbench = Callable[..., Workbench]


def click(qtbot: QtBot, bench: Workbench, name: str) -> None:
    qtbot.mouseClick(bench.window.welcome.invitations[name], Qt.MouseButton.LeftButton)


@pytest.fixture
def welcomed(open_workbench: OpenWorkbench) -> Workbench:
    bench = open_workbench()
    bench.welcome_newcomers()
    return bench


def test_that_a_first_start_welcomes(welcomed: Workbench) -> None:
    assert welcomed.window.tabs.currentWidget() is welcomed.window.welcome
    assert welcomed.window.welcome.at_start.isChecked()


def test_that_who_has_had_enough_is_left_alone_at_the_next_start(open_workbench: OpenWorkbench) -> None:
    first = open_workbench()
    first.welcome_newcomers()
    first.window.welcome.at_start.click()
    first.close()

    second = open_workbench()
    second.welcome_newcomers()

    assert second.window.tabs.currentWidget() is not second.window.welcome
    assert not second.window.tabs.isTabVisible(second.window.tabs.indexOf(second.window.welcome))


def test_that_the_help_menu_brings_it_back(open_workbench: OpenWorkbench) -> None:
    bench = open_workbench()

    bench.window.actions_["help.welcome"].trigger()

    assert bench.window.tabs.currentWidget() is bench.window.welcome


def test_that_a_demonstration_is_put_under_ones_hands(qtbot: QtBot, welcomed: Workbench) -> None:
    click(qtbot, welcomed, "curve")

    assert welcomed.window.tabs.currentWidget() is welcomed.window.studio
    assert welcomed.window.studio.current is welcomed.window.studio.own
    assert welcomed.window.form.config() == load_demo("sinusoid-maml").config


def test_that_the_compared_demonstrations_stand_side_by_side(qtbot: QtBot, welcomed: Workbench) -> None:
    click(qtbot, welcomed, "compare")

    assert welcomed.window.studio.current is welcomed.window.studio.compare
    assert len(welcomed.window.studio.compare.columns) == len(COMPARED)


def test_that_the_algorithm_can_be_read(qtbot: QtBot, welcomed: Workbench) -> None:
    click(qtbot, welcomed, "walk")

    assert welcomed.window.tabs.currentWidget() is welcomed.window.walkthrough


@pytest.mark.slow
def test_that_trained_networks_adapt_on_the_page_and_under_ones_hands(
    qtbot: QtBot, open_workbench: OpenWorkbench
) -> None:
    bench = open_workbench(worker=True)
    bench.welcome_newcomers()
    pictures = bench.window.welcome.pictures

    qtbot.waitUntil(lambda: all(picture.is_moving for picture in pictures.values()), timeout=120_000)
    click(qtbot, bench, "points")

    panel = bench.window.studio.own
    qtbot.waitUntil(lambda: panel.scrubber.slider.maximum() > 0, timeout=120_000)
    assert bench.adaptation.settled_on is None or bench.adaptation.settled_on.checkpoint
    assert not any(picture.is_moving for picture in pictures.values())


@pytest.mark.slow
def test_that_a_training_begins_with_one_click(qtbot: QtBot, open_workbench: OpenWorkbench) -> None:
    bench = open_workbench(worker=True)
    bench.welcome_newcomers()
    qtbot.waitUntil(lambda: bench.window.actions_["run.start"].isEnabled(), timeout=60_000)

    click(qtbot, bench, "train")

    assert bench.window.tabs.currentIndex() == 0
    qtbot.waitUntil(lambda: bench.controller.state == "running", timeout=120_000)
    bench.controller.stop()
    qtbot.waitUntil(lambda: bench.controller.state == "idle", timeout=60_000)
