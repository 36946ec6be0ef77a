"""present: a script is checked, refused, and recorded from the command line."""

from __future__ import annotations

import signal
import struct
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from metagui.runs.store import RunStore

Metagui = Callable[..., Any]

TALK = """
[talk]
title = "Two slides"

[[slide]]
id = "words"
title = "Words"

[[slide]]
id = "learns"
title = "It learns"
page = "monitor"
action = [
  { do = "train", preset = "sinusoid-reptile", set = { "outer.steps" = 20 } },
  { do = "wait", finished = true },
]
"""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "my-talk.toml"
    path.write_text(TALK, encoding="utf-8")
    return path


def test_that_the_shipped_talk_is_sound(metagui: Metagui) -> None:
    result = metagui("present", "--check")
    assert result.code == 0, result.err
    assert "nothing wrong" in result.out


def test_that_a_sound_script_is_told_so(metagui: Metagui, script: Path) -> None:
    result = metagui("present", script, "--check")
    assert (result.code, result.out) == (0, f"{script}: Two slides: 2 slides, nothing wrong\n")


@pytest.mark.parametrize("mode", [["--check"], [], ["--record", "handout"]])
def test_that_a_broken_script_is_refused_with_file_and_line(metagui: Metagui, script: Path, mode: list[str]) -> None:
    script.write_text(TALK.replace('"wait"', '"wiat"'), encoding="utf-8")
    result = metagui("present", script, *mode)
    assert result.code == 2
    assert f"{script}:15: 'wiat' is no action" in result.err
    assert "did you mean wait?" in result.err
    assert not Path("handout").exists()


def test_that_a_script_that_is_not_there_is_told(metagui: Metagui) -> None:
    result = metagui("present", "tlak")
    assert result.code == 3
    assert "did you mean talk?" in result.err


def test_that_a_talk_needs_a_screen(metagui: Metagui, script: Path) -> None:
    result = metagui("present", script, QT_QPA_PLATFORM=None, DISPLAY=None, WAYLAND_DISPLAY=None)
    assert result.code == 3
    assert "there is no screen here" in result.err


@pytest.mark.slow
def test_that_a_recording_is_a_picture_a_slide_and_a_page(metagui: Metagui, script: Path, tmp_path: Path) -> None:
    out, data = tmp_path / "handout", tmp_path / "data"
    arguments = ["--record", out, "--size", "1300x820", "--theme", "light", "--data-dir", data]
    result = metagui("present", script, *arguments, QT_QPA_PLATFORM=None, DISPLAY=None, WAYLAND_DISPLAY=None)
    assert result.code == 0, result.err
    assert result.out.splitlines()[-1] == str(out / "index.html")
    assert sorted(path.name for path in out.iterdir()) == ["01-words.png", "02-learns.png", "index.html"]
    for picture in out.glob("*.png"):
        content = picture.read_bytes()
        assert struct.unpack(">II", content[16:24]) == (1300, 820)
    assert not data.exists(), "nothing is written elsewhere"
    assert metagui("present", script, "--record", tmp_path).code == 3


@pytest.mark.slow
def test_that_a_talk_on_a_screen_trains_and_ends_with_a_signal(started: Callable[..., Any], tmp_path: Path) -> None:
    text = TALK[TALK.index('[[slide]]\nid = "learns"') :].replace('"outer.steps" = 20', '"outer.steps" = 100000')
    script, data = tmp_path / "endless.toml", tmp_path / "data"
    script.write_text(f"[talk]\ntitle = 'Endless'\n{text}", encoding="utf-8")
    process = started("present", script, "--data-dir", data)  # offscreen, as all tests are
    deadline = time.monotonic() + 60
    while not list(data.glob("runs/*/config.json")) and process.poll() is None:
        assert time.monotonic() < deadline, "no run was started"
        time.sleep(0.1)
    time.sleep(1.0)
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, out + err
    with RunStore(data) as store:
        (record,) = store.list()
    assert record.name == "talk: Reptile · Sinusoid"
    assert record.status == "stopped", "stopped and saved, not crashed"
