"""No screen: said in a sentence before Qt aborts the process."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs a screen of Linux")


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
