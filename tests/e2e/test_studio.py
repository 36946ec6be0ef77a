"""Tasks made by hand in the real window with its real worker: each scenario is a process of its own.

``offscreen`` and ``xvfb`` get their mouse events from Qt; on ``pointer`` xdotool moves the pointer of the X server.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

DRIVER = Path(__file__).with_name("studio_driver.py")

Play = Callable[[str], None]

pytestmark = pytest.mark.slow

by_every_hand = pytest.mark.parametrize("screen", ["offscreen", "xvfb", "pointer"])
by_events = pytest.mark.parametrize("screen", ["offscreen", "xvfb"])
"""For what has to do with other things than the mouse."""


@pytest.fixture
def play(screen: str, data_dir: Path, drive: Any, request: pytest.FixtureRequest) -> Play:
    """Plays a scenario of the driver on the screen of this test."""
    environment = {}
    if screen != "offscreen":
        environment = {"QT_QPA_PLATFORM": "xcb", "DISPLAY": request.getfixturevalue("display")}
    if screen == "pointer" and shutil.which("xdotool") is None:
        pytest.skip("needs xdotool")
    hand = "pointer" if screen == "pointer" else "events"
    return lambda scenario: drive(DRIVER, scenario, data_dir, hand, environment=environment)


@by_every_hand
def test_that_the_curve_follows_points_that_are_added_dragged_and_taken_away(play: Play) -> None:
    play("curve")


@by_every_hand
def test_that_the_boundary_follows_painted_classes(play: Play) -> None:
    play("points")


@by_every_hand
def test_that_drawn_characters_are_told_apart_and_undo_and_clear_work(play: Play) -> None:
    play("characters")


@by_events
def test_that_dropped_pictures_are_taken_and_bad_ones_answered_with_a_sentence(play: Play) -> None:
    play("pictures")


@by_events
def test_that_a_task_outlives_a_killed_worker_and_is_answered(play: Play) -> None:
    play("killed_worker")
