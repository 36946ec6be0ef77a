"""screenshot: a picture of the real window, while it trains."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Metagui = Callable[..., Any]


@pytest.mark.slow
def test_that_a_picture_of_the_asked_size_is_made_without_a_screen(metagui: Metagui, tmp_path: Path) -> None:
    out = tmp_path / "window.png"
    arguments = ["--steps", "3", "--size", "1300x820", "--theme", "light", "--data-dir", tmp_path / "data"]
    result = metagui("screenshot", out, *arguments, QT_QPA_PLATFORM=None, DISPLAY=None, WAYLAND_DISPLAY=None)
    assert result.code == 0, result.err
    assert result.out == f"{out}\n"
    content = out.read_bytes()
    assert content.startswith(b"\x89PNG")
    assert struct.unpack(">II", content[16:24]) == (1300, 820)
    assert not (tmp_path / "data").exists(), "a picture leaves no runs behind"


@pytest.mark.parametrize("size", ["1280", "1280x", "12x8", "-5x800", "1280x800x3"])
def test_that_a_size_that_is_none_is_refused(metagui: Metagui, tmp_path: Path, size: str) -> None:
    result = metagui("screenshot", tmp_path / "window.png", f"--size={size}")
    assert result.code == 2
    assert "--size: write it as WIDTHxHEIGHT" in result.err


def test_that_an_unknown_preset_is_refused(metagui: Metagui, tmp_path: Path) -> None:
    result = metagui("screenshot", tmp_path / "window.png", "--preset", "nothing")
    assert result.code == 2
    assert "--preset: 'nothing' is not one of" in result.err
