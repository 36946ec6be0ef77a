"""The walk-through takes the room of the docks, and gives it back."""

from __future__ import annotations

from collections.abc import Callable

from metagui.gui.workbench import Workbench

Open = Callable[..., Workbench]


def test_that_docks_make_room_for_the_walk_through_and_come_back(open_workbench: Open) -> None:
    window = open_workbench().window
    window.actions_["view.walkthrough"].trigger()
    assert window.form_dock.isHidden()
    assert window.runs_dock.isHidden()
    assert window.actions_["view.page_alone"].isChecked()
    window.actions_["view.adaptation"].trigger()
    assert not window.form_dock.isHidden()
    assert not window.runs_dock.isHidden()


def test_that_only_docks_that_were_there_come_back(open_workbench: Open) -> None:
    window = open_workbench().window
    window.actions_["view.runs"].trigger()
    window.actions_["view.walkthrough"].trigger()
    window.actions_["view.monitor"].trigger()
    assert not window.form_dock.isHidden()
    assert window.runs_dock.isHidden()


def test_that_a_persons_choice_holds_on_every_page(open_workbench: Open) -> None:
    window = open_workbench().window
    window.actions_["view.page_alone"].trigger()
    window.actions_["view.walkthrough"].trigger()
    window.actions_["view.monitor"].trigger()
    assert window.form_dock.isHidden()
    window.actions_["view.page_alone"].trigger()
    assert not window.form_dock.isHidden()


def test_that_hidden_docks_are_there_at_the_next_start(open_workbench: Open) -> None:
    window = open_workbench().window
    window.actions_["view.walkthrough"].trigger()
    layout = window.layout_state()
    other = open_workbench().window
    other.restore_layout(layout)
    assert not other.form_dock.isHidden()
    assert not other.runs_dock.isHidden()
