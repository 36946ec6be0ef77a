"""Whether a window can open here, asked without Qt."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import pytest

from metagui.screen import screen_problem

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs a screen of Linux")


@pytest.mark.parametrize("platform", ["offscreen", "minimal", "vnc", "offscreen:configfile=x.json", "linuxfb"])
def test_that_platforms_without_a_screen_need_none(platform: str) -> None:
    assert screen_problem({"QT_QPA_PLATFORM": platform}) is None


def test_that_a_missing_screen_is_told_with_what_to_do_instead() -> None:
    problem = screen_problem({})
    assert problem is not None
    assert "`metagui train`" in problem
    assert "xvfb-run" in problem


def test_that_a_screen_that_does_not_answer_is_none() -> None:
    problem = screen_problem({"DISPLAY": ":6553"})
    assert problem is not None
    assert "DISPLAY=:6553" in problem or "apt-get install" in problem


def test_that_a_wayland_screen_is_one_if_it_listens(tmp_path: Path) -> None:
    environment = {"WAYLAND_DISPLAY": "wayland-7", "XDG_RUNTIME_DIR": str(tmp_path)}
    problem = screen_problem(environment)
    assert problem is not None
    assert "wayland-7" in problem
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "wayland-7"))
        assert screen_problem(environment) is None


def test_that_other_systems_are_not_asked() -> None:
    assert screen_problem({}, platform="darwin") is None
    assert screen_problem({}, platform="win32") is None
