"""The experiments that come with metagui."""

from __future__ import annotations

from pathlib import Path

import pytest

from metagui.config import DEFAULT_PRESET, load_preset, load_presets, parse, preset_names
from metagui.config.presets import read_preset
from metagui.errors import InvalidValueError

REQUIRED = {f"sinusoid-{name}" for name in ("maml", "fomaml", "reptile", "imaml")} | {"omniglot-maml-5w1s"}


@pytest.mark.parametrize("name", preset_names())
def test_that_every_preset_is_valid_titled_and_survives_a_round_trip(name: str) -> None:
    preset = load_preset(name)
    assert preset.name == name
    assert preset.title
    assert preset.summary.endswith(".")
    assert parse(preset.config.to_dict()) == preset.config


def test_that_the_promised_presets_are_there() -> None:
    assert set(preset_names()) >= REQUIRED
    assert DEFAULT_PRESET in preset_names()
    assert [preset.name for preset in load_presets()] == preset_names()


@pytest.mark.parametrize("name", preset_names())
def test_that_a_preset_holds_what_its_name_says(name: str) -> None:
    family, _, algorithm = name.partition("-")
    config = load_preset(name).config
    assert config.task.name == family
    assert algorithm.replace("-", "_").startswith(config.algorithm.name)
    if "5w1s" in name:
        assert config.task.model_dump()["n_way"] == 5
        assert config.task.model_dump()["k_shot"] == 1


def test_that_the_default_preset_needs_no_download() -> None:
    assert load_preset(DEFAULT_PRESET).config.task.name in ("sinusoid", "points", "glyphs")


def test_that_an_unknown_preset_is_answered_with_the_known_and_the_nearest() -> None:
    with pytest.raises(InvalidValueError, match=r"--preset: 'sinusoid-mamal' is not one of .*did you mean sinusoid"):
        load_preset("sinusoid-mamal")


@pytest.mark.parametrize("name", ["../../secret", "", ".", "sinusoid-maml.toml"])
def test_that_a_preset_name_is_no_path(name: str) -> None:
    with pytest.raises(InvalidValueError, match="--preset"):
        load_preset(name)


def test_that_a_broken_preset_file_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "mine.toml"
    broken.write_text("[preset\n", encoding="utf-8")
    with pytest.raises(InvalidValueError, match=r"mine\.toml"):
        read_preset(broken)
    broken.write_text(
        '[preset]\ntitle = "T"\nsummary = "S."\n[algorithm]\nname = "maml"\ninner_steps = 0\n', encoding="utf-8"
    )
    with pytest.raises(InvalidValueError, match=r"mine\.toml: algorithm\.inner_steps: must be at least 1"):
        read_preset(broken)
