from collections import Counter

import pytest
from PySide6.QtCore import QObject

from metagui.gui.actions import COMMANDS, Actions, WindowState, why_not_start
from metagui.gui.theme import DARK


@pytest.fixture
def actions(qapp: object) -> Actions:
    owner = QObject()
    made = Actions(owner)
    made.owner = owner  # type: ignore[attr-defined]  # keeps the parent alive
    return made


def enabled(actions: Actions, state: WindowState) -> set[str]:
    actions.refresh(state)
    return {command.id for command in COMMANDS if command.id.startswith("run") and actions[command.id].isEnabled()}


def test_that_every_command_has_words_and_its_own_id() -> None:
    assert max(Counter(command.id for command in COMMANDS).values()) == 1
    for command in COMMANDS:
        assert command.text.strip()
        assert command.tooltip.strip()


def test_that_no_shortcut_is_given_twice_but_to_pause_and_go_on() -> None:
    shared = [key for key, count in Counter(key for c in COMMANDS for key in c.shortcut.split()).items() if count > 1]
    assert shared == ["F6"]
    assert {c.id for c in COMMANDS if c.shortcut == "F6"} == {"run.pause", "run.resume"}


def test_that_pause_and_go_on_are_never_there_together(actions: Actions) -> None:
    for state in ("idle", "starting", "running", "pausing", "paused", "stopping"):
        actions.refresh(WindowState(run_state=state))
        assert actions["run.pause"].isVisible() != actions["run.resume"].isVisible()


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (WindowState(), {"run.start"}),
        (WindowState(problem="Ways: must be at least 2"), set()),
        (
            WindowState("running"),
            {"run.pause", "run.step_inner", "run.step_task", "run.step_update", "run.stop"},
        ),
        (
            WindowState("paused"),
            {"run.resume", "run.step_inner", "run.step_task", "run.step_update", "run.stop"},
        ),
        (WindowState("stopping"), set()),
        (
            WindowState(run_selected=True, selected_can_continue=True),
            {"run.start", "runs.continue", "runs.compare", "runs.use_parameters"},
        ),
    ],
)
def test_that_what_applies_is_enabled_and_nothing_else(
    actions: Actions, state: WindowState, expected: set[str]
) -> None:
    assert enabled(actions, state) == expected


def test_that_start_says_why_it_is_disabled(actions: Actions) -> None:
    actions.refresh(WindowState(problem="Ways: must be at least 2, not 1"))
    assert "Ways" in actions["run.start"].toolTip()
    assert why_not_start(WindowState("running")) != ""
    actions.refresh(WindowState())
    assert "F9" in actions["run.start"].toolTip()


def test_that_every_icon_named_exists(actions: Actions) -> None:
    actions.set_theme(DARK)
    for command in COMMANDS:
        assert actions[command.id].icon().isNull() == (not command.icon)
