"""No screen: said in a sentence before Qt aborts the process."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from metagui.cli.screen import screen_problem

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


def test_that_the_window_without_a_screen_is_one_sentence_and_exit_3(
    metagui: Callable[..., Any], data_dir: Path
) -> None:
    result = metagui("--data-dir", data_dir, QT_QPA_PLATFORM=None, DISPLAY=None, WAYLAND_DISPLAY=None)
    assert result.code == 3
    assert result.err.count("\n") == 1
    assert "metagui train" in result.err
    assert "xvfb-run" in result.err
    assert result.out == ""


def test_that_qt_that_cannot_be_loaded_is_told_with_the_packages(
    metagui: Callable[..., Any], data_dir: Path, tmp_path: Path
) -> None:
    # What a missing system library looks like: the import of Qt's module fails.
    broken = tmp_path / "path" / "PySide6"
    broken.mkdir(parents=True)
    (broken / "__init__.py").touch()
    (broken / "QtWidgets.py").write_text("raise ImportError('libEGL.so.1: cannot open shared object file')")
    result = metagui("--data-dir", data_dir, PYTHONPATH=str(tmp_path / "path"))
    assert result.code == 3
    assert "libEGL.so.1" in result.err
    assert "libegl1" in result.err
    assert "apt-get install" in result.err
    assert "Traceback" not in result.err


@pytest.mark.slow
def test_that_a_window_opens_on_a_virtual_screen(data_dir: Path) -> None:
    """The real xcb plugin with the system libraries that the README names."""
    if shutil.which("xvfb-run") is None:
        pytest.skip("needs xvfb-run")
    environment = {name: value for name, value in os.environ.items() if name != "QT_QPA_PLATFORM"}
    done = subprocess.run(
        ["xvfb-run", "-a", sys.executable, "-m", "metagui", "doctor", "--json", "--data-dir", str(data_dir)],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    findings = {finding["name"]: finding["value"] for finding in json.loads(done.stdout)["findings"]}
    assert findings["Qt platform"] == "xcb: a window opens"
