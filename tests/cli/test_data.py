"""data add and data list, with real and with bad files."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Metagui = Callable[..., Any]


def test_that_nothing_installed_is_told(metagui: Metagui, data_dir: Path) -> None:
    assert "metagui data add omniglot" in metagui("data", "list", "--data-dir", data_dir).out
    assert metagui("data", "list", "--json", "--data-dir", data_dir).value == []


@pytest.mark.slow
def test_that_omniglot_is_installed_from_a_folder_and_listed(metagui: Metagui, data_dir: Path, real_data: Path) -> None:
    source = real_data / "omniglot"
    if not source.is_dir():
        pytest.skip("needs the real Omniglot")
    added = metagui("data", "add", "omniglot", "--from", source, "--data-dir", data_dir)
    assert added.code == 0, added.err
    assert "1,623 characters x 20 drawings" in added.out
    (listed,) = metagui("data", "list", "--json", "--data-dir", data_dir).value
    assert (listed["name"], listed["classes"], listed["examples"]) == ("omniglot", 1623, 32460)
    assert listed["problem"] == ""
    small = ["--set", "model.name=mlp", "--set", "model.hidden=[8]", "--set", "outer.validation_tasks=2"]
    trained = metagui(
        "train", "--preset", "omniglot-maml-5w1s", *small, "--steps", "2", "--json", "--data-dir", data_dir
    )
    assert trained.code == 0, trained.err
    assert trained.lines[-1]["validation"]["validation_accuracy"] >= 0
    evaluated = metagui("evaluate", "r-0001", "--tasks", "4", "--data-dir", data_dir)
    assert "guessing would reach 20.0 %" in evaluated.out


def test_that_a_missing_source_is_named(metagui: Metagui, data_dir: Path, tmp_path: Path) -> None:
    result = metagui("data", "add", "omniglot", "--from", tmp_path / "nowhere", "--data-dir", data_dir)
    assert result.code == 2
    assert str(tmp_path / "nowhere") in result.err
    assert "Traceback" not in result.err


@pytest.mark.parametrize("kind", ["truncated", "foreign"])
def test_that_a_bad_zip_is_named_and_nothing_is_installed(
    metagui: Metagui, data_dir: Path, tmp_path: Path, kind: str
) -> None:
    path = tmp_path / "images_background.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("cats/tom.txt", "meow " * 500)
    if kind == "truncated":
        path.write_bytes(path.read_bytes()[:-60])
    result = metagui("data", "add", "omniglot", "--from", path, "--data-dir", data_dir)
    assert result.code == 2
    assert "images_background.zip" in result.err
    assert "Traceback" not in result.err
    assert metagui("data", "list", "--json", "--data-dir", data_dir).value == []
