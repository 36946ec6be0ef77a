from __future__ import annotations

import os
from pathlib import Path

import pytest

from metagui.config import ExperimentConfig, parse
from metagui.session.settings import WindowSettings, load_settings, save_settings, settings_path


def test_that_settings_come_back(data_dir: Path) -> None:
    settings = WindowSettings(
        experiment=ExperimentConfig().to_dict(),
        theme="light",
        geometry=bytes(range(256)),
        layout=b"\x00\x01;=\r\n\xff",
        resume="r-0007",
    )
    assert save_settings(data_dir, settings) == ""
    assert load_settings(data_dir) == (settings, "")
    assert parse(load_settings(data_dir)[0].experiment) == ExperimentConfig()


def test_that_a_first_start_has_defaults_and_no_notice(data_dir: Path) -> None:
    assert load_settings(data_dir) == (WindowSettings(), "")


@pytest.mark.parametrize("content", [b"\xff\xfe\x00 nonsense \x80", b"[General", b"[General]\nexperiment=no json\n"])
def test_that_a_corrupt_file_means_defaults_and_a_notice(data_dir: Path, content: bytes) -> None:
    settings_path(data_dir).write_bytes(content)
    settings, notice = load_settings(data_dir)
    assert settings == WindowSettings()
    assert "window.ini" in notice


def test_that_values_of_the_wrong_kind_mean_defaults(data_dir: Path) -> None:
    settings_path(data_dir).write_text("[General]\ntheme=a, b\ngeometry=17\nlayout=@ByteArray(\nexperiment=[1]\n")
    settings, notice = load_settings(data_dir)
    assert (settings.theme, settings.geometry, settings.experiment) == ("system", b"", {})
    assert "last experiment" in notice


def test_that_settings_that_cannot_be_written_are_a_sentence(data_dir: Path) -> None:
    settings_path(data_dir).mkdir()
    assert "could not be written" in save_settings(data_dir, WindowSettings())
    assert load_settings(data_dir)[0] == WindowSettings()
    assert "cannot be read" in load_settings(data_dir)[1]
    assert os.listdir(data_dir) == ["window.ini"]
